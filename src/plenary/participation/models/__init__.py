"""Listening: consultations, statements, and votes that are only ever added. See docs/formats/vote-1.md."""

from .attributes import ParticipantAttributes
from .ballots import BallotEntry, BallotSent
from .comments import Comment, Commenter, Useful
from .consultations import Consultation
from .contacts import ContactNews, ParticipantContact
from .integrity import Flag
from .invitations import Invitation
from .moderating import Appeal, Rewording
from .outreach import OutreachCount, OutreachPack
from .questions import CollectiveQuestion
from .reach import GapStep
from .replies import Reply
from .statements import Statement
from .submissions import EnteredStatement, MeetingTally, PaperBallot, StatementContext, Submission
from .surveys import Survey, SurveyAnswer, SurveyOption, SurveyQuestion
from .taking_part import Participant, Seen, Vote

__all__ = [
    "Appeal",
    "BallotEntry",
    "BallotSent",
    "CollectiveQuestion",
    "Comment",
    "Commenter",
    "Consultation",
    "ContactNews",
    "EnteredStatement",
    "Flag",
    "GapStep",
    "Invitation",
    "MeetingTally",
    "OutreachCount",
    "OutreachPack",
    "PaperBallot",
    "Participant",
    "ParticipantAttributes",
    "ParticipantContact",
    "Reply",
    "Rewording",
    "Seen",
    "Statement",
    "StatementContext",
    "Submission",
    "Survey",
    "SurveyAnswer",
    "SurveyOption",
    "SurveyQuestion",
    "Useful",
    "Vote",
]
