from django.urls import path

from . import views
from .views import outreach, questions

urlpatterns = [
    path("consultations", views.consultations, name="consultations"),
    path("consultations/new", views.new_consultation, name="new-consultation"),
    path("consultations/calendar.ics", views.consultations_calendar, name="consultations-calendar"),
    path("consultations/feed.atom", views.consultations_feed, name="consultations-feed"),
    path("consultations/import", views.import_polis, name="import-polis"),
    path("consultations/<str:reference>", views.consultation, name="consultation"),
    path("join", views.join, name="join"),
    path(
        "consultations/<str:reference>/calendar.ics",
        views.consultation_calendar,
        name="consultation-calendar",
    ),
    path("consultations/<str:reference>/statements.atom", views.statements_feed, name="statements-feed"),
    path("consultations/<str:reference>/edit", views.edit_consultation, name="edit-consultation"),
    path("consultations/<str:reference>/preview", views.preview_consultation, name="preview-consultation"),
    path("consultations/<str:reference>/answer", views.answer_consultation, name="answer-consultation"),
    path(
        "consultations/<str:reference>/duplicate", views.duplicate_consultation, name="duplicate-consultation"
    ),
    path("consultations/<str:reference>/invitations", views.invitations, name="invitations"),
    path("consultations/<str:reference>/invitations/codes", views.invitation_codes, name="invitation-codes"),
    path(
        "consultations/<str:reference>/manage/<str:step>", views.consultation_step, name="consultation-step"
    ),
    path("consultations/<str:reference>/manage", views.manage_consultation, name="manage-consultation"),
    path("consultations/<str:reference>/statements", views.statements, name="consultation-statements"),
    path("consultations/<str:reference>/statements/new", views.write_statement, name="write-statement"),
    path(
        "consultations/<str:reference>/statements/language", views.correct_language, name="correct-language"
    ),
    path("consultations/<str:reference>/statements/appeal", views.appeal, name="appeal"),
    path("consultations/<str:reference>/moderation", views.moderation, name="moderation"),
    path("consultations/<str:reference>/about-you", views.about_you, name="about-you"),
    path("consultations/<str:reference>/audience", views.audience, name="audience"),
    path("consultations/<str:reference>/export/polis.zip", views.polis_export, name="polis-export"),
    path(
        "consultations/<str:reference>/export/statements.csv",
        views.statements_export,
        name="statements-export",
    ),
    path("consultations/<str:reference>/paper", views.paper, name="paper"),
    path("consultations/<str:reference>/languages", views.languages, name="consultation-languages"),
    path("consultations/<str:reference>/reach", views.reach, name="reach"),
    path("consultations/<str:reference>/reach.csv", views.reach_csv, name="reach-csv"),
    path("consultations/<str:reference>/gaps", views.gaps, name="gaps"),
    path("consultations/<str:reference>/mine", views.mine, name="mine"),
    path("consultations/<str:reference>/mine/erase", views.erase_mine, name="erase-mine"),
    path("consultations/<str:reference>/erase", views.erase_participant, name="erase-participant"),
    path("consultations/<str:reference>/embed", views.embed_line, name="embed-line"),
    path("embed/<str:reference>", views.embed, name="embed"),
    path("consultations/<str:reference>/submissions", views.submissions, name="submissions"),
    path("consultations/<str:reference>/submissions/new", views.new_submission, name="new-submission"),
    path("consultations/<str:reference>/proposals", views.import_decidim, name="import-decidim"),
    path("consultations/<str:reference>/submissions/import", views.import_batch, name="import-batch"),
    path(
        "consultations/<str:reference>/submissions/template/<str:name>",
        views.batch_template,
        name="batch-template",
    ),
    path(
        "consultations/<str:reference>/submissions/returned/<str:key>",
        views.returned_batch,
        name="returned-batch",
    ),
    path("consultations/<str:reference>/submissions/<int:number>", views.submission, name="submission"),
    path(
        "consultations/<str:reference>/submissions/<int:number>/facts",
        views.correct_submission,
        name="correct-submission",
    ),
    path(
        "consultations/<str:reference>/submissions/<int:number>/ballots",
        views.enter_ballots,
        name="enter-ballots",
    ),
    path(
        "consultations/<str:reference>/submissions/<int:number>/hands", views.enter_hands, name="enter-hands"
    ),
    path("consultations/<str:reference>/submissions/<int:number>/scan", views.scan, name="submission-scan"),
    path("statements/<str:reference>", views.statement, name="statement"),
    path("consultations/<str:reference>/outreach", outreach.outreach, name="outreach"),
    path("consultations/<str:reference>/outreach/new", outreach.new_pack, name="new-pack"),
    path(
        "consultations/<str:reference>/outreach/<str:code>/<str:name>", outreach.pack_file, name="pack-file"
    ),
    path("o/<str:code>", outreach.follow_link, name="outreach-link"),
    path("o/<str:code>/seen", outreach.seen, name="outreach-seen"),
    path("questions", questions.questions, name="questions"),
    path("questions/new", questions.new_question, name="new-question"),
    path("questions/<str:reference>", questions.question, name="question"),
    path("questions/<str:reference>/edit", questions.edit_question, name="edit-question"),
    path("questions/<str:reference>/views", questions.add_view, name="add-view"),
    path("questions/<str:reference>/answer", questions.answer_question, name="answer-question"),
    path("consultations/<str:reference>/surveys", views.consultation_surveys, name="consultation-surveys"),
    path("consultations/<str:reference>/surveys/<str:survey>", views.answer_survey, name="answer-survey"),
    path("surveys/<str:reference>", views.survey, name="survey"),
    path("surveys/<str:reference>/edit", views.edit_survey, name="edit-survey"),
    path("surveys/<str:reference>/change", views.change_survey, name="change-survey"),
    path(
        "surveys/<str:reference>/questions/<int:number>/edit",
        views.edit_survey_question,
        name="edit-survey-question",
    ),
    path("surveys/<str:reference>/texts", views.survey_texts, name="survey-texts"),
    path("surveys/<str:reference>/texts/<int:number>", views.statement_of_answer, name="statement-of-answer"),
    path("surveys/<str:reference>/results.csv", views.survey_csv, name="survey-csv"),
    path("surveys/<str:reference>/answers.csv", views.survey_rows_csv, name="survey-rows-csv"),
    path("surveys/<str:reference>/cycles", views.survey_trend, name="survey-trend"),
    path("surveys/<str:reference>/cycles.csv", views.survey_trend_csv, name="survey-trend-csv"),
    path("surveys/<str:reference>/cycles/<int:number>", views.survey_trend, name="question-trend"),
    path("cycles", views.cycles, name="cycles"),
    path("comments/moderation", views.comment_moderation, name="comment-moderation"),
    path("comments/<str:reference>", views.comment, name="comment"),
    path("comments/on/<str:strategy>", views.comments_of, name="comments-of"),
    path("comments/on/<str:strategy>/<local:local>", views.comments, name="comments"),
    path("terms", views.terms, name="terms"),
]
