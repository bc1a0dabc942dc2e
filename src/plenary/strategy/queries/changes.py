"""Reading changes: their words, their evidence, the gate, the work that waits, and the links for the trail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.records.models import EvidenceLink, Stance, Visibility
from plenary.records.queries import named_with, visible_to
from plenary.records.texts import EMPTY, Said, load_texts, with_texts

from .. import rules
from ..comparing import change_words
from ..drafting import Draft
from ..models import Change, Clause, ClauseState, Strategy, Version

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None


def get_change_for(user: Viewer, reference: str) -> Change | None:
    return _changes(user).filter(record__reference=reference).first()


def _changes(user: Viewer) -> QuerySet[Change]:
    return Change.objects.filter(visible_to(user, "record")).select_related(
        "record",
        "strategy__record",
        "clause__record",
        "clause__strategy",
        "based_on__record",
        "after_clause__record",
        "incorporated_in__record",
        "proposed_by",
    )


# What the tabs of a list of changes hold.
FILTERS = {
    "open": Q(state__in=rules.OPEN),
    "accepted": Q(state=Change.State.ACCEPTED, incorporated_in__isnull=True),
    "incorporated": Q(incorporated_in__isnull=False),
    "rejected": Q(state=Change.State.REJECTED),
    "withdrawn": Q(state=Change.State.WITHDRAWN),
}


def list_changes_for(
    user: Viewer,
    language: str,
    *,
    strategy: Strategy | None = None,
    clause: Clause | None = None,
    which: str = "",
    limit: int | None = None,
) -> list[Change]:
    """Changes with their words marked, the newest first; ``which`` is one of ``FILTERS``."""
    found = list(_filtered(user, strategy, clause, which)[:limit])
    return describe_changes(found, language)


def page_changes_for(
    user: Viewer,
    language: str,
    *,
    strategy: Strategy,
    which: str = "",
    operation: str = "",
    words: str = "",
    number: Any = 1,
) -> Page[Change]:
    """One page of a strategy's changes; ``words`` are looked for in the clause's name, the new text and the reasons."""
    found = _filtered(user, strategy, None, which).filter(_asked_for(operation, words))
    page = Paginator(found, 25).get_page(number)
    page.object_list = describe_changes(list(page.object_list), language)
    return page


def _filtered(user: Viewer, strategy: Strategy | None, clause: Clause | None, which: str) -> QuerySet[Change]:
    changes = _changes(user).filter(FILTERS.get(which, Q())).order_by("-record__number")
    if strategy is not None:
        changes = changes.filter(strategy=strategy)
    return changes.filter(clause=clause) if clause is not None else changes


def _asked_for(operation: str, words: str) -> Q:
    places = ("record__title", "title", "text", "rationale")
    found = Q(*(named_with(words, place) for place in places), _connector=Q.OR) if words else Q()
    return found & Q(operation=operation) if operation else found


def count_changes_for(
    user: Viewer, strategy: Strategy, *, operation: str = "", words: str = ""
) -> dict[str, int]:
    """How many changes each of ``FILTERS`` holds."""
    changes = Change.objects.filter(
        visible_to(user, "record"), _asked_for(operation, words), strategy=strategy
    )
    return changes.aggregate(**{name: Count("pk", filter=condition) for name, condition in FILTERS.items()})


def changes_of(strategy: Strategy, state: str | None = None) -> Q:
    """The filter of records that are a strategy's changes, in one state where it is given."""
    where = Q(change__strategy=strategy)
    return where & Q(change__state=state) if state else where


def states_before(changes: Iterable[Change]) -> dict[int, ClauseState]:
    """By change: its clause as it stood in the version that the proposal was made against. One SQL query."""
    wanted = [change for change in changes if change.clause_id and change.operation != Change.Operation.ADD]
    pairs = {(change.based_on_id, change.clause_id): change.pk for change in wanted}
    states = ClauseState.objects.filter(
        version__in={change.based_on_id for change in wanted},
        clause__in={change.clause_id for change in wanted},
    ).select_related("clause__record", "version__record")
    by_pair = {(state.version_id, state.clause_id): state for state in states}
    return {
        change.pk: by_pair[change.based_on_id, change.clause_id]
        for change in wanted
        if (change.based_on_id, change.clause_id) in pairs
        and (change.based_on_id, change.clause_id) in by_pair
    }


# The texts of a change, by the name under which they are said.
_TEXTS = ("title", "text", "rationale", "reason", "counter_search")


