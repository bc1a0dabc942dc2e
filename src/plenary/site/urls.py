from django.urls import include, path

from plenary.kit import manifest

from . import probes, views

urlpatterns = [
    path("", views.home, name="home"),
    path("desk", views.desk, name="desk"),
    path("desk/notices-read", views.mark_notices_read, name="mark-notices-read"),
    path("style", views.style, name="style"),
    path("style/question", views.style_question, name="style-question"),
    path("source", views.source, name="source"),
    path("health", probes.health, name="health"),
    path("ready", probes.ready, name="ready"),
    path("language", views.switch_language, name="switch-language"),
    path("api", views.api, name="api-page"),
    path("api/v1/", include("plenary.site.api")),
    *(path("", include(module.urls)) for module in manifest.modules() if module.urls),
]

handler400 = "plenary.kit.error_pages.bad_request"
handler403 = "plenary.kit.error_pages.forbidden"
handler404 = "plenary.kit.error_pages.not_found"
handler429 = "plenary.kit.error_pages.too_many"
handler500 = "plenary.kit.error_pages.broken"
