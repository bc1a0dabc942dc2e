"""Changing the text: everybody reads, staff propose and put evidence forward, desk and committee decide and adopt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.filters import Choice, Filters, Search
from plenary.kit.languages import content_language
from plenary.records.models import Record, Stance
from plenary.records.queries import get_record_for, list_events_of, list_evidence_for
from plenary.records.texts import with_texts

from .. import actions, forms, queries, rules
from ..models import Change, Clause
from .reading import signed_in, strategy_or_404, trail_to

MOST_ATTACHED = 20  # records told in words beside the form of a proposal


def _find(request: HttpRequest) -> Callable[[str], Record | None]:
    return lambda reference: get_record_for(request.user, reference)


@access.everyone
@require_safe
def change_list(request: HttpRequest, strategy: str) -> HttpResponse:
    found = strategy_or_404(request, strategy)
    filters = Filters(
        request.GET,
        Search(_("Words of the clause, the new text or the reasons")),
        Choice("operation", _("What it does"), [("", _("anything")), *Change.Operation.choices]),
    )
    asked = {"operation": filters["operation"], "words": filters["q"]}
    counts = queries.count_changes_for(request.user, found, **asked)
    which = request.GET.get("which", "")
    if which not in counts:
        which = ""
    context: dict[str, Any] = {
        "strategy": found,
        "which": which,
        "filters": filters,
        "tabs": _tabs(counts),
        "page": queries.page_changes_for(
            request.user,
            content_language(request),
            strategy=found,
            which=which,
            **asked,
            number=request.GET.get("page", 1),
        ),
        "waiting": queries.count_changes_for(request.user, found)["accepted"]
        if filters
        else counts["accepted"],
        "may_propose": rules.may_propose(request.user),
        "may_decide": rules.may_decide(request.user),
        "may_adopt": rules.may_decide(request.user)
        and rules.may_adopt(request.user, queries.list_waiting_changes(found)),
        "trail": trail_to(found, (_("Changes"), "")),
    }
    return render(request, "strategy/changes.html", context)


def _tabs(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    return [
        ("", pgettext("changes", "All"), sum(counts.values())),
        ("open", pgettext("changes", "Open"), counts["open"]),
        ("accepted", pgettext("changes", "Accepted, not yet in force"), counts["accepted"]),
        ("incorporated", pgettext("changes", "In force"), counts["incorporated"]),
        ("rejected", pgettext("changes", "Rejected"), counts["rejected"]),
        ("withdrawn", pgettext("changes", "Withdrawn"), counts["withdrawn"]),
    ]


def _change_or_404(request: HttpRequest, reference: str) -> Change:
    change = queries.get_change_for(request.user, reference)
    if change is None:
        raise Http404
    return change


@access.everyone
@require_safe
def change(request: HttpRequest, reference: str) -> HttpResponse:
    return _show(request, _change_or_404(request, reference))


def _show(
    request: HttpRequest,
    change: Change,
    *,
    bound: dict[str, django_forms.Form] | None = None,
) -> HttpResponse:
    """The change's page, with forms that were filled in and refused in place of empty ones; its fragment for htmx."""
    language = content_language(request)
    queries.describe_changes([change], language)
    queries.name_strategy(change.strategy, language)
    links = list_evidence_for(request.user, change.record, language)
    evidence = queries.get_evidence(change)
    conflict = queries.find_conflict(change) if rules.is_open(change) else None
    context: dict[str, Any] = {
        "change": change,
        "strategy": change.strategy,
        "supporting": [link for link in links if link.stance == "supports"],
        "contradicting": [link for link in links if link.stance == "contradicts"],
        "around": [link for link in links if link.stance == "context"],
        "evidence": evidence,
        "missing": queries.missing_evidence(change, evidence) if rules.is_open(change) else [],
        "conflict": conflict,
        "others": queries.list_others_on(request.user, change.clause, change)
        if rules.is_open(change)
        else [],
        "can_repropose": conflict and conflict.is_outdated and queries.is_in_text(change.clause),
        "events": list_events_of(change.record),
        "is_open": rules.is_open(change),
        "is_own": rules.is_own(request.user, change),
        "is_staff": rules.may_propose(request.user),
        "may_add": rules.may_add_evidence(request.user, change),
        "may_review": rules.may_review(request.user, change) and not conflict,
        "may_accept": rules.may_accept(request.user, change) and not conflict,
        "may_reject": rules.may_reject(request.user, change),
        "may_withdraw": rules.may_withdraw(request.user, change),
        "forms": _empty_forms(request) | (bound or {}),
        "opened": set(bound or ()),
        "refused": list((bound or {}).values()),
        "trail": trail_to(
            change.strategy,
            (_("Changes"), reverse("strategy-changes", args=[change.strategy.reference])),
            (change.reference, ""),
        ),
    }
    template = "strategy/_change.html" if request.htmx else "strategy/change.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status_of(*(bound or {}).values()))


