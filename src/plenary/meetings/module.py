from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Edge, Kind, Module, Navigation, Slot

MODULE = Module(
    name="meetings",
    urls="plenary.meetings.urls",
    api="plenary.meetings.api.router",
    desk="plenary.meetings.desk.desk",
    texts="plenary.meetings.queries.texts",
    parts={
        "title": pgettext_lazy("part of a record", "title"),
        "outcome": pgettext_lazy("part of a record", "outcome"),
    },
    kinds=(
        Kind(
            "meeting",
            "MTG",
            _("Meeting"),
            _("Meetings"),
            page="plenary.meetings.permalinks.meeting_page",
            data="plenary.meetings.permalinks.meeting_data",
            schema="plenary.meetings.api.Meeting",
        ),
        Kind(
            "decision",
            "DEC",
            _("Decision"),
            _("Decisions"),
            page="plenary.meetings.permalinks.decision_page",
            data="plenary.meetings.permalinks.decision_data",
            schema="plenary.meetings.api.Decision",
        ),
    ),
    navigation=(Navigation(_("Meetings"), "meetings", order=60),),
    slots=(
        Slot(
            "delivery.commitment",
            "meetings/_decisions.html",
            "plenary.meetings.slots.decisions_about",
            order=50,
        ),
    ),
    edges=(
        Edge(
            "agenda-decision", "plenary.meetings.queries.edges_agenda_to_decision", _("led to the decision")
        ),
    ),
    verbs={
        "called": pgettext_lazy("event", "called"),
        "put on the agenda": pgettext_lazy("event", "put on the agenda"),
        "decided": pgettext_lazy("event", "decided"),
        "closed": pgettext_lazy("event", "closed"),
    },
)
