"""Reads of files and of requests to the translating machine."""

from __future__ import annotations

from plenary.records.models import Snapshot
from plenary.translations.models import MachineRun


def get_upload(snapshot_id: int) -> bytes | None:
    """The bytes that were kept while their preview was looked at; None where they are gone."""
    kept = Snapshot.objects.filter(pk=snapshot_id).first()
    return bytes(kept.content) if kept else None


def get_run(run_id: int) -> MachineRun | None:
    return MachineRun.objects.filter(pk=run_id).select_related("whole", "asked_by").first()


def refreshed(run: MachineRun) -> MachineRun:
    return MachineRun.objects.select_related("whole", "asked_by").get(pk=run.pk)


def get_unfinished_run(whole_id: int, language: str) -> MachineRun | None:
    """The request that is waiting or running."""
    under_way = (MachineRun.State.WAITING, MachineRun.State.RUNNING)
    return MachineRun.objects.filter(whole=whole_id, language=language, state__in=under_way).first()


def list_runs(whole_id: int, language: str) -> list[MachineRun]:
    """The latest few of one whole and language, newest first."""
    return list(MachineRun.objects.filter(whole=whole_id, language=language).order_by("-id")[:3])