def _empty_forms(request: HttpRequest) -> dict[str, django_forms.Form]:
    return {
        "evidence": forms.EvidenceForm(find=_find(request), auto_id="evidence-%s"),
        "source": forms.OutsideSourceForm(auto_id="source-%s"),
        "search": forms.SearchForm(auto_id="search-%s"),
        "accept": forms.AcceptForm(auto_id="accept-%s"),
        "reject": forms.RejectForm(auto_id="reject-%s"),
        "withdraw": forms.WithdrawForm(auto_id="withdraw-%s"),
    }


def _act(
    request: HttpRequest,
    change: Change,
    name: str,
    form: django_forms.Form,
    act: Callable[[datetime], Any],
    done: str,
) -> HttpResponse:
    """Try an action on a change; what was refused is shown beside its form, with what was written in it."""

    def shown(bound: dict[str, django_forms.Form] | None = None) -> HttpResponse:
        return _show(request, _change_or_404(request, change.reference), bound=bound)

    page = reverse("change", args=[change.reference])
    is_fragment = request.htmx  # type: ignore[attr-defined]
    answer = submit(request, form, act, done=done, to=lambda made: shown() if is_fragment else page)
    return answer or shown({name: form})


@access.ruled(
    "strategy.rules.may_propose", why=gettext_lazy("Linking evidence takes a role in an organization.")
)
@require_POST
def evidence(request: HttpRequest, reference: str) -> HttpResponse:
    change = _change_or_404(request, reference)
    form = forms.EvidenceForm(request.POST, find=_find(request), auto_id="evidence-%s")

    def act(now: datetime) -> None:
        for source in form.cleaned_data["reference"]:
            actions.add_evidence(
                change=change,
                source=source,
                stance=form.cleaned_data["stance"],
                by=signed_in(request),
                now=now,
                quote=form.cleaned_data["quote"],
            )

    return _act(request, change, "evidence", form, act, _("The evidence is linked."))


@access.ruled(
    "strategy.rules.may_propose", why=gettext_lazy("Linking evidence takes a role in an organization.")
)
@require_POST
def outside_source(request: HttpRequest, reference: str) -> HttpResponse:
    change = _change_or_404(request, reference)
    form = forms.OutsideSourceForm(request.POST, auto_id="source-%s")

    def act(now: datetime) -> None:
        actions.add_outside_source(
            change=change,
            language=get_language() or "en",
            by=signed_in(request),
            now=now,
            **form.cleaned_data,
        )

    return _act(request, change, "source", form, act, _("The source is recorded and linked."))


@access.ruled(
    "strategy.rules.may_propose", why=gettext_lazy("Recording a search takes a role in an organization.")
)
@require_POST
def counter_search(request: HttpRequest, reference: str) -> HttpResponse:
    change = _change_or_404(request, reference)
    form = forms.SearchForm(request.POST, auto_id="search-%s")

    def act(now: datetime) -> None:
        actions.record_counter_search(
            change=change,
            searched=form.cleaned_data["searched"],
            language=get_language() or "en",
            by=signed_in(request),
            now=now,
        )

    return _act(request, change, "search", form, act, _("The search is recorded."))


