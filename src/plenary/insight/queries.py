"""Reads: analyses, their results as a page needs them, and findings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet

from plenary.participation.models import Consultation, Statement, Vote
from plenary.participation.queries import (
    confirmed_flags,
    count_answers,
    count_people,
    count_votes_given,
)
from plenary.records.models import Event, EvidenceLink, Record, Snapshot, Translation, Visibility
from plenary.records.queries import named_with, visible_to
from plenary.records.texts import with_texts

from . import with_and_without
from .figures import Share, add_up, everyone, others_rate, per_group, percent, side_of
from .models import Analysis, AnalysisPart, Comparison, Finding
from .schedule import AFTER_CLOSING, Known, is_enough, is_time, is_worth_it
from .stored import read_head
from .verify import make_shares

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from django.contrib.auth.models import AnonymousUser

    from opinion.picture import Atlas
    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

PAGE = 50  # statements
UNFINISHED = (Analysis.State.WAITING, Analysis.State.RUNNING)


@dataclass(frozen=True)
class Point:
    """A statement in a finding: None where the reader may not see it, with everybody's figures and every group's."""

    statement: Statement | None
    side: str
    everyone: Share
    shares: list[Share]
    own: Share | None
    """Of a position: the figures of the group that takes it."""

    @property
    def others(self) -> str:
        group = self.own.group if self.own is not None else None
        return percent(others_rate(self.shares, group)) if group is not None else ""


@dataclass(frozen=True)
class Row:
    """A statement in the table of all statements."""

    reference: str
    statement: Statement | None
    everyone: Share
    shares: list[Share]


# For the run


def get_analysis(pk: int) -> Analysis | None:
    return _analyses().filter(pk=pk).first()


def refreshed(analysis: Analysis) -> Analysis:
    """The analysis as it stands in the database now."""
    return _analyses().get(pk=analysis.pk)


def list_unfinished(consultation: Consultation) -> list[Analysis]:
    return list(_analyses().filter(consultation=consultation, state__in=UNFINISHED))


def list_interrupted(before: datetime) -> list[Analysis]:
    """Analyses that came to no end and gave no sign of life since a moment."""
    running = _analyses().filter(state=Analysis.State.RUNNING)
    return list(running.filter(Q(alive_at__lt=before) | Q(alive_at=None, started_at__lt=before)))


def list_due(now: datetime, every: timedelta | None) -> list[Consultation]:
    """Published consultations whose votes are to be analysed now (see ``schedule``).

    A query for all and one for each; votes are counted only where it is time, and enough of them came since.
    """
    recent = Q(closes_at=None) | Q(closes_at__gt=now - AFTER_CLOSING)
    candidates = Consultation.objects.filter(
        recent, is_draft=False, opens_at__lte=now, record__erased_at=None
    ).select_related("record__organization")
    return [one for one in candidates if every and _is_due(one, now, every)]


def _is_due(consultation: Consultation, now: datetime, every: timedelta) -> bool:
    known, last_vote = _known(consultation, now)
    if not is_time(known, now, every):
        return False
    came = count_votes_given(consultation, after=last_vote)
    return (
        is_worth_it(known, came)
        and is_worth_it(
            known, count_answers([consultation.pk]).get(consultation.pk, 0) - known.analysed_votes
        )
        and is_enough(count_people([consultation.pk]).get(consultation.pk, 0))
    )


def _known(consultation: Consultation, now: datetime) -> tuple[Known, int]:
    """What there is to know, and the last vote that a finished analysis counted."""
    attempts = list(
        Analysis.objects.filter(consultation=consultation)
        .order_by("-record__number")
        .values_list("state", "record__created_at", "summary__votes", "last_vote")[:10]
    )
    done = next((one for one in attempts if one[0] == Analysis.State.DONE), None)
    since = attempts[: attempts.index(done)] if done else attempts
    closes_at = consultation.closes_at
    known = Known(
        is_open=consultation.is_open(now),
        closed_at=closes_at if closes_at is not None and closes_at <= now else None,
        analysed_at=attempts[0][1] if attempts else None,
        analysed_votes=(done[2] or 0) if done else 0,
        failures=sum(one[0] == Analysis.State.FAILED for one in since),
        is_under_way=any(one[0] in UNFINISHED for one in attempts),
    )
    return known, done[3] if done else 0


def may_be_analysed(consultation: Consultation) -> bool:
    """Whether anybody has voted in it: of nothing there is nothing to say."""
    return Vote.objects.filter(statement__consultation=consultation).exists()


def map_statement_references(consultation: Consultation) -> dict[int, str]:
    return dict(
        Statement.objects.filter(consultation=consultation).values_list("record_id", "record__reference")
    )


def list_about_people(consultation: Consultation) -> list[str]:
    """References of the statements by which people say who they are."""
    marked = Statement.objects.filter(consultation=consultation, is_meta=True)
    return list(marked.order_by("record__number").values_list("record__reference", flat=True))


def map_statements_by_reference(
    consultation: Consultation, references: Collection[str]
) -> dict[str, Statement]:
    found = Statement.objects.filter(consultation=consultation, record__reference__in=references)
    return {statement.reference: statement for statement in found.select_related("record__title")}


def list_findings_quoting(statements: Collection[int]) -> QuerySet[Finding]:
    """Findings that rest on any of these statements, with the texts of their titles."""
    return (
        Finding.objects.filter(statements__in=statements)
        .select_related("record__title", "analysis__consultation")
        .prefetch_related("statements__record")
        .distinct()
    )


def _analyses() -> QuerySet[Analysis]:
    """With what every page says of them, without the bytes of their results."""
    return Analysis.objects.select_related(
        "record", "consultation__record__organization", "consultation__about", "result", "picture"
    ).defer("result__content", "picture__content")


# Analyses


def get_analysis_for(user: Viewer, reference: str, language: str) -> Analysis | None:
    found = _visible(user).filter(record__reference=reference).first()
    if found is not None:
        with_texts([found], language, consultation="consultation.record.title_id")
    return found


def get_content(snapshot: Snapshot) -> bytes:
    """The exact bytes of a snapshot."""
    return bytes(snapshot.content)


def get_part(analysis: Analysis, name: str) -> dict[str, Any] | None:
    """A further section of a result (see ``parts``); None where it was not made."""
    found = AnalysisPart.objects.filter(analysis=analysis, name=name)
    snapshot = found.values_list("snapshot", "snapshot__sha256").first()
    return None if snapshot is None else _part_of(*snapshot)


@lru_cache(maxsize=16)
def _atlas_of(snapshot_id: int, sha256: str) -> Atlas:
    from opinion.picture import Atlas

    return Atlas.from_dict(_part_of(snapshot_id, sha256))


def get_atlas(analysis: Analysis) -> Atlas | None:
    """What is kept for the map; nothing where too few voted, or the analysis was made before it was kept."""
    found = AnalysisPart.objects.filter(analysis=analysis, name="map").values_list(
        "snapshot", "snapshot__sha256"
    )
    snapshot = found.first()
    return None if snapshot is None else _atlas_of(*snapshot)


def get_analysis_of(consultation: Consultation, input_sha256: str, user: Viewer) -> Analysis | None:
    """The last finished analysis of these very votes."""
    return list_done_of(consultation, user).filter(input_sha256=input_sha256).first()


def list_parts(analysis: Analysis) -> dict[str, Snapshot]:
    """The further sections of a result by name, without their bytes."""
    found = (
        AnalysisPart.objects.filter(analysis=analysis).select_related("snapshot").defer("snapshot__content")
    )
    return {part.name: part.snapshot for part in found.order_by("name")}


@dataclass(frozen=True)
class PublishedStatement:
    """A statement of a result as open data: its words only while they are published."""

    reference: str
    state: str
    language: str
    text: str
    text_hash: str
    translations: tuple[Translation, ...]


def list_published_statements(analysis: Analysis, references: Sequence[str]) -> list[PublishedStatement]:
    """The statements of a result in its order, for whoever sees the analysis. Two queries."""
    found = map_statements_by_reference(analysis.consultation, references)
    seen = (Visibility.PUBLIC, analysis.record.visibility)
    texts = {
        pk: statement.record.title
        for pk, statement in found.items()
        if statement.record.erased_at is None and statement.record.visibility in seen
    }
    translations: dict[int, list[Translation]] = {}
    shown = [text.pk for text in texts.values() if text is not None]
    for one in Translation.objects.filter(text__in=shown).order_by("text", "language"):
        translations.setdefault(one.text_id, []).append(one)
    made = []
    for reference in references:
        statement, text = found.get(reference), texts.get(reference)
        erased = statement is None or statement.record.erased_at is not None
        made.append(
            PublishedStatement(
                reference,
                "published" if text is not None else "erased" if erased else "withheld",
                text.source_language if text is not None else "",
                text.body if text is not None else "",
                text.hash if text is not None else "",
                tuple(translations.get(text.pk, ())) if text is not None else (),
            )
        )
    return made


def list_analyses_with(statements: Collection[int]) -> list[str]:
    """References of the analyses whose packages may quote the statements."""
    consultations = Statement.objects.filter(pk__in=statements).values("consultation")
    found = Analysis.objects.filter(consultation__in=consultations, state=Analysis.State.DONE)
    return list(found.values_list("record__reference", flat=True))


def list_references_and_sentences(analysis: Analysis) -> list[tuple[str, str]]:
    """Of every finding its reference and its sentence in English, in the order of the result. One query."""
    return [
        (reference, body or "")
        for reference, body in Finding.objects.filter(analysis=analysis)
        .order_by("order")
        .values_list("record__reference", "record__title__body")
    ]


def stamp_of_package(analysis: Analysis) -> str:
    """Changes whenever the texts of a package would: a wording, a decision, an erasure. Three queries."""
    consultation = analysis.consultation_id
    about = Q(record__statement__consultation=consultation) | Q(record__in=(analysis.pk, consultation))
    titles = Statement.objects.filter(consultation=analysis.consultation_id).values("record__title")
    texts = Translation.objects.filter(text__in=titles)
    facts: list[Any] = [
        Event.objects.filter(about).aggregate(last=Max("id"))["last"],
        list(texts.order_by("id").values_list("id", "source_hash", "provenance", "at")),
        Finding.objects.filter(analysis=analysis).aggregate(last=Max("record__title"))["last"],
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:20]


def get_result_bytes(analysis: Analysis) -> bytes:
    """The exact bytes whose hash is published."""
    assert analysis.result is not None, "only of an analysis that is done"
    return get_content(analysis.result)


def has_votes(analysis: Analysis) -> bool:
    """Whether its votes were frozen, as they are since there are packages."""
    return AnalysisPart.objects.filter(analysis=analysis, name="votes").exists()


def get_votes(analysis: Analysis) -> bytes:
    """The votes as they went into the engine, compressed."""
    part = AnalysisPart.objects.select_related("snapshot").get(analysis=analysis, name="votes")
    return get_content(part.snapshot)


def get_last_part(consultation: Consultation, name: str, *, told: bool) -> dict[str, Any] | None:
    """The last part of this name that was made; with ``told``, the last that tells anything."""
    found = AnalysisPart.objects.filter(analysis__consultation=consultation, name=name)
    newest = found.order_by("-analysis__record__number").values_list("snapshot", "snapshot__sha256")
    for snapshot, sha256 in newest.iterator():
        part = _part_of(snapshot, sha256)
        if not told or part["state"] == "told":
            return part
    return None


@lru_cache(maxsize=32)
def _part_of(snapshot_id: int, sha256: str) -> dict[str, Any]:
    """Read once per process: a snapshot never changes. Whoever shows it changes nothing in it."""
    data: dict[str, Any] = json.loads(get_content(Snapshot.objects.get(pk=snapshot_id, sha256=sha256)))
    return data


def get_latest_analysis(user: Viewer, consultation: Consultation) -> Analysis | None:
    """The last one that is done."""
    done = _visible(user).filter(consultation=consultation, state=Analysis.State.DONE)
    return done.order_by("-record__number").first()


def list_done_of(consultation: Consultation, user: Viewer) -> QuerySet[Analysis]:
    """Every finished analysis of a consultation, the newest first."""
    done = _visible(user).filter(consultation=consultation, state=Analysis.State.DONE)
    return done.order_by("-record__number")


def list_done(user: Viewer, consultation: Consultation, mode: str) -> list[Analysis]:
    """The finished analyses in one mode, the oldest first; of several of the same votes the last."""
    done = _visible(user).filter(consultation=consultation, state=Analysis.State.DONE)
    by_input = {
        one.input_sha256: one
        for one in done.order_by("record__number")
        if one.parameters.get("mode", "") == mode
    }
    return sorted(by_input.values(), key=lambda one: one.record.number)


def list_kinds(analyses: Sequence[Analysis], kinds: Sequence[str]) -> list[tuple[int, str, str]]:
    """Analysis, kind and statement of their findings of some kinds, the newest analysis first. One query."""
    rows = Finding.objects.filter(analysis__in=analyses, kind__in=kinds, statements__isnull=False).order_by(
        "-analysis__record__number", "order"
    )
    return list(rows.values_list("analysis", "kind", "statements__record__reference"))


def list_shares(analyses: Sequence[Analysis]) -> list[dict[str, Any]]:
    """Of each analysis every statement's agree, disagree, pass and intervals (``verify.make_shares``)."""
    parts = AnalysisPart.objects.filter(analysis__in=analyses, name="shares").select_related("snapshot")
    stored = {part.analysis_id: part.snapshot for part in parts.defer("snapshot__content")}
    found = []
    for one in analyses:
        if one.pk in stored:
            found.append(_part_of(stored[one.pk].pk, stored[one.pk].sha256))
        else:  # made before there was the part
            rows = _rows_of(one.result_id or 0, one.result.sha256 if one.result else "")
            found.append(make_shares({"statements": rows}))
    return found


