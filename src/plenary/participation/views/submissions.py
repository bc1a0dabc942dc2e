"""What came on paper, from meetings and in letters, as the desk enters it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access, uploads
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language
from plenary.participation import actions, paper_codes, queries, rules
from plenary.participation.actions import Said
from plenary.participation.models import Consultation, PaperBallot, Statement, Submission
from plenary.participation.paper_forms import (
    BallotForm,
    HandsForm,
    SaidForm,
    SubmissionForm,
    WithdrawForm,
    answer_key,
    read_references,
)
from plenary.participation.printing import MOST_STATEMENTS

from .shared import get_consultation


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def new_submission(request: HttpRequest, reference: str) -> HttpResponse:
    language = content_language(request)
    found = get_consultation(request, reference, language)
    form = SubmissionForm(request.POST or None, request.FILES or None, reading=language)
    answer = submit(
        request,
        form,
        lambda now: actions.enter_submission(
            consultation=found, facts=form.facts, scan=form.cleaned_data["scan"], by=_person(request), now=now
        ),
        to=_address,
        done=_("Kept. Now enter what it brought: ballots, raised hands, or what was said."),
    )
    context = {
        "consultation": queries.with_words(found, language),
        "form": form,
        "takes": rules.takes_paper(found, timezone.now()),
    }
    status = 413 if form.is_bound and form.has_error("scan", "too-large") else status_of(form)
    return answer or render(request, "participation/new_submission.html", context, status=status)


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def submission(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """What is known of it and what it brought; what was said there is entered on this page."""
    language = content_language(request)
    found = _get(request, reference, number)
    sent = request.POST.get("form", "")
    said = SaidForm(request.POST if sent == "said" else None, reading=found.language)
    withdrawal = WithdrawForm(request.POST if sent == "withdraw" else None)
    answer = None
    if sent == "said":
        answer = submit(
            request,
            said,
            lambda now: actions.enter_statements(
                submission=found,
                statements=[
                    (line, said.cleaned_data["language"]) for line in said.cleaned_data["statements"]
                ],
                by=_person(request),
                now=now,
            ),
            to=_address(found),
            done=_what_was_said,
        )
    elif sent == "withdraw":
        answer = submit(
            request,
            withdrawal,
            lambda now: actions.withdraw_submission(
                submission=found, reason=withdrawal.cleaned_data["reason"], by=_person(request), now=now
            ),
            to=_address(found),
            done=_("Withdrawn. What it brought is kept and counts no more."),
        )
    if answer:
        return answer
    context: dict[str, Any] = {
        "consultation": queries.with_words(found.consultation, language),
        "submission": found,
        "ballots": queries.list_ballots(found),
        "tallies": _tallies(found, language),
        "statements": queries.list_entered_statements(found, language),
        "said": said,
        "withdrawal": withdrawal,
        "takes": rules.takes_paper(found.consultation, timezone.now()) and found.withdrawn_at is None,
    }
    return render(request, "participation/submission.html", context, status=status_of(said, withdrawal))


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def correct_submission(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    language = content_language(request)
    found = _get(request, reference, number)
    form = SubmissionForm(
        request.POST or None,
        request.FILES or None,
        reading=found.language,
        initial=vars(found) | {"scan": None},
    )
    answer = submit(
        request,
        form,
        lambda now: actions.correct_submission(
            submission=found, facts=form.facts, scan=form.cleaned_data["scan"], by=_person(request), now=now
        ),
        to=_address(found),
        done=_("Corrected."),
    )
    context = {
        "consultation": queries.with_words(found.consultation, language),
        "submission": found,
        "form": form,
        "takes": True,
    }
    status = 413 if form.is_bound and form.has_error("scan", "too-large") else status_of(form)
    return answer or render(request, "participation/new_submission.html", context, status=status)


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_ballots(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One paper ballot after another; with ``?ballot=`` one that was entered before, to be corrected."""
    language = content_language(request)
    found = _get(request, reference, number)
    statements, asked, problem = _statements(request, found.consultation, language)
    entered = _entered(request, found.consultation)
    initial = _initial(entered, statements) if entered else {}
    form = BallotForm(request.POST or None, statements=statements, initial=initial)
    if entered and "withdraw" in request.POST:
        actions.withdraw_ballot(ballot=entered, by=_person(request), now=timezone.now())
        return _after(request, found, _("The ballot %(code)s counts no more.") % {"code": entered.code})
    had_code = bool(request.POST.get("code", "").strip())
    answer = submit(
        request,
        form,
        lambda now: _take(request, found, entered, form, now),
        to=request.path + (f"?statements={asked}" if asked else ""),
        done=lambda ballot: _counted(ballot, len(form.answers), has_code=had_code),
        field="code",
    )
    if answer:
        return answer
    known = paper_codes.read(request.POST.get("code", ""), found.consultation_id)
    context = {
        "consultation": queries.with_words(found.consultation, language),
        "submission": found,
        "form": form,
        "entered": entered,
        "known": known and not entered and queries.get_paper_ballot(found.consultation, known),
        "asked": asked,
        "problem": problem,
        "most": MOST_STATEMENTS,
        "count": len([each for each in queries.list_ballots(found) if each.withdrawn_at is None]),
    }
    return render(request, "participation/enter_ballots.html", context, status=status_of(form))


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_hands(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    language = content_language(request)
    found = _get(request, reference, number)
    statements, asked, problem = _statements(request, found.consultation, language)
    initial = {
        f"s{statement}-{part}": count
        for statement, counts in queries.list_tallies(found).items()
        for (part, _label), count in zip(HandsForm.PARTS, counts, strict=True)
    }
    form = HandsForm(request.POST or None, statements=statements, initial=initial)
    answer = submit(
        request,
        form,
        lambda now: actions.count_hands(submission=found, hands=form.hands, by=_person(request), now=now),
        to=_address(found),
        done=_("The hands are kept. They stand beside the votes."),
    )
    context = {
        "consultation": queries.with_words(found.consultation, language),
        "submission": found,
        "form": form,
        "asked": asked,
        "problem": problem,
        "most": MOST_STATEMENTS,
    }
    return answer or render(request, "participation/enter_hands.html", context, status=status_of(form))


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
    """The scanned source, as a download; a POST removes it."""
    found = _get(request, reference, number)
    if request.method == "POST":
        actions.remove_scan(submission=found, by=_person(request), now=timezone.now())
        return _after(request, found, _("The scanned source was removed."), back=True)
    name = f"{reference}-{found.pk}"
    answer = uploads.download(found.scan_sha256, found.scan_type, name) if found.scan_sha256 else None
    if answer is None:
        raise Http404
    return answer


@access.ruled("participation.rules.may_enter")
@require_safe
def submissions(request: HttpRequest, reference: str) -> HttpResponse:
    language = content_language(request)
    found = get_consultation(request, reference, language)
    context = {
        "consultation": queries.with_words(found, language),
        "submissions": queries.list_submissions(found),
    }
    return render(request, "participation/submissions.html", context)


def _get(request: HttpRequest, reference: str, number: int) -> Submission:
    found = queries.get_submission(get_consultation(request, reference), number)
    if found is None:
        raise Http404
    return found


def _person(request: HttpRequest) -> Any:
    assert request.user.is_authenticated  # what its access says, for the type checker
    return request.user


def _address(found: Submission) -> str:
    return reverse("submission", args=[found.consultation.reference, found.pk])


def _after(request: HttpRequest, found: Submission, said: str, *, back: bool = False) -> HttpResponse:
    messages.success(request, said)
    return redirect(_address(found) if back else request.path)


def _statements(
    request: HttpRequest, consultation: Consultation, language: str
) -> tuple[list[Statement], str, str]:
    """Those on the paper: named in ``?statements=``, or all accepted ones; and what is wrong with the asking."""
    asked = request.GET.get("statements", "").strip()[:2000]
    try:
        references = read_references(asked)
    except ValidationError as error:
        return [], asked, error.messages[0]
    found = queries.list_statements_for_paper(consultation, language, references=references)
    if len(found) > MOST_STATEMENTS:
        return [], asked, _("These are too many for one paper. Name those that stand on it.")
    if not found:
        return [], asked, _("No accepted statement is among these.")
    return found, asked, ""


def _entered(request: HttpRequest, consultation: Consultation) -> PaperBallot | None:
    asked = request.GET.get("ballot", "")
    if not asked:
        return None
    code = paper_codes.read(asked, consultation.pk)
    ballot = queries.get_paper_ballot(consultation, code) if code else None
    if ballot is None:
        raise Http404
    return ballot


def _initial(ballot: PaperBallot, statements: list[Statement]) -> dict[str, str]:
    answers = queries.ballot_answers(ballot)
    filled = {f"s{each.pk}": answer_key(answers[each.pk]) for each in statements if each.pk in answers}
    return {"code": ballot.code, **filled}


def _take(
    request: HttpRequest, found: Submission, entered: PaperBallot | None, form: BallotForm, now: datetime
) -> PaperBallot:
    if entered is not None:
        kept = queries.ballot_answers(entered)
        shown = {each.pk for each in form.statements}
        # What this page did not show stays as it was.
        answers = {pk: value for pk, value in kept.items() if pk not in shown} | form.answers
        return actions.correct_ballot(ballot=entered, answers=answers, by=_person(request), now=now)
    return actions.enter_ballot(
        submission=found, code=form.cleaned_data["code"], answers=form.answers, by=_person(request), now=now
    )


def _counted(ballot: PaperBallot, answers: int, *, has_code: bool) -> str:
    words = ngettext(
        "Ballot %(code)s counts, with %(count)s answer.",
        "Ballot %(code)s counts, with %(count)s answers.",
        answers,
    ) % {"code": ballot.code, "count": number_format(answers)}
    return words if has_code else f"{words} {_('Write this code on the paper.')}"


def _what_was_said(said: Said) -> str:
    added = ngettext("%(count)s statement entered.", "%(count)s statements entered.", len(said.added)) % {
        "count": number_format(len(said.added))
    }
    if not said.again:
        return added
    names = ", ".join(each.reference for each in said.again[:20])
    again = ngettext(
        "%(count)s had been said already and is noted as said here too: %(names)s.",
        "%(count)s had been said already and are noted as said here too: %(names)s.",
        len(said.again),
    ) % {"count": number_format(len(said.again)), "names": names}
    return f"{added} {again}"


def _tallies(found: Submission, language: str) -> list[tuple[Statement, tuple[int, int, int]]]:
    hands = queries.list_tallies(found)
    if not hands:
        return []
    statements = queries.list_statements_by_id(list(hands), language)
    return [(each, hands[each.pk]) for each in statements]