@access.ruled("strategy.rules.may_decide", why=gettext_lazy("The desk or the committee reviews changes."))
@require_POST
def review(request: HttpRequest, reference: str) -> HttpResponse:
    change = _change_or_404(request, reference)
    form = django_forms.Form(request.POST)
    return _act(
        request,
        change,
        "review",
        form,
        lambda now: actions.review_change(change=change, by=signed_in(request), now=now),
        _("Reviewed: the change is ready to be decided."),
    )


@access.ruled("strategy.rules.may_decide", why=gettext_lazy("The desk or the committee decides changes."))
@require_POST
def accept(request: HttpRequest, reference: str) -> HttpResponse:
    change = _change_or_404(request, reference)
    form = forms.AcceptForm(request.POST, auto_id="accept-%s")
    return _act(
        request,
        change,
        "accept",
        form,
        lambda now: actions.accept_change(
            change=change,
            reason=form.cleaned_data["reason"],
            language=get_language() or "en",
            by=signed_in(request),
            now=now,
        ),
        _("Accepted. It comes into force with the next version."),
    )


@access.ruled("strategy.rules.may_decide", why=gettext_lazy("The desk or the committee decides changes."))
@require_POST
def reject(request: HttpRequest, reference: str) -> HttpResponse:
    change = _change_or_404(request, reference)
    form = forms.RejectForm(request.POST, auto_id="reject-%s")
    return _act(
        request,
        change,
        "reject",
        form,
        lambda now: actions.reject_change(
            change=change,
            reason=form.cleaned_data["reason"],
            language=get_language() or "en",
            by=signed_in(request),
            now=now,
        ),
        _("Rejected. The reason stays beside the proposal."),
    )


@access.ruled("strategy.rules.may_withdraw", on="change")
@require_POST
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    change = _change_or_404(request, reference)
    form = forms.WithdrawForm(request.POST, auto_id="withdraw-%s")
    return _act(
        request,
        change,
        "withdraw",
        form,
        lambda now: actions.withdraw_change(
            change=change,
            reason=form.cleaned_data["reason"],
            language=get_language() or "en",
            by=signed_in(request),
            now=now,
        ),
        _("Withdrawn. The proposal stays here to be read, and nobody needs to decide it."),
    )


@access.ruled(
    "strategy.rules.may_propose", why=gettext_lazy("Proposing changes takes a role in an organization.")
)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    language = content_language(request)
    again = _change_or_404(request, request.GET["again"]) if request.GET.get("again") else None
    wanted = again.clause.reference if again and again.clause else request.GET.get("clause")
    if not wanted:
        return _choose(request)
    clause = queries.get_clause_for(request.user, wanted)
    version = queries.get_version(clause.strategy) if clause else None
    state = queries.get_shown_state(clause, version, language) if clause else None
    if clause is None or version is None or state is None or state.version_id != version.pk:
        raise Http404
    operation = request.GET.get("operation", again.operation if again else "edit")
    if operation not in Change.Operation.values:
        raise Http404
    given = _given(request)
    form = forms.ProposalForm(
        request.POST if request.method == "POST" else None,
        operation=operation,
        headings=queries.list_headings(version, language),
        clause=clause,
        find=_find(request),
        initial={
            "title": state.title.body if state.title and operation == "edit" else "",
            "text": state.text.body if state.text and operation == "edit" else "",
            "kind": clause.kind,
            "place": clause.local,
        }
        | given
        | (_words_of(request, again, operation) if again else {}),
    )
    answer = submit(
        request,
        form,
        lambda now: _propose(request, clause, operation, form, now),
        done=_("Proposed. Now link what supports it and what speaks against it."),
        to=lambda made: reverse("change", args=[made.reference]),
    )
    if answer:
        return answer
    queries.name_strategy(clause.strategy, language)
    context: dict[str, Any] = {
        "form": form,
        "clause": clause,
        "state": state,
        "strategy": clause.strategy,
        "operation": operation,
        "others": queries.list_others_on(request.user, clause) if operation != Change.Operation.ADD else [],
        "carry": _carried(given),
        "attached": _attached(request, form, language),
        "operations": [
            ("edit", _("Change its words")),
            ("add", _("Add a clause")),
            ("move", _("Move it")),
            ("remove", _("Remove it")),
        ],
        "trail": trail_to(
            clause.strategy,
            (clause.local, reverse("clause", args=[clause.strategy.reference, clause.local])),
            (_("Propose a change"), ""),
        ),
    }
    return render(request, "strategy/propose.html", context, status=status_of(form))


