"""The permalink of every record: its page for people, its JSON for programs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from plenary.kit import access, manifest
from plenary.kit.languages import content_language

from . import actions, permalinks, queries
from .texts import with_texts


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: by ``?format=json``, or by preferring JSON to HTML."""
    if request.GET.get("format") == "json":
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


@access.everyone
@require_safe
def permalink(request: HttpRequest, reference: str, json: bool = False) -> HttpResponse:
    record = queries.get_record_for(request.user, reference)
    if record is None:
        return _state(request, reference, json)
    kind = manifest.kinds()[record.kind]
    language = content_language(request)
    response: HttpResponse
    if json or wants_json(request):
        data = queries.get_data(request.user, reference, language)
        if data is None:
            raise Http404
        response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    elif kind.page:
        response = HttpResponseRedirect(record.page_url)
    else:
        with_texts([record], language, title="title_id")
        context: dict[str, Any] = {"record": record, "facts": permalinks.facts(record)}
        response = render(request, "records/record.html", context)
    patch_vary_headers(response, ["Accept", "Accept-Language", "Cookie"])
    return response


def _state(request: HttpRequest, reference: str, json: bool) -> HttpResponse:
    """``STR-1.C3@2``: a record as it stood in one version, where its kind knows such states."""
    of, at, number = reference.rpartition("@")
    record = queries.get_record_for(request.user, of) if at else None
    state = manifest.kinds()[record.kind].state if record else ""
    found = (
        manifest.resolve(state)(record, number, request.user, content_language(request)) if state else None
    )
    if found is None:
        raise Http404
    page, data = found
    response: HttpResponse
    if json or wants_json(request):
        response = JsonResponse(data, json_dumps_params={"ensure_ascii": False})
    else:
        response = HttpResponseRedirect(page)
    patch_vary_headers(response, ["Accept", "Accept-Language", "Cookie"])
    return response


@access.signed_in
@require_POST
def follow(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin or end to follow a record, and go back to the place in its page, or on the desk, where it was asked."""
    assert request.user.is_authenticated  # what its access says, for the type checker
    record = queries.get_record_for(request.user, reference)
    if record is None:
        raise Http404
    if "stop" in request.POST:
        actions.unfollow(record=record, user=request.user)
    else:
        actions.follow(record=record, user=request.user)
    if request.POST.get("from") == "desk":
        messages.success(request, gettext("You follow it no longer."))
        return redirect("desk")
    return redirect(f"{record.page_url}#following")
