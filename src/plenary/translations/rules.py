"""Who may translate. Of the text itself, its module says more (``Module.translators`` of the manifest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plenary.kit import manifest
from plenary.people.rules import is_contributor, is_desk

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser


def may_translate(user: Viewer) -> bool:
    """The desk, and whoever contributes for an organization: translators hold that role.

    Every translation keeps its author's name and what it took the place of, so that none has to be approved first.
    """
    return is_desk(user) or is_contributor(user)


def may_translate_kind(user: Viewer, kind: str) -> bool:
    """Translate the texts of one kind of record, where its module lets fewer people do so."""
    module = next(
        module for module in manifest.modules() if any(known.name == kind for known in module.kinds)
    )
    return may_translate(user) and (
        not module.translators or bool(manifest.resolve(f"plenary.{module.translators}")(user))
    )


def may_use_machine(user: Viewer) -> bool:
    """Have what is missing translated by the machine that the operator set up, which may cost money."""
    return is_desk(user)
