from .attributes import about_you, audience
from .consultations import consultations, new_consultation, terms
from .embedding import embed, embed_line
from .feeds import consultation_calendar, consultations_calendar, consultations_feed, statements_feed
from .invitations import invitation_codes, invitations, join
from .lifecycle import (
    answer_consultation,
    consultation_step,
    duplicate_consultation,
    edit_consultation,
    preview_consultation,
)
from .managing import manage_consultation
from .mine import mine
from .moderation import moderation
from .paper import paper
from .reach import gaps, reach, reach_csv
from .statements import statement, statements
from .submissions import (
    correct_submission,
    enter_ballots,
    enter_hands,
    new_submission,
    scan,
    submission,
    submissions,
)
from .voting import consultation
from .writing import write_statement

__all__ = [
    "about_you",
    "answer_consultation",
    "audience",
    "consultation",
    "consultation_calendar",
    "consultation_step",
    "consultations",
    "consultations_calendar",
    "consultations_feed",
    "correct_submission",
    "duplicate_consultation",
    "edit_consultation",
    "embed",
    "embed_line",
    "enter_ballots",
    "enter_hands",
    "gaps",
    "invitation_codes",
    "invitations",
    "join",
    "manage_consultation",
    "mine",
    "moderation",
    "new_consultation",
    "new_submission",
    "paper",
    "preview_consultation",
    "reach",
    "reach_csv",
    "scan",
    "statement",
    "statements",
    "statements_feed",
    "submission",
    "submissions",
    "terms",
    "write_statement",
]
