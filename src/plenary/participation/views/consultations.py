"""The list of consultations, opening one, and the terms of taking part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules
from plenary.participation.forms import ConsultationForm
from plenary.records.queries import get_record_for
from plenary.records.texts import with_texts

from .shared import PAGE, with_phase

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


@access.everyone
@require_safe
def consultations(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    found = queries.list_consultations_for(request.user, content_language(request))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "participation/consultations.html",
        {
            "page": page,
            "consultations": with_phase(queries.with_numbers(list(page.object_list)), now),
            "may_open": rules.may_open_consultation(request.user),
        },
    )


@access.ruled("participation.rules.may_open_consultation")
@require_http_methods(["GET", "HEAD", "POST"])
def new_consultation(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # what its access says, for the type checker
    language = content_language(request)
    asked = request.GET.get("about", "")
    about = get_record_for(request.user, asked) if asked else None
    if asked and about is None:
        raise Http404
    person = request.user
    form = ConsultationForm(request.POST or None, reading=language, initial={"opens_at": timezone.now()})
    answer = submit(
        request,
        form,
        lambda now: actions.open_consultation(
            about=about, by=person, now=now, is_draft="draft" in request.POST, **form.cleaned_data
        ),
        to=lambda made: reverse(
            "manage-consultation" if made.is_draft else "consultation", args=[made.reference]
        ),
    )
    if about is not None:
        with_texts([about], language, title="title_id")
    context = {"form": form, "about": about}
    return answer or render(request, "participation/new_consultation.html", context, status=status_of(form))


@access.everyone
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """What taking part means: what is stored, what is published, what can be undone."""
    return render(request, "participation/terms.html")
