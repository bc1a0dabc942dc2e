from django.urls import path

from . import views

urlpatterns = [
    path("r/<str:reference>/follow", views.follow, name="follow-record"),
    path("r/<str:reference>.json", views.permalink, {"json": True}, name="record-json"),
    path("r/<str:reference>", views.permalink, name="record"),
]
