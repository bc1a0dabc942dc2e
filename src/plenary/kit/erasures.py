"""What was erased, in a list that no backup of the database brings back to an older state: ``erasures.jsonl``.

A line says what was erased and when, by fingerprints and public references alone: it names nobody. A restored backup
is older than the list, so ``plenary restore`` erases again whatever the list names (docs/handbook/privacy.md).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

NAME = "erasures.jsonl"


def path() -> Path:
    return Path(settings.PLENARY_HOME) / NAME


def note(line: Mapping[str, Any]) -> None:
    """Add a line, on the disk when this returns. Raises OSError where it cannot: then nothing may be called erased."""
    place = path()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n"
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(words.encode())
        file.flush()
        os.fsync(file.fileno())


def read(place: Path | None = None) -> Iterator[dict[str, Any]]:
    """Every line that can be read, in order, each once; a torn last line is passed over."""
    place = place or path()
    if not place.exists():
        return
    seen: set[str] = set()
    for words in place.read_text("utf-8", errors="replace").splitlines():
        try:
            line = json.loads(words)
        except ValueError:
            continue
        if isinstance(line, dict) and words not in seen:
            seen.add(words)
            yield line
