from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.filters import Choice, Filters, Search
from plenary.kit.languages import content_language
from plenary.records.queries import get_record_for
from plenary.records.texts import with_texts

from . import actions, queries, rules, voters
from .forms import ConsultationForm, ModerationForm, StatementForm, VoteForm
from .models import Consultation, Statement, Vote

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


PAGE = 50
REFERENCE = re.compile(r"STM-[0-9]{1,9}")


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
            "consultations": _with_phase(queries.with_numbers(list(page.object_list)), now),
            "may_open": rules.may_open_consultation(request.user),
        },
    )


@access.everyone
@csrf_exempt  # voters.of_form looks where a form comes from: a cached page can carry no token of Django's
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consultation(request: Request, reference: str) -> HttpResponse:
    """The question, its card, and what comes of it. A vote is posted here as well, so that the address stays."""
    found = _get_consultation(request, reference)
    if request.method == "POST":
        return _take_vote(request, found)
    asker = voters.of_page(request, found)
    return _show_card(request, found, asker, again=_again(request.GET))


def _take_vote(request: Request, found: Consultation) -> HttpResponse:
    asker = voters.of_form(request, found)
    if asker is None:
        notice = _(
            "This card was too old or incomplete, so nothing was counted. Here is a new one: please vote again."
        )
        return _show_card(request, found, voters.newcomer(found), notice=notice, status=422)
    if "again" in request.POST:  # looks at a card again; it comes as a form, for those without a cookie
        again = _again(request.POST)
        if asker.is_remembered and not request.htmx:
            return _see(request, found, again=again)
        return _show_card(request, found, asker, again=again)
    form = VoteForm(request.POST)
    if not form.is_valid():
        notice = _("This answer could not be read, so nothing was counted. Please vote again.")
        return _show_card(request, found, asker, notice=notice, status=422)
    try:
        taken = actions.take_vote(
            consultation=found, voter=asker.voter, now=timezone.now(), **form.cleaned_data
        )
    except Refused as refusal:
        return _show_card(request, found, asker, notice=str(refusal.message), status=409)
    if taken.is_conflict:
        notice = _("You had already answered “%(answer)s” here, and that counts. Answer again to change it.")
        answer = {"answer": Vote.Value(taken.value).label}
        again = form.cleaned_data["statement"]
        response = _show_card(request, found, asker, again=again, notice=notice % answer, status=409)
    elif asker.is_remembered and not request.htmx:
        return _see(request, found)
    else:
        response = _show_card(request, found, asker, counted=True)
    voters.remember(response, asker, found)
    return response


def _show_card(
    request: Request,
    found: Consultation,
    asker: voters.Asker,
    *,
    again: str = "",
    notice: str = "",
    counted: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page, or for htmx its card alone. Without cookies, the token in the form carries on what was begun."""
    language = content_language(request)
    now = timezone.now()
    context: dict[str, Any] = {
        "consultation": found,
        "card": queries.get_card(found, asker.voter, language, again),
        "phase": _phase(found, now),
        "token": asker.token,
        "asker": asker,
        "page_url": _address(request, found),
        "notice": notice,
        "counted": counted,
    }
    if request.htmx:
        return render(request, "participation/_card.html", context | {"is_fragment": True}, status=status)
    queries.with_numbers([found])
    context |= {
        "sees_about": queries.may_see_about(request.user, found),
        "may_moderate": rules.may_moderate(request.user),
        "may_write": rules.may_write(found, now),
        "form": StatementForm(reading=language),
    }
    return render(request, "participation/consultation.html", context, status=status)


def _again(sent: QueryDict) -> str:
    """The statement that she asks to see again, where it has the form of a reference."""
    asked = sent.get("again", "")
    return asked if REFERENCE.fullmatch(asked) else ""


def _see(request: HttpRequest, found: Consultation, *, again: str = "", anchor: str = "card") -> HttpResponse:
    """See other (303): a reload of the next page sends nothing again."""
    response = HttpResponseRedirect(f"{_address(request, found, again=again)}#{anchor}")
    response.status_code = 303
    return response


def _address(request: HttpRequest, found: Consultation, **more: str) -> str:
    """The page's address, in the language in which it is read."""
    kept = {"lang": request.GET.get("lang", ""), **more}
    return reverse(
        "consultation", args=[found.reference], query={name: value for name, value in kept.items() if value}
    )


@access.everyone
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write_statement(request: Request, reference: str) -> HttpResponse:
    found = _get_consultation(request, reference)
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
        return _see(request, found, anchor="own")
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
        "page_url": _address(request, found),
        "form": form,
        "is_open": True,
    }
    template = "participation/_own.html" if request.htmx else "participation/write.html"
    return render(request, template, context | more, status=status)


