"""A small strategy and changes to it."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from plenary.people.models import User
from plenary.records.models import Record, Stance
from plenary.records.tests.factories import make_source
from plenary.strategy import actions
from plenary.strategy.models import Change, Clause, Strategy, Version
from plenary.strategy.parsing import parse_strategy

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADOPTED = date(2026, 1, 1)

MARKDOWN = """\
# Tools for everyone

## Goal

Everybody understands the tools that are used for them.

## 1. Principles

### Principle 1: People decide

A person decides, with time to think.

### Principle 2: Nothing hidden

Whatever is used is known.

## 2. Commitments

### Commitment 1: Trained hands

We will train staff before a tool is introduced.

### Commitment 2: Ask before

We will ask the people concerned before a tool is used.

### Commitment 3: Common rules

We will keep one register of all tools.

## 3. Oversight

The assembly reviews this text every year.
"""

FRENCH = {
    "fr": {
        "title": "Des outils pour tous",
        "clauses": {"C2": {"title": "Demander avant", "text": "Nous demanderons avant d'employer un outil."}},
    }
}


def make_version(markdown: str = MARKDOWN, *, language: str = "en", **more: Any) -> Version:
    """Version 1 of a strategy."""
    content = markdown.encode()
    return actions.import_strategy(
        parsed=parse_strategy(content, language=language, name="strategy.md"),
        sha256=hashlib.sha256(content).hexdigest(),
        file_name="strategy.md",
        **{"by": None, "now": NOW, "adopted_on": ADOPTED, **more},
    )


def clause(strategy: Strategy, local: str) -> Clause:
    return Clause.objects.select_related("record", "strategy__record").get(strategy=strategy, local=local)


def make_change(strategy: Strategy, by: User | None = None, of: str = "C2", **more: Any) -> Change:
    """A proposal: by default other words for C2."""
    defaults: dict[str, Any] = {
        "operation": "edit",
        "text": "We will ask everybody before a tool is used.",
        "rationale": "Everybody is concerned.",
    }
    if more.get("operation", "edit") != "edit":
        del defaults["text"]
    if more.get("operation") != "add":
        defaults["clause"] = clause(strategy, of)
    return actions.propose_change(strategy=strategy, by=by, now=NOW, **(defaults | more))


def put_evidence(change: Change, stance: str = Stance.SUPPORTS, source: Record | None = None) -> None:
    actions.add_evidence(
        change=change,
        source=source or make_source(f"A study, {stance}").record,
        stance=stance,
        by=None,
        now=NOW,
    )


def make_ready(change: Change) -> Change:
    """With everything that the gate asks for."""
    put_evidence(change)
    actions.record_counter_search(change=change, searched="The library, for «tools».", by=None, now=NOW)
    actions.review_change(change=change, by=None, now=NOW)
    return change


def make_accepted(strategy: Strategy, **more: Any) -> Change:
    change = make_ready(make_change(strategy, **more))
    actions.accept_change(change=change, by=None, now=NOW)
    return change


def adopt(strategy: Strategy, day: date = date(2026, 3, 1), **more: Any) -> Version:
    return actions.adopt_version(strategy=strategy, by=None, now=NOW, adopted_on=day, **more)
