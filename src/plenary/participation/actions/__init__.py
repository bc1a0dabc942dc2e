"""The writes: opening a consultation, voting, statements and their moderation, and the import of conversations."""

from .consultations import open_consultation
from .importing import import_conversation
from .statements import (
    AlreadySaid,
    NewStatement,
    add_seed_statements,
    add_statements,
    moderate_statements,
    write_statement,
)
from .voting import BulkVote, VoteTaken, record_votes, take_vote

__all__ = [
    "AlreadySaid",
    "BulkVote",
    "NewStatement",
    "VoteTaken",
    "add_seed_statements",
    "add_statements",
    "import_conversation",
    "moderate_statements",
    "open_consultation",
    "record_votes",
    "take_vote",
    "write_statement",
]
