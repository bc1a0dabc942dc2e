"""Style sheets, scripts and icons as they are served: under names that hold their hash, and compressed beforehand.

They are collected once for each state of the program into PLENARY_HOME, by whichever process comes first. The folder
appears whole or not at all, so that processes that start together cannot disturb each other, and the package itself is
never written to. Nobody has to remember a step.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

KEPT_FORMER = 2  # a server of the former version may still run while the next one starts


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names with hashes, read from the folder of this program's state."""

    def __init__(self, location: Any = None, *args: Any, **options: Any) -> None:
        super().__init__(location or folder(), *args, **options)


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves the collected files; those with a hash in their name may be kept for good."""

    def __init__(self, get_response: Any = None, settings: Any = settings) -> None:
        super().__init__(get_response, settings)
        if not self.use_finders:
            self.add_files(str(folder()), prefix=self.static_prefix)


@cache
def folder() -> Path:
    """Where the files of this state of the program are collected; collects them if nobody has yet."""
    home = Path(settings.PLENARY_HOME) / "static"
    target = home / _state()
    if not target.is_dir():
        home.mkdir(exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".collecting-", dir=home))
        try:
            _collect(draft)
            draft.chmod(0o755)
            try:
                draft.rename(target)
            except OSError:
                if not target.is_dir():  # somebody else was first: theirs is the same
                    raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _forget_former(home, target)
    os.utime(target)
    return target


def _sources() -> list[tuple[str, Path]]:
    found: dict[str, Path] = {}
    for finder in finders.get_finders():
        for name, storage in finder.list(["*.map", "*.md"]):
            found.setdefault(name, Path(storage.path(name)))
    return sorted(found.items())


def _state() -> str:
    """A name for the files' contents and for how they are processed."""
    digest = hashlib.sha256(f"{version('django')} {version('whitenoise')} {settings.STATIC_URL}".encode())
    for name, path in _sources():
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _collect(target: Path) -> None:
    storage = HashedStaticFiles(target)
    names = {}
    for name, path in _sources():
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        names[name] = (storage, name)
    for _name, _hashed, outcome in storage.post_process(names):
        if isinstance(outcome, Exception):
            raise outcome


def _forget_former(home: Path, target: Path) -> None:
    others = [path for path in home.iterdir() if path.is_dir() and path != target and path.name[0] != "."]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_FORMER:]:
        shutil.rmtree(path, ignore_errors=True)
