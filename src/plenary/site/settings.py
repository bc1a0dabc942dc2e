"""All settings, in one file. Every one that an operator may change is read from the environment here and nowhere else.

The manual describes them in docs/settings.md; a test keeps the two in step.
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from plenary.site import logs
from plenary.site.environment import Environment, SettingsError, database_from_url, default_home, kept_secret
from plenary.site.modules import LAYERS

_home = Path(os.environ.get("PLENARY_HOME") or default_home(os.environ)).expanduser().resolve()
env = Environment(os.environ, _home / ".env")

# Where everything lives that is not the program: database, keys, uploads.
PLENARY_HOME = _home
try:
    PLENARY_HOME.mkdir(parents=True, exist_ok=True)
    (PLENARY_HOME / "keys").mkdir(mode=0o700, exist_ok=True)
except OSError as error:
    message = f"PLENARY_HOME is {PLENARY_HOME}, where nothing can be written ({error.strerror})."
    raise SettingsError(message) from error

DEBUG = env.boolean("PLENARY_DEBUG", False)
SECRET_KEY = env.text("PLENARY_SECRET_KEY") or kept_secret(PLENARY_HOME / "keys" / "secret")
SECRET_KEY_FALLBACKS = env.words("PLENARY_SECRET_KEY_FALLBACKS", [])
# Signs participants' tokens. Apart from SECRET_KEY, so that changing that one signs nobody out of a consultation.
PLENARY_TOKEN_KEY = env.text("PLENARY_TOKEN_KEY") or kept_secret(PLENARY_HOME / "keys" / "tokens")
ALLOWED_HOSTS = env.words("PLENARY_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("PLENARY_TRUSTED_ORIGINS", [])
# True behind a proxy that terminates TLS and sets X-Forwarded-Proto.
PLENARY_HTTPS = env.boolean("PLENARY_HTTPS", False)

PLENARY_MODULES = [name for layer in LAYERS for name in layer]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "plenary.kit",
    *(f"plenary.{name}" for name in PLENARY_MODULES),
    "plenary.site",
]

MIDDLEWARE = [
    "plenary.site.request_log.RequestLogMiddleware",
    "plenary.site.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "plenary.kit.middleware.RefusalMiddleware",
    "plenary.kit.access.AccessMiddleware",
]

ROOT_URLCONF = "plenary.site.urls"
WSGI_APPLICATION = "plenary.site.wsgi.application"
APPEND_SLASH = False
CSRF_FAILURE_VIEW = "plenary.kit.error_pages.token_missing"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "plenary.kit.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "plenary.kit.templatetags.kit"],
        },
    }
]

DATABASES = {"default": database_from_url(env.text("PLENARY_DATABASE_URL"), PLENARY_HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = env.text("PLENARY_LANGUAGE", "en")
LANGUAGES = [
    ("ar", "العربية"),
    ("zh-hans", "中文"),
    ("en", "English"),
    ("fr", "Français"),
    ("ru", "Русский"),
    ("es", "Español"),
]
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env.text("PLENARY_TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "static/"
# The package's own files are served from where they are installed: no collecting step, nothing to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600

# Uploads and posts above these are refused before they are read into memory.
PLENARY_UPLOAD_LIMIT = env.integer("PLENARY_UPLOAD_LIMIT", 5_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend"
        if env.boolean("PLENARY_WORKER", True)
        else "django_tasks.backends.immediate.ImmediateBackend"
    }
}

# Nothing from other sites, nothing inline: what people type can never run.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PLENARY_HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = PLENARY_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if PLENARY_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PLENARY_HTTPS else None

LOGGING = logs.configuration(
    level=env.choice("PLENARY_LOG_LEVEL", "info", ("debug", "info", "warning", "error")).upper(),
    structured=env.choice("PLENARY_LOG_FORMAT", "plain", ("plain", "json")) == "json",
)
