"""What happened, as a mail tells it: plain lines in one language, each with its link."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urljoin

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plenary.kit import manifest

from .models import Event, Record
from .texts import with_texts


def tell(news: Iterable[tuple[Event, Record | None]], language: str) -> list[str]:
    """One paragraph for each event: what, when, on what, why her, and where. Constant number of SQL queries."""
    found = list(news)
    records = {event.record_id: event.record for event, _because in found}
    records |= {because.pk: because for _event, because in found if because is not None}
    with_texts(list(records.values()), language.split("-")[0], title="title_id")
    with translation.override(language):
        return [
            _paragraph(event, records.get(because.pk) if because else None, records)
            for event, because in found
        ]


def _paragraph(event: Event, because: Record | None, records: dict[int, Record]) -> str:
    record = records[event.record_id]
    lines = [
        _("%(day)s: %(kind)s %(reference)s, %(verb)s")
        % {
            "day": date_format(timezone.localdate(event.at), "DATE_FORMAT"),
            "kind": record.kind_label,
            "reference": record.reference,
            "verb": manifest.verbs().get(event.verb, event.verb),
        }
    ]
    if _title(record):
        lines.append(_title(record))
    if because is not None and because.pk != record.pk:
        lines.append(_("It has to do with: %(title)s") % {"title": _title(because) or because.reference})
    return "\n".join([*lines, address(record.page_url)])


def _title(record: Record) -> str:
    """On one line, whatever was typed."""
    said = record.said["title"]  # type: ignore[attr-defined]  # with_texts gave it
    return " ".join(str(said).split()) if said else ""


def address(path: str) -> str:
    """A page's whole address, for where there is no request to ask."""
    return urljoin(settings.PLENARY_URL + "/", path)
