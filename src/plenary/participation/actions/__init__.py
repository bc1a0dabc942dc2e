"""The writes: opening a consultation, voting, statements and their moderation, and the import of conversations."""

from .attributes import erase_attributes, give_attributes, set_audience
from .consultations import open_consultation
from .importing import import_conversation
from .moderating import (
    appeal,
    correct_language,
    decide_appeal,
    merge_statement,
    moderate_statements,
    reword_statement,
    separate_statement,
    undo_moderation,
)
from .questions import add_view, answer_question, edit_question, raise_question
from .reach import take_gap_step
from .statements import (
    AlreadySaid,
    NewStatement,
    add_seed_statements,
    add_statements,
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
    "appeal",
    "correct_language",
    "decide_appeal",
    "edit_question",
    "erase_attributes",
    "give_attributes",
    "import_conversation",
    "merge_statement",
    "moderate_statements",
    "open_consultation",
    "raise_question",
    "record_votes",
    "reword_statement",
    "seen_by",
    "separate_statement",
    "set_audience",
    "take_gap_step",
    "take_vote",
    "undo_moderation",
    "write_statement",
]
