"""Who uses PLENARY_HOME: servers and workers together, a restore alone."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


class InUse(Exception):
    """Somebody else uses the home in a way that does not go together with this one."""


@contextmanager
def using_home(*, alone: bool) -> Iterator[None]:
    """Hold the home's lock; the system gives it back even when the process is killed."""
    with (settings.PLENARY_HOME / "in-use.lock").open("a") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(
                "The installation is in use. Stop `plenary serve` and `plenary work` first, then try again."
                if alone
                else "A restore is under way in this PLENARY_HOME. Start again when it is done."
            ) from None
        yield
