"""The page address and the JSON of strategies, clauses, versions and changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from plenary.records.models import Record
from plenary.records.queries import list_evidence_for
from plenary.records.texts import said_as_data

from . import queries
from .models import Change, ClauseState, Strategy, Version


def strategy_page(record: Record) -> str:
    return reverse("strategy", args=[record.reference])


def clause_page(record: Record) -> str:
    strategy, _, local = record.reference.rpartition(".")
    return reverse("clause", args=[strategy, local])


def version_page(record: Record) -> str:
    strategy, _, number = record.reference.rpartition("@")
    return f"{reverse('strategy', args=[strategy])}?version={number}"


def change_page(record: Record) -> str:
    return reverse("change", args=[record.reference])


def strategy_rows(records: Sequence[Record], user: Any, language: str) -> list[dict[str, Any]]:
    today = timezone.localdate(timezone.now())
    prefetch_related_objects(records, "strategy")
    present = {each.strategy.pk: each.version for each in queries.list_shelf(user, language, today)}
    return [
        {
            "original_language": record.strategy.language,
            "version": present[record.pk].number if record.pk in present else None,
        }
        for record in records
    ]


def change_rows(records: Sequence[Record], user: Any, language: str) -> list[dict[str, Any]]:
    prefetch_related_objects(
        records, "change__strategy__record", "change__clause__record", "change__incorporated_in__record"
    )
    return [
        {
            "strategy": change.strategy.reference,
            "operation": change.operation,
            "state": change.state,
            "clause": change.clause.reference if change.clause else None,
            "decided_at": change.decided_at.isoformat() if change.decided_at else None,
            "incorporated_in": change.incorporated_in.reference if change.incorporated_in else None,
        }
        for change in (record.change for record in records)
    ]


def strategy_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    strategy: Strategy = record.strategy
    versions = queries.list_versions(strategy)
    return {
        "original_language": strategy.language,
        "source": strategy.source.reference if strategy.source else None,
        "versions": [_version(version) for version in versions],
    }


def version_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    """The whole text as a tree."""
    return version_text(record.version, language)


def version_text(version: Version, language: str) -> dict[str, Any]:
    """A version with its clauses as a tree."""
    states = queries.list_states(version, language)
    return {
        "strategy": version.strategy.reference,
        "original_language": version.strategy.language,
        **_version(version),
        "clauses": [_tree(state) for state in states if state.parent_id is None],
    }


def clause_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    clause = queries.get_clause_for(user, record.reference)
    assert clause is not None
    history = queries.list_history(clause, language)
    occurrences = queries.list_occurrences(clause, language)
    states = queries.list_states_of(clause, language)
    changes = queries.list_changes_for(user, language, clause=clause)
    return {
        "strategy": clause.strategy.reference,
        "clause_kind": clause.kind,
        "local": clause.local,
        "states": [{"version": state.version.number, **_state(state)} for state in states],
        "history": [
            {"version": chapter.version.number, "changes": [change.reference for change in chapter.changes]}
            for chapter in history
        ],
        "repeats": [found.clause.reference for found in occurrences if found.paragraph_id == clause.pk],
        "repeated_in": [
            {"clause": found.paragraph.reference, "variant_title": found.variant_title or None}
            for found in occurrences
            if found.clause_id == clause.pk
        ],
        "changes": [{"reference": change.reference, "state": change.state} for change in changes],
        "evidence": _evidence(record, user, language),
    }


def clause_state(record: Record, number: str, user: Any, language: str) -> tuple[str, dict[str, Any]] | None:
    """``STR-1.C3@2``: the clause in Version 2, its page and its JSON."""
    clause = queries.get_clause_for(user, record.reference)
    if clause is None or not number.isdecimal():
        return None
    state = next(
        (state for state in queries.list_states_of(clause, language) if state.version.number == int(number)),
        None,
    )
    if state is None:
        return None
    data = {
        "reference": state.reference,
        "clause": clause.reference,
        "strategy": clause.strategy.reference,
        "clause_kind": clause.kind,
        **_version(state.version),
        **_state(state),
        "url": f"/r/{state.reference}",
    }
    return f"{clause_page(record)}?version={number}", data


def change_data(record: Record, user: Any, language: str) -> dict[str, Any]:
    found = queries.get_change_for(user, record.reference)
    assert found is not None
    change: Change = queries.describe_changes([found], language)[0]
    return {
        "strategy": change.strategy.reference,
        "operation": change.operation,
        "state": change.state,
        "clause": change.clause.reference if change.clause else None,
        "clause_kind": change.kind or (change.clause.kind if change.clause else None),
        "based_on": change.based_on.reference,
        "after_clause": change.after_clause.reference if change.after_clause else None,
        "inside": change.inside,
        "before": _state(change.before) if change.before else None,
        "after": {"title": said_as_data(change.said["title"]), "text": said_as_data(change.said["text"])},
        "rationale": said_as_data(change.said["rationale"]),
        "counter_search": said_as_data(change.said["counter_search"]),
        "reason": said_as_data(change.said["reason"]),
        "decided_at": change.decided_at.isoformat() if change.decided_at else None,
        "incorporated_in": change.incorporated_in.reference if change.incorporated_in else None,
        "evidence": _evidence(record, user, language),
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "state": version.state,
        "adopted_on": version.adopted_on.isoformat() if version.adopted_on else None,
        "review_by": version.review_by.isoformat() if version.review_by else None,
    }


def _tree(state: ClauseState) -> dict[str, Any]:
    return {
        "kind": state.clause.kind,
        "ref": state.clause.local,
        "reference": state.clause.reference,
        **_state(state),
        "repeats": state.occurrence.clause.reference if state.occurrence else None,
        "changed_by": [change.reference for change in state.changed_by],
        "children": [_tree(child) for child in state.children],
    }


def _state(state: ClauseState) -> dict[str, Any]:
    return {
        "number": state.number,
        "title": said_as_data(state.said["title"]),
        "text": said_as_data(state.said["text"]),
    }


def _evidence(record: Record, user: Any, language: str) -> list[dict[str, Any]]:
    links: list[Any] = list_evidence_for(user, record, language)
    return [
        {
            "source": link.source.reference,
            "title": str(link.said["title"]),
            "stance": link.stance,
            "quote": link.quote or None,
            "url": link.source.get_absolute_url(),
        }
        for link in links
    ]
