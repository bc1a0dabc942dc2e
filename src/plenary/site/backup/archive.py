"""The form of a backup: a gzipped tar with ``manifest.json`` first, which lists every file with size and SHA-256.

A backup appears under its name when it is whole and on the disk, not before.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from . import Refusal

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
_LONGEST_MANIFEST = 50_000_000
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    version: str
    """Of the program that made the backup."""
    made_at: str
    vendor: str
    server: int
    migrations: list[list[str]]
    rows: dict[str, int]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: int = FORMAT


class Damaged(Refusal):
    """The file is not what was written once."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} is damaged or no backup: {what}. Use another copy of it.")


def fingerprint(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def write(target: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Make the backup under another name, then give it its own. Only the owner may read it."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=6) as tar:
                text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
                tar.addfile(_entry(MANIFEST, len(text)), io.BytesIO(text))
                for name, path in files.items():
                    with path.open("rb") as content:
                        tar.addfile(_entry(name, path.stat().st_size), content)
            file.flush()
            os.fsync(file.fileno())
        _give_name(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _give_name(draft: Path, target: Path) -> None:
    """Never over a file that is there already."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise Refusal(f"{target} is there already. Give the backup another name.") from None
    except OSError:  # a file system without links
        if target.exists():
            raise Refusal(f"{target} is there already. Give the backup another name.") from None
        draft.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    with suppress(OSError):  # some file systems cannot; the name is then as safe as they make it
        os.fsync(folder)
    os.close(folder)


def read_manifest(path: Path) -> Manifest:
    """What a backup says of itself. Raises ``Refusal`` where it is none, damaged, or of a later format."""
    with _reading(path) as tar:
        return _manifest_of(path, tar)


def extract(path: Path, folder: Path) -> Manifest:
    """Unpack into an empty folder, and check every byte against the manifest. Raises ``Refusal`` at the first doubt."""
    with _reading(path) as tar:
        manifest = _manifest_of(path, tar)
        waiting = dict(manifest.files)
        while (entry := tar.next()) is not None:
            expected = waiting.pop(entry.name, None)
            content = tar.extractfile(entry) if entry.isreg() else None
            if expected is None or content is None or not _is_inside(entry.name):
                raise Damaged(path, f"it holds {entry.name!r}, which its list does not")
            if _copy(content, folder / entry.name) != expected:
                raise Damaged(path, f"{entry.name} has changed since it was written")
        if waiting:
            raise Damaged(path, f"{min(waiting)} is missing")
        while tar.fileobj and tar.fileobj.read(_BLOCK):
            pass  # to the end, where the checksum of the whole is compared
    return manifest


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    return not name.startswith("/") and not {"", ".", ".."} & set(parts)


def _copy(content: IO[bytes], target: Path) -> dict[str, Any]:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while block := content.read(_BLOCK):
            digest.update(block)
            size += file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return {"size": size, "sha256": digest.hexdigest()}


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:gz") as tar:
            yield tar
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise Damaged(path, "it cannot be unpacked to its end") from error
    except OSError as error:
        if error.errno is None:  # gzip's own: not a gzip file, or a wrong checksum
            raise Damaged(path, "it cannot be unpacked to its end") from error
        raise


def _manifest_of(path: Path, tar: tarfile.TarFile) -> Manifest:
    entry = tar.next()
    content = tar.extractfile(entry) if entry and entry.name == MANIFEST and entry.isreg() else None
    if entry is None or content is None or entry.size > _LONGEST_MANIFEST:
        raise Damaged(path, "it does not begin with its list of contents")
    try:
        given = json.loads(content.read())
        if given["format"] != FORMAT:
            raise Refusal(
                f"{path} is a backup of format {given['format']}, made by Plenary {given['version']}; this version "
                f"reads format {FORMAT}. Install the version that made it, or a later one."
            )
        manifest = Manifest(**given)
        good = all(
            re.fullmatch("[0-9a-f]{64}", entry["sha256"]) and isinstance(entry["size"], int)
            for entry in manifest.files.values()
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(path, "its list of contents cannot be read") from error
    if not good or DATABASE not in manifest.files:
        raise Damaged(path, "its list of contents is not whole")
    return manifest
