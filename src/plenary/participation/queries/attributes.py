"""What one participant said about herself. Nothing here is for anybody but her."""

from __future__ import annotations

from plenary.participation.models import Participant, ParticipantAttributes


def get_attributes(participant: Participant | None) -> ParticipantAttributes | None:
    """Her answers, or that she gave none; None where she was not asked yet. One query."""
    if participant is None:
        return None
    return ParticipantAttributes.objects.filter(participant=participant).first()
