"""Analyses: asked for by the desk, run by the worker, stored with their findings."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from plenary.kit.errors import Refused
from plenary.participation.actions import judge_flag, propose_flags
from plenary.participation.models import Consultation, Flag, Statement
from plenary.participation.queries import confirmed_flags, last_vote_id
from plenary.records.actions import (
    create_record,
    create_records,
    destroy_text,
    put_texts,
    put_translations,
    set_title,
    set_visibilities,
    set_visibility,
    take_snapshot,
    write_event,
)
from plenary.records.models import Event, Provenance, Text, Visibility
from plenary.records.texts import load_texts

from . import package, queries
from .models import Analysis, AnalysisPart, Comparison, Finding
from .report_actions import write_note as write_note  # a room that others may enter
from .wording import is_spoken, quotation, sentence

if TYPE_CHECKING:
    from plenary.people.models import User

    from .engine import Outcome

logger = logging.getLogger(__name__)

SOURCE_LANGUAGE = "en"
PATIENCE = timedelta(hours=1)  # what has not begun by then waits for a worker that is not there
SILENCE = timedelta(minutes=5)  # of its worker, after which an analysis was interrupted
INTERRUPTED = gettext_noop("The analysis was interrupted before it was done.")
BROKEN = gettext_noop("The analysis failed because of an error in the program. The error was logged.")


@transaction.atomic
def start_analysis(
    *, consultation: Consultation, by: User | None, now: datetime, seed: int = 0, mode: str = "plenary"
) -> Analysis:
    """Ask for an analysis of the votes up to now; it runs in the background once this is committed."""
    Consultation.objects.select_for_update().get(pk=consultation.pk)  # one at a time asks for a consultation
    for other in queries.list_unfinished(consultation):
        if other.alive_at > now - SILENCE if other.alive_at else other.record.created_at > now - PATIENCE:
            raise Refused(
                _("An analysis of this consultation is already under way. Its result will appear here.")
            )
        _fail(other, INTERRUPTED, by=by, now=now)
    last_vote = last_vote_id(consultation)
    if by is not None and not last_vote:
        raise Refused(_("Nobody has voted yet, so there is nothing to analyse. Ask again when somebody has."))
    record = create_record(
        kind="analysis",
        title=None,
        by=by,
        now=now,
        visibility=Visibility.STAFF,
        organization=consultation.record.organization,
        verb="analysis asked for",
        changes={"seed": [None, seed], "mode": [None, mode], "last_vote": [None, last_vote]},
    )
    analysis = Analysis.objects.create(
        record=record, consultation=consultation, last_vote=last_vote, seed=seed, parameters={"mode": mode}
    )
    transaction.on_commit(lambda: _enqueue(analysis))
    return analysis


def tick_analyses(now: datetime) -> None:
    """What the worker does as time passes: give up what was interrupted, and ask for the analyses that are due."""
    for lost in queries.list_interrupted(now - SILENCE):
        give_up(analysis=lost, now=now)
    every = timedelta(hours=settings.PLENARY_ANALYSE_EVERY) if settings.PLENARY_ANALYSE_EVERY else None
    for consultation in queries.list_due(now, every):
        try:
            start_analysis(consultation=consultation, by=None, now=now)
        except Refused:  # somebody else asked for one meanwhile
            continue


@transaction.atomic
def give_up(*, analysis: Analysis, now: datetime) -> None:
    """An analysis whose worker went away is said to have been interrupted; nothing of it was kept."""
    found = Analysis.objects.select_for_update().get(pk=analysis.pk)
    if found.state in queries.UNFINISHED:
        _fail(queries.refreshed(found), INTERRUPTED, by=None, now=now)


def _enqueue(analysis: Analysis) -> None:
    from .tasks import analyse

    analyse.enqueue(analysis.pk)


def run_analysis(
    *, analysis: Analysis, now: datetime, progress: Callable[[float], None] | None = None
) -> Analysis:
    """Run a waiting analysis to its end, done or failed; one that somebody else has claimed is left alone.

    Three transactions, since the engine may work for minutes: claim, then either everything it found or the failure.
    """
    if not _claim(analysis, now):
        return queries.refreshed(analysis)
    from opinion import InputError

    from . import engine

    try:
        outcome = engine.run(
            analysis.consultation,
            last_vote=analysis.last_vote,
            seed=analysis.seed,
            mode=analysis.parameters["mode"],
            progress=_Progress(analysis, progress),
        )
        _finish(analysis, outcome, now)
    except InputError as error:
        _give_up(analysis, str(error), now)
    except Exception:
        logger.exception("analysis %s failed", analysis.pk)
        _give_up(analysis, BROKEN, now)
    return queries.refreshed(analysis)


class _Progress:
    """Passes on how far the analysis is, and keeps it for those who wait; not more often than needed."""

    STEP = 0.05
    SECONDS = 5.0

    def __init__(self, analysis: Analysis, also: Callable[[float], None] | None) -> None:
        self.analysis, self.also, self.kept, self.at = analysis, also, 0.0, time.monotonic()

    def __call__(self, share: float) -> None:
        if self.also is not None:
            self.also(share)
        if share - self.kept >= self.STEP or time.monotonic() - self.at >= self.SECONDS:
            self.kept, self.at = share, time.monotonic()
            Analysis.objects.filter(pk=self.analysis.pk, state=Analysis.State.RUNNING).update(
                progress=min(share, 0.99), alive_at=timezone.now()
            )


@transaction.atomic
def _claim(analysis: Analysis, now: datetime) -> bool:
    """Take the analysis, once: the condition decides between two workers."""
    claimed = Analysis.objects.filter(pk=analysis.pk, state=Analysis.State.WAITING).update(
        state=Analysis.State.RUNNING, started_at=now, alive_at=now
    )
    if claimed:
        write_event(
            record=analysis.record,
            verb="analysis started",
            by=None,
            now=now,
            changes={"state": ["waiting", "running"]},
        )
    return bool(claimed)


@transaction.atomic
def _give_up(analysis: Analysis, error: str, now: datetime) -> None:
    _fail(queries.refreshed(analysis), error, by=None, now=now)


def _fail(analysis: Analysis, error: str, *, by: User | None, now: datetime) -> None:
    before = analysis.state
    analysis.state, analysis.error, analysis.finished_at = Analysis.State.FAILED, error, now
    analysis.save(update_fields=["state", "error", "finished_at"])
    write_event(
        record=analysis.record, verb="analysis failed", by=by, now=now, changes={"state": [before, "failed"]}
    )


@transaction.atomic
def _finish(analysis: Analysis, outcome: Outcome, now: datetime) -> None:
    """Store the result with all its findings, visible to whoever sees the consultation."""
    found = queries.refreshed(analysis)
    if (
        found.state != Analysis.State.RUNNING
    ):  # given up meanwhile: what is said to have failed brings no findings
        return
    found.result = take_snapshot(content=outcome.result, now=now)
    found.picture = take_snapshot(content=outcome.picture, now=now) if outcome.picture else None
    looked = {"integrity": outcome.signs.judged} if outcome.signs else {}
    found.summary, found.engine_version = outcome.summary | looked, outcome.engine_version
    found.input_sha256 = outcome.input_sha256
    found.parameters = {**found.parameters, "settings": outcome.settings}
    found.state, found.progress, found.finished_at = Analysis.State.DONE, 1.0, now
    found.save()
    AnalysisPart.objects.bulk_create(
        AnalysisPart(
            analysis=found,
            name=part.name,
            snapshot=take_snapshot(content=content, now=now, media_type=part.media_type),
        )
        for part, content in outcome.parts
    )
    _create_findings(found, outcome.findings, now)
    set_visibility(record=found.record, visibility=found.consultation.record.visibility)
    write_event(
        record=found.record,
        verb="analysis done",
        by=None,
        now=now,
        changes={"state": ["running", "done"], "result": [None, found.result.sha256]},
    )
    if outcome.signs:
        propose_flags(
            consultation=found.consultation, found=outcome.signs.groups, source=found.record, now=now
        )
    if outcome.comparison:
        keep_comparison(analysis=found, figures=outcome.comparison, now=now)
    if found.summary.get("votes", 0) > package.MOST_AT_ONCE:
        transaction.on_commit(lambda: _enqueue_package(found))


def _enqueue_package(analysis: Analysis) -> None:
    from .tasks import make_package

    make_package.enqueue(analysis.pk)


def _create_findings(analysis: Analysis, found: Sequence[Mapping[str, Any]], now: datetime) -> None:
    consultation = analysis.consultation.record
    statements = queries.map_statements_by_reference(
        analysis.consultation, {name for entry in found for name in entry["statements"]}
    )
    records = create_records(
        kind="finding",
        titles=_put_titles(found, statements),
        by=None,
        now=now,
        visibility=[consultation.visibility] * len(found),
        organization=consultation.organization,
        verb="found",
    )
    findings = Finding.objects.bulk_create(
        [
            Finding(
                record=record,
                analysis=analysis,
                kind=entry["kind"],
                order=order,
                groups=entry["groups"],
                figures=entry["figures"],
            )
            for order, (record, entry) in enumerate(zip(records, found, strict=True))
        ],
        batch_size=500,
    )
    rests_on = Finding.statements.through
    rests_on.objects.bulk_create(
        [
            rests_on(finding_id=finding.pk, statement_id=statements[name].pk)
            for finding, entry in zip(findings, found, strict=True)
            for name in entry["statements"]
        ],
        batch_size=500,
    )


def _put_titles(found: Sequence[Mapping[str, Any]], statements: Mapping[str, Statement]) -> list[Text]:
    """Each finding's sentence in every language of the interface, in the order of the findings."""
    said: dict[str, list[str]] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            if is_spoken():
                said[language] = _sentences(found, statements, language)
    texts = put_texts(said.pop(SOURCE_LANGUAGE), SOURCE_LANGUAGE)
    put_translations(
        [
            # The interface's «zh-hans» is «zh» to readers of content.
            (text, language.split("-")[0], words)
            for language, sentences in said.items()
            for text, words in zip(texts, sentences, strict=True)
        ],
        provenance=Provenance.GENERATED,
    )
    return texts


