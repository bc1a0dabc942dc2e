"""Pages of meetings and decisions."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language
from plenary.people.models import User
from plenary.people.rules import is_staff
from plenary.records.queries import get_record_for, list_organizations

from . import actions, forms, queries, rules
from .models import AgendaItem, Decision, Meeting

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _today() -> date:
    return timezone.localdate(timezone.now())


def _person(request: HttpRequest) -> User:
    """Who is signed in; the views that ask require it."""
    assert request.user.is_authenticated
    return request.user


def _meeting(request: HttpRequest, reference: str) -> Meeting:
    found = queries.get_meeting_for(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    return found


def _decision(request: HttpRequest, reference: str) -> Decision:
    found = queries.get_decision_for(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    return found


@access.read_by(access.everyone, written_by=access.ruled("meetings.rules.may_run_meetings"))
@get_or_post
def meeting_list(request: HttpRequest) -> HttpResponse:
    """All meetings, and the form for a new one for those who may."""
    language = content_language(request)
    if request.method == "POST":
        person = _person(request)
    form = forms.MeetingForm(request.POST or None, initial={"held_on": _today()}, reading=language)
    answer = submit(
        request,
        form,
        lambda now: actions.hold_meeting(**form.cleaned_data, by=person, now=now),
        done=lambda held: (
            _("%(name)s was added. Put on its agenda what it looks at.") % {"name": held.reference}
        ),
        to=lambda held: reverse("meeting", args=[held.reference]),
    )
    context = {
        "meetings": queries.list_meetings_for(request.user, language),
        "today": _today(),
        "may_run": rules.may_run_meetings(request.user),
        "form": form,
    }
    return answer or render(request, "meetings/meetings.html", context, status=status_of(form))


@access.everyone
@require_safe
def meeting(request: HttpRequest, reference: str) -> HttpResponse:
    return _show_meeting(request, _meeting(request, reference))


def _show_meeting(
    request: HttpRequest,
    found: Meeting,
    agenda_form: Form | None = None,
    deciding: tuple[AgendaItem, Form] | None = None,
    recorded: Decision | None = None,
) -> HttpResponse:
    language = content_language(request)
    may_run = rules.may_run_meetings(request.user)
    items = queries.list_agenda(request.user, found, language)
    organizations = list_organizations(language) if may_run else []
    for item in items if may_run else []:
        item.form = forms.DecisionForm(
            organizations=organizations, today=_today(), reading=language, auto_id=f"id_{item.pk}_%s"
        )
        if deciding and deciding[0].pk == item.pk:
            item.form = deciding[1]
    context = {
        "meeting": found,
        "items": items,
        "may_run": may_run,
        "may_decide": may_run and not found.is_ahead(_today()),
        "recorded": recorded,
        "today": _today(),
        "agenda_form": agenda_form
        or forms.AgendaForm(
            find=partial(get_record_for, request.user), initial={"reference": request.GET.get("about", "")}
        ),
        "trail": [(_("Meetings"), reverse("meetings")), (found.reference, "")],
    }
    is_fragment = bool(getattr(request, "htmx", None)) and request.method == "POST"
    template = "meetings/_agenda.html" if is_fragment else "meetings/meeting.html"
    status = status_of(agenda_form, deciding[1] if deciding else None)
    return render(request, template, context, status=status)


def _to_agenda(request: HttpRequest, found: Meeting, recorded: Decision | None = None) -> HttpResponse:
    if getattr(request, "htmx", None):
        return _show_meeting(request, found, recorded=recorded)
    return redirect(f"{reverse('meeting', args=[found.reference])}#agenda")


@access.ruled("meetings.rules.may_run_meetings")
@require_POST
def put_on_agenda(request: HttpRequest, reference: str) -> HttpResponse:
    found = _meeting(request, reference)
    person = _person(request)
    form = forms.AgendaForm(request.POST, find=partial(get_record_for, person))
    answer = submit(
        request,
        form,
        lambda now: actions.put_on_agenda(
            meeting=found, record=form.cleaned_data["reference"], by=person, now=now
        ),
        to=lambda item: _to_agenda(request, found),
        field="reference",
    )
    return answer or _show_meeting(request, found, agenda_form=form)


@access.ruled("meetings.rules.may_run_meetings")
@require_POST
def decide(request: HttpRequest, reference: str, item: int) -> HttpResponse:
    found = _meeting(request, reference)
    person = _person(request)
    language = content_language(request)
    subject = queries.get_item(found, item)
    if subject is None:
        raise Http404
    form = forms.DecisionForm(
        request.POST,
        organizations=list_organizations(language),
        today=_today(),
        reading=language,
        auto_id=f"id_{item}_%s",
    )
    is_fragment = bool(getattr(request, "htmx", None))
    answer = submit(
        request,
        form,
        lambda now: actions.decide(item=subject, **form.facts(), by=person, now=now),
        done=lambda made: "" if is_fragment else _("%(name)s was recorded.") % {"name": made.reference},
        to=lambda made: _to_agenda(request, found, made),
    )
    return answer or _show_meeting(request, found, deciding=(subject, form))


@access.everyone
@require_safe
def decision(request: HttpRequest, reference: str) -> HttpResponse:
    return _show_decision(request, _decision(request, reference))


def _show_decision(request: HttpRequest, found: Decision, form: Form | None = None) -> HttpResponse:
    is_open = found.state == Decision.State.OPEN and not found.item.meeting.is_ahead(_today())
    may_close = is_open and rules.may_run_meetings(request.user)
    context: dict[str, Any] = {
        "decision": found,
        "about": found.item.record if queries.is_visible(request.user, found.item.record) else None,
        "may_close": may_close,
        "is_for_others": is_open and not may_close and is_staff(request.user),
        "today": _today(),
        "form": form or forms.OutcomeForm(reading=content_language(request)),
        "trail": [
            (_("Meetings"), reverse("meetings")),
            (found.item.meeting.reference, reverse("meeting", args=[found.item.meeting.reference])),
            (found.reference, ""),
        ],
    }
    return render(request, "meetings/decision.html", context, status=status_of(form))


@access.ruled("meetings.rules.may_run_meetings")
@require_POST
def close_decision(request: HttpRequest, reference: str) -> HttpResponse:
    found = _decision(request, reference)
    person = _person(request)
    form = forms.OutcomeForm(request.POST, reading=content_language(request))
    answer = submit(
        request,
        form,
        lambda now: actions.close_decision(decision=found, **form.cleaned_data, by=person, now=now),
        done=_("%(name)s is closed.") % {"name": found.reference},
        to=reverse("decision", args=[reference]),
    )
    return answer or _show_decision(request, found, form)
