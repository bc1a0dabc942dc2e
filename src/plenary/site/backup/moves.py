"""Renames that can be taken back as long as not everything has succeeded."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


class Moves:
    """Moves files aside and others into their place; ``undo`` takes all of it back, the last move first."""

    def __init__(self, former: Path) -> None:
        self.former = former
        self._done: list[tuple[Path, Path]] = []

    def aside(self, path: Path) -> None:
        """Into the folder of what was before. Nothing happens where there is nothing."""
        if path.exists():
            self.former.mkdir(mode=0o700, exist_ok=True)
            self._move(path, self.former / path.name)

    def into_place(self, path: Path, target: Path) -> None:
        self._move(path, target)

    def _move(self, path: Path, target: Path) -> None:
        path.rename(target)
        self._done.append((path, target))

    def undo(self) -> None:
        while self._done:
            path, target = self._done.pop()
            target.rename(path)
        with suppress(OSError):
            self.former.rmdir()
