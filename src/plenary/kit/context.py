"""What every page knows: where it is, in which language, and what the navigation holds."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language_bidi

from . import manifest
from .languages import content_language


def page(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    items = []
    name = request.resolver_match.url_name if request.resolver_match else None
    owner = next((item for item in manifest.navigation() if name in item.pages), None)
    for item in manifest.navigation():
        if item.roles and not (user and user.is_authenticated and user.has_role(*item.roles)):
            continue
        url = reverse(item.url_name)
        items.append(
            {
                "label": item.label,
                "url": url,
                "is_here": item is owner if owner else request.path.startswith(url),
            }
        )
    return {
        "navigation": items,
        "is_account": request.path.startswith(reverse("account")),
        "interface_languages": settings.LANGUAGES,  # each under its own name, in every language
        "direction": "rtl" if get_language_bidi() else "ltr",
        "content_language": content_language(request),
    }
