from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Consumer, Edge, Kind, Module, Navigation, Slot

MODULE = Module(
    name="insight",
    urls="plenary.insight.urls",
    api="plenary.insight.api.router",
    desk="plenary.insight.desk.desk",
    texts="plenary.insight.report_making.texts",
    parts={"note": pgettext_lazy("part of a record", "note in the report")},
    kinds=(
        Kind(
            "analysis",
            "ANA",
            _("Analysis"),
            _("Analyses"),
            page="plenary.insight.permalinks.analysis_page",
            data="plenary.insight.permalinks.analysis_data",
            schema="plenary.insight.api.Analysis",
        ),
        Kind(
            "finding",
            "FND",
            _("Finding"),
            _("Findings"),
            page="plenary.insight.permalinks.finding_page",
            data="plenary.insight.permalinks.finding_data",
            schema="plenary.insight.api.Finding",
        ),
    ),
    consumers=(
        Consumer("insight.visibility", "plenary.insight.actions.follow_consultations"),
        Consumer("insight.erased", "plenary.insight.actions.forget_erased"),
    ),
    ticks=("plenary.insight.actions.tick_analyses",),
    navigation=(
        Navigation(
            _("Results"),
            "results",
            order=30,
            pages=(
                "consultation-results",
                "results-people",
                "results-map",
                "results-themes",
                "results-time",
                "results-statements",
                "results-list",
                "results-compare",
                "compare-results",
                "results-data",
                "results-report",
            ),
        ),
    ),
    slots=(
        Slot(
            "participation.consultation", "insight/_consultation.html", "plenary.insight.slots.consultation"
        ),
        Slot("participation.statement", "insight/_statement.html", "plenary.insight.slots.statement"),
        Slot("participation.question", "insight/_question.html", "plenary.insight.slots.question"),
        Slot("site.home", "insight/_home.html", "plenary.insight.slots.home", order=60),
    ),
    edges=(
        Edge(
            "statement-finding",
            "plenary.insight.queries.edges_statement_to_finding",
            _("counts in the finding"),
        ),
    ),
    verbs={
        "analysis asked for": pgettext_lazy("event", "analysis asked for"),
        "analysis started": pgettext_lazy("event", "analysis started"),
        "analysis done": pgettext_lazy("event", "analysis done"),
        "analysis failed": pgettext_lazy("event", "analysis failed"),
        "compared": pgettext_lazy("event", "compared with and without flagged participants"),
        "note written": pgettext_lazy("event", "note written in the report"),
        "note removed": pgettext_lazy("event", "note removed from the report"),
        "found": pgettext_lazy("event", "found"),
    },
)
