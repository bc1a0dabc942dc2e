from django.urls import path

from . import views

urlpatterns = [
    path("meetings", views.meeting_list, name="meetings"),
    path("meetings/<str:reference>", views.meeting, name="meeting"),
    path("meetings/<str:reference>/agenda", views.put_on_agenda, name="put-on-agenda"),
    path("meetings/<str:reference>/agenda/<int:item>/decide", views.decide, name="decide"),
    path("decisions/<str:reference>", views.decision, name="decision"),
    path("decisions/<str:reference>/close", views.close_decision, name="close-decision"),
]
