"""A participant's own statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules, voters
from plenary.participation.forms import StatementForm
from plenary.participation.models import Consultation
from plenary.records.texts import with_texts

from .shared import address, get_consultation, see

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


@access.everyone
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write_statement(request: Request, reference: str) -> HttpResponse:
    found = get_consultation(request, reference)
    language = content_language(request)
    if request.method != "POST":
        return _show_own(request, found, voters.of_page(request, found), StatementForm(reading=language))
    asker = voters.of_form(request, found)
    form = StatementForm(request.POST, reading=language)
    if asker is None:
        notice = _("This form was too old or incomplete, so nothing was saved. Please send it again.")
        return _show_own(request, found, voters.newcomer(found), form, notice=notice, status=422)
    if not form.is_valid():
        return _show_own(request, found, asker, form, status=422)
    try:
        actions.write_statement(
            consultation=found, voter=asker.voter, now=timezone.now(), **form.cleaned_data
        )
    except actions.AlreadySaid as refusal:
        with_texts([refusal.statement], language, text="record.title_id")
        return _show_own(request, found, asker, form, same=refusal.statement, status=409)
    except Refused as refusal:
        return _show_own(request, found, asker, form, notice=str(refusal.message), status=409)
    if asker.is_remembered and not request.htmx:
        return see(request, found, anchor="own")
    response = _show_own(request, found, asker, StatementForm(reading=language), written=True)
    voters.remember(response, asker, found)
    return response


def _show_own(
    request: Request,
    found: Consultation,
    asker: voters.Asker,
    form: StatementForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "consultation": found,
        "card": queries.get_card(found, asker.voter, content_language(request)),
        "may_write": rules.may_write(found, timezone.now()),
        "token": asker.token,
        "page_url": address(request, found),
        "form": form,
        "is_open": True,
    }
    template = "participation/_own.html" if request.htmx else "participation/write.html"
    return render(request, template, context | more, status=status)
