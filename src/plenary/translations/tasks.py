"""Queued work: run by the worker that ``plenary serve`` starts."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import actions, queries


@task()
def translate_by_machine(run_id: int) -> None:
    """Carry out one request. Handed out twice, it runs once: the second finds it claimed."""
    run = queries.get_run(run_id)
    if run is not None:
        actions.run_machine(run=run, now=timezone.now())
