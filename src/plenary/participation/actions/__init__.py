"""The writes: opening a consultation, voting, statements and their moderation, and the import of conversations."""

from .attributes import erase_attributes, give_attributes, set_audience
from .consultations import open_consultation
from .importing import import_conversation
from .questions import add_view, answer_question, edit_question, raise_question
from .reach import take_gap_step
from .statements import (
    AlreadySaid,
    NewStatement,
    add_seed_statements,
    add_statements,
    moderate_statements,
    seen_by,
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
    "add_view",
    "answer_question",
    "edit_question",
    "erase_attributes",
    "give_attributes",
    "import_conversation",
    "moderate_statements",
    "open_consultation",
    "raise_question",
    "record_votes",
    "seen_by",
    "set_audience",
    "take_gap_step",
    "take_vote",
    "write_statement",
]
