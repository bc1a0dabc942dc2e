"""The trail of a record, for people and for programs."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.languages import content_language
from plenary.records.queries import get_record_for

from . import queries
from .wording import nothing_before, nothing_yet


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: by ``?format=json``, or by preferring JSON to HTML."""
    if request.GET.get("format") == "json":
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


@access.everyone
@require_safe
def trail(request: HttpRequest, reference: str, json: bool = False) -> HttpResponse:
    record = get_record_for(request.user, reference)
    if record is None:
        raise Http404
    language = content_language(request)
    response: HttpResponse
    if json or wants_json(request):
        found = queries.get_trail(record, request.user, language, node_limit=queries.NODES_FOR_PROGRAMS)
        response = JsonResponse(queries.trail_as_data(found), json_dumps_params={"ensure_ascii": False})
    else:
        found = queries.get_trail(record, request.user, language)
        context = {
            "trail": found,
            "record": record,
            "nothing_before": nothing_before(record.kind),
            "nothing_yet": nothing_yet(record.kind),
        }
        response = render(request, "reports/trail.html", context)
    patch_vary_headers(response, ["Accept", "Accept-Language", "Cookie"])
    return response
