from django.contrib.auth.views import LogoutView
from django.urls import path

from plenary.kit import access

from . import views

urlpatterns = [
    path("account/sign-in", access.everyone(views.SignIn.as_view()), name="sign-in"),
    path("account/sign-out", access.everyone(LogoutView.as_view(next_page="home")), name="sign-out"),
]