def get_newest_attempt(consultation: Consultation) -> Analysis | None:
    """The last one asked for, whatever became of it; for the desk."""
    return _analyses().filter(consultation=consultation).order_by("-record__number").first()


def list_results_for(user: Viewer, language: str) -> list[Analysis]:
    """The latest finished analysis of every consultation, newest first."""
    newest = (
        _visible(user)
        .filter(state=Analysis.State.DONE)
        .order_by()
        .values("consultation")
        .annotate(newest=Max("record__number"))
        .values("newest")
    )
    found = list(_visible(user).filter(record__number__in=newest).order_by("-finished_at", "-record__number"))
    with_texts(found, language, title="consultation.record.title_id", question="consultation.question_id")
    return found


def list_work(language: str) -> list[Analysis]:
    """For the desk: what is under way, and what failed and was not done since."""
    newest = Analysis.objects.values("consultation").annotate(newest=Max("record__number")).values("newest")
    found = list(
        _analyses()
        .filter(Q(state__in=UNFINISHED) | Q(state=Analysis.State.FAILED, record__number__in=newest))
        .order_by("record__number")
    )
    with_texts(found, language, title="consultation.record.title_id")
    return found


def list_unanalysed(user: Viewer, language: str, now: datetime) -> list[Consultation]:
    """Consultations that took votes, closed and have no results, nor any being made; the longest closed first."""
    attempts = Analysis.objects.filter(consultation=OuterRef("pk"))
    votes = Vote.objects.filter(statement__consultation=OuterRef("pk"))
    found = list(
        Consultation.objects.filter(
            Q(final_closes_at=None) | Q(final_closes_at__lte=now),  # in a final round there is still voting
            visible_to(user, "record"),
            Exists(votes),
            ~Exists(attempts),
            closes_at__lte=now,
        )
        .select_related("record")
        .order_by("closes_at")
    )
    with_texts(found, language, title="record.title_id")
    return found


