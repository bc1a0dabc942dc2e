"""Reading: the strategy, one clause, and what differs between versions. For everybody."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.languages import content_language
from plenary.people.models import User

from .. import queries, rules
from ..models import Strategy, Version


def signed_in(request: HttpRequest) -> User:
    """The person behind a request to a view that needs an account."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def strategy_or_404(request: HttpRequest, reference: str) -> Strategy:
    strategy = queries.get_strategy_for(request.user, reference)
    if strategy is None:
        raise Http404
    queries.name_strategy(strategy, content_language(request))
    return strategy


def trail_to(strategy: Strategy, *further: tuple[str, str]) -> list[tuple[str, str]]:
    """The breadcrumbs of a page below a strategy's."""
    return [
        (_("Strategy"), reverse("strategies")),
        (str(strategy.said["title"]), reverse("strategy", args=[strategy.reference])),
        *further,
    ]


@access.everyone
@require_safe
def strategy_list(request: HttpRequest) -> HttpResponse:
    shelf = queries.list_shelf(request.user, content_language(request), timezone.localdate(timezone.now()))
    context = {"shelf": shelf, "may_import": rules.may_import(request.user)}
    return render(request, "strategy/strategies.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    if value and not (value.isascii() and value.isdecimal() and len(value) < 9):
        raise Http404
    return int(value) if value else None


def _day(request: HttpRequest) -> date | None:
    value = request.GET.get("on", "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise BadRequest(_("The date has to be written as in 2026-03-01.")) from None


def wanted_version(request: HttpRequest, strategy: Strategy) -> Version | None:
    """By number, by the day on which it was in force, or the present one; None where none was in force that day."""
    number, day = _number(request, "version"), _day(request)
    if number is not None:
        version = queries.get_version(strategy, number=number)
    elif day is not None:
        return queries.get_version(strategy, on=day)
    else:
        version = queries.get_current_version(strategy, timezone.localdate(timezone.now()))
    if version is None:
        raise Http404
    return version


def _carry(request: HttpRequest, version: Version | None) -> str:
    """What a link to another clause takes along: the language asked for, and a version that is not the latest."""
    wanted = {"lang": request.GET.get("lang"), "version": version.number if version else None}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"?{query}" if query else ""


@access.everyone
@require_safe
def reader(request: HttpRequest, strategy: str) -> HttpResponse:
    found = strategy_or_404(request, strategy)
    language = content_language(request)
    version = wanted_version(request, found)
    states = queries.list_states(version, language) if version else []
    is_latest = version is not None and version == queries.get_version(found)
    lacking = {state.clause_id for state in states if not queries.is_in_language(state, language)}
    context: dict[str, Any] = {
        "strategy": found,
        "version": version,
        "carry": _carry(request, None if is_latest else version),
        "versions": queries.list_versions(found),
        "day": _day(request),
        "today": timezone.localdate(timezone.now()),
        "states": states,
        "contents": [state for state in states if state.clause.kind != "paragraph"],
        "changed": [state for state in states if state.changed_by],
        "languages": queries.list_languages(found, states),
        "asked": language,
        "lacking": lacking,
        "may_translate": rules.may_translate(request.user),
        "is_begun": any(
            text and text.is_in(language)
            for state in states
            for text in (state.said["title"], state.said["text"])
        ),
        "is_latest": is_latest,
        "may_decide": rules.may_decide(request.user),
        "trail": [*trail_to(found)[:1], (str(found.said["title"]), "")],
    }
    return render(request, "strategy/reader.html", context)


@access.everyone
@require_safe
def clause(request: HttpRequest, strategy: str, local: str) -> HttpResponse:
    found = queries.get_clause_for(request.user, f"{strategy}.{local}")
    if found is None:
        raise Http404
    language = content_language(request)
    home = strategy_or_404(request, strategy)
    version = wanted_version(request, home)
    state = queries.get_shown_state(found, version, language)
    if state is None:
        raise Http404
    changes = queries.list_changes_for(request.user, language, clause=found)
    is_lacking = not queries.is_in_language(state, language)
    context: dict[str, Any] = {
        "strategy": home,
        "clause": found,
        "state": state,
        "carry": _carry(request, version if request.GET.get("version") else None),
        "today": timezone.localdate(timezone.now()),
        "is_present": version is not None and state.version_id == version.pk,
        "version": version,
        "history": queries.list_history(found, language),
        "occurrences": queries.list_occurrences(found, language),
        "open_changes": [change for change in changes if rules.is_open(change)],
        "closed_changes": [change for change in changes if not rules.is_open(change)],
        "evidence": queries.count_evidence(request.user, found),
        "neighbours": queries.get_neighbours(state, language),
        "languages": queries.list_languages_of(state, home),
        "asked": language,
        "is_lacking": is_lacking,
        "translated": queries.find_translated_before(state, language) if is_lacking else None,
        "may_translate": rules.may_translate(request.user),
        "may_propose": rules.may_propose(request.user),
        "trail": trail_to(home, (local, "")),
    }
    return render(request, "strategy/clause.html", context)


@access.everyone
@require_safe
def compare(request: HttpRequest, strategy: str) -> HttpResponse:
    found = strategy_or_404(request, strategy)
    versions = queries.list_versions(found)
    by_number = {version.number: version for version in versions}
    new = by_number.get(_number(request, "to") or (versions[-1].number if versions else 0))
    old = by_number.get(_number(request, "from") or (max(1, new.number - 1) if new else 0))
    if old is None or new is None:
        raise Http404
    if old.number > new.number:
        old, new = new, old
    differences = queries.compare(old, new, content_language(request)) if old != new else []
    context: dict[str, Any] = {
        "strategy": found,
        "versions": versions,
        "old": old,
        "new": new,
        "differences": [difference for difference in differences if difference.differs],
        "unchanged": sum(not difference.differs for difference in differences),
        "view": "side" if request.GET.get("view") == "side" else "inline",
        "trail": trail_to(found, (_("Compare versions"), "")),
    }
    return render(request, "strategy/compare.html", context)