def _sentences(
    found: Iterable[Mapping[str, Any]], statements: Mapping[str, Statement], language: str
) -> list[str]:
    """The findings in the active language. A statement is quoted where its words exist in it, else named."""
    words = load_texts([statement.record.title_id for statement in statements.values()], language)

    def quote(reference: str) -> str:
        record = statements[reference].record
        is_public = record.visibility == Visibility.PUBLIC and record.erased_at is None
        said = words.get(record.title_id or 0) if is_public else None
        same = said is not None and said.language.split("-")[0] == language.split("-")[0]
        return quotation(said.body) if said is not None and same else reference

    return [
        sentence(entry["kind"], entry["statements"], entry["groups"], entry["figures"], quote)
        for entry in found
    ]


# After these a consultation may be seen by others than before.
_CHANGES_WHO_SEES = ("settings changed", "edited", "opened", "announced")


def follow_consultations(events: Sequence[Event]) -> None:
    """Consumer: what was found in a consultation is seen by whoever sees the consultation now."""
    for event in events:
        if event.record.kind == "consultation" and event.verb in _CHANGES_WHO_SEES:
            done = Q(analysis__consultation=event.record_id, analysis__state=Analysis.State.DONE)
            found = Q(finding__analysis__consultation=event.record_id)
            set_visibilities(where=done | found, visibility=event.record.visibility)


