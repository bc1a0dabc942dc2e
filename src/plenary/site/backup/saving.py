"""``plenary backup``: the database at one moment, the keys, the uploads and the settings file, in one file."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.db import connection

from plenary import __version__
from plenary.site.environment import Environment

from . import ERASURES, KEPT, KEYS, SETTINGS_FILE, Refusal, archive, database_errors, postgresql, sqlite


def database_tools() -> ModuleType:
    """The module that knows the database in use."""
    return postgresql if connection.vendor == "postgresql" else sqlite


def _default_target(now: datetime) -> Path:
    """A file in PLENARY_HOME named by the moment."""
    folder = Path(settings.PLENARY_HOME) / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"plenary-{now:%Y%m%d-%H%M%S}.tar.gz"


def _refuse_if_empty() -> None:
    """Before anything is made: whoever forgot PLENARY_HOME finds no new folder."""
    try:
        if database_tools().is_occupied():
            return
    except database_errors() as error:
        raise Refusal(f"The database cannot be read ({error}).") from error
    home = Path(settings.PLENARY_HOME)
    why = "the database is empty" if home.is_dir() else "there is no such folder"
    raise Refusal(
        f"There is nothing to back up in {home}: {why}. Set PLENARY_HOME to the folder of the installation."
    )


def save(target: Path | None, *, now: datetime) -> tuple[Path, archive.Manifest, list[str]]:
    """Write the backup; nothing bears its name before it is whole. Returns where it is, what it holds, and what its
    operator should know. Raises ``Refusal``.
    """
    _refuse_if_empty()
    target = target or _default_target(now)
    if target.exists():
        raise Refusal(f"{target} is there already. Give the backup another name.")
    if not target.parent.is_dir():
        raise Refusal(f"{target.parent} is no folder. Make it first.")
    # Beside the target, where there must be room anyway; and never in a folder for everybody.
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as staging:
        files, told = _files(Path(staging))
        database = Path(staging) / archive.DATABASE
        try:
            found = database_tools().save(database)
        except database_errors() as error:
            raise Refusal(f"The database cannot be read ({error}).") from error
        files = {archive.DATABASE: database, **files}
        manifest = archive.Manifest(
            version=__version__,
            made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
            vendor=connection.vendor,
            **found,
            files={name: archive.fingerprint(path) for name, path in files.items()},
        )
        archive.write(target, manifest, files)
    return target, manifest, told


def _files(staging: Path) -> tuple[dict[str, Path], list[str]]:
    """What lies beside the database. Keys are those in force, wherever they come from; one that is nowhere is told."""
    home = Path(settings.PLENARY_HOME)
    outside = Environment(os.environ, home / SETTINGS_FILE)
    found, told = {}, []
    for name in (*KEPT, SETTINGS_FILE, ERASURES):
        root = home / name
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(home).as_posix()] = path
    for name, setting in KEYS.items():
        if not outside.text(setting) and f"keys/{name}" not in found:
            told.append(
                f"It is without {setting}, which is neither set nor kept in {home}/keys. If the server is given it, "
                "back up with the same settings."
            )
            continue
        path = staging / name
        # Django has a name of its own for the first one.
        path.write_text(
            settings.SECRET_KEY if setting == "PLENARY_SECRET_KEY" else getattr(settings, setting), "utf-8"
        )
        found[f"keys/{name}"] = path
    return found, told
