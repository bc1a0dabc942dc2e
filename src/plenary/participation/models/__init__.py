"""Listening: consultations, statements, and votes that are only ever added. See docs/formats/vote-1.md."""

from .attributes import ParticipantAttributes
from .consultations import Consultation
from .questions import CollectiveQuestion
from .statements import Statement
from .taking_part import Participant, Vote

__all__ = ["CollectiveQuestion", "Consultation", "Participant", "ParticipantAttributes", "Statement", "Vote"]
from .invitations import Invitation
from .replies import Reply

__all__ = [
    "Consultation",
    "Invitation",
    "Participant",
    "ParticipantAttributes",
    "Reply",
    "Statement",
    "Vote",
]
