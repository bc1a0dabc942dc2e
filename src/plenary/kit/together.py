"""Writes of several threads in one transaction, so that they share the wait for the disk.

On SQLite, every commit waits for the disk alone and while it does nobody else writes. Here the first thread that comes
takes along what the others brought while it waited; each is answered only after the commit. PostgreSQL does this by
itself, so there every thread has its own transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection, transaction

T = TypeVar("T")


class _Work(Generic[T]):
    __slots__ = ("do", "error", "is_done", "result")

    def __init__(self, do: Callable[[], T]) -> None:
        self.do = do
        self.is_done = False
        self.result: T | None = None
        self.error: BaseException | None = None


_turn = threading.Lock()
_waiting: list[_Work[Any]] = []
_adding = threading.Lock()


def commit_together(do: Callable[[], T]) -> T:
    """Run a write in a transaction and return once it is durable. It may run in the thread of another request.

    So it must neither speak (the active language is that thread's) nor look at its own request. What it raises undoes
    what it wrote and nobody else's work, as long as it writes within ``transaction.atomic``.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            return do()
    work = _Work(do)
    with _adding:
        _waiting.append(work)
    with _turn:
        if not work.is_done:
            _do_all_that_wait()
    if work.error is not None:
        raise work.error
    return work.result  # type: ignore[return-value]


def _do_all_that_wait() -> None:
    group: list[_Work[Any]] = []
    try:
        with transaction.atomic():
            with _adding:  # in line for the database by now: whoever came meanwhile comes along
                group[:] = _waiting
                _waiting.clear()
            for work in group:
                try:
                    work.result = work.do()
                except Exception as error:
                    work.error = error
    except BaseException as error:  # nothing of the group was written
        for work in group:
            work.error = error
        if not isinstance(error, Exception):
            raise
    finally:
        for work in group:
            work.is_done = True
