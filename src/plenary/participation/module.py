from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Edge, Kind, Module, Navigation, Slot

MODULE = Module(
    name="participation",
    urls="plenary.participation.urls",
    api="plenary.participation.api.router",
    desk="plenary.participation.desk.desk",
    texts="plenary.participation.queries.texts",
    parts={
        "title": pgettext_lazy("part of a record", "title"),
        "question": pgettext_lazy("part of a record", "question"),
        "introduction": pgettext_lazy("part of a record", "introduction"),
        "statement": pgettext_lazy("part of a record", "statement"),
    },
    kinds=(
        Kind(
            "consultation",
            "CON",
            _("Consultation"),
            _("Consultations"),
            page="plenary.participation.permalinks.consultation_page",
            data="plenary.participation.permalinks.consultation_data",
            schema="plenary.participation.api.Consultation",
        ),
        Kind(
            "statement",
            "STM",
            _("Statement"),
            _("Statements"),
            page="plenary.participation.permalinks.statement_page",
            data="plenary.participation.permalinks.statement_data",
            schema="plenary.participation.api.Statement",
        ),
        Kind(
            "collectivequestion",
            "QST",
            pgettext_lazy("record", "Question"),
            pgettext_lazy("record", "Questions"),
            page="plenary.participation.permalinks.question_page",
            data="plenary.participation.permalinks.question_data",
            schema="plenary.participation.questions_api.Question",
        ),
    ),
    navigation=(
        Navigation(_("Take part"), "consultations", order=20),
        Navigation(_("Questions"), "questions", order=35),
    ),
    slots=(
        Slot("site.home", "participation/_home.html", "plenary.participation.slots.home", order=20),
        Slot("strategy.clause", "participation/_clause.html", "plenary.participation.slots.clause", order=20),
        Slot(
            "strategy.clause",
            "participation/_clause_questions.html",
            "plenary.participation.slots.clause_questions",
            order=40,
        ),
    ),
    edges=(
        Edge(
            "record-question",
            "plenary.participation.queries.edges_record_to_question",
            _("raised the question"),
        ),
        Edge(
            "question-consultation",
            "plenary.participation.queries.edges_about_to_consultation",
            _("was asked in"),
        ),
        Edge(
            "question-clause",
            "plenary.participation.queries.edges_question_to_clause",
            _("is answered in the clause"),
        ),
        Edge(
            "source-consultation",
            "plenary.participation.queries.edges_source_to_consultation",
            _("was imported as"),
        ),
        Edge(
            "consultation-statement",
            "plenary.participation.queries.edges_consultation_to_statement",
            _("heard"),
        ),
        Edge(
            "statement-merged",
            "plenary.participation.queries.edges_statement_to_survivor",
            _("was merged into"),
        ),
    ),
    verbs={
        "raised": pgettext_lazy("event", "raised"),
        "answered": pgettext_lazy("event", "answered"),
        "edited": pgettext_lazy("event", "given new words"),
        "opened": pgettext_lazy("event", "opened"),
        "reached out to who is missing": pgettext_lazy("event", "reached out to who is missing"),
        "votes recorded": pgettext_lazy("event", "votes recorded"),
        "audience set": pgettext_lazy("event", "audience set"),
        "written": pgettext_lazy("event", "written"),
        "accepted": pgettext_lazy("event", "accepted"),
        "rejected": pgettext_lazy("event", "rejected"),
        "put back": pgettext_lazy("event", "put back into the queue"),
        "decision undone": pgettext_lazy("event", "decision undone"),
        "merged": pgettext_lazy("event", "merged into another"),
        "separated": pgettext_lazy("event", "separated again"),
        "reworded": pgettext_lazy("event", "given other words"),
        "language corrected": pgettext_lazy("event", "language corrected"),
        "appealed": pgettext_lazy("event", "appealed against"),
        "appeal upheld": pgettext_lazy("event", "accepted on appeal"),
        "appeal dismissed": pgettext_lazy("event", "rejection confirmed on appeal"),
    },
)
