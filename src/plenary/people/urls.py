from django.contrib.auth.views import LogoutView
from django.urls import path

from . import views

urlpatterns = [
    path("account/sign-in", views.SignIn.as_view(), name="sign-in"),
    path("account/sign-out", LogoutView.as_view(next_page="home"), name="sign-out"),
]
