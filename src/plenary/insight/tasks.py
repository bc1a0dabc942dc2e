"""Queued work: run by the worker that ``plenary serve`` starts."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import actions, package, queries


@task()
def analyse(analysis_id: int) -> None:
    """Run one analysis. Handed out twice, it runs once: the second finds it claimed."""
    analysis = queries.get_analysis(analysis_id)
    if analysis is not None:
        actions.run_analysis(analysis=analysis, now=timezone.now())


@task()
def compare(analysis_id: int) -> None:
    """Compare a result with and without those whom the desk's flags name."""
    analysis = queries.get_analysis(analysis_id)
    if analysis is not None:
        actions.run_comparison(analysis=analysis, now=timezone.now())


@task()
def make_package(analysis_id: int) -> None:
    """Write the open data of a very large analysis. Done twice, the second finds it made."""
    analysis = queries.get_analysis(analysis_id)
    if analysis is not None:
        package.make(analysis)
