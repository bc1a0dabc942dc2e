from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Consumer, Kind, Module

MODULE = Module(
    name="records",
    urls="plenary.records.urls",
    api="plenary.records.api.router",
    texts="plenary.records.queries.texts",
    parts={"title": pgettext_lazy("part of a record", "title")},
    kinds=(
        Kind(
            "organization",
            "ORG",
            _("Organization"),
            _("Organizations"),
            data="plenary.records.permalinks.organization_data",
            schema="plenary.records.api.Organization",
        ),
        Kind(
            "source",
            "SRC",
            _("Source"),
            _("Sources"),
            data="plenary.records.permalinks.source_data",
            schema="plenary.records.api.Source",
        ),
    ),
    consumers=(Consumer("notices", "plenary.records.outbox.notify_followers"),),
    verbs={
        "created": pgettext_lazy("event", "created"),
        "imported": pgettext_lazy("event", "imported"),
        "evidence linked": pgettext_lazy("event", "evidence linked"),
    },
)
