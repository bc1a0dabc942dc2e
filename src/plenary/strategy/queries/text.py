"""Reading the text: strategies, versions, clauses. A constant number of SQL queries, however long the text is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Case, Count, F, Q, When

from plenary.records.models import EvidenceLink, Snapshot, Stance, Translation
from plenary.records.queries import visible_to
from plenary.records.texts import EMPTY, load_texts, with_texts

from ..comparing import Difference, compare_states, mark_words
from ..models import Change, Clause, ClauseState, Occurrence, Strategy, Version

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None


def list_strategies_for(user: Viewer, language: str) -> list[Strategy]:
    found = list(
        Strategy.objects.filter(visible_to(user, "record"))
        .select_related("record")
        .order_by("record__number")
    )
    with_texts(found, language, title="record.title_id")
    return found


def name_strategy(strategy: Strategy, language: str) -> Strategy:
    """Give a strategy its title as read (``said["title"]``)."""
    with_texts([strategy], language, title="record.title_id")
    return strategy


@dataclass(frozen=True)
class OnShelf:
    """A strategy with its text in force today and how much it holds; or the first one that will be in force."""

    strategy: Strategy
    version: Version
    counts: dict[str, int]


def list_shelf(user: Viewer, language: str, today: date) -> list[OnShelf]:
    """All strategies with their present versions. A constant number of queries."""
    strategies = list_strategies_for(user, language)
    present: dict[int, Version] = {}
    versions = Version.objects.filter(strategy__in=strategies, state=Version.State.ADOPTED)
    for version in versions.select_related("record").order_by("adopted_on", "number"):
        in_force = version.adopted_on is not None and version.adopted_on <= today
        if in_force or version.strategy_id not in present:
            present[version.strategy_id] = version
    counts: dict[int, dict[str, int]] = {}
    rows = ClauseState.objects.filter(version__in=present.values()).values_list("version", "clause__kind")
    for version_id, kind, count in rows.annotate(Count("id")).order_by():
        counts.setdefault(version_id, {})[kind] = count
    return [
        OnShelf(strategy, present[strategy.pk], counts.get(present[strategy.pk].pk, {}))
        for strategy in strategies
        if strategy.pk in present
    ]


def get_upload(snapshot_id: int) -> bytes:
    """The bytes that were kept while their preview was looked at."""
    return bytes(Snapshot.objects.get(pk=snapshot_id).content)


def get_strategy_for(user: Viewer, reference: str) -> Strategy | None:
    return (
        Strategy.objects.filter(visible_to(user, "record"), record__reference=reference)
        .select_related("record", "source__record")
        .first()
    )


def find_imported(sha256: str) -> Strategy | None:
    """The strategy that was made of a file with these bytes."""
    return Strategy.objects.filter(source__sha256=sha256).select_related("record").first()


def list_versions(strategy: Strategy) -> list[Version]:
    """Adopted versions, the first one first."""
    return list(
        Version.objects.filter(strategy=strategy, state=Version.State.ADOPTED)
        .select_related("record")
        .order_by("number")
    )


def get_version(strategy: Strategy, number: int | None = None, on: date | None = None) -> Version | None:
    """The version of that number, the one in force on that day, or the latest one adopted."""
    versions = Version.objects.filter(strategy=strategy).select_related("record", "strategy__record")
    if number is not None:
        return versions.filter(number=number).first()
    adopted = versions.filter(state=Version.State.ADOPTED)
    if on is not None:
        return adopted.filter(adopted_on__lte=on).order_by("-adopted_on", "-number").first()
    return adopted.order_by("-number").first()


def get_current_version(strategy: Strategy, today: date) -> Version | None:
    """What a reader gets who asks for nothing: the text in force today, or the first one that will be."""
    return get_version(strategy, on=today) or get_version(strategy)


def count_kinds(version: Version) -> dict[str, int]:
    """How many goals, principles, commitments, sections and paragraphs a version has."""
    rows = ClauseState.objects.filter(version=version).values_list("clause__kind").annotate(Count("id"))
    return dict.fromkeys(Clause.Kind.values, 0) | dict(rows)


# The text of a version


def load_states(version: Version) -> list[ClauseState]:
    """All clauses of a version in reading order, without their words. One SQL query."""
    return list(
        ClauseState.objects.filter(version=version)
        .select_related("clause__record", "version")
        .order_by("order")
    )


def list_states(version: Version, language: str) -> list[ClauseState]:
    """A version in reading order with its texts, depth, children, occurrences, and the changes that it brought."""
    states = load_states(version)
    with_texts(states, language, title="title_id", text="text_id")
    by_clause = {state.clause_id: state for state in states}
    for state in states:
        parent = by_clause.get(state.parent_id or 0)
        state.depth = parent.depth + 1 if parent else 1
        state.children, state.changed_by, state.repeated_in, state.occurrence = [], [], [], None
        if parent:
            parent.children.append(state)
    for change in (
        Change.objects.filter(incorporated_in=version).select_related("record").order_by("record__number")
    ):
        if change.clause_id in by_clause:
            by_clause[change.clause_id].changed_by.append(change)
    occurrences = Occurrence.objects.filter(paragraph__strategy_id=version.strategy_id)
    for occurrence in occurrences.select_related("paragraph__record", "clause__record").order_by(
        "paragraph__record__number"
    ):
        if occurrence.paragraph_id in by_clause and occurrence.clause_id in by_clause:
            by_clause[occurrence.paragraph_id].occurrence = occurrence
            by_clause[occurrence.clause_id].repeated_in.append(occurrence.paragraph)
    return states


def list_headings(version: Version, language: str) -> list[ClauseState]:
    """A version in reading order with what its clauses are called; for choosing a place in the text."""
    states = load_states(version)
    with_texts(states, language, title="clause.record.title_id")
    depth: dict[int | None, int] = {None: 0}
    for state in states:
        state.depth = depth[state.clause_id] = depth.get(state.parent_id, 0) + 1
    return states


def compare(old: Version, new: Version, language: str) -> list[Difference]:
    """Every clause of either version with what became of it, in reading order, words marked where they differ."""
    before, after = load_states(old), load_states(new)
    with_texts([*before, *after], language, title="title_id", text="text_id", name="clause.record.title_id")
    changes: dict[int | None, list[Change]] = {}
    incorporated = Change.objects.filter(
        strategy_id=new.strategy_id,
        incorporated_in__number__gt=old.number,
        incorporated_in__number__lte=new.number,
    )
    for change in incorporated.select_related("record").order_by("record__number"):
        changes.setdefault(change.clause_id, []).append(change)
    moves = {
        clause_id
        for clause_id, made in changes.items()
        if clause_id and any(change.operation == Change.Operation.MOVE for change in made)
    }
    differences = compare_states(before, after, moves)
    mark_words(difference for difference in differences if difference.differs)
    for difference in differences:
        difference.changes = changes.get(difference.clause.pk, [])
    return differences


def list_languages(strategy: Strategy, states: Iterable[ClauseState]) -> list[str]:
    """The languages in which these clauses can be read, the original first."""
    ids = {text_id for state in states for text_id in (state.title_id, state.text_id) if text_id}
    rows = Translation.objects.filter(text__in=ids).values_list("language", flat=True).distinct()
    return [strategy.language, *sorted(set(rows) - {strategy.language})]


def is_in_language(state: ClauseState, language: str) -> bool:
    """Whether all its words can be read in the language; of a state that has its texts."""
    return state.said["title"].is_in(language) and state.said["text"].is_in(language)


@dataclass(frozen=True)
class Untranslated:
    """How many clauses of a version lack a translation, into which languages, and the first clause of the first."""

    version: Version
    languages: list[str]
    first: Clause
    count: int


def list_untranslated(user: Viewer) -> list[Untranslated]:
    """Of the latest version of every strategy: what is missing in the languages in which a translation was begun.

    Three queries.
    """
    latest: dict[int, Version] = {}
    adopted = Version.objects.filter(visible_to(user, "strategy__record"), state=Version.State.ADOPTED)
    for version in adopted.select_related("record", "strategy__record").order_by("number"):
        latest[version.strategy_id] = version
    states: dict[int, list[ClauseState]] = {}
    texts: dict[int, int] = {}
    rows = ClauseState.objects.filter(version__in=latest.values())
    for state in rows.select_related("clause__record").order_by("order"):
        states.setdefault(state.version_id, []).append(state)
        texts |= dict.fromkeys(_texts_of(state), state.version_id)
    there: dict[int, dict[str, set[int]]] = {}
    translations = Translation.objects.filter(
        Q(text__in=rows.values("title")) | Q(text__in=rows.values("text"))
    )
    for text_id, language in translations.values_list("text", "language"):
        there.setdefault(texts[text_id], {}).setdefault(language, set()).add(text_id)
    found = []
    for version in latest.values():
        lacking: dict[str, list[ClauseState]] = {}
        for language, ids in sorted(there.get(version.pk, {}).items()):
            if missing := [state for state in states[version.pk] if not _texts_of(state) <= ids]:
                lacking[language] = missing
        if lacking:
            clauses = {state.clause_id for missing in lacking.values() for state in missing}
            first = next(iter(lacking.values()))[0].clause
            found.append(Untranslated(version, list(lacking), first, len(clauses)))
    return found


def _texts_of(state: ClauseState) -> set[int]:
    return {text_id for text_id in (state.title_id, state.text_id) if text_id}


# One clause


def get_clause_for(user: Viewer, reference: str) -> Clause | None:
    return (
        Clause.objects.filter(visible_to(user, "record"), record__reference=reference)
        .select_related("record", "strategy__record")
        .first()
    )


def is_in_text(clause: Clause | None) -> bool:
    """Whether the clause is part of the latest version."""
    latest = get_version(clause.strategy) if clause else None
    return latest is not None and ClauseState.objects.filter(version=latest, clause=clause).exists()


def get_state(version: Version, clause: Clause) -> ClauseState | None:
    """A clause as it stands in a version."""
    return (
        ClauseState.objects.filter(version=version, clause=clause)
        .select_related("clause__record", "version__record", "parent__record", "title", "text")
        .first()
    )


def list_languages_of(state: ClauseState, strategy: Strategy) -> list[str]:
    """The languages in which all the words of a clause can be read as they stand there, the original first."""
    wanted = _texts_of(state)
    counts = (
        Translation.objects.filter(text__in=wanted)
        .values_list("language")
        .annotate(Count("id"))
        .order_by("language")
    )
    whole = [language for language, count in counts if count == len(wanted)]
    return [strategy.language, *(language for language in whole if language != strategy.language)]


def find_translated_before(state: ClauseState, language: str) -> ClauseState | None:
    """The clause in the latest earlier version in which it can be read in the language."""
    for earlier in reversed(list_states_of(state.clause, language)):
        if earlier.version.number < state.version.number and is_in_language(earlier, language):
            return earlier
    return None


def get_shown_state(clause: Clause, version: Version | None, language: str) -> ClauseState | None:
    """The clause in that version; of a clause that the version does not have, as it stood last."""
    state = get_state(version, clause) if version else None
    if state is None:
        last = ClauseState.objects.filter(clause=clause).order_by("-version__number").first()
        state = get_state(last.version, clause) if last else None
    if state is not None:
        with_texts([state], language, title="title_id", text="text_id", name="clause.record.title_id")
    return state


@dataclass(frozen=True)
class Neighbours:
    previous: ClauseState | None
    next: ClauseState | None


def get_neighbours(state: ClauseState, language: str) -> Neighbours:
    """The clauses before and after in reading order."""
    found = list(
        ClauseState.objects.filter(version=state.version, order__in=[state.order - 1, state.order + 1])
        .select_related("clause__record")
        .order_by("order")
    )
    with_texts(found, language, title="clause.record.title_id")
    return Neighbours(
        next((other for other in found if other.order < state.order), None),
        next((other for other in found if other.order > state.order), None),
    )


def list_states_of(clause: Clause, language: str) -> list[ClauseState]:
    """A clause as it stood in every version that has it, the first one first."""
    states = list(
        ClauseState.objects.filter(clause=clause)
        .select_related("clause__record", "version__record")
        .order_by("version__number")
    )
    with_texts(states, language, title="title_id", text="text_id")
    return states


@dataclass(frozen=True)
class Chapter:
    """A clause's time from one version to the next: how it read, what differed from before, and which change did it."""

    difference: Difference
    version: Version
    changes: list[Change]


