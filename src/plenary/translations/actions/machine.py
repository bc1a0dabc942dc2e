"""What is missing, translated by the machine that the operator set up."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.kit.languages import is_language_tag
from plenary.records.actions import lock_texts, put_translations, write_event, write_events
from plenary.records.models import Provenance, Record
from plenary.translations import machine, queries, rules
from plenary.translations.models import MachineRun
from plenary.translations.words import cleaned, problem_of

from .translating import changes_of

if TYPE_CHECKING:
    from plenary.people.models import User

logger = logging.getLogger(__name__)

PATIENCE = timedelta(hours=2)  # after which a run without an end counts as broken off


@transaction.atomic
def ask_machine(*, whole: Record, language: str, by: User, now: datetime) -> MachineRun:
    """Ask for what is missing of one whole in one language; it is done in the background once this is committed."""
    if not rules.may_use_machine(by):
        raise PermissionDenied
    if not machine.is_on():
        raise Refused(_("No translating machine is set up on this installation."))
    if not is_language_tag(language):
        raise Refused(_("This is not a language tag. Use one such as en, zh or pt-BR."))
    Record.objects.select_for_update().get(pk=whole.pk)  # one at a time asks for a whole
    other = queries.get_unfinished_run(whole.pk, language)
    if other is not None:
        if (other.started_at or other.asked_at) > now - PATIENCE:
            raise Refused(_("The machine is at it already. What it has done appears here."))
        _end(other, MachineRun.State.FAILED, now, _("It was broken off."))
    missing = _missing(whole.pk, language, now)
    if not missing:
        raise Refused(_("Nothing that is public is missing here."))
    run = MachineRun.objects.create(
        whole=whole, language=language, total=len(missing), asked_by=by, asked_at=now
    )
    write_event(
        record=whole, verb="machine translation asked for", by=by, now=now,
        changes={"language": [None, language], "count": [None, len(missing)]},
    )  # fmt: skip
    transaction.on_commit(lambda: _enqueue(run))
    return run


def _enqueue(run: MachineRun) -> None:
    from plenary.translations.tasks import translate_by_machine

    translate_by_machine.enqueue(run.pk)


def _missing(whole: int, language: str, now: datetime) -> list[tuple[int, str, str]]:
    """(text, source language, body) of what anybody may read and nobody has translated; nothing else is sent."""
    work = queries.load_public_texts(AnonymousUser(), now, whole)
    ids = work.find(language, states=[queries.State.MISSING])
    return [
        (item.text.pk, item.text.source_language, item.text.body)
        for item in queries.list_items(work, ids, language)
    ]


def run_machine(*, run: MachineRun, now: datetime) -> MachineRun:
    """Carry out a waiting request to its end, done or failed; one that somebody else has claimed is left alone.

    Every batch is one transaction: it is written whole or not at all. What was written before a failure stays.
    """
    claimed = MachineRun.objects.filter(pk=run.pk, state=MachineRun.State.WAITING).update(
        state=MachineRun.State.RUNNING, started_at=now
    )
    if not claimed:
        return queries.refreshed(run)
    try:
        by_source: dict[str, list[tuple[int, str]]] = {}
        for pk, source, body in _missing(run.whole_id, run.language, now):
            by_source.setdefault(source, []).append((pk, body))
        for source, texts in by_source.items():
            for batch in machine.batches(texts):
                words = machine.translate([body for _pk, body in batch], source=source, target=run.language)
                _write_batch(run, [pk for pk, _body in batch], words, now)
    except machine.MachineError as error:
        return _end(run, MachineRun.State.FAILED, now, str(error))
    except Exception:
        logger.exception("machine translation %s failed", run.pk)
        return _end(run, MachineRun.State.FAILED, now, _("Something went wrong here. The log says more."))
    return _end(run, MachineRun.State.DONE, now)


@transaction.atomic
def _write_batch(run: MachineRun, ids: Sequence[int], words: Sequence[str], now: datetime) -> None:
    """Never in place of what somebody wrote meanwhile, and never what we would refuse of a person."""
    texts = lock_texts(ids)
    work = queries.load_public_texts(AnonymousUser(), now, run.whole_id)
    rows, events = [], []
    for pk, body in zip(ids, words, strict=True):
        if pk not in work.pieces or work.state_of(pk, run.language) != queries.State.MISSING:
            continue
        if problem_of(cleaned(body), texts[pk].body):
            continue
        piece = work.pieces[pk]
        rows.append((texts[pk], run.language, cleaned(body)))
        events.append((piece.record, changes_of(piece.part, run.language, None, Provenance.MACHINE)))
    put_translations(rows, Provenance.MACHINE, now=now)
    write_events(events, verb="translated", by=None, now=now)
    run.done += len(rows)
    run.save(update_fields=["done"])


@transaction.atomic
def _end(run: MachineRun, state: str, now: datetime, error: str = "") -> MachineRun:
    run.state, run.error, run.ended_at = state, error, now
    run.save(update_fields=["state", "error", "ended_at"])
    write_event(
        record=run.whole, verb="machine translation ended", by=None, now=now,
        changes={"language": [None, run.language], "count": [None, run.done], "state": [None, state]},
    )  # fmt: skip
    return run