def _visible(user: Viewer) -> QuerySet[Analysis]:
    return _analyses().filter(visible_to(user, "record"), visible_to(user, "consultation__record"))


def get_comparison(analysis: Analysis) -> Comparison | None:
    return Comparison.objects.filter(analysis=analysis).first()


def show_comparison(analysis: Analysis, user: Viewer, language: str) -> with_and_without.Shown | None:
    """An analysis with and without flagged participants, with the statements' words; None where nobody is flagged."""
    found = get_comparison(analysis)
    if found is None:
        return None
    statements = map_visible_statements(analysis, user, with_and_without.references(found))
    with_texts(list(statements.values()), language, title="record.title_id")
    return with_and_without.show(found, statements, confirmed_flags(analysis.consultation))


# Findings


def list_findings_of(analysis: Analysis, user: Viewer, language: str) -> dict[str, list[Finding]]:
    """An analysis's findings by kind, the strongest first, each with its statements."""
    return _by_kind(_findings(user).filter(analysis=analysis), language)


def list_strongest_findings(
    analysis: Analysis, user: Viewer, language: str, limit: int
) -> tuple[dict[str, list[Finding]], dict[str, int]]:
    """The first few findings of each kind, and how many there are of it."""
    found = _findings(user).filter(analysis=analysis)
    ranked: dict[str, list[int]] = {}
    for pk, kind in found.values_list("pk", "kind"):
        ranked.setdefault(kind, []).append(pk)
    shown = found.filter(pk__in=[pk for pks in ranked.values() for pk in pks[:limit]])
    return _by_kind(shown, language), {kind: len(pks) for kind, pks in ranked.items()}