def list_history(clause: Clause, language: str) -> list[Chapter]:
    """The versions in which something happened to the clause, the latest first, its first one included."""
    states = list_states_of(clause, language)
    of_version = {state.version.number: state for state in states}
    by_version: dict[int | None, list[Change]] = {}
    for change in Change.objects.filter(clause=clause, incorporated_in__isnull=False).select_related(
        "record"
    ):
        by_version.setdefault(change.incorporated_in_id, []).append(change)
    chapters: list[Chapter] = []
    before: ClauseState | None = None
    for version in (
        Version.objects.filter(strategy=clause.strategy_id).select_related("record").order_by("number")
    ):
        after = of_version.get(version.number)
        if before is None and after is None:
            continue
        difference = Difference(clause, before, after, is_moved=_has_moved(before, after))
        changes = by_version.get(version.pk, [])
        if difference.differs or changes:
            chapters.append(Chapter(difference, version, changes))
        before = after
    mark_words(chapter.difference for chapter in chapters)
    return chapters[::-1]


def _has_moved(before: ClauseState | None, after: ClauseState | None) -> bool:
    return before is not None and after is not None and before.parent_id != after.parent_id


def list_occurrences(clause: Clause, language: str) -> list[Occurrence]:
    """Where a clause is repeated, and what it repeats itself."""
    found = list(
        Occurrence.objects.filter(Q(clause=clause) | Q(paragraph=clause))
        .select_related("paragraph__record", "clause__record")
        .order_by("paragraph__record__number")
    )
    with_texts(found, language, paragraph="paragraph.record.title_id", clause="clause.record.title_id")
    return found


