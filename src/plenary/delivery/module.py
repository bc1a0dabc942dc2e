from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Edge, Guard, Kind, Module, Navigation, Slot

MODULE = Module(
    name="delivery",
    urls="plenary.delivery.urls",
    api="plenary.delivery.api.router",
    desk="plenary.delivery.desk.desk",
    texts="plenary.delivery.queries.texts",
    parts={
        "title": pgettext_lazy("part of a record", "title"),
        "unit": pgettext_lazy("part of a record", "unit"),
        "narrative": pgettext_lazy("part of a record", "report"),
        "findings": pgettext_lazy("part of a record", "findings"),
    },
    kinds=(
        Kind(
            "commitment",
            "COM",
            _("Commitment"),
            _("Commitments"),
            page="plenary.delivery.permalinks.commitment_page",
            data="plenary.delivery.permalinks.commitment_data",
            schema="plenary.delivery.api.Commitment",
        ),
        Kind(
            "indicator",
            "IND",
            _("Indicator"),
            _("Indicators"),
            page="plenary.delivery.permalinks.indicator_page",
            data="plenary.delivery.permalinks.indicator_data",
            schema="plenary.delivery.api.Indicator",
        ),
        Kind(
            "round",
            "RND",
            _("Reporting round"),
            _("Reporting rounds"),
            page="plenary.delivery.permalinks.round_page",
            data="plenary.delivery.permalinks.round_data",
            schema="plenary.delivery.api.Round",
        ),
        Kind(
            "report",
            "REP",
            _("Report"),
            _("Reports"),
            page="plenary.delivery.permalinks.report_page",
            data="plenary.delivery.permalinks.report_data",
            schema="plenary.delivery.api.Report",
        ),
        Kind(
            "review",
            "REV",
            _("Review"),
            _("Reviews"),
            page="plenary.delivery.permalinks.review_page",
            data="plenary.delivery.permalinks.review_data",
            schema="plenary.delivery.api.Review",
        ),
    ),
    navigation=(Navigation(_("Commitments"), "commitments", order=40),),
    slots=(
        Slot("strategy.clause", "delivery/_clause.html", "plenary.delivery.slots.clause", order=10),
        Slot("site.home", "delivery/_home.html", "plenary.delivery.slots.home", order=40),
    ),
    edges=(
        Edge(
            "clause-commitment",
            "plenary.delivery.queries.edges_clause_to_commitment",
            _("became the commitment"),
        ),
        Edge(
            "commitment-report", "plenary.delivery.queries.edges_commitment_to_report", _("was reported in")
        ),
        Edge("report-review", "plenary.delivery.queries.edges_report_to_review", _("was reviewed in")),
    ),
    guards=(Guard("strategy.accept_change", "plenary.delivery.rules.keep_clauses_with_commitments"),),
    verbs={
        "made": pgettext_lazy("event", "made"),
        "started": pgettext_lazy("event", "started"),
        "saved": pgettext_lazy("event", "saved"),
        "submitted": pgettext_lazy("event", "submitted"),
        "returned": pgettext_lazy("event", "returned"),
        "revised": pgettext_lazy("event", "revised"),
        "closed": pgettext_lazy("event", "closed"),
        "reopened": pgettext_lazy("event", "reopened"),
    },
)
