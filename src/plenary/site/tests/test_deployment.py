"""``plenary check --deploy``: a server that is in order hears nothing, and each danger names what mends it."""

from __future__ import annotations

import pytest

from plenary.site import deployment

SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere/plenary.sqlite3"}


def unsafe_settings(database=SQLITE):
    return deployment.unsafe_settings(database)


@pytest.fixture
def public(settings, tmp_path):
    """Settings as they should be on a public server."""
    settings.DEBUG = False
    settings.PLENARY_HTTPS = True
    settings.PLENARY_HOME = tmp_path
    settings.ALLOWED_HOSTS = ["plenary.example.org"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://plenary.example.org"]
    settings.SECRET_KEY, settings.PLENARY_TOKEN_KEY = "s" * 60, "t" * 60
    settings.PLENARY_FACTOR_KEY = "f" * 60
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "mail.example.org", True
    return settings


def test_a_server_that_is_in_order_hears_nothing(public):
    assert unsafe_settings() == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DEBUG", True, "PLENARY_DEBUG"),
        ("PLENARY_HTTPS", False, "PLENARY_HTTPS=true"),
        ("ALLOWED_HOSTS", ["localhost"], "PLENARY_ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", ["*"], "PLENARY_ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", [".example.org"], "PLENARY_ALLOWED_HOSTS"),
        ("CSRF_TRUSTED_ORIGINS", ["http://plenary.example.org"], "PLENARY_TRUSTED_ORIGINS"),
        ("SECRET_KEY", "short", "PLENARY_SECRET_KEY"),
        ("PLENARY_TOKEN_KEY", "short", "PLENARY_TOKEN_KEY"),
        ("PLENARY_TOKEN_KEY", "s" * 60, "Give each its own"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "mail server"),
        ("EMAIL_USE_TLS", False, "mail travels unencrypted to mail.example.org"),
    ],
)
def test_each_danger_is_told_with_what_mends_it(public, name, value, told):
    setattr(public, name, value)
    (found,) = unsafe_settings()
    assert told in found


def test_the_demonstration_is_not_for_the_public(public, tmp_path):
    (tmp_path / "demonstration-password").touch(mode=0o600)
    (found,) = unsafe_settings()
    assert "Use another PLENARY_HOME" in found


def test_secrets_that_everybody_reads_are_found(public, tmp_path):
    (tmp_path / "keys").mkdir()
    key = tmp_path / "keys" / "secret"
    key.touch(mode=0o644)
    tmp_path.chmod(0o755)
    (found,) = unsafe_settings()
    assert f"chmod o-rwx {key}" in found
    tmp_path.chmod(0o700)
    assert unsafe_settings() == [], "a closed home is enough"


@pytest.mark.parametrize(
    ("host", "options", "is_safe"),
    [
        ("db.example.org", {}, False),
        ("db.example.org", {"sslmode": "prefer"}, False),
        ("db.example.org", {"sslmode": "verify-full"}, True),
        ("localhost", {}, True),
        ("/run/postgresql", {}, True),
    ],
)
def test_a_database_elsewhere_is_spoken_to_in_private(public, host, options, is_safe):
    found = unsafe_settings(
        {"ENGINE": "django.db.backends.postgresql", "NAME": "plenary", "HOST": host, "OPTIONS": options}
    )
    assert (found == []) is is_safe
    assert is_safe or "sslmode=verify-full" in found[0]


def test_a_full_disk_is_told_before_it_is_full(public, monkeypatch):
    monkeypatch.setattr(deployment, "LITTLE_ROOM", 10**18)
    (found,) = unsafe_settings()
    assert "MB left" in found
