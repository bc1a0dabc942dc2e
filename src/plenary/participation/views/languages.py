"""In which languages a consultation is read, and how far its translations are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.languages import content_language
from plenary.participation import queries
from plenary.translations.rules import may_translate

from .shared import get_consultation


@access.everyone
@require_safe
def languages(request: HttpRequest, reference: str) -> HttpResponse:
    found = get_consultation(request, reference, content_language(request))
    rows = queries.list_read_in(found, request.user, timezone.now())
    context = {
        "consultation": queries.with_numbers([found])[0],
        "rows": rows,
        "hides": any(row.is_hidden for row in rows),
        "may_translate": may_translate(request.user),
    }
    return render(request, "participation/languages.html", context)
