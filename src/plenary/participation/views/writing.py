"""A participant's own statements: writing one, saying in which language, and appealing against a rejection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from plenary.kit import access
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules, voters
from plenary.participation.forms import AppealForm, LanguageForm, StatementForm
from plenary.participation.hints import HINTS, hints_for
from plenary.participation.models import Consultation, Statement
from plenary.records.texts import with_texts

from .shared import address, get_consultation, phase, say_when, too_many

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


@access.everyone
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write_statement(request: Request, reference: str) -> HttpResponse:
    """A statement is sent once, or twice where there is something to say before: hints, and what is much like it."""
    found = get_consultation(request, reference)
    language = content_language(request)
    if request.method != "POST":
        return _show_own(request, found, voters.of_page(request, found), _form(request, found))
    asker = voters.of_form(request, found)
    form = _form(request, found, request.POST)
    if asker is None:
        return _show_own(request, found, voters.newcomer(found), form, notice=_too_old(), status=422)
    if not form.is_valid():
        return _show_own(request, found, asker, form, status=422)
    flood = too_many(request, asker)
    if flood is not None:
        return say_when(_show_own(request, found, asker, form, notice=flood[0], status=429), flood[1])
    is_sure = request.POST.get("sure") == "yes"
    if not is_sure and rules.may_write(found, timezone.now()):
        answer = _say_before(request, found, asker, form)
        if answer is not None:
            return answer
    try:
        made = actions.write_statement(
            consultation=found, voter=asker.voter, now=timezone.now(), anyway=is_sure, **form.cleaned_data
        )
    except actions.AlreadySaid as refused:
        with_texts([refused.statement], language, text="record.title_id")
        return _show_own(request, found, asker, form.as_taken(), similar=[refused.statement], status=409)
    except Refused as refused:
        return _show_own(request, found, asker, form, notice=str(refused.message), status=409)
    return _done(request, found, asker, written=True, sent=made.reference)


def _form(request: Request, found: Consultation, sent: Any = None) -> StatementForm:
    return StatementForm(sent, reading=content_language(request), offered=found.languages)


def _too_old() -> str:
    return _("This form was too old or incomplete, so nothing was saved. Please send it again.")


def _say_before(
    request: Request, found: Consultation, asker: voters.Asker, form: StatementForm
) -> HttpResponse | None:
    """What is worth a second look before it is sent. Nothing is saved yet; one button sends it all the same."""
    body, written_in = form.cleaned_data["body"], form.cleaned_data["language"]
    participant = queries.get_participant(found, asker.voter)
    hints = [HINTS[key] for key in hints_for(body)]
    similar = queries.list_similar(
        found, body, written_in, content_language(request), participant=participant
    )
    if not hints and not similar:
        return None
    return _show_own(
        request, found, asker, form.as_taken(), hints=hints, similar=similar, taken_for=written_in, status=409
    )


def _done(
    request: Request, found: Consultation, asker: voters.Asker, *, sent: str = "", **more: Any
) -> HttpResponse:
    """Back to the page, or for htmx and for those without a cookie the part with her statements."""
    if asker.is_remembered and not request.htmx:
        response: HttpResponse = HttpResponseRedirect(f"{address(request, found, sent=sent)}#own")
        response.status_code = 303
        return response
    response = _show_own(request, found, asker, _form(request, found), sent=sent, **more)
    voters.remember(response, asker, found)
    return response


@access.everyone
@csrf_exempt
@never_cache
@require_POST
def correct_language(request: Request, reference: str) -> HttpResponse:
    """Her own statement was taken for another language than that in which she wrote it."""

    def act(found: Consultation, statement: Statement, asker: voters.Asker, form: Any) -> None:
        if not rules.may_write(found, timezone.now()):
            raise Refused(_("This consultation does not take statements now. Yours was not changed."))
        actions.correct_language(
            statement=statement, language=form.cleaned_data["language"], by=None, now=timezone.now()
        )

    return _about_own(request, reference, LanguageForm(request.POST), act, note="language")


@access.everyone
@csrf_exempt
@never_cache
@require_POST
def appeal(request: Request, reference: str) -> HttpResponse:
    """She asks for her rejected statement to be read again."""

    def act(found: Consultation, statement: Statement, asker: voters.Asker, form: Any) -> None:
        actions.appeal(
            consultation=found,
            statement=statement,
            voter=asker.voter,
            text=form.cleaned_data["appeal"],
            now=timezone.now(),
        )

    return _about_own(request, reference, AppealForm(request.POST), act, note="appeal")


def _about_own(
    request: Request,
    reference: str,
    form: forms.Form,
    act: Callable[[Consultation, Statement, voters.Asker, Any], None],
    *,
    note: str,
) -> HttpResponse:
    found = get_consultation(request, reference)
    asker = voters.of_form(request, found)
    blank = _form(request, found)
    if asker is None:
        return _show_own(request, found, voters.newcomer(found), blank, notice=_too_old(), status=422)
    if not form.is_valid():
        said = " ".join(str(message) for messages in form.errors.values() for message in messages)
        kept = {"kept_appeal": request.POST.get("appeal", ""), "kept_for": request.POST.get("statement", "")}
        return _show_own(request, found, asker, blank, notice=said, status=422, **kept)
    statement = queries.get_own_statement(found, asker.voter, form.cleaned_data["statement"])
    if statement is None:
        raise Http404
    try:
        act(found, statement, asker, form)
    except Refused as refused:
        kept = {"kept_appeal": request.POST.get("appeal", ""), "kept_for": statement.reference}
        return _show_own(request, found, asker, blank, notice=str(refused.message), status=409, **kept)
    return _done(request, found, asker, sent=statement.reference if note == "language" else "")


def _show_own(
    request: Request,
    found: Consultation,
    asker: voters.Asker,
    form: StatementForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    now = timezone.now()
    form.mark_first_wrong(is_piece=bool(request.htmx))
    context = {
        "consultation": found,
        "card": queries.get_card(found, asker.voter, content_language(request)),
        "phase": phase(found, now),
        "asker": asker,
        "may_write": rules.may_write(found, now),
        "may_appeal": rules.may_appeal(found, now),
        "token": asker.token,
        "page_url": address(request, found),
        "form": form,
        "is_unfolded": True,
    }
    template = "participation/_own.html" if request.htmx else "participation/write.html"
    return render(request, template, context | more, status=status)
