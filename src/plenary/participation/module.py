from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Edge, Kind, Module, Navigation, Slot

MODULE = Module(
    name="participation",
    urls="plenary.participation.urls",
    api="plenary.participation.api.router",
    desk="plenary.participation.desk.desk",
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
    ),
    navigation=(Navigation(_("Take part"), "consultations", order=20),),
    slots=(
        Slot("site.home", "participation/_home.html", "plenary.participation.slots.home", order=20),
        Slot("strategy.clause", "participation/_clause.html", "plenary.participation.slots.clause", order=20),
    ),
    edges=(
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
    ),
    verbs={
        "opened": pgettext_lazy("event", "opened"),
        "votes recorded": pgettext_lazy("event", "votes recorded"),
        "audience set": pgettext_lazy("event", "audience set"),
        "written": pgettext_lazy("event", "written"),
    },
)
