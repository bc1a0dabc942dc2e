"""Calendars (RFC 5545) and Atom feeds of consultations: what is public, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from plenary.records.texts import Said

from .models import Consultation, Statement
from .phases import Phase

if TYPE_CHECKING:
    from plenary.records.models import Event

Absolute = Callable[[str], str]

# A phase that has an end is an entry of the calendar; the last one has none.
_SHOWN = (Phase.OPEN, Phase.FINAL, Phase.ANALYSIS, Phase.ANSWER)


def calendar(
    consultations: Sequence[Consultation],
    *,
    name: str,
    language: str,
    host: str,
    page: Callable[[Consultation], str],
) -> bytes:
    """The phases of some consultations as a calendar; the same bytes as long as nothing changes."""
    from icalendar import Calendar, Event

    found = Calendar()
    found.add("prodid", "-//Plenary//Consultations//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name)
    for item in consultations:
        for span in item.spans():
            if span.phase not in _SHOWN or span.starts_at is None:
                continue
            entry = Event()
            entry.add("uid", f"{item.reference}-{span.phase.value}@{host}")
            entry.add("dtstamp", item.record.created_at)
            entry.add("dtstart", span.starts_at)
            if span.ends_at is not None:
                entry.add("dtend", span.ends_at)
            words = {"title": str(item.said["title"]), "phase": span.phase.label}
            entry.add("summary", _("%(title)s: %(phase)s") % words, parameters={"language": language})
            entry.add("description", str(item.said["question"]))
            entry.add("url", page(item))
            entry.add("transp", "TRANSPARENT")  # a consultation keeps nobody's time busy
            if item.paused_at is not None and span.phase in (Phase.OPEN, Phase.FINAL):
                entry.add("status", "TENTATIVE")
            found.add_component(entry)
    return bytes(found.to_ical())


def feed(
    *,
    title: str,
    language: str,
    link: str,
    address: str,
    entries: Sequence[dict[str, Any]],
    updated: datetime,
) -> str:
    """An Atom feed of entries ``title``, ``link``, ``description``, ``id`` and ``at``."""

    class Dated(Atom1Feed):
        def latest_post_date(self) -> datetime:
            return updated  # the clock would make other bytes of the same news

    made = Dated(title=title, link=link, description="", language=language, feed_url=address)
    for entry in entries:
        made.add_item(
            title=entry["title"], link=entry["link"], description=escape(entry["description"]), unique_id=entry["id"],
            pubdate=entry["at"], updateddate=entry["at"],
        )  # fmt: skip
    return str(made.writeString("utf-8"))


def turn_in_words(event: Event, title: Said) -> str:
    """«Schools: opened» in the reader's language."""
    from plenary.kit import manifest

    return _("%(title)s: %(turn)s") % {
        "title": str(title),
        "turn": manifest.verbs().get(event.verb, event.verb),
    }


def statement_entry(statement: Statement, absolute: Absolute) -> dict[str, Any]:
    said: Any = statement
    at: datetime = said.accepted_at or statement.record.created_at
    words = str(said.said["text"])
    return {
        "title": words if len(words) <= 80 else f"{words[:79]}…",
        "description": words,
        "link": absolute(statement.record.page_url),
        "id": absolute(statement.record.get_absolute_url()),
        "at": at,
    }
