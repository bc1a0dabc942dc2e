"""Pages of commitments, rounds, reports and reviews."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.filters import Choice, Filters, Search
from plenary.kit.languages import content_language
from plenary.people.models import User
from plenary.people.rules import is_committee
from plenary.records.queries import list_organizations

from . import actions, forms, queries, rules
from .models import Commitment, Completion, Report, Round, Standing

T = TypeVar("T")

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _found(thing: T | None) -> T:
    if thing is None:
        raise Http404
    return thing


def _person(request: HttpRequest) -> User:
    """Who is signed in; the views that ask require it."""
    assert request.user.is_authenticated
    return request.user


def _today() -> date:
    return timezone.localdate(timezone.now())


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def _commitment(request: HttpRequest, reference: str) -> Commitment:
    return _found(queries.get_commitment_for(request.user, reference))


def _round(request: HttpRequest, reference: str) -> Round:
    return _found(queries.get_round_for(request.user, reference))


def _report(request: HttpRequest, reference: str) -> Report:
    return _found(queries.get_report_for(request.user, reference, content_language(request)))


def _form_page(request: HttpRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    return render(request, f"delivery/{template}.html", {"form": form, **context}, status=status_of(form))


# Commitments


@access.everyone
@require_safe
def commitment_list(request: HttpRequest) -> HttpResponse:
    rows = queries.list_commitments_for(request.user, content_language(request), _today())
    filters = _filters(request, rows)
    rows = [row for row in rows if _is_asked_for(row, filters)]
    views = {
        "": rows,
        "differ": [row for row in rows if row.differs],
        "silent": [row for row in rows if row.silent_in is not None],
    }
    show = request.GET.get("show", "")
    show = show if show in views else ""
    context = {
        "page": Paginator(views[show], 50).get_page(request.GET.get("page")),
        "show": show,
        "filters": filters,
        "counts": {name or "all": len(found) for name, found in views.items()},
        "may_run": rules.may_run_rounds(request.user),
    }
    htmx: Any = getattr(request, "htmx", None)
    is_fragment = bool(htmx) and not htmx.history_restore_request
    return render(
        request, "delivery/_commitments.html" if is_fragment else "delivery/commitments.html", context
    )


def _filters(request: HttpRequest, rows: list[queries.CommitmentRow]) -> Filters:
    owners = {row.commitment.owner.reference: str(row.commitment.said["owner"]) for row in rows}
    ratings = [("", pgettext("rating", "any")), *Completion.choices]
    return Filters(
        request.GET,
        Search(_("Words of the commitment")),
        Choice(
            "owner", _("Owner"), [("", _("all owners")), *sorted(owners.items(), key=lambda pair: pair[1])]
        ),
        Choice("self", _("The owner says"), ratings),
        Choice("committee", _("The committee says"), ratings),
    )


def _is_asked_for(row: queries.CommitmentRow, filters: Filters) -> bool:
    commitment, words = row.commitment, filters["q"].casefold()
    named = (str(commitment.said["title"]).casefold(), commitment.reference.casefold())
    return (
        any(words in name for name in named)
        and filters["owner"] in ("", commitment.owner.reference)
        and filters["self"] in ("", row.self_report.self_rating if row.self_report else None)
        and filters["committee"] in ("", row.review.completion if row.review else None)
    )


@access.everyone
@require_safe
def commitment(request: HttpRequest, reference: str) -> HttpResponse:
    today = _today()
    page = _found(queries.get_commitment_page(request.user, reference, content_language(request), today))
    found = page.commitment
    context = {
        "row": page.row,
        "commitment": found,
        "promise": queries.get_promise(found, content_language(request), today),
        "chapters": page.chapters,
        "indicators": page.indicators,
        "reporting": queries.list_places_to_report(request.user, found, page.chapters, today),
        "may_review": is_committee(request.user)
        and rules.may_review(request.user, found)
        and any(chapter.round.takes_reports(today) for chapter in page.chapters),
        "may_run": rules.may_run_rounds(request.user),
        "trail": [(_("Commitments"), _address("commitments")), (found.reference, "")],
    }
    return render(request, "delivery/commitment.html", context)


@access.ruled("delivery.rules.may_run_rounds")
@get_or_post
def new_commitment(request: HttpRequest) -> HttpResponse:
    language = content_language(request)
    form = forms.CommitmentForm(
        request.POST or None,
        initial={"clause": request.GET.get("clause", "")},
        clauses=queries.list_clauses_to_take_on(request.user, language),
        organizations=list_organizations(language),
        reading=language,
    )
    answer = submit(
        request,
        form,
        lambda now: actions.make_commitment(**form.facts(), by=_person(request), now=now),
        done=lambda made: _("%(name)s was made. Add what is measured.") % {"name": made.reference},
        to=lambda made: _address("commitment", made.reference),
    )
    trail = [(_("Commitments"), _address("commitments")), (_("New commitment"), "")]
    return answer or _form_page(request, "new_commitment", form, trail=trail)


@access.ruled("delivery.rules.may_run_rounds")
@get_or_post
def close_commitment(request: HttpRequest, reference: str) -> HttpResponse:
    found = _commitment(request, reference)
    form = forms.CloseCommitmentForm(request.POST or None, initial={"closed_on": _today()})
    answer = submit(
        request,
        form,
        lambda now: actions.close_commitment(
            commitment=found, **form.cleaned_data, by=_person(request), now=now
        ),
        done=_("%(name)s is closed.") % {"name": found.reference},
        to=_address("commitment", reference),
    )
    trail = _under(found, _("Close it"))
    return answer or _form_page(request, "close_commitment", form, commitment=found, trail=trail)


@access.ruled("delivery.rules.may_run_rounds")
@get_or_post
def add_indicator(request: HttpRequest, reference: str) -> HttpResponse:
    found = _commitment(request, reference)
    form = forms.IndicatorForm(request.POST or None, reading=content_language(request))
    answer = submit(
        request,
        form,
        lambda now: actions.add_indicator(
            commitment=found, **form.cleaned_data, by=_person(request), now=now
        ),
        done=_("The indicator was added."),
        to=_address("commitment", reference),
    )
    trail = _under(found, _("Add an indicator"))
    return answer or _form_page(request, "add_indicator", form, commitment=found, trail=trail)


# Rounds


@access.everyone
@require_safe
def round_list(request: HttpRequest) -> HttpResponse:
    context = {
        "rounds": queries.list_rounds_for(request.user, content_language(request)),
        "today": _today(),
        "may_run": rules.may_run_rounds(request.user),
        "trail": [(_("Commitments"), _address("commitments")), (_("Reporting rounds"), "")],
    }
    return render(request, "delivery/rounds.html", context)


@access.everyone
@require_safe
def round_page(request: HttpRequest, reference: str) -> HttpResponse:
    return _show_round(request, _round(request, reference))


def _show_round(
    request: HttpRequest, found: Round, *, closing: Form | None = None, reopening: Form | None = None
) -> HttpResponse:
    language, today = content_language(request), _today()
    rows = queries.list_round_rows(request.user, found, language, today)
    context = {
        "round": queries.name_round(found, language),
        "rows": rows,
        "counts": [(each, sum(row.standing == each for row in rows)) for each in Standing],
        "today": today,
        "is_open": found.takes_reports(today),
        "is_late": found.frozen_id is None and today > found.closes_on,
        "snapshots": queries.list_snapshots(found),
        "may_run": rules.may_run_rounds(request.user),
        "close_form": closing,
        "reopen_form": reopening or forms.ReopenForm(),
        "trail": [
            (_("Commitments"), _address("commitments")),
            (_("Reporting rounds"), _address("rounds")),
            (found.reference, ""),
        ],
    }
    return render(request, "delivery/round.html", context, status=status_of(closing, reopening))


@access.ruled("delivery.rules.may_run_rounds")
@get_or_post
def open_round(request: HttpRequest) -> HttpResponse:
    language = content_language(request)
    form = forms.RoundForm(
        request.POST or None,
        initial={"strategy": request.GET.get("strategy", ""), "opens_on": _today()},
        strategies=queries.list_strategies(request.user, language),
        today=_today(),
        reading=language,
    )
    answer = submit(
        request,
        form,
        lambda now: actions.open_round(**form.facts(), by=_person(request), now=now),
        done=lambda opened: _("%(name)s was opened.") % {"name": opened.reference},
        to=lambda opened: _address("round", opened.reference),
    )
    trail = [
        (_("Commitments"), _address("commitments")),
        (_("Reporting rounds"), _address("rounds")),
        (_("New round"), ""),
    ]
    return answer or _form_page(request, "open_round", form, trail=trail)


@access.ruled("delivery.rules.may_run_rounds")
@require_POST
def close_round(request: HttpRequest, reference: str) -> HttpResponse:
    found = _round(request, reference)
    form = Form(request.POST)
    answer = submit(
        request,
        form,
        lambda now: actions.close_round(round=found, by=_person(request), now=now),
        done=_("The round is closed. What was accepted is public now."),
        to=_address("round", reference),
    )
    return answer or _show_round(request, found, closing=form)


@access.ruled("delivery.rules.may_run_rounds")
@require_POST
def reopen_round(request: HttpRequest, reference: str) -> HttpResponse:
    found = _round(request, reference)
    form = forms.ReopenForm(request.POST)
    answer = submit(
        request,
        form,
        lambda now: actions.reopen_round(round=found, **form.cleaned_data, by=_person(request), now=now),
        done=_("The round takes reports again. What it published before stays."),
        to=_address("round", reference),
    )
    return answer or _show_round(request, found, reopening=form)


@access.everyone
@require_safe
def round_snapshot(request: HttpRequest, reference: str, sha256: str) -> HttpResponse:
    """The bytes that were frozen, unchanged."""
    snapshot = _found(queries.get_snapshot(_round(request, reference), sha256))
    return HttpResponse(bytes(snapshot.content), content_type=snapshot.media_type)


# Reports


@access.ruled("delivery.rules.may_report_for", on="organization")
@require_POST
def start_report(request: HttpRequest, reference: str) -> HttpResponse:
    found = _commitment(request, reference)
    round = _round(request, request.POST.get("round", ""))
    organization = _found(
        next((each for each in found.responsible if each.reference == request.POST.get("organization")), None)
    )
    report = actions.start_report(
        round=round, commitment=found, organization=organization, by=_person(request), now=timezone.now()
    )
    return redirect("edit-report", report.reference)


@access.everyone
@require_safe
def report(request: HttpRequest, reference: str) -> HttpResponse:
    return _show_report(request, _report(request, reference))


def _show_report(
    request: HttpRequest, found: Report, *, accepting: Form | None = None, returning: Form | None = None
) -> HttpResponse:
    is_open = found.round.takes_reports(_today())
    decides = is_open and not found.is_writable and rules.may_decide_on_report(request.user, found)
    is_own = decides and rules.is_author_of(request.user, found)
    context = {
        "report": found,
        "reviews": queries.list_reviews_for(
            request.user, content_language(request), round=found.round, commitment=found.commitment
        ),
        "may_write": is_open and found.is_writable and rules.may_report_for(request.user, found.organization),
        "may_accept": decides and not is_own and found.state == Report.State.SUBMITTED,
        "may_return": decides,
        "is_own": is_own,
        "waits_for_others": is_open
        and not decides
        and found.state == Report.State.SUBMITTED
        and rules.may_report_for(request.user, found.organization),
        "accept_form": accepting,
        "form": returning or forms.ReturnForm(),
        "trail": _under(found.commitment, found.reference),
    }
    return render(request, "delivery/report.html", context, status=status_of(accepting, returning))


@access.ruled("delivery.rules.may_report_for", on="report’s organization")
@get_or_post
def edit_report(request: HttpRequest, reference: str) -> HttpResponse:
    found = _report(request, reference)
    _require(rules.may_report_for(request.user, found.organization))
    submitting = request.POST.get("do") == "submit"
    form = forms.ReportForm(
        request.POST or None,
        figures=found.figures,
        submitting=submitting,
        in_part=True,
        initial=forms.report_initial(found),
        reading=content_language(request),
    )
    act = actions.submit_report if submitting else actions.save_report
    trail = [
        *_under(found.commitment, ""),
        (found.reference, _address("report", reference)),
        (_("Write"), ""),
    ]
    context = {"report": found, "trail": [step for step in trail if step[0]]}

    def kept(report: Report) -> str | HttpResponse:
        if not form.left_out:
            return _address("report" if submitting else "edit-report", reference)
        form.mark_left_out()  # and what was typed there stays to be corrected
        return _form_page(request, "edit_report", form, **context)

    answer = submit(
        request,
        form,
        lambda now: act(report=found, content=form.content(), by=_person(request), now=now),
        done=lambda _saved: (
            _("The report was handed in.")
            if submitting
            else ("" if form.left_out else _("Your draft is kept."))
        ),
        to=kept,
    )
    if request.method != "POST" and not (found.is_writable and found.round.takes_reports(_today())):
        return redirect("report", reference)
    return answer or _form_page(request, "edit_report", form, **context)


@access.ruled("delivery.rules.may_accept_report", on="report")
@require_POST
def accept_report(request: HttpRequest, reference: str) -> HttpResponse:
    found = _report(request, reference)
    form = Form(request.POST)
    answer = submit(
        request,
        form,
        lambda now: actions.accept_report(report=found, by=_person(request), now=now),
        done=_("The report was accepted. It becomes public when the round is closed."),
        to=_address("report", reference),
    )
    return answer or _show_report(request, found, accepting=form)


@access.ruled("delivery.rules.may_decide_on_report", on="report")
@require_POST
def return_report(request: HttpRequest, reference: str) -> HttpResponse:
    found = _report(request, reference)
    _require(rules.may_decide_on_report(request.user, found))
    form = forms.ReturnForm(request.POST)
    answer = submit(
        request,
        form,
        lambda now: actions.return_report(report=found, **form.cleaned_data, by=_person(request), now=now),
        done=_("The report was returned to the organization."),
        to=_address("desk"),
    )
    return answer or _show_report(request, found, returning=form)


# Reviews


@access.ruled("delivery.rules.may_review", on="commitment")
@get_or_post
def review_commitment(request: HttpRequest, reference: str) -> HttpResponse:
    found = _commitment(request, reference)
    _require(rules.may_review(request.user, found))
    language, today = content_language(request), _today()
    rounds = queries.list_rounds_to_review(request.user, found, language, today)
    asked = next(
        (each for each in rounds if each.reference == request.GET.get("round")), rounds[0] if rounds else None
    )
    known = queries.get_own_review(request.user, found, asked)
    form = forms.ReviewForm(
        request.POST or None,
        initial={"round": asked.reference if asked else "", **(forms.review_initial(known) if known else {})},
        rounds=rounds,
        bodies=queries.list_bodies_of(request.user, language),
        reading=language,
    )
    answer = submit(
        request,
        form,
        lambda now: actions.review_commitment(commitment=found, **form.facts(), by=_person(request), now=now),
        done=_("The review was recorded. It becomes public when the round is closed."),
        to=lambda made: _address("review", made.reference),
    )
    if answer:
        return answer
    context = {
        "commitment": queries.rows_of([found], request.user, language, today)[0].commitment,
        "rounds": rounds,
        "reports": queries.list_reports_for(request.user, language, commitment=found, round__in=rounds),
        "trail": _under(found, _("Review")),
    }
    return _form_page(request, "review_commitment", form, **context)


@access.everyone
@require_safe
def review(request: HttpRequest, reference: str) -> HttpResponse:
    language = content_language(request)
    found = _found(queries.get_review_for(request.user, reference, language))
    reports = queries.list_reports_for(request.user, language, round=found.round, commitment=found.commitment)
    context = {
        "review": found,
        "reports": reports,
        "may_revise": found.round.takes_reports(_today())
        and found.body_id in rules.bodies_of(request.user)
        and rules.may_review(request.user, found.commitment),
        "trail": _under(found.commitment, found.reference),
    }
    return render(request, "delivery/review.html", context)


def _address(name: str, *arguments: str) -> str:
    return reverse(name, args=arguments)


def _under(commitment: Commitment, label: str) -> list[tuple[Any, str]]:
    """The way from the list over the commitment to this page."""
    return [
        (_("Commitments"), _address("commitments")),
        (commitment.reference, _address("commitment", commitment.reference)),
        (label, ""),
    ]
