"""All settings, in one file. Every one that an operator may change is read from the environment here and nowhere else.

The manual describes them in docs/settings.md; a test keeps the two in step.
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from plenary.site import environment, logs
from plenary.site.environment import (
    Environment,
    SettingsError,
    database_from_url,
    default_home,
    email_from_url,
    kept_secret,
    origin_of,
)
from plenary.site.modules import LAYERS

_home = Path(os.environ.get("PLENARY_HOME") or default_home(os.environ)).expanduser().resolve()

# Where everything lives that is not the program: database, keys, uploads.
PLENARY_HOME = _home
try:
    if not environment.only_looks:
        PLENARY_HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
        (PLENARY_HOME / "keys").mkdir(mode=0o700, exist_ok=True)
    env = Environment(os.environ, PLENARY_HOME / ".env")
    SECRET_KEY = env.text("PLENARY_SECRET_KEY") or kept_secret(PLENARY_HOME / "keys" / "secret")
    # Signs participants' tokens. Apart from SECRET_KEY, so that changing that one signs nobody out of a consultation.
    PLENARY_TOKEN_KEY = env.text("PLENARY_TOKEN_KEY") or kept_secret(PLENARY_HOME / "keys" / "tokens")
    # Encrypts what authenticator apps and recovery codes are checked against.
    PLENARY_FACTOR_KEY = env.text("PLENARY_FACTOR_KEY") or kept_secret(PLENARY_HOME / "keys" / "factors")
except OSError as error:
    message = (
        f"PLENARY_HOME is {PLENARY_HOME}, where this account cannot read and write ({error.strerror}). Run the "
        "command as the account that owns the folder, or set PLENARY_HOME to another one."
    )
    raise SettingsError(message) from error

DEBUG = env.boolean("PLENARY_DEBUG", False)
SECRET_KEY_FALLBACKS = env.words("PLENARY_SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.words("PLENARY_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("PLENARY_TRUSTED_ORIGINS", [])
# True behind a proxy that terminates TLS and sets X-Forwarded-Proto.
PLENARY_HTTPS = env.boolean("PLENARY_HTTPS", False)
# How many proxies stand in front, each of which adds one address to X-Forwarded-For. TLS means that there is one.
PLENARY_PROXIES = env.integer("PLENARY_PROXIES", 1 if PLENARY_HTTPS else 0)

# Where mails that nobody's request sends lead to.
PLENARY_URL = env.text("PLENARY_URL", f"{'https' if PLENARY_HTTPS else 'http'}://{ALLOWED_HOSTS[0]}").rstrip(
    "/"
)

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
    # Below ours: the pages of plenary.people stand before the stock ones of the same name.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "plenary.site.request_log.RequestLogMiddleware",
    "plenary.site.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "plenary.participation.quick.QuickVoteMiddleware",
    "plenary.site.assets.StaticFilesMiddleware",
    "plenary.site.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
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

# Limits on attempts must hold in every server process, so they are counted in the database (docs/decisions/0010).
# What may differ from process to process, and is only quicker when kept, is "local".
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
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

# Whether anybody may open an account. One without a role follows records and is told what became of them.
PLENARY_SIGN_UP = env.boolean("PLENARY_SIGN_UP", True)
ACCOUNT_ADAPTER = "plenary.people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# By a code that is typed in: it works when the mail is read on another device, and no mail scanner confirms it.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 128  # what is counted by is a pseudonym, see people/clients.py
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds
ACCOUNT_FORMS = {
    "login": "plenary.people.forms.SignInForm",
    "signup": "plenary.people.forms.SignUpForm",
    "add_email": "plenary.people.forms.AddAddressForm",
    "change_password": "plenary.people.forms.ChangePasswordForm",
    "set_password": "plenary.people.forms.SetPasswordForm",
    "reset_password": "plenary.people.forms.ResetPasswordForm",
    "reset_password_from_key": "plenary.people.forms.NewPasswordForm",
    "reauthenticate": "plenary.people.forms.ConfirmPasswordForm",
    "confirm_email_verification_code": "plenary.people.forms.ConfirmAddressForm",
}
MFA_ADAPTER = "plenary.people.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_ISSUER = "Plenary"
MFA_TOTP_TOLERANCE = 1  # telephones' clocks are half a minute off
# Without TLS, browsers offer passkeys on localhost only: the demonstration.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PLENARY_HTTPS
MFA_FORMS = {
    "authenticate": "plenary.people.forms.SecondFactorForm",
    "reauthenticate": "plenary.people.forms.ConfirmCodeForm",
    "activate_totp": "plenary.people.forms.ActivateAppForm",
    "add_webauthn": "plenary.people.forms.AddPasskeyForm",
    "signup_webauthn": "plenary.people.forms.FirstPasskeyForm",
    "edit_webauthn": "plenary.people.forms.RenamePasskeyForm",
}

# Single sign-on with an OpenID Connect issuer; off unless the three are set.
PLENARY_OIDC_ISSUER = env.text("PLENARY_OIDC_ISSUER").rstrip("/")
PLENARY_OIDC_DOMAINS = [domain.lower().lstrip("@") for domain in env.words("PLENARY_OIDC_DOMAINS", [])]
SOCIALACCOUNT_ADAPTER = "plenary.people.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_FORMS = {"signup": "plenary.people.forms.SignUpWithProviderForm"}
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env.text("PLENARY_OIDC_NAME", "Single sign-on"),
                "client_id": env.required("PLENARY_OIDC_CLIENT_ID", because="PLENARY_OIDC_ISSUER is set"),
                "secret": env.required("PLENARY_OIDC_CLIENT_SECRET", because="PLENARY_OIDC_ISSUER is set"),
                "settings": {"server_url": PLENARY_OIDC_ISSUER},
            }
        ]
        if PLENARY_OIDC_ISSUER
        else [],
    }
}

# Mail: printed to the console where no server is set, so that a trial installation shows what it would send.
EMAIL_TIMEOUT = 10
globals().update(email_from_url(env.text("PLENARY_EMAIL_URL")))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("PLENARY_EMAIL_FROM", "Plenary <plenary@localhost>")

# A machine that translates what nobody has translated yet; off unless its address is set (translations/machine.py).
PLENARY_TRANSLATE_URL = env.text("PLENARY_TRANSLATE_URL").rstrip("/")
PLENARY_TRANSLATE_KIND = env.choice("PLENARY_TRANSLATE_KIND", "libretranslate", ("libretranslate", "openai"))
PLENARY_TRANSLATE_KEY = env.text("PLENARY_TRANSLATE_KEY")
PLENARY_TRANSLATE_MODEL = (
    env.required("PLENARY_TRANSLATE_MODEL", because="PLENARY_TRANSLATE_KIND is openai")
    if PLENARY_TRANSLATE_URL and PLENARY_TRANSLATE_KIND == "openai"
    else env.text("PLENARY_TRANSLATE_MODEL")
)

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
FORMAT_MODULE_PATH = ["plenary.kit.formats"]
TIME_ZONE = env.text("PLENARY_TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "static/"
# Collected by the first process that serves, under names that hold their hash (site/assets.py): nothing to forget.
# Whoever works on the files themselves sees them as they are.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "plenary.site.assets.HashedStaticFiles"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600
# No other site has a use for them.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Uploads and posts above these are refused before they are read into memory.
PLENARY_UPLOAD_LIMIT = env.integer("PLENARY_UPLOAD_LIMIT", 5_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# Statements sent from one address (participation/limits.py): room for a school class, not for a machine.
PLENARY_STATEMENTS_PER_MINUTE = env.integer("PLENARY_STATEMENTS_PER_MINUTE", 120)
PLENARY_STATEMENTS_PER_DAY = env.integer("PLENARY_STATEMENTS_PER_DAY", 2_000)

# Hours between two analyses of a consultation that nobody asked for (insight/schedule.py); 0 for none.
PLENARY_ANALYSE_EVERY = env.integer("PLENARY_ANALYSE_EVERY", 24)

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
        # A form's answer may lead on to the issuer, and browsers hold that against the form.
        "form-action": [SELF, origin_of(PLENARY_OIDC_ISSUER)] if PLENARY_OIDC_ISSUER else [SELF],
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