@access.everyone
@require_safe
def statements(request: HttpRequest, reference: str) -> HttpResponse:
    """What was said, with counts and shares."""
    language = content_language(request)
    found = _get_consultation(request, reference, language)
    filters = Filters(request.GET, Search(_("Words of the statement")))
    statements = queries.list_statements_of(found, Statement.Moderation.ACCEPTED, words=filters["q"])
    page = Paginator(statements, PAGE).get_page(request.GET.get("page"))
    context = {
        "consultation": found,
        "filters": filters,
        "page": page,
        "statements": queries.with_shares(page.object_list, language),
    }
    return render(request, "participation/statements.html", context)


@access.everyone
@require_safe
def statement(request: HttpRequest, reference: str) -> HttpResponse:
    language = content_language(request)
    found = queries.get_statement_for(request.user, reference, language)
    if found is None:
        raise Http404
    context = {
        "statement": found,
        "shares": queries.count_shares([found.pk]).get(found.pk),
        "translations": queries.list_translations(found),
        "may_moderate": rules.may_moderate(request.user),
    }
    return render(request, "participation/statement.html", context)


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
        lambda now: actions.open_consultation(about=about, by=person, now=now, **form.cleaned_data),
        to=lambda made: reverse("consultation", args=[made.reference]),
    )
    if about is not None:
        with_texts([about], language, title="title_id")
    context = {"form": form, "about": about}
    return answer or render(request, "participation/new_consultation.html", context, status=status_of(form))


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["GET", "HEAD", "POST"])
def moderation(request: HttpRequest, reference: str) -> HttpResponse:
    language = content_language(request)
    found = _get_consultation(request, reference, language)
    state = request.GET.get("state", Statement.Moderation.WAITING)
    if state not in Statement.Moderation.values:
        raise Http404
    chosen = request.POST.getlist("statement")
    form = ModerationForm(request.POST or None, chosen=chosen)
    answer = submit(
        request,
        form,
        lambda now: _moderate(request, found, form, now),
        done=lambda changed: _moderated(form.cleaned_data["decision"], changed),
        to=request.get_full_path(),
    )
    if answer:
        return answer
    filters = Filters(
        request.GET,
        Search(_("Words of the statement")),
        Choice("origin", _("Where it comes from"), [("", _("anywhere")), *Statement.Origin.choices]),
    )
    asked = {"words": filters["q"], "origin": filters["origin"]}
    page = Paginator(queries.list_statements_of(found, state, **asked), PAGE).get_page(
        request.GET.get("page")
    )
    counts = queries.count_moderation(found, **asked)
    context = {
        "filters": filters,
        "consultation": found,
        "state": state,
        "tabs": [(value, label, counts[value]) for value, label in Statement.Moderation.choices],
        "page": page,
        "statements": queries.with_shares(page.object_list, language),
        "form": form,
        "chosen": chosen,
    }
    return render(request, "participation/moderation.html", context, status=status_of(form))


def _moderate(request: HttpRequest, found: Consultation, form: ModerationForm, now: datetime) -> int:
    assert request.user.is_authenticated  # what its access says, for the type checker
    return actions.moderate_statements(
        statements=queries.list_statements_to_moderate(found, form.chosen),
        decision=form.cleaned_data["decision"],
        reason=form.full_reason,
        by=request.user,
        now=now,
    )


def _moderated(decision: str, changed: int) -> str:
    if decision == Statement.Moderation.ACCEPTED:
        done = ngettext("%(count)s statement accepted.", "%(count)s statements accepted.", changed)
    else:
        done = ngettext("%(count)s statement rejected.", "%(count)s statements rejected.", changed)
    return done % {"count": number_format(changed, force_grouping=True)}


@access.everyone
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """What taking part means: what is stored, what is published, what can be undone."""
    return render(request, "participation/terms.html")


def _get_consultation(request: HttpRequest, reference: str, language: str = "") -> Consultation:
    found = queries.get_consultation_for(request.user, reference, language)
    if found is None:
        raise Http404
    return found


def _phase(found: Consultation, now: Any) -> str:
    if found.is_open(now):
        return "open"
    return "coming" if now < found.opens_at else "closed"


def _with_phase(found: list[Consultation], now: Any) -> list[Consultation]:
    for item in found:
        item.phase = _phase(item, now)  # type: ignore[attr-defined]
    return found