def count_evidence(user: Viewer, clause: Clause) -> dict[str, int]:
    """Links by stance that hang on the clause itself or on one of its changes."""
    rows = (
        EvidenceLink.objects.filter(visible_to(user, "source"))
        .filter(Q(target=clause.record_id) | Q(target__change__clause=clause))
        .values_list("stance")
        .annotate(Count("id"))
        .order_by()
    )
    return dict.fromkeys(Stance.values, 0) | dict(rows)


@dataclass(frozen=True)
class Overview:
    strategy: Strategy
    version: Version
    goals: list[ClauseState]
    principles: list[ClauseState]
    commitments: int


def get_overview(user: Viewer, language: str, today: date) -> Overview | None:
    """The first strategy in one glance: its text in force, its goal and principles, and how much it promises.

    Three queries whatever the number of strategies and clauses.
    """
    version = (
        Version.objects.filter(visible_to(user, "strategy__record"), state=Version.State.ADOPTED)
        .select_related("record", "strategy__record")
        .order_by(
            "strategy__record__number",
            Case(When(adopted_on__lte=today, then=0), default=1),  # in force before what is yet to come
            F("adopted_on").desc(),
            "-number",
        )
        .first()
    )
    if version is None:
        return None
    kinds = (Clause.Kind.GOAL, Clause.Kind.PRINCIPLE, Clause.Kind.COMMITMENT)
    states = list(
        ClauseState.objects.filter(version=version, clause__kind__in=kinds)
        .select_related("clause__record", "clause__strategy__record")
        .order_by("order")
    )
    goals, principles, commitments = (
        [state for state in states if state.clause.kind == kind] for kind in kinds
    )
    texts = load_texts(
        [
            version.strategy.record.title_id,
            *(text for goal in goals for text in (goal.title_id, goal.text_id)),
            *(principle.title_id or principle.text_id for principle in principles),
        ],
        language,
    )
    version.strategy.said = {"title": texts.get(version.strategy.record.title_id or 0, EMPTY)}
    for state in (*goals, *principles):
        state.said = {
            "title": texts.get(state.title_id or 0, EMPTY),
            "text": texts.get(state.text_id or 0, EMPTY),
        }
    return Overview(version.strategy, version, goals, principles, len(commitments))
