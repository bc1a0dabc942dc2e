from .attributes import about_you, audience
from .ballots import ballot, edit_ballot
from .batches import batch_template, import_batch, returned_batch
from .comments import comment, comment_moderation, comments, comments_of
from .consultations import consultations, new_consultation, terms
from .contacts import confirm_contact, follow_mine, stop_contact
from .cycles import cycles, survey_trend, survey_trend_csv
from .embedding import embed, embed_line
from .erasing import erase_mine, erase_participant
from .exporting import polis_export, statements_export
from .feeds import consultation_calendar, consultations_calendar, consultations_feed, statements_feed
from .importing import import_decidim, import_polis
from .invitations import invitation_codes, invitations, join
from .languages import languages
from .lifecycle import (
    answer_consultation,
    consultation_step,
    duplicate_consultation,
    edit_consultation,
    preview_consultation,
)
from .managing import manage_consultation
from .mine import mine
from .moderation import appeals, duplicates, mark_meta, moderation, moderation_log, reword, separate
from .paper import paper
from .reach import gaps, reach, reach_csv
from .resuming import another_device, resume
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
from .surveys import (
    answer_survey,
    change_survey,
    consultation_surveys,
    edit_survey,
    edit_survey_question,
    statement_of_answer,
    survey,
    survey_csv,
    survey_rows_csv,
    survey_texts,
)
from .voting import consultation
from .writing import appeal, correct_language, write_statement

__all__ = [
    "about_you",
    "another_device",
    "answer_consultation",
    "answer_survey",
    "appeal",
    "appeals",
    "audience",
    "ballot",
    "batch_template",
    "change_survey",
    "comment",
    "comment_moderation",
    "comments",
    "comments_of",
    "confirm_contact",
    "consultation",
    "consultation_calendar",
    "consultation_step",
    "consultation_surveys",
    "consultations",
    "consultations_calendar",
    "consultations_feed",
    "correct_language",
    "correct_submission",
    "cycles",
    "duplicate_consultation",
    "duplicates",
    "edit_ballot",
    "edit_consultation",
    "edit_survey",
    "edit_survey_question",
    "embed",
    "embed_line",
    "enter_ballots",
    "enter_hands",
    "erase_mine",
    "erase_participant",
    "follow_mine",
    "gaps",
    "import_batch",
    "import_decidim",
    "import_polis",
    "invitation_codes",
    "invitations",
    "join",
    "languages",
    "manage_consultation",
    "mark_meta",
    "mine",
    "moderation",
    "moderation_log",
    "new_consultation",
    "new_submission",
    "paper",
    "polis_export",
    "preview_consultation",
    "reach",
    "reach_csv",
    "resume",
    "returned_batch",
    "reword",
    "scan",
    "separate",
    "statement",
    "statement_of_answer",
    "statements",
    "statements_export",
    "statements_feed",
    "stop_contact",
    "submission",
    "submissions",
    "survey",
    "survey_csv",
    "survey_rows_csv",
    "survey_texts",
    "survey_trend",
    "survey_trend_csv",
    "terms",
    "write_statement",
]
