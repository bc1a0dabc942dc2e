from django.urls import path

from . import views

urlpatterns = [
    path("consultations", views.consultations, name="consultations"),
    path("consultations/new", views.new_consultation, name="new-consultation"),
    path("consultations/<str:reference>", views.consultation, name="consultation"),
    path("consultations/<str:reference>/manage", views.manage_consultation, name="manage-consultation"),
    path("consultations/<str:reference>/statements", views.statements, name="consultation-statements"),
    path("consultations/<str:reference>/statements/new", views.write_statement, name="write-statement"),
    path("consultations/<str:reference>/moderation", views.moderation, name="moderation"),
    path("consultations/<str:reference>/about-you", views.about_you, name="about-you"),
    path("consultations/<str:reference>/audience", views.audience, name="audience"),
    path("statements/<str:reference>", views.statement, name="statement"),
    path("terms", views.terms, name="terms"),
]
