"""Steps towards people who are missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import rules
from plenary.participation.models import Consultation, GapStep
from plenary.participation.platforms import Platform
from plenary.participation.reach import Gap
from plenary.records.actions import write_event
from plenary.records.models import Organization

from .outreach import make_pack

if TYPE_CHECKING:
    from plenary.people.models import User


@dataclass(frozen=True)
class Pack:
    """Words with a tagged link, for whoever passes them on."""

    words: str
    language: str
    code: str


@transaction.atomic
def take_gap_step(
    *,
    consultation: Consultation,
    gap: Gap,
    by_way_of: str,
    organization: Organization | None,
    note: str,
    by: User,
    now: datetime,
    pack: Pack | None = None,
) -> GapStep:
    """Record what was done about people who are missing, with how large the gap was; the public page tells it.

    ``pack`` are the words that an organization passes on, with a link of its own: so what came of it is counted.
    """
    if not rules.may_open_consultation(by):
        raise PermissionDenied
    if by_way_of == GapStep.By.ORGANIZATION and organization is None:
        raise Refused(_("Choose the organization that was asked."))
    if by_way_of == GapStep.By.OTHER and not note.strip():
        raise Refused(_("Say in a sentence what was done."))
    assert gap.cell.wanted is not None  # else nobody is missing
    step = GapStep.objects.create(
        consultation=consultation,
        attribute=gap.table.name,
        value=gap.cell.key,
        by_way_of=by_way_of,
        organization=organization if by_way_of == GapStep.By.ORGANIZATION else None,
        note=note.strip(),
        share_then=gap.cell.share,
        wanted_then=gap.cell.wanted,
        taken_by=by,
        taken_at=now,
    )
    if step.organization and pack is not None:
        make_pack(
            consultation=consultation, platform=Platform.NEWSLETTER, language=pack.language, words=pack.words,
            code=pack.code, place=f"{step.attribute}: {step.value} · {step.organization.reference}", by=by, now=now,
        )  # fmt: skip
    reference = step.organization.reference if step.organization else None
    write_event(
        record=consultation.record,
        verb="reached out to who is missing",
        by=by,
        now=now,
        changes={
            "missing": [None, f"{step.attribute}: {step.value}"],
            "by way of": [None, step.by_way_of],
            "organization": [None, reference],
        },
    )
    return step
