"""Reads the settings from the environment, strictly: a value that is not understood stops the start with a reason."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

T = TypeVar("T")

# True while a command only looks (site/cli.py): then no folder and no key is made.
only_looks = False


class SettingsError(Exception):
    """A setting cannot be used; the message names it, its value's form, and what would do."""


class Environment:
    """The process's variables over those of a ``.env`` file; the file never overrides what is set."""

    def __init__(self, variables: Mapping[str, str], dotenv: Path | None = None) -> None:
        self._values = (_read_dotenv(dotenv) if dotenv and dotenv.is_file() else {}) | dict(variables)

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, default).strip()

    def required(self, name: str, *, because: str) -> str:
        """A value that another setting asks for."""
        value = self.text(name)
        if not value:
            raise SettingsError(f"{name} is empty, but {because}.")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        return self._parsed(name, default, _boolean, "true or false")

    def integer(self, name: str, default: int) -> int:
        return self._parsed(name, default, int, "a whole number")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of a few words, in whatever case."""
        value = self.text(name).lower() or default
        if value not in choices:
            raise SettingsError(f"{name} is {value!r}, but it must be one of {', '.join(choices)}.")
        return value

    def words(self, name: str, default: list[str]) -> list[str]:
        """A comma-separated list; empty parts are left out."""
        value = self.text(name)
        return [part.strip() for part in value.split(",") if part.strip()] if value else default

    def path(self, name: str, default: Path) -> Path:
        value = self.text(name)
        return Path(value).expanduser().resolve() if value else default

    def _parsed(self, name: str, default: T, parse: Callable[[str], T], form: str) -> T:
        value = self.text(name)
        if not value:
            return default
        try:
            return parse(value)
        except ValueError:
            raise SettingsError(f"{name} is {value!r}, but it must be {form}.") from None


def _boolean(value: str) -> bool:
    if value.lower() in ("true", "1", "yes", "on"):
        return True
    if value.lower() in ("false", "0", "no", "off"):
        return False
    raise ValueError(value)


def _read_dotenv(path: Path) -> dict[str, str]:
    values = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.removeprefix("export ").partition("=")
        if not equals or not name.strip().replace("_", "").isalnum():
            raise SettingsError(f"{path}, line {number}: expected NAME=value.")
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        values[name.strip()] = value
    return values


def default_home(variables: Mapping[str, str]) -> Path:
    """The user's data directory: ``$XDG_DATA_HOME/plenary``, or ``~/.local/share/plenary``."""
    base = variables.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "plenary"


def database_from_url(url: str, home: Path) -> dict[str, Any]:
    """Django's settings for ``postgresql://user:password@host:port/name?option=…``; SQLite where url is empty."""
    if not url:
        return sqlite(home / "plenary.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and parts.path.strip("/"):
        return sqlite(Path("/" + parts.path.lstrip("/")))
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise SettingsError(
            "PLENARY_DATABASE_URL must be postgresql://user:password@host:port/name or sqlite:////absolute/path."
        )
    options = {"connect_timeout": "5"} | dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def email_from_url(url: str) -> dict[str, Any]:
    """Django's settings for ``smtp://user:password@host:port`` (STARTTLS with a password) or ``smtps://…``."""
    if not url or url == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == -1:
        raise SettingsError(
            "PLENARY_EMAIL_URL must be smtp://user:password@host:port, smtps://user:password@host:port or console."
        )
    secure = parts.scheme == "smtps"
    options = dict(parse_qsl(parts.query))
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if secure else 587 if parts.username else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        # A password never travels in the clear unless the operator says so: a relay on the same machine.
        "EMAIL_USE_TLS": not secure and bool(parts.username) and options.get("starttls") != "no",
    }


def origin_of(url: str) -> str:
    """``https://host:port`` of an address; an issuer without one is refused."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError(
            f"PLENARY_OIDC_ISSUER is {url!r}, but it must be an address such as https://id.example.org."
        )
    return f"{parts.scheme}://{parts.netloc}"


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite so that writers queue instead of failing: WAL, one writer at a time from BEGIN on, a patient wait.

    ``synchronous=FULL`` makes every commit reach the disk: a vote is acknowledged only when it is durable.
    """
    return {
        "ENGINE": "plenary.kit.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
        },
    }


def kept_secret(path: Path) -> str:
    """A random secret kept in a file that only its owner reads; made on first use, and not kept for who only looks.

    Two processes that start at once agree: the file is linked into place whole, and the first link wins.
    """
    if not path.exists():
        if only_looks:
            return secrets.token_urlsafe(48)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), "ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text("ascii").strip()