def _by_kind(findings: QuerySet[Finding], language: str) -> dict[str, list[Finding]]:
    found = list(findings)
    _dress(found, language)
    return {kind: [finding for finding in found if finding.kind == kind] for kind in Finding.Kind.values}


def map_findings(analysis: Analysis, user: Viewer, kinds: Collection[str]) -> dict[tuple[str, str], Finding]:
    """An analysis's findings about one statement, by kind and that statement's reference."""
    found = _findings(user).filter(analysis=analysis, kind__in=kinds)
    return {(finding.kind, statement.reference): finding for finding in found for statement in _seen(finding)}


def get_finding_for(user: Viewer, reference: str, language: str) -> Finding | None:
    found = list(_findings(user).filter(record__reference=reference))
    if not found:
        return None
    _dress(found, language, with_consultations=True)
    return found[0]


@dataclass(frozen=True)
class Counter:
    """A finding that can be put forward against a change that another one supports."""

    finding: Finding
    is_on_the_same: bool
    """Whether it rests on one of the statements of that one."""


# What says that people do not see it that way, or that it is not known.
AGAINST = (Finding.Kind.DIVISION, Finding.Kind.POSITION, Finding.Kind.UNCERTAIN)


def list_counters(user: Viewer, finding: Finding, language: str, limit: int = 6) -> list[Counter]:
    """Of the same analysis: who takes the other side, where they part, what is uncertain; same statements first."""
    own = {point.statement.pk for point in finding.points if point.statement}  # type: ignore[attr-defined]
    sides = {
        point.statement.reference: point.side
        for point in finding.points  # type: ignore[attr-defined]
        if point.statement
    }
    others = [
        each
        for each in _findings(user).filter(analysis=finding.analysis_id, kind__in=AGAINST)
        if each.pk != finding.pk and _takes_another_side(each, finding, sides)
    ]
    same = [each for each in others if own & {statement.pk for statement in _seen(each)}]
    rest = [each for each in others if each not in same and each.kind != Finding.Kind.POSITION]
    found = [*same[:limit], *rest[: max(limit - len(same), 0)]]
    with_texts(found, language, title="record.title_id")
    return [Counter(each, each in same) for each in found]