@transaction.atomic
def forget_words_of(*, statements: Collection[int]) -> int:
    """Word the findings anew that quote statements which were erased since; returns how many. Figures stay."""
    found = list(queries.list_findings_quoting(statements))
    for finding in found:
        entry = {
            "kind": finding.kind,
            "statements": [statement.reference for statement in finding.statements.all()],
            "groups": finding.groups,
            "figures": finding.figures,
        }
        known = queries.map_statements_by_reference(finding.analysis.consultation, entry["statements"])
        before = finding.record.title
        set_title(record=finding.record, title_id=_put_titles([entry], known)[0].pk)
        if before is not None:
            destroy_text(before)
    return len(found)


def forget_erased(events: list[Event]) -> None:
    """Consumer: where a statement is erased, no finding goes on quoting it."""
    erased = {
        event.record_id for event in events if event.verb == "erased" and event.record.kind == "statement"
    }
    if erased:
        forget_words_of(statements=erased)
        package.forget(queries.list_analyses_with(erased))


@transaction.atomic
def judge(*, flag: Flag, verdict: str, reason: str, seen: str, by: User, now: datetime) -> Flag:
    """Confirm or dismiss a flag; in the background the latest result is compared with and without those confirmed."""
    judged = judge_flag(flag=flag, verdict=verdict, reason=reason, seen=seen, by=by, now=now)
    analysis = queries.get_latest_analysis(by, flag.consultation)
    if analysis is not None:
        transaction.on_commit(lambda: _enqueue_comparison(analysis))
    return judged


def _enqueue_comparison(analysis: Analysis) -> None:
    from .tasks import compare

    compare.enqueue(analysis.pk)


def run_comparison(*, analysis: Analysis, now: datetime) -> Comparison | None:
    """Compare a finished analysis with and without those whom the confirmed flags name; none confirmed, none kept.

    Done twice it is the same; where verdicts changed meanwhile, the task that they started comes after this one.
    """
    if confirmed_flags(analysis.consultation):
        from . import engine

        figures = engine.compare(
            analysis.consultation,
            last_vote=analysis.last_vote,
            seed=analysis.seed,
            mode=analysis.parameters["mode"],
        )
    else:
        figures = None
    return keep_comparison(analysis=analysis, figures=figures, now=now)


@transaction.atomic
def keep_comparison(
    *, analysis: Analysis, figures: Mapping[str, Any] | None, now: datetime
) -> Comparison | None:
    """Store a comparison in the place of an earlier one, or take that away."""
    earlier = Comparison.objects.select_for_update().filter(analysis=analysis).first()
    before = earlier.flags if earlier else []
    if figures is None:
        if earlier is not None:
            earlier.delete()
        made = None
    else:
        made, _new = Comparison.objects.update_or_create(
            analysis=analysis, defaults={"figures": dict(figures), "made_at": now}
        )
    after = made.flags if made else []
    if earlier or made:
        write_event(
            record=analysis.record,
            verb="compared",
            by=None,
            now=now,
            changes={"without flags": [before, after]},
        )
    return made
