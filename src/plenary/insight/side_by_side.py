"""Two results beside each other: which can be compared, which of their statements are the same, and what changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from plenary.participation.models import Consultation, Statement
from plenary.participation.queries import list_repeated
from plenary.records.queries import visible_to
from plenary.records.texts import with_texts

from . import queries
from .figures import LETTERS, MARKS, Overview, count_people, number, percent, points
from .models import Analysis, Finding
from .with_and_without import Named, groups_in_words, named

if TYPE_CHECKING:
    from opinion.comparison import Compared, GroupPair, Move, StatementPair
    from plenary.participation.models import Survey

    from .queries import Viewer

PAGE = 50  # statements
FIRST = 30  # changes beyond chance that are told as sentences; all are in the table
MOST_CHOICES = 40


@dataclass(frozen=True)
class Readers:
    """For whom two results are read. Who was let in by a key reads all of one consultation, and of others no more."""

    user: Viewer
    consultation: int | None = None
    within: Viewer = None

    def of(self, analysis: Analysis) -> Viewer:
        return self.within if analysis.consultation_id == self.consultation else self.user


# Which results can be set beside each other


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True)
class Choices:
    """What a result can be compared with, by kind; kinds without an entry are left out."""

    groups: list[tuple[Any, list[Choice]]]

    @property
    def values(self) -> list[str]:
        return [choice.value for _label, choices in self.groups for choice in choices]


def list_choices(analysis: Analysis, readers: Readers, language: str, within: Sequence[Choice]) -> Choices:
    """Other analyses of the consultation, consultations with the same statements, then all others with results."""
    done = queries.list_done_of(analysis.consultation, readers.of(analysis)).exclude(pk=analysis.pk)[
        :MOST_CHOICES
    ]
    own = [Choice(each.reference, _describe(each)) for each in done]
    elsewhere = [
        each
        for each in queries.list_results_for(readers.user, language)
        if each.consultation_id != analysis.consultation_id
    ]
    shared = count_shared(analysis.consultation, elsewhere, readers.user)
    same = [
        Choice(
            each.reference,
            ngettext("%(title)s: %(number)s statement", "%(title)s: %(number)s statements", count)
            % {"title": _title(each), "number": number(count)},
        )
        for each in elsewhere
        if (count := shared.get(each.consultation_id, 0))
    ]
    rest = [
        Choice(each.reference, f"{each.consultation.reference} · {_title(each)}")
        for each in elsewhere
        if not shared.get(each.consultation_id)
    ]
    found: list[tuple[Any, list[Choice]]] = [
        (gettext_lazy("Another analysis of this consultation"), own),
        (gettext_lazy("The same statements in another consultation"), same[:MOST_CHOICES]),
        (gettext_lazy("Within this result"), list(within)),
        (gettext_lazy("Another consultation, matched by its words"), rest[:MOST_CHOICES]),
    ]
    return Choices([(label, choices) for label, choices in found if choices])


def _describe(analysis: Analysis) -> str:
    overview = Overview.read(analysis.summary)
    day = date_format(analysis.finished_at, "DATE_FORMAT") if analysis.finished_at else "–"
    return f"{analysis.reference} · {day} · {overview.people}"


def _title(analysis: Analysis) -> str:
    title = str(analysis.said["title"])
    return title if len(title) <= 60 else f"{title[:59]}…"


def count_shared(consultation: Consultation, others: Sequence[Analysis], user: Viewer) -> dict[int, int]:
    """By consultation, how many of its statements have the very text of one of these. One query."""
    own = Statement.objects.filter(consultation=consultation, record__erased_at=None).values("record__title")
    counts = (
        Statement.objects.filter(
            visible_to(user, "record"),
            consultation__in={each.consultation_id for each in others},
            record__erased_at=None,
            record__title__in=own,
        )
        .order_by()
        .values_list("consultation")
        .annotate(Count("record"))
    )
    return dict(counts)


def list_cycles_of(consultation: Consultation, user: Viewer, language: str) -> list[Survey]:
    """The surveys asked in this consultation that were asked in other cycles too: they have a page of their own."""
    series = {
        survey.series_id or survey.pk for survey in consultation.surveys.only("pk", "series_id")
    }  # fmt: skip
    return [each for each in list_repeated(user, language) if each.series_id in series] if series else []


# Which statements are the same


@dataclass(frozen=True)
class _Worded:
    reference: str
    text: int | None
    words: tuple[str, str]


def match_statements(
    one: Analysis, other: Analysis, readers: Readers, ids: tuple[set[str], set[str]]
) -> list[tuple[str, str]]:
    """Pairs of references: by the text that both share, else by equal words in the same language; each once."""
    first, second = (
        [each for each in _worded(analysis.consultation, readers.of(analysis)) if each.reference in wanted]
        for analysis, wanted in zip((one, other), ids, strict=True)
    )
    pairs: list[tuple[str, str]] = []
    for key in ("text", "words"):
        free = {getattr(each, key): each for each in reversed(second)}
        left: list[_Worded] = []
        taken = set()
        for each in first:
            found = free.pop(getattr(each, key), None)
            if found is None:
                left.append(each)
            else:
                pairs.append((each.reference, found.reference))
                taken.add(found.reference)
        first, second = left, [each for each in second if each.reference not in taken]
    place = {pair[0]: int(pair[0].rpartition("-")[2]) for pair in pairs}
    return sorted(pairs, key=lambda pair: place[pair[0]])


def _worded(consultation: Consultation, reader: Viewer) -> Iterator[_Worded]:
    rows = (
        Statement.objects.filter(
            visible_to(reader, "record"), consultation=consultation, record__erased_at=None
        )
        .exclude(record__title=None)
        .order_by("record__number")
        .values_list(
            "record__reference", "record__title_id", "record__title__source_language", "record__title__body"
        )
    )
    for reference, text, language, body in rows:
        yield _Worded(reference, text, (language.split("-")[0].lower(), normalised(body)))


def normalised(words: str) -> str:
    """Without what makes no other statement of it: case, width and space, and the mark at its end."""
    plain = " ".join(unicodedata.normalize("NFKC", words).casefold().split())
    return plain.rstrip(".!?。．！？؟… ")


# What changed


@dataclass(frozen=True)
class Pair:
    """Two analyses beside each other as the engine compared them."""

    first: Analysis
    second: Analysis
    compared: Compared

    @property
    def is_one_consultation(self) -> bool:
        return self.first.consultation_id == self.second.consultation_id


def compare(one: Analysis, other: Analysis, readers: Readers) -> Pair:
    """Of one consultation the earlier first; of two as they are given. Reads rows of statements, no participant."""
    from opinion.comparison import compare as engine

    if one.consultation_id == other.consultation_id:
        one, other = sorted((one, other), key=lambda each: (each.last_vote, each.record.number))
    data = [
        {
            "statements": queries.rows_of(each),
            "groups": each.summary.get("groups", []) if each.summary.get("k", 0) > 1 else [],
            "findings": _findings(each, readers.of(each)),
        }
        for each in (one, other)
    ]
    if one.consultation_id == other.consultation_id:
        return Pair(one, other, engine(data[0], data[1], people="later", reworded=_reworded(one, other)))
    ids = tuple({row["id"] for row in each["statements"]} for each in data)
    pairs = match_statements(one, other, readers, (ids[0], ids[1]))
    return Pair(one, other, engine(data[0], data[1], people="different", pairs=pairs))


def _findings(analysis: Analysis, reader: Viewer) -> list[dict[str, Any]]:
    statements = Prefetch("statements", Statement.objects.select_related("record"))
    found = Finding.objects.filter(visible_to(reader, "record"), analysis=analysis)
    return [
        {
            "kind": each.kind,
            "groups": each.groups,
            "figures": each.figures,
            "statements": [statement.reference for statement in each.statements.all()],
        }
        for each in found.prefetch_related(statements)
    ]


def _reworded(one: Analysis, other: Analysis) -> set[str]:
    """Statements whose meaning was changed between two analyses: the votes before asked for something else."""
    if one.finished_at is None or other.finished_at is None:
        return set()
    between = Q(asks_again_since__gt=one.finished_at, asks_again_since__lte=other.finished_at)
    return set(
        Statement.objects.filter(between, consultation=one.consultation_id).values_list(
            "record__reference", flat=True
        )
    )


# As pages show it


@dataclass(frozen=True)
class Column:
    """One of the two results, at the head of its column."""

    name: Any
    analysis: Analysis
    people: str
    votes: str
    groups: str
    day: Any


@dataclass(frozen=True)
class Change:
    """A statement in both results: two shares of each side, and a sentence for each that changed beyond chance."""

    reference: str
    statement: Statement | None
    sentences: list[str]
    shares: list[dict[str, Any]]
    added: str
    why: Any

    @property
    def is_beyond_chance(self) -> bool:
        return bool(self.sentences)


@dataclass(frozen=True)
class GroupRow:
    first: str
    second: str
    first_size: str
    second_size: str
    likeness: str


@dataclass(frozen=True)
class Shown:
    pair: Pair
    columns: list[Column]
    matched: int
    changes: list[Change]
    more_changes: int
    page: Page[Any]
    rows: list[Change]
    groups: list[GroupRow]
    kept: str
    appeared: list[Named]
    disappeared: list[Named]

    @property
    def changed(self) -> int:
        return len(self.changes) + self.more_changes

    @property
    def beyond(self) -> str:
        return number(self.changed)

    @property
    def tests(self) -> int:
        return self.pair.compared.tests

    @property
    def only_first(self) -> int:
        return self.pair.compared.only_first

    @property
    def only_second(self) -> int:
        return self.pair.compared.only_second

    @property
    def has_no_new_votes(self) -> bool:
        """Of one consultation: the later analysis rests on the same votes."""
        return self.pair.is_one_consultation and not any(each.added for each in self.pair.compared.statements)


WHY_NOT = {
    "few": gettext_lazy("too few votes to test"),
    "changed": gettext_lazy("votes were changed or withdrawn, so there is no test"),
    "overlapping": gettext_lazy("the same people in both, so there is no test"),
    "reworded": gettext_lazy("its meaning was changed in between, so there is no test"),
    "": "",
}


def show(pair: Pair, readers: Readers, language: str, page_number: str) -> Shown:
    found = pair.compared
    beyond = [each for each in found.statements if each.beyond_chance]
    page = Paginator(found.statements, PAGE).get_page(page_number)
    told = beyond[:FIRST]
    names = {each.first for each in [*told, *page.object_list]}
    names |= {name.split()[1] for name in (*found.appeared, *found.disappeared)}
    statements = queries.map_visible_statements(pair.first, readers.of(pair.first), names)
    with_texts(list(statements.values()), language, title="record.title_id")
    with_texts([pair.first, pair.second], language, consultation="consultation.record.title_id")
    return Shown(
        pair,
        _columns(pair),
        len(found.statements),
        [_change(each, statements) for each in told],
        len(beyond) - len(told),
        page,
        [_change(each, statements) for each in page.object_list],
        [_group(each) for each in found.groups],
        number(len(found.kept)),
        [_named(name, statements) for name in found.appeared],
        [_named(name, statements) for name in found.disappeared],
    )


def _columns(pair: Pair) -> list[Column]:
    names = (
        (gettext_lazy("Earlier"), gettext_lazy("Later"))
        if pair.is_one_consultation
        else (gettext_lazy("First"), gettext_lazy("Second"))
    )
    return [
        Column(name, each, overview.people, overview.answers, groups_in_words(overview.k), each.finished_at)
        for name, each in zip(names, (pair.first, pair.second), strict=True)
        for overview in [Overview.read(each.summary)]
    ]


def _change(pair: StatementPair, statements: Mapping[str, Statement]) -> Change:
    return Change(
        pair.first,
        statements.get(pair.first),
        [_sentence(move) for move in pair.moves if move.beyond_chance],
        [_share(move) for move in pair.moves],
        number(pair.added) if pair.added is not None else "",
        WHY_NOT[pair.untested],
    )


def _sentence(move: Move) -> str:
    figures = {
        "first": percent(move.first.rate),
        "second": percent(move.second.rate),
        "points": points(move.difference or 0),
        "low": points(move.low or 0),
        "high": points(move.high or 0),
    }
    if move.side == "agree":
        return (
            _(
                "Agree: from %(first)s to %(second)s, a difference of %(points)s points "
                "(95 %% interval %(low)s to %(high)s)."
            )
            % figures
        )
    return (
        _(
            "Disagree: from %(first)s to %(second)s, a difference of %(points)s points "
            "(95 %% interval %(low)s to %(high)s)."
        )
        % figures
    )


def _share(move: Move) -> dict[str, Any]:
    def interval(side: Any) -> str:
        if not side.votes:
            return ""
        return _("%(low)s–%(high)s %%") % {"low": number(100 * side.low), "high": number(100 * side.high)}

    return {
        "side": move.side,
        "first": percent(move.first.rate),
        "first_interval": interval(move.first),
        "first_votes": number(move.first.votes),
        "second": percent(move.second.rate),
        "second_interval": interval(move.second),
        "second_votes": number(move.second.votes),
        "difference": "–" if move.difference is None else points(move.difference),
        "interval": ""
        if move.low is None or move.high is None
        else _("%(low)s to %(high)s") % {"low": points(move.low), "high": points(move.high)},
        "is_beyond_chance": move.beyond_chance,
    }


def _group(pair: GroupPair) -> GroupRow:
    return GroupRow(
        _letter(pair.first),
        _letter(pair.second),
        _size(pair.first_size, pair.first_share),
        _size(pair.second_size, pair.second_share),
        "" if pair.distance is None else number(100 * pair.distance),
    )


def _letter(group: int | None) -> str:
    return "" if group is None else f"{MARKS[group]} {LETTERS[group]}"


def _size(size: int | None, share: float | None) -> str:
    return "" if size is None else f"{count_people(size)} ({percent(share)})"


def _named(name: str, statements: Mapping[str, Statement]) -> Named:
    """A group that only the second has is said to be of the second."""
    if "*" not in name:
        return named(name, statements)
    plain = named(name.replace("*", ""), statements)
    return Named(
        plain.kind,
        plain.reference,
        plain.statement,
        _("%(group)s (a group of the second alone)") % {"group": plain.end},
    )
