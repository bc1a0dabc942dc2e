"""What was asked again and again, cycle beside cycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language
from plenary.meetings.actions import put_on_agenda
from plenary.meetings.queries import list_meetings_for
from plenary.meetings.rules import may_run_meetings
from plenary.participation import queries, trends
from plenary.participation.models import Survey
from plenary.participation.survey_forms import AgendaForm

from .surveys import csv_answer, person, survey_or_404


@access.everyone
@require_safe
def cycles(request: HttpRequest) -> HttpResponse:
    """Every survey that is asked again and again."""
    repeated = queries.list_repeated(request.user, content_language(request))
    return render(request, "participation/cycles.html", {"surveys": repeated})


@access.read_by(access.everyone, written_by=access.ruled("meetings.rules.may_run_meetings"))
@require_http_methods(["GET", "HEAD", "POST"])
def survey_trend(request: HttpRequest, reference: str, number: int | None = None) -> HttpResponse:
    """The questions of a survey over its cycles, or one of them; who runs meetings puts it on an agenda."""
    language = content_language(request)
    found = survey_or_404(request, reference)
    now = timezone.now()
    shown = queries.list_cycles(request.user, found, now, language)
    upto = [cycle.survey.pk for cycle in shown].index(found.pk) + 1
    shown = shown[:upto]
    may_put = may_run_meetings(request.user)
    today = timezone.localdate(now)
    ahead = (
        [each for each in list_meetings_for(request.user, language) if each.held_on >= today]
        if may_put
        else []
    )
    form = AgendaForm(request.POST or None, meetings=ahead) if may_put else None
    if form is not None:
        answer = submit(
            request,
            form,
            lambda now: put_on_agenda(
                meeting=form.meetings[form.cleaned_data["meeting"]],
                record=found.record,
                by=person(request),
                now=now,
            ),
            to=lambda item: reverse("meeting", args=[item.meeting.reference]),
            done=_("%(reference)s is on the agenda.") % {"reference": found.reference},
        )
        if answer:
            return answer
    found_trends = queries.get_trends(shown, language, number)
    if number is not None and not found_trends:
        raise Http404
    context: dict[str, Any] = {
        "survey": found,
        "cycles": shown,
        "trends": [trends.tell(trend) for trend in found_trends],
        "statements": _statements(request, shown, language) if number is None else [],
        "number": number,
        "meetings": ahead,
        "form": form,
        "may_put": may_put,
    }
    return render(request, "participation/survey_trend.html", context, status=status_of(form))


def _statements(request: HttpRequest, shown: Sequence[queries.Cycle], language: str) -> list[Any]:
    consultations = [cycle.survey.consultation for cycle in shown]
    return [
        trends.tell_statement(each)
        for each in queries.list_statements_again(request.user, consultations, language)
    ]


@access.everyone
@require_safe
def survey_trend_csv(request: HttpRequest, reference: str) -> HttpResponse:
    """The figures over the cycles, one line a figure."""
    language = content_language(request)
    found: Survey = survey_or_404(request, reference)
    shown = queries.list_cycles(request.user, found, timezone.now(), language)
    rows = trends.as_rows(shown, queries.get_trends(shown, language))
    return csv_answer(rows, f"{found.reference}-cycles.csv")
