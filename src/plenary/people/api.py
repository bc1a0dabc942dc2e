"""Who a token speaks for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from pydantic import Field

from plenary.kit import access
from plenary.kit.api import Bearer, DateTime, Output, Router

from . import actions, queries
from .models import Token

router = Router(tags=["Account"])


def bearer(secret: str) -> Bearer | None:
    """For whom a token speaks. Its first use on a day is remembered."""
    now = timezone.now()
    token = queries.get_token(secret, now)
    if token is None:
        return None
    actions.note_use_of_token(token=token, today=timezone.localdate(now))
    return Bearer(token.user, frozenset(token.scopes), token)


class AccountRole(Output):
    role: str
    organization: str = Field(description="Reference of the organization in which it is held")


class Account(Output):
    name: str
    token: str = Field(description="Name of the token that was sent")
    scopes: list[str]
    expires_at: DateTime
    roles: list[AccountRole]


@router.get("/account", response=Account, operation_id="get_account")
@access.signed_in
def account(request: HttpRequest) -> Any:
    """Who the token speaks for, and what it may do"""
    bearer: Any = request.bearer  # type: ignore[attr-defined]  # the operation takes a token
    token: Token = bearer.token
    return {
        "name": str(token.user),
        "token": token.name,
        "scopes": token.scopes,
        "expires_at": token.expires_at.isoformat(),
        "roles": [
            {"role": role, "organization": reference} for role, reference in queries.list_roles_of(token.user)
        ],
    }
