"""Files that people hand in: known by what they hold, never by their name, and kept apart from the program.

They lie in ``PLENARY_HOME/uploads`` under their SHA-256, are part of ``plenary backup``, and are given out as downloads
alone: no browser ever opens one as a page of ours.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.http import FileResponse

FOLDER = "uploads"
_RETURNED = "returned"
_RETURNED_FOR = timedelta(days=1)
_SUFFIXES = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/tiff": "tif",
}


@dataclass(frozen=True)
class Upload:
    """A file that was looked at and is what it says."""

    content: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_scan(content: bytes) -> Upload | None:
    """An image (PNG, JPEG, WebP, TIFF) or a PDF that is whole by its own marks; None for anything else.

    SVG is left out on purpose: it is a program as much as a picture.
    """
    media_type = next((name for name, is_such in _KINDS.items() if is_such(content)), None)
    return Upload(content, media_type) if media_type else None


def keep(upload: Upload) -> str:
    """Store a file, once whatever how often it is handed in, and return its hash."""
    path = _path(upload.sha256, upload.media_type)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, upload.content)
    return upload.sha256


def forget(sha256: str, media_type: str) -> None:
    """Remove a stored file; one that is not there is no error."""
    _path(sha256, media_type).unlink(missing_ok=True)


def download(sha256: str, media_type: str, name: str) -> FileResponse | None:
    """The answer that gives a stored file out under a name, or None where it is missing."""
    path = _path(sha256, media_type)
    if not path.is_file():
        return None
    return _answer(path, media_type, f"{name}.{_SUFFIXES[media_type]}")


def give_back(content: bytes, suffix: str, now: datetime) -> str:
    """Keep a file for a day for who handed it in, and return the key that it is fetched by."""
    folder = Path(settings.PLENARY_HOME) / _RETURNED
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.stat().st_mtime < (now - _RETURNED_FOR).timestamp():
            old.unlink(missing_ok=True)
    key = f"{secrets.token_hex(16)}.{suffix}"
    write_whole(folder / key, content)
    return key


def returned(key: str, media_type: str, name: str) -> FileResponse | None:
    """The answer that gives back a file kept by ``give_back``, or None where it is gone."""
    path = Path(settings.PLENARY_HOME) / _RETURNED / key
    return _answer(path, media_type, name) if path.is_file() else None


def _answer(path: Path, media_type: str, name: str) -> FileResponse:
    answer = FileResponse(path.open("rb"), content_type=media_type, as_attachment=True, filename=name)
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _path(sha256: str, media_type: str) -> Path:
    return Path(settings.PLENARY_HOME) / FOLDER / sha256[:2] / f"{sha256}.{_SUFFIXES[media_type]}"


def write_whole(path: Path, content: bytes) -> None:
    """Under its name only when it is whole; only the owner may read it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _is_png(content: bytes) -> bool:
    return content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and b"IEND" in content[-64:]


def _is_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-4096:]


def _is_webp(content: bytes) -> bool:
    whole = content[:4] == b"RIFF" and content[8:12] == b"WEBP" and len(content) >= 20
    return whole and struct.unpack("<I", content[4:8])[0] + 8 <= len(content) + 1


def _is_tiff(content: bytes) -> bool:
    order = {b"II*\0": "<I", b"MM\0*": ">I"}.get(content[:4])
    return (
        order is not None and len(content) >= 8 and 8 <= struct.unpack(order, content[4:8])[0] < len(content)
    )


def _is_pdf(content: bytes) -> bool:
    return content.startswith((b"%PDF-1.", b"%PDF-2.")) and b"%%EOF" in content[-2048:]


_KINDS = {
    "image/png": _is_png,
    "image/jpeg": _is_jpeg,
    "image/webp": _is_webp,
    "image/tiff": _is_tiff,
    "application/pdf": _is_pdf,
}
