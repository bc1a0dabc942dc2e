"""``plenary backup``: the database at one moment, the keys, the uploads and the settings file, in one file."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.db import connection

from plenary import __version__

from . import KEPT, KEYS, SETTINGS_FILE, Refusal, archive, database_errors, postgresql, sqlite


def database_tools() -> ModuleType:
    """The module that knows the database in use."""
    return postgresql if connection.vendor == "postgresql" else sqlite


def default_target(now: datetime) -> Path:
    """A file in PLENARY_HOME named by the moment."""
    folder = Path(settings.PLENARY_HOME) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"plenary-{now:%Y%m%d-%H%M%S}.tar.gz"


def save(target: Path) -> archive.Manifest:
    """Write the backup; nothing bears its name before it is whole. Raises ``Refusal``."""
    if target.exists():
        raise Refusal(f"{target} is there already. Give the backup another name.")
    if not target.parent.is_dir():
        raise Refusal(f"{target.parent} is no folder. Make it first.")
    # Beside the target, where there must be room anyway; and never in a folder for everybody.
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as staging:
        files = _files(Path(staging))
        database = Path(staging) / archive.DATABASE
        try:
            if not database_tools().is_occupied():
                raise Refusal("There is nothing to back up: the database is empty.")
            found = database_tools().save(database)
        except database_errors() as error:
            raise Refusal(f"The database cannot be read ({error}).") from error
        files = {archive.DATABASE: database, **files}
        manifest = archive.Manifest(
            version=__version__,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            vendor=connection.vendor,
            **found,
            files={name: archive.fingerprint(path) for name, path in files.items()},
        )
        archive.write(target, manifest, files)
    return manifest


def _files(staging: Path) -> dict[str, Path]:
    """What lies beside the database. Keys are those in force, wherever they come from."""
    home = Path(settings.PLENARY_HOME)
    found = {}
    for name in (*KEPT, SETTINGS_FILE):
        root = home / name
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(home).as_posix()] = path
    for name, setting in KEYS.items():
        path = staging / name
        # Django has a name of its own for the first one.
        path.write_text(
            settings.SECRET_KEY if setting == "PLENARY_SECRET_KEY" else getattr(settings, setting), "utf-8"
        )
        found[f"keys/{name}"] = path
    return found
