"""The source of the running version, as the licence (AGPL-3.0, section 13) asks of whoever serves it."""

from __future__ import annotations

import io
import tarfile
from functools import lru_cache
from pathlib import Path

import opinion
import plenary

LEFT_OUT = {"__pycache__", "tests"}


@lru_cache(maxsize=1)
def archive() -> bytes:
    """A gzipped tar of both packages as installed. Made once per process."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=6) as tar:
        for package in (opinion, plenary):
            root = Path(package.__file__ or "").parent
            for path in sorted(root.rglob("*")):
                if path.is_file() and not LEFT_OUT & set(path.relative_to(root).parts):
                    tar.add(
                        path, arcname=str(Path("src", root.name) / path.relative_to(root)), filter=_anonymous
                    )
    return packed.getvalue()


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without owner and time, which say something of the server and nothing of the source."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = 0
    entry.mode = 0o644
    return entry
