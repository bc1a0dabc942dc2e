"""Reads of invitations: for those who send them, counts and addresses; never who used one."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet

from plenary.participation import tokens
from plenary.participation.models import Consultation, Invitation


def get_invitation(code: str) -> Invitation | None:
    """The invitation behind a code, used or not."""
    if not any(map(str.isalnum, code)) or len(code) > 100:
        return None
    return (
        Invitation.objects.filter(code_hash=tokens.hash_of_code(code))
        .select_related("consultation__record")
        .first()
    )


def list_invited_addresses(consultation: Consultation) -> set[str]:
    """The addresses that have an invitation which was not used."""
    return set(
        Invitation.objects.filter(consultation=consultation).exclude(email="").values_list("email", flat=True)
    )


def list_invitations(consultation: Consultation) -> QuerySet[Invitation]:
    """Those by e-mail that were not used yet, failures first."""
    return (
        Invitation.objects.filter(consultation=consultation)
        .exclude(email="")
        .order_by("state", "email", "pk")
    )


def count_invitations(consultation: Consultation) -> list[tuple[str, Any, int]]:
    """How many are in each state, with the state's name; those in none are left out."""
    counts = dict(
        Invitation.objects.filter(consultation=consultation)
        .values_list("state")
        .annotate(Count("pk"))
        .order_by()
    )
    return [(value, label, counts[value]) for value, label in Invitation.State.choices if value in counts]


def count_printed(consultation: Consultation) -> list[Any]:
    """Printed lists by their names, with how many of their codes are unused."""
    return list(
        Invitation.objects.filter(consultation=consultation, state=Invitation.State.PRINTED)
        .values("label", "invited_on")
        .annotate(unused=Count("pk"))
        .order_by("invited_on", "label")
    )


def count_failed(consultation: Consultation) -> int:
    """How many mails the mail server did not take."""
    return Invitation.objects.filter(consultation=consultation, state=Invitation.State.FAILED).count()


def list_invitations_kept_in() -> list[int]:
    """The consultations for which addresses are kept."""
    return list(Invitation.objects.exclude(email="").values_list("consultation", flat=True).distinct())
