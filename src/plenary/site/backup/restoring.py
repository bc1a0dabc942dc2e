"""``plenary restore``: check everything first, put it in place at once, compare, and only then call it done."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from plenary import __version__
from plenary.site import database
from plenary.site.environment import Environment
from plenary.site.in_use import InUse, using_home

from . import ERASURES, KEPT, KEYS, SETTINGS_FILE, Contents, Refusal, archive, database_errors
from .erasing import erase_again, take_over
from .moves import Moves
from .saving import database_tools


def examine(path: Path) -> archive.Manifest:
    """Unpack and check a backup without touching the installation, or making one. Raises ``Refusal``."""
    with _unpacked(path) as (manifest, _folder):
        return manifest


def restore(path: Path, *, replace: bool, now: datetime, beside: Path | None = None) -> list[str]:
    """Make this installation the one in the backup; returns what its operator should know.

    Whatever was erased since the backup was made is erased again, by the list in the home and the one in ``beside``.
    Nothing that is there is overwritten: it is moved aside, and moved back if anything fails. Raises ``Refusal``.
    """
    tools = database_tools()
    _look_at(path)  # before anything is made or said of the installation: is there a backup at all?
    Path(settings.PLENARY_HOME).mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with using_home(alone=True):
            tools.refuse_if_in_use()
            is_occupied = tools.is_occupied() or _has_files()
            if is_occupied and not replace:
                raise Refusal(
                    f"{database.place()} is not empty, and nothing was changed. Restore into another PLENARY_HOME and "
                    "database, or replace this one with --replace; what is there is then moved aside, not deleted."
                )
            with _unpacked(path) as (manifest, folder):
                told = _put_in_place(manifest, folder, f"{now:%Y%m%d_%H%M%S}", is_occupied=is_occupied)
                take_over(folder / ERASURES)
            return told + _bring_up_to_date() + erase_again(beside, now=now)
    except InUse as error:
        raise Refusal(str(error)) from error
    except database_errors() as error:
        raise Refusal(f"The database could not be used, and nothing was changed ({error}).") from error


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[archive.Manifest, Path]]:
    """The backup's files, every one checked, in a folder of PLENARY_HOME that is gone afterwards; where there is no
    home, and none is to be made, in the system's folder for such.
    """
    manifest = _look_at(path)
    size = sum(entry["size"] for entry in manifest.files.values())
    home = Path(settings.PLENARY_HOME)
    place = home if home.is_dir() else Path(tempfile.gettempdir())
    free = shutil.disk_usage(place).free
    if size > free:
        raise Refusal(f"{place} has room for {free:,} bytes, and the backup needs {size:,}.")
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=place) as staging:
        folder = Path(staging)
        manifest = archive.extract(path, folder)
        database_tools().check(folder / archive.DATABASE, manifest.server)
        yield manifest, folder


def _look_at(path: Path) -> archive.Manifest:
    """What the backup says of itself, if it is one that this installation can take."""
    if not path.is_file():
        raise Refusal(f"There is no file {path}.")
    manifest = archive.read_manifest(path)
    _check_fits(path, manifest)
    return manifest


def _check_fits(path: Path, manifest: archive.Manifest) -> None:
    """Of this database's kind, and not of a later version: what is unknown here would be lost."""
    if manifest.vendor != connection.vendor:
        raise Refusal(
            f"{path} is of {manifest.vendor}, and this installation uses {connection.vendor}. "
            "Set PLENARY_DATABASE_URL to a database of the same kind."
        )
    unknown = [row for row in manifest.migrations if tuple(row) not in database.known_migrations()]
    if unknown:
        raise Refusal(
            f"{path} was made by Plenary {manifest.version}, and this is {__version__}, which does not know "
            f"{'.'.join(unknown[0])}. Install the version that made it, or a later one."
        )


def _has_files() -> bool:
    """Whether there is anything but keys, which most commands make that find none."""
    home = Path(settings.PLENARY_HOME)
    return any((home / name).exists() for name in KEPT if name != "keys")


def _put_in_place(manifest: archive.Manifest, folder: Path, stamp: str, *, is_occupied: bool) -> list[str]:
    tools, home = database_tools(), Path(settings.PLENARY_HOME)
    connection.close()
    files = Moves(home / f"former-{stamp}")
    place = tools.put_in_place(folder / archive.DATABASE, stamp)
    try:
        for name in KEPT:
            files.aside(home / name)
            if (folder / name).exists():
                files.into_place(folder / name, home / name)
        _compare(manifest, tools.restored())
        told = _about_settings(folder / SETTINGS_FILE, home)
    except BaseException:
        files.undo()
        place.undo()
        raise
    if is_occupied:
        told.append(tools.former(stamp))
        if files.former.exists():
            told.append(f"The former keys and uploads are in {files.former}; the same holds for them.")
    else:
        _forget(place, files)
    return told


def _forget(place: object, files: Moves) -> None:
    """Where nothing was before, what was moved aside is an empty shell, and keys that nothing was signed with."""
    if isinstance(place, Moves):
        shutil.rmtree(place.former, ignore_errors=True)
    else:
        place.forget()  # type: ignore[attr-defined]
    shutil.rmtree(files.former, ignore_errors=True)


def _compare(manifest: archive.Manifest, found: Contents) -> None:
    """What is in place against what was backed up: every table and its rows."""
    wrong = sorted(
        name
        for name in manifest.rows.keys() | found["rows"].keys()
        if manifest.rows.get(name) != found["rows"].get(name)
    )
    if wrong or found["migrations"] != manifest.migrations:
        raise Refusal(
            f"The restored database differs from the backup ({', '.join(wrong) or 'migrations'}), so it was "
            "taken back. Nothing was changed."
        )


def _about_settings(given: Path, home: Path) -> list[str]:
    """The settings file of the backup takes no effect by itself: it may name another machine's database."""
    told = []
    present = home / SETTINGS_FILE
    if given.exists() and not (present.exists() and present.read_bytes() == given.read_bytes()):
        beside = home / f"{SETTINGS_FILE}.from-backup"
        given.replace(beside)
        told.append(f"The settings of the backup are in {beside}. Take over what should hold here as well.")
    outside = Environment(os.environ, present)
    for name, variable in KEYS.items():
        key = home / "keys" / name
        if key.exists() and outside.text(variable) not in ("", key.read_text("utf-8").strip()):
            told.append(
                f"{variable} is set, and is not the key of the backup (keys/{name}). Remove it, or what was "
                "signed before is not recognized."
            )
    return told


def _bring_up_to_date() -> list[str]:
    pending = database.pending_migrations()
    if not pending:
        return []
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except Exception as error:
        raise Refusal(
            f"The backup is restored, and is {pending} migrations older than this version; bringing it up to date "
            f"failed ({error}). Run: plenary migrate"
        ) from error
    return [f"The backup was older than this version: {pending} migrations were applied."]
