"""Adopting the next version, or keeping the present one after its review."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language

from .. import actions, forms, queries, rules
from ..models import Version
from .reading import signed_in, strategy_or_404, trail_to


@access.ruled("strategy.rules.may_decide", why=gettext_lazy("The desk or the committee adopts versions."))
@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest, strategy: str) -> HttpResponse:
    """The next version with its accepted changes; or, where a review ends without one, the date of the next review."""
    found = strategy_or_404(request, strategy)
    today = timezone.localdate(timezone.now())
    latest = queries.get_version(found)
    if latest is None:
        raise Http404
    waiting = queries.describe_changes(queries.list_waiting_changes(found), content_language(request))
    keeps = request.POST.get("do") == "keep"
    posted = request.POST if request.method == "POST" else None
    usual = {"review_by": _next_review(latest, today)}
    adopt_form = forms.AdoptForm(None if keeps else posted, initial={"adopted_on": today} | usual)
    keep_form = forms.KeepForm(posted if keeps else None, auto_id="keep-%s", initial=usual)
    form: django_forms.Form = keep_form if keeps else adopt_form

    def act(now: datetime) -> Version:
        if not keeps:
            return actions.adopt_version(strategy=found, by=signed_in(request), now=now, **form.cleaned_data)
        actions.set_review_date(version=latest, by=signed_in(request), now=now, **form.cleaned_data)
        return latest

    answer = submit(
        request,
        form,
        act,
        done=lambda made: _done(made, keeps),
        to=lambda made: f"{reverse('strategy', args=[found.reference])}?version={made.number}",
    )
    if answer:
        return answer
    context: dict[str, Any] = {
        "strategy": found,
        "latest": latest,
        "changes": waiting,
        "form": adopt_form,
        "keep_form": keep_form,
        "today": today,
        "is_own": not rules.may_adopt(request.user, waiting),
        "trail": trail_to(found, (_("Adopt the next version"), "")),
    }
    return render(request, "strategy/adopt.html", context, status=status_of(form))


def _next_review(latest: Version, today: date) -> date | None:
    """As long after today as the latest version was given; the day can be changed."""
    if latest.review_by is None or latest.adopted_on is None:
        return None
    return today + (latest.review_by - latest.adopted_on)


def _done(version: Version, keeps: bool) -> str:
    if keeps:
        facts = {"number": version.number, "day": date_format(version.review_by or "")}
        return _("Version %(number)s stays as it is. Its next review is due by %(day)s.") % facts
    facts = {"number": version.number, "day": date_format(version.adopted_on or "")}
    return _("Version %(number)s is adopted, in force from %(day)s.") % facts
