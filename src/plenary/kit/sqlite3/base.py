"""Writers wait in a queue of the system instead of asking again and again.

SQLite has one writer at a time. Whoever finds it busy sleeps and tries again, for longer and longer, so that under load
some wait for seconds while others pass them by. Here a transaction first takes a lock on a file beside the database,
for which the system keeps the others in line. SQLite's own locks stay what guards the data: a program that knows
nothing of the queue, such as a backup, waits as before.
"""

from __future__ import annotations

import fcntl
import os
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    _queue: int | None = None
    """The open lock file of this connection; every connection opens its own, or threads would share the lock."""
    _is_writing = False

    def _start_transaction_under_autocommit(self) -> None:
        self._wait_in_line()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._let_next()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._let_next()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._let_next()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._let_next()
            if self._queue is not None:
                os.close(self._queue)
                self._queue = None

    def _wait_in_line(self) -> None:
        if self.is_in_memory_db() or self._is_writing:
            return
        if self._queue is None:
            name = f"{self.settings_dict['NAME']}-queue"
            self._queue = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._queue, fcntl.LOCK_EX)
        self._is_writing = True

    def _let_next(self) -> None:
        if self._is_writing and self._queue is not None:
            self._is_writing = False
            fcntl.flock(self._queue, fcntl.LOCK_UN)