def map_against(
    user: Viewer, analysis: Analysis, references: Collection[str], language: str
) -> dict[str, list[Finding]]:
    """For each of these statements the findings by which people part on it, or are not sure. Three queries."""
    kinds = (Finding.Kind.DIVISION, Finding.Kind.UNCERTAIN)
    about = Q(analysis=analysis, kind__in=kinds, statements__record__reference__in=references)
    found = list(_findings(user).filter(about).distinct())
    with_texts(found, language, title="record.title_id")
    made: dict[str, list[Finding]] = {}
    for finding in found:
        for statement in _seen(finding):
            made.setdefault(statement.reference, []).append(finding)
    return made


def _takes_another_side(finding: Finding, than: Finding, sides: Mapping[str, str]) -> bool:
    """A group's position speaks against a finding where it takes the other side of the same statement."""
    if finding.kind != Finding.Kind.POSITION:
        return True
    marks = {mark["id"]: mark["side"] for mark in finding.figures["statements"]}
    if than.kind == Finding.Kind.DIVISION:
        return any(marks.get(reference) == "disagree" for reference in sides)
    return any(marks.get(reference, side) != side for reference, side in sides.items())


def list_citing_changes(user: Viewer, finding: Finding, language: str, limit: int = 20) -> list[EvidenceLink]:
    """The changes that cite a finding, newest first, each with its stance and its title."""
    links = list(
        EvidenceLink.objects.filter(visible_to(user, "target"), source=finding.record, target__kind="change")
        .select_related("target__change__clause__record", "target__change__incorporated_in")
        .order_by("-id")[:limit]
    )
    with_texts(links, language, title="target.title_id")
    return links


