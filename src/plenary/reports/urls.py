from django.urls import path

from . import views

urlpatterns = [
    path("trail/<str:reference>.json", views.trail, {"json": True}, name="trail-data"),
    path("trail/<str:reference>", views.trail, name="trail"),
]
