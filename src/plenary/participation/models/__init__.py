"""Listening: consultations, statements, and votes that are only ever added. See docs/formats/vote-1.md."""

from .attributes import ParticipantAttributes
from .ballots import BallotEntry, BallotSent
from .consultations import Consultation
from .invitations import Invitation
from .moderating import Appeal, Rewording
from .outreach import OutreachCount, OutreachPack
from .questions import CollectiveQuestion
from .reach import GapStep
from .replies import Reply
from .statements import Statement
from .submissions import EnteredStatement, MeetingTally, PaperBallot, StatementContext, Submission
from .taking_part import Participant, Seen, Vote

__all__ = [
    "Appeal",
    "BallotEntry",
    "BallotSent",
    "CollectiveQuestion",
    "Consultation",
    "EnteredStatement",
    "GapStep",
    "Invitation",
    "MeetingTally",
    "OutreachCount",
    "OutreachPack",
    "PaperBallot",
    "Participant",
    "ParticipantAttributes",
    "Reply",
    "Rewording",
    "Seen",
    "Statement",
    "StatementContext",
    "Submission",
    "Vote",
]