def describe_changes(changes: Sequence[Change], language: str) -> list[Change]:
    """Give changes their texts, the clause before, and the words that differ. A constant number of queries."""
    befores = states_before(changes)
    ids: set[int | None] = set()
    for change in changes:
        change.before = befores.get(change.pk)
        ids |= {getattr(change, f"{name}_id") for name in _TEXTS}
        ids.add(change.record.title_id)
        ids.add(change.after_clause.record.title_id if change.after_clause else None)
        if change.before:
            ids |= {change.before.title_id, change.before.text_id}
    texts = load_texts(ids, language)

    def said(text_id: int | None) -> Said:
        return texts.get(text_id or 0, EMPTY)

    for change in changes:
        before = change.before
        change.said = {name: said(getattr(change, f"{name}_id")) for name in _TEXTS}
        change.said["heading"] = said(change.record.title_id)
        change.said["after"] = said(change.after_clause.record.title_id if change.after_clause else None)
        old = (said(before.title_id), said(before.text_id)) if before else (EMPTY, EMPTY)
        if before:
            before.said = {"title": old[0], "text": old[1]}
        change.wording = change_words(change, old, (change.said["title"], change.said["text"]))
    return list(changes)


def list_latest_changes(user: Viewer, language: str, limit: int) -> list[Change]:
    """What came into force last and the evidence for it, without the marked words. Three queries."""
    changes = list(_filtered(user, None, None, "incorporated")[:limit])
    links = _supporting(changes, user)
    texts = load_texts(
        [*(change.record.title_id for change in changes), *(link.source.title_id for link in links)], language
    )
    for change in changes:
        change.said = {"heading": texts.get(change.record.title_id or 0, EMPTY)}
        change.because_of = [link for link in links if link.target_id == change.pk]
    for link in links:
        target: Any = link
        target.said = {"title": texts.get(link.source.title_id or 0, EMPTY)}
    return changes


def _supporting(changes: Sequence[Change], user: Viewer) -> list[EvidenceLink]:
    return list(
        EvidenceLink.objects.filter(
            visible_to(user, "source"), target__in=[change.pk for change in changes], stance=Stance.SUPPORTS
        )
        .select_related("source")
        .order_by("at", "id")
    )


def list_waiting_changes(strategy: Strategy) -> list[Change]:
    """Accepted changes that wait for the next version, in the order in which they were decided."""
    return list(_waiting().filter(strategy=strategy))


def _waiting() -> QuerySet[Change]:
    return (
        _changes(None)
        .select_related("title", "text")
        .filter(FILTERS["accepted"])
        .order_by("decided_at", "record__number")
    )


# The gate


@dataclass(frozen=True)
class Evidence:
    """The evidence of a change as the gate counts it: what counts as evidence and everybody can see."""

    supporting: int
    contradicting: int
    has_searched: bool


def get_evidence(change: Change) -> Evidence:
    return count_evidence_of([change])[change.pk]


def count_evidence_of(changes: Sequence[Change]) -> dict[int, Evidence]:
    """By change. One SQL query."""
    rows = (
        EvidenceLink.objects.filter(
            target__in=[change.pk for change in changes],
            source__kind__in=rules.KINDS_OF_EVIDENCE,
            source__visibility=Visibility.PUBLIC,
        )
        .values_list("target", "stance")
        .annotate(Count("id"))
        .order_by()
    )
    counts = {(target, stance): count for target, stance, count in rows}
    return {
        change.pk: Evidence(
            counts.get((change.pk, Stance.SUPPORTS), 0),
            counts.get((change.pk, Stance.CONTRADICTS), 0),
            change.counter_search_id is not None,
        )
        for change in changes
    }


def missing_evidence(change: Change, evidence: Evidence | None = None) -> list[str]:
    """What the gate still asks for, in words; empty where it is open."""
    evidence = evidence or get_evidence(change)
    missing = []
    if not evidence.supporting:
        missing.append(_("Nothing supports the change yet: link at least one finding, statement or source."))
    if not evidence.contradicting and not evidence.has_searched:
        missing.append(
            _(
                "Nothing is said about evidence against it: link what contradicts it, or write down where you looked."
            )
        )
    return missing


@dataclass(frozen=True)
class Conflict:
    """Why a change cannot join the text and the changes that were accepted already."""

    message: str
    is_outdated: bool
    """The text itself has moved on, so that it helps to propose the change again; else an accepted change stands in
    its way."""

    def __str__(self) -> str:
        return self.message


def find_conflict(change: Change) -> Conflict | None:
    return find_conflicts([change]).get(change.pk)


