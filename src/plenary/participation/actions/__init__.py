"""The writes: opening a consultation, voting, statements and their moderation, and the import of conversations."""

from .attributes import erase_attributes, give_attributes, set_audience
from .consultations import open_consultation
from .importing import import_conversation
from .invitations import (
    finish_sending,
    forget_addresses,
    invite_by_mail,
    make_codes,
    redeem_code,
    resend_invitations,
    revoke_invitations,
    start_sending,
)
from .lifecycle import (
    close_consultation,
    duplicate_consultation,
    edit_consultation,
    pause_consultation,
    publish_consultation,
    publish_reply,
    renew_link,
    reopen_consultation,
    resume_consultation,
    tell_turns,
    turn_of,
)
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
    "close_consultation",
    "correct_language",
    "decide_appeal",
    "duplicate_consultation",
    "edit_consultation",
    "edit_question",
    "erase_attributes",
    "finish_sending",
    "forget_addresses",
    "give_attributes",
    "import_conversation",
    "invite_by_mail",
    "make_codes",
    "merge_statement",
    "moderate_statements",
    "open_consultation",
    "pause_consultation",
    "publish_consultation",
    "publish_reply",
    "raise_question",
    "record_votes",
    "redeem_code",
    "renew_link",
    "reopen_consultation",
    "resend_invitations",
    "resume_consultation",
    "revoke_invitations",
    "reword_statement",
    "seen_by",
    "separate_statement",
    "set_audience",
    "start_sending",
    "take_gap_step",
    "take_vote",
    "tell_turns",
    "turn_of",
    "undo_moderation",
    "write_statement",
]
