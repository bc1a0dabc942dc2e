from django.contrib.auth.views import LogoutView
from django.urls import path

from plenary.kit import access

from . import views

urlpatterns = [
    path("account/sign-in", access.everyone(views.SignIn.as_view()), name="sign-in"),
    path("account/tokens", views.tokens, name="tokens"),
    path("account/tokens/<int:number>/revoke", views.revoke_token, name="revoke-token"),
    path("account/sign-out", access.everyone(LogoutView.as_view(next_page="home")), name="sign-out"),
]