def find_conflicts(changes: Sequence[Change]) -> dict[int, Conflict]:
    """By change, of those that have one. Four queries, however many changes."""
    strategies = {change.strategy_id for change in changes}
    latest: dict[int, Version] = {}
    adopted = Version.objects.filter(strategy__in=strategies, state=Version.State.ADOPTED)
    for version in adopted.order_by("number"):
        latest[version.strategy_id] = version
    waiting: dict[int, list[Change]] = {}
    for change in _waiting().filter(strategy__in=strategies):
        waiting.setdefault(change.strategy_id, []).append(change)
    # A proposal was tried on the version that it was made against: it fits as long as nothing was accepted since.
    doubtful = [
        change
        for change in changes
        if change.strategy_id in waiting
        or change.based_on_id != getattr(latest.get(change.strategy_id), "pk", 0)
    ]
    if not doubtful:
        return {}
    states: dict[int, list[ClauseState]] = {}
    rows = ClauseState.objects.filter(version__in={latest[each.strategy_id].pk for each in doubtful})
    for state in rows.select_related("clause__record", "version").order_by("order"):
        states.setdefault(state.version_id, []).append(state)
    bases = states_before([*(change for found in waiting.values() for change in found), *doubtful])

    def refused(text: list[ClauseState], wanted: Sequence[Change]) -> str:
        draft = Draft(text)
        try:
            for change in wanted:
                draft.apply(change, bases.get(change.pk))
        except Refused as refusal:
            return str(refusal.message)
        return ""

    conflicts = {}
    for change in doubtful:
        text = states.get(latest[change.strategy_id].pk, [])
        others = [other for other in waiting.get(change.strategy_id, []) if other.pk != change.pk]
        if message := refused(text, [change]):
            conflicts[change.pk] = Conflict(message, is_outdated=True)
        elif message := refused(text, [*others, change]):
            conflicts[change.pk] = Conflict(message, is_outdated=False)
    return conflicts


def list_others_on(user: Viewer, clause: Clause | None, change: Change | None = None) -> list[Change]:
    """What else is proposed or accepted for the same clause and not yet in force, the oldest first."""
    if clause is None:
        return []
    found = _changes(user).filter(FILTERS["open"] | FILTERS["accepted"], clause=clause)
    return list(found.exclude(pk=change.pk if change else None).order_by("record__number"))


@dataclass(frozen=True)
class Work:
    """What waits for a person in the text."""

    own: list[tuple[Change, Evidence]]
    conflicts: dict[int, Conflict]
    to_review: list[Change]
    to_decide: list[Change]
    to_adopt: list[tuple[Strategy, int]]
    reviews: list[Version]


def list_work_for(user: User, language: str, soon: date) -> Work:
    """Her own open proposals, other people's that wait for a review or a decision and fit the text, how many
    accepted ones wait for which strategy's next version (where she may adopt them), and reviews due by a day.

    The first 200 changes; a constant number of queries.
    """
    changes = list(
        _changes(user).filter(FILTERS["open"] | FILTERS["accepted"]).order_by("record__number")[:200]
    )
    describe_changes(changes, language)
    own = [change for change in changes if rules.is_own(user, change) and rules.is_open(change)]
    evidence = count_evidence_of(own)
    conflicts = find_conflicts([change for change in changes if rules.is_open(change)])
    fitting = [change for change in changes if change.pk not in conflicts]
    waiting = [change for change in changes if change.state == Change.State.ACCEPTED]
    not_hers = {change.strategy_id for change in waiting if rules.is_own(user, change)}
    accepted = [change.strategy for change in waiting if change.strategy_id not in not_hers]
    reviews = list_due_reviews(soon)
    with_texts([*accepted, *(version.strategy for version in reviews)], language, title="record.title_id")
    by_strategy = {strategy.pk: strategy for strategy in accepted}
    return Work(
        [(change, evidence[change.pk]) for change in own],
        conflicts,
        [change for change in fitting if rules.may_review(user, change)],
        [change for change in fitting if rules.may_accept(user, change)],
        [(by_strategy[pk], count) for pk, count in Counter(each.pk for each in accepted).items()],
        reviews,
    )


def list_due_reviews(by: date) -> list[Version]:
    """The latest version of every strategy whose review is due by a day, the most overdue first."""
    latest: dict[int, Version] = {}
    adopted = Version.objects.filter(state=Version.State.ADOPTED).select_related("record", "strategy__record")
    for version in adopted.order_by("number"):
        latest[version.strategy_id] = version
    due = [
        version for version in latest.values() if version.review_by is not None and version.review_by <= by
    ]
    return sorted(due, key=lambda version: (version.review_by or by, version.pk))


# Structural links for the trail: the trail itself leaves out what a person may not see.


def edges_change_to_clause() -> QuerySet[Any]:
    """A change and the clause that it changed, once it is in force: what was only proposed changed nothing."""
    in_force = Change.objects.filter(incorporated_in__isnull=False, clause__isnull=False)
    return in_force.values_list("record_id", "clause_id")


def edges_change_to_version() -> QuerySet[Any]:
    """A change and the version that it came into force with."""
    return Change.objects.filter(incorporated_in__isnull=False).values_list("record_id", "incorporated_in_id")
