"""The background process: hands events to consumers and runs queued tasks, until it is told to end."""

from __future__ import annotations

import logging
import signal
import time
from types import FrameType

from django.db import OperationalError, close_old_connections
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from plenary.kit import manifest
from plenary.records.outbox import run_consumers

from . import probes
from .in_use import using_home

logger = logging.getLogger(__name__)

PAUSE = 1.0  # seconds between looks at empty queues
TICK = 60.0  # seconds between looks at the clock


class _Ending:
    """Set by a signal: the task at hand is finished first."""

    asked = False

    def ask(self, signal_number: int, frame: FrameType | None) -> None:
        self.asked = True


def work(*, once: bool = False) -> int:
    """Work until told to end, or until nothing waits where ``once`` is true. Returns an exit code."""
    ending = _Ending()
    if not once:
        signal.signal(signal.SIGTERM, ending.ask)
        signal.signal(signal.SIGINT, ending.ask)
    with using_home(alone=False):
        return _work_until(ending, once=once)


def _work_until(ending: _Ending, *, once: bool) -> int:
    ticked = None
    while not ending.asked:
        try:
            if ticked is None or time.monotonic() - ticked >= TICK:
                ticked = time.monotonic()
                _tick()
            run_consumers()
            _run_tasks()
            probes.beat()
        except OperationalError:
            logger.exception("the database did not answer; trying again")
        if once:
            break
        close_old_connections()
        time.sleep(PAUSE)
    return 0


def _tick() -> None:
    """What modules do because time has passed. One that fails is logged, and tried again with the next tick."""
    for path in manifest.ticks():
        try:
            manifest.resolve(path)(timezone.now())
        except OperationalError:
            raise
        except Exception:
            logger.exception("%s failed; it will be tried again", path)


def _run_tasks() -> None:
    """Run what is queued. The look before it keeps an idle worker from taking SQLite's write lock every second."""
    if not DBTaskResult.objects.ready().exists():
        return
    Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="plenary",
        excluded_queue_names=[],
    ).run()
