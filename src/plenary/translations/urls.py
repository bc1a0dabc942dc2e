from django.urls import path

from . import views

urlpatterns = [
    path("translations", views.overview, name="translations"),
    path("translations/<str:language>", views.work, name="translate"),
    path("translations/<str:language>/export", views.export, name="translations-export"),
    path("translations/<str:language>/import", views.import_file, name="translations-import"),
    path("translations/<str:language>/machine", views.ask_machine, name="translations-machine"),
    path("translations/<str:language>/<int:text>", views.one, name="translate-text"),
]
