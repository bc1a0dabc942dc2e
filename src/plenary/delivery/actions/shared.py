"""What the actions of all subjects share: refusals, a lock, and numbers for the history."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused

from ..models import Round


def require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def require_order(first: date, last: date) -> None:
    if last < first:
        raise Refused(_("The last day lies before the first."))


def require_open(round: Round, today: date) -> None:
    if round.frozen_id is not None:
        raise Refused(_("This round is closed. What it froze stays as it is; the desk can open it again."))
    if not round.takes_reports(today):
        raise Refused(_("This round opens on %(day)s.") % {"day": date_format(round.opens_on)})


def locked_round(round: Round) -> Round:
    return Round.objects.select_for_update(of=("self",)).select_related("record", "frozen").get(pk=round.pk)


def plain(value: Decimal | None) -> str | None:
    """A number for the history, equal for equal numbers."""
    return None if value is None else format(value.normalize(), "f")