def list_findings_on(user: Viewer, statement: Statement, language: str) -> list[Finding]:
    """The findings of the latest analysis that rest on a statement, then those of earlier ones."""
    found = list(_findings(user).filter(statements=statement).order_by("-analysis__record__number", "order"))
    with_texts(found, language, title="record.title_id")
    return found


def list_findings_about(user: Viewer, about: Record, language: str) -> list[Finding]:
    """The findings of the newest results of every consultation about a record, in the order of the results."""
    newest = (
        Analysis.objects.filter(
            visible_to(user, "record"), consultation__about=about, state=Analysis.State.DONE
        )
        .values("consultation").annotate(newest=Max("record__number")).values("newest")
    )  # fmt: skip
    found = list(
        _findings(user)
        .filter(analysis__consultation__about=about, analysis__record__number__in=newest)
        .order_by("-analysis__record__number", "order")
    )
    with_texts(found, language, title="record.title_id")
    return found


def list_latest_findings(user: Viewer, language: str, limit: int = 4) -> list[Finding]:
    """For the first page: the strongest of what people share and of where they part, in the newest results."""
    newest = (
        Analysis.objects.filter(visible_to(user, "record"), state=Analysis.State.DONE)
        .values("consultation").annotate(newest=Max("record__number")).values("newest")
    )  # fmt: skip
    kinds = [Finding.Kind.CONSENSUS, Finding.Kind.DIVISION]
    found = list(
        _findings(user)
        .filter(analysis__record__number__in=newest, kind__in=kinds)
        .order_by("-analysis__finished_at", "order")[:50]
    )
    chosen = [
        finding for kind in kinds for finding in [one for one in found if one.kind == kind][: limit // 2]
    ]
    _dress(chosen, language, with_consultations=True)
    return chosen


def _findings(user: Viewer) -> QuerySet[Finding]:
    statements = Statement.objects.filter(visible_to(user, "record")).select_related("record")
    return (
        Finding.objects.filter(visible_to(user, "record"), visible_to(user, "analysis__consultation__record"))
        .select_related(
            "record", "analysis__record", "analysis__consultation__record", "analysis__consultation__about"
        )
        .prefetch_related(Prefetch("statements", queryset=statements, to_attr="seen"))
        .order_by("order")
    )


def _dress(findings: Sequence[Finding], language: str, *, with_consultations: bool = False) -> None:
    """Titles, wordings and figures as the templates show them; ``points`` has one entry per statement."""
    found = {statement.pk: statement for finding in findings for statement in _seen(finding)}
    consultations = {finding.analysis.consultation for finding in findings} if with_consultations else set()
    with_texts([*findings, *found.values(), *consultations], language, title="record.title_id")
    titles = {consultation.pk: consultation.said["title"] for consultation in consultations}
    for finding in findings:
        by_reference = {statement.reference: found[statement.pk] for statement in _seen(finding)}
        target: Any = finding
        if with_consultations:
            target.said["consultation"] = titles[finding.analysis.consultation_id]
        target.everyone = everyone(finding.figures)
        target.shares = per_group(finding.figures)
        target.points = [_point(finding, entry, by_reference) for entry in _entries(finding)]


def _seen(finding: Finding) -> list[Statement]:
    statements: list[Statement] = finding.seen  # type: ignore[attr-defined]  # prefetched
    return statements


def _entries(finding: Finding) -> list[dict[str, Any]]:
    """The figures per statement: a position has several, every other kind has one."""
    if finding.kind == Finding.Kind.POSITION:
        return list(finding.figures["statements"])
    seen = _seen(finding)
    return [{**finding.figures, "id": seen[0].reference if seen else "", "side": side_of(finding.figures)}]


def _point(finding: Finding, entry: dict[str, Any], statements: dict[str, Statement]) -> Point:
    shares = per_group(entry, entry["side"])
    own = (
        next((share for share in shares if share.group == finding.groups[0]), None)
        if finding.groups
        else None
    )
    return Point(
        statement=statements.get(entry["id"]),
        side=entry["side"],
        everyone=everyone(finding.figures) or add_up(shares),
        shares=shares,
        own=own if finding.kind == Finding.Kind.POSITION else None,
    )


# Filters of records, for programs


def analyses_in(user: Viewer, consultation: str | None = None) -> Q:
    """Analyses of consultations that the reader may see; of one where its reference is given."""
    where = visible_to(user, "analysis__consultation__record") & Q(analysis__isnull=False)
    return where & Q(analysis__consultation__record__reference=consultation) if consultation else where


def findings_in(
    user: Viewer,
    *,
    analysis: Analysis | None = None,
    consultation: str | None = None,
    kind: str | None = None,
) -> Q:
    """Findings on consultations that the reader may see, narrowed by what is given."""
    where = visible_to(user, "finding__analysis__consultation__record") & Q(finding__isnull=False)
    if analysis is not None:
        where &= Q(finding__analysis=analysis)
    if consultation:
        where &= Q(finding__analysis__consultation__record__reference=consultation)
    return where & Q(finding__kind=kind) if kind else where


# All statements


# In which orders the statements of a result can be read; by number where none is asked for.
ORDERS: dict[str, Callable[[dict[str, Any]], float]] = {
    "agree": lambda row: -row["agree"] / _cast(row),
    "disagree": lambda row: -row["disagree"] / _cast(row),
    "pass": lambda row: -row["pass"] / _cast(row),
    "votes": lambda row: -_cast(row),
}


def _cast(row: dict[str, Any]) -> int:
    return max(row["agree"] + row["disagree"] + row["pass"], 1)


def list_rows(
    analysis: Analysis, user: Viewer, language: str, number: str, *, words: str = "", order: str = ""
) -> tuple[list[Row], Page[Any]]:
    """A page of the statements that were voted on, in one of ``ORDERS``, with everybody's votes and every group's."""
    rows = rows_of(analysis)
    if words:
        found = _references_with(analysis, user, words)
        rows = tuple(row for row in rows if row["id"] in found)
    if order:
        rows = tuple(sorted(rows, key=ORDERS[order]))
    page = Paginator(rows, PAGE).get_page(number)
    statements = map_visible_statements(analysis, user, [row["id"] for row in page.object_list])
    with_texts(list(statements.values()), language, title="record.title_id")
    return [_row(row, statements.get(row["id"])) for row in page.object_list], page


def map_rows(analysis: Analysis, user: Viewer, language: str, references: Collection[str]) -> dict[str, Row]:
    """Some statements of a result with their figures, by reference."""
    rows = _rows_of(analysis.result_id or 0, analysis.result.sha256 if analysis.result else "")
    statements = map_visible_statements(analysis, user, references)
    with_texts(list(statements.values()), language, title="record.title_id")
    return {row["id"]: _row(row, statements.get(row["id"])) for row in rows if row["id"] in set(references)}


def _references_with(analysis: Analysis, user: Viewer, words: str) -> set[str]:
    found = Statement.objects.filter(
        visible_to(user, "record"), named_with(words), consultation=analysis.consultation_id
    )
    return set(found.values_list("record__reference", flat=True))


def map_visible_statements(
    analysis: Analysis, user: Viewer, references: Collection[str]
) -> dict[str, Statement]:
    found = Statement.objects.filter(
        visible_to(user, "record"), consultation=analysis.consultation_id, record__reference__in=references
    ).select_related("record")
    return {statement.reference: statement for statement in found}


def _row(row: dict[str, Any], statement: Statement | None) -> Row:
    votes = _cast(row)
    low, high = row["intervals"]["agree"]
    total = {**row, "rate": row["agree"] / votes, "low": low, "high": high, "group": None}
    return Row(row["id"], statement, Share.read(total, "agree"), per_group(row, "agree"))


def rows_of(analysis: Analysis) -> tuple[dict[str, Any], ...]:
    """What a finished analysis says of every statement, by number. Whoever reads it changes nothing in it."""
    return _rows_of(analysis.result_id or 0, analysis.result.sha256 if analysis.result else "")


@lru_cache(maxsize=8)
def _rows_of(snapshot_id: int, sha256: str) -> tuple[dict[str, Any], ...]:
    """The statements of a stored result; a snapshot never changes, so it is read once per process."""
    rows = read_head(get_content(Snapshot.objects.get(pk=snapshot_id, sha256=sha256)))["statements"]
    return tuple(sorted(rows, key=lambda row: int(row["id"].rpartition("-")[2])))


# Edges of the trail


def edges_statement_to_finding() -> QuerySet[Any, Any]:
    """Pairs (statement, finding) of record ids, for the trail."""
    return Finding.statements.through.objects.values_list("statement_id", "finding_id")