def _choose(request: HttpRequest) -> HttpResponse:
    """The clauses of every strategy, to begin a change at one of them; the evidence that was chosen goes along."""
    language = content_language(request)
    texts = [
        (strategy, queries.list_headings(version, language))
        for strategy in queries.list_strategies_for(request.user, language)
        if (version := queries.get_version(strategy))
    ]
    given = _given(request)
    context = {"texts": texts, **given, "carry": _carried(given)}
    return render(request, "strategy/choose_clause.html", context)


def _given(request: HttpRequest) -> dict[str, str]:
    """The evidence that was chosen elsewhere, for and against; a form with boxes sends one at a time."""
    return {
        name: ", ".join(dict.fromkeys(value for value in request.GET.getlist(name) if value.strip()))
        for name in ("evidence", "against")
    }


def _carried(given: dict[str, str]) -> str:
    return urlencode({name: references for name, references in given.items() if references})


def _attached(
    request: HttpRequest, form: forms.ProposalForm, language: str
) -> list[tuple[Any, list[Record]]]:
    """What stands in the two fields of evidence, in words, so that both sides are read before proposing."""
    sides = []
    for name, label in (("evidence", _("What supports it")), ("against", _("What speaks against it"))):
        typed = str(form[name].value() or "").replace(";", ",").upper().split(",")
        found = [
            record
            for reference in dict.fromkeys(word.strip() for word in typed if word.strip())
            if (record := get_record_for(request.user, reference))
        ][:MOST_ATTACHED]
        if found:
            with_texts(found, language, title="title_id")
            sides.append((label, found))
    return sides


def _words_of(request: HttpRequest, change: Change, operation: str) -> dict[str, str]:
    """What a proposal that no longer fits the text brings into a new one: its words, its reasons and its evidence."""
    given = {"title": change.title, "text": change.text, "rationale": change.rationale}
    words = {
        name: text.body
        for name, text in given.items()
        if text and (name == "rationale" or operation == "edit")
    }
    links = list_evidence_for(request.user, change.record, content_language(request))
    supporting = [link.source.reference for link in links if link.stance == Stance.SUPPORTS]
    contradicting = [link.source.reference for link in links if link.stance == Stance.CONTRADICTS]
    return words | {"evidence": ", ".join(supporting), "against": ", ".join(contradicting)}


def _propose(
    request: HttpRequest, clause: Clause, operation: str, form: forms.ProposalForm, now: datetime
) -> Change:
    entered = form.cleaned_data
    after_clause, inside = form.place_of()
    return actions.propose_change(
        strategy=clause.strategy,
        operation=operation,
        clause=None if operation == "add" else clause,
        title=entered.get("title", ""),
        text=entered.get("text", ""),
        kind=entered.get("kind", ""),
        after_clause=after_clause,
        inside=inside,
        rationale=entered["rationale"],
        language=get_language() or "en",
        evidence=entered["evidence"],
        against=entered["against"],
        by=signed_in(request),
        now=now,
    )
