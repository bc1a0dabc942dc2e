"""Routers whose operations know who may use them, and how they say no."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ninja
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.constants import NOT_SET
from ninja.errors import AuthenticationError, Throttled
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from .. import manifest
from ..access import Access
from .schemas import Problem

if TYPE_CHECKING:
    from plenary.people.models import User  # for the type checker alone: the kit imports nothing above it

READING = ("GET", "HEAD")
WRITES_A_MINUTE = 60


@dataclass(frozen=True)
class Bearer:
    """For whom a token speaks, and what she lets it do."""

    user: User
    scopes: frozenset[str]
    token: Any
    """The token itself, for the module that knows tokens."""


class Invalid(Exception):
    """What was sent can be read, but its values cannot be taken: every one, with its place in the body."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


class MissingScope(Exception):
    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class Token(HttpBearer):
    """Personal API tokens. Who sends one is its person, with her roles, as far as its scopes go."""

    def __init__(self, access: Access, scope: str) -> None:
        super().__init__()
        self.access, self.scope = access, scope

    def __call__(self, request: HttpRequest) -> Any:
        if "Authorization" in request.headers and super().__call__(request) is None:
            raise AuthenticationError(message=_("Send the token as “Authorization: Bearer …”."))
        return getattr(request, "bearer", None)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        bearer: Bearer | None = manifest.resolve(manifest.bearer())(token.strip())
        if bearer is None:
            raise AuthenticationError(message=_("This token is not known, has expired or was revoked."))
        if self.scope not in bearer.scopes:
            raise MissingScope(self.scope)
        if self.access.needs_account and not self.access.allows(bearer.user):
            raise PermissionDenied(self.access.why)
        request.user = bearer.user
        request.bearer = bearer  # type: ignore[attr-defined]
        return bearer


def _anybody(request: HttpRequest) -> bool:
    """Cookies count for nothing here: a request without a token is nobody's."""
    return True


def clock() -> float:
    return time.time()


class WriteLimit(BaseThrottle):
    """So many writes a minute of one token, in the cache that all share."""

    def allow_request(self, request: HttpRequest) -> bool:
        bearer: Bearer = request.bearer  # type: ignore[attr-defined]
        key = f"api.writes.{bearer.token.pk}.{int(clock() // 60)}"
        cache.add(key, 0, 120)
        try:
            return cache.incr(key) <= WRITES_A_MINUTE
        except ValueError:  # a full cache has dropped it just now, and counts anew
            return True

    def wait(self) -> float:
        return 60 - clock() % 60


class Router(ninja.Router):
    """A router of operations that declare who may use them, by the decorators of ``kit.access`` beneath its own.

    Reading takes the scope ``read`` where a token is sent, everything else the scope ``write`` of a token that must be.
    """

    def get(self, path: str, **options: Any) -> Callable[[Any], Any]:
        return self.api_operation(list(READING), path, **options)

    def add_api_operation(self, path: str, methods: list[str], view_func: Any, **options: Any) -> None:
        access: Access | None = getattr(view_func, "access", None)
        if access is None:
            raise ImproperlyConfigured(f"{view_func!r} declares no access: see plenary.kit.access.")
        reads = set(methods) <= set(READING)
        token = Token(access, "read" if reads else "write")
        is_open = reads and not access.needs_account
        response = options.pop("response", NOT_SET)
        answers = dict(response) if isinstance(response, dict) else {200: response}
        super().add_api_operation(
            path,
            methods,
            view_func,
            **options
            | {
                "auth": [token, _anybody] if is_open else [token],
                "throttle": NOT_SET if reads else [WriteLimit()],
                "response": answers | dict.fromkeys(_refusals(path, reads), Problem),
                "summary": options.get("summary") or _first_line(view_func),
                "by_alias": True,
                "description": _after_first_line(view_func) or " ",
                "operation_id": options.get("operation_id") or view_func.__name__,
            },
        )


def _refusals(path: str, reads: bool) -> list[int]:
    """The errors that an operation may answer with."""
    found = [400, 401, 403, 404, 406, 422, 500, 503]
    return sorted([*found, *([] if reads else [409, 413, 429])])


def _first_line(view: Any) -> str:
    return (view.__doc__ or view.__name__).strip().splitlines()[0].rstrip(".")


def _after_first_line(view: Any) -> str:
    lines = (view.__doc__ or "").strip().splitlines()[1:]
    return "\n".join(line.strip() for line in lines).strip()


def throttled(error: Throttled) -> str:
    return _("This token has sent too much in a minute. Wait %(seconds)s seconds, then try again.") % {
        "seconds": error.wait or 60
    }
