"""In which languages a consultation is offered and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count

from plenary.kit.languages import language_name
from plenary.participation.models import Consultation
from plenary.participation.reach import FEWEST, hide
from plenary.translations.queries import Progress, is_served, load_public_texts

from .counting import counted_votes

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser


def reading_language(consultation: Consultation, wanted: str) -> str:
    """In which language somebody reads a consultation: hers where it is offered, else the first that is."""
    offered = consultation.languages
    if not offered or any(is_served(tag.lower(), wanted.lower()) for tag in offered):
        return wanted
    return str(offered[0])


@dataclass(frozen=True)
class ReadIn:
    """One language of reading, fit to be published: how many people answered cards in it, and how often."""

    language: str
    """Empty where the language is not known, as with imported votes."""
    people: int | None
    """None where the number is hidden; somebody who read in two languages counts in both."""
    votes: int | None
    progress: Progress | None
    """How far the texts are translated into it; None where that is not asked of it."""

    @property
    def is_hidden(self) -> bool:
        return self.people is None

    @property
    def name(self) -> str:
        return language_name(self.language)


def list_read_in(consultation: Consultation, user: Viewer, now: datetime) -> list[ReadIn]:
    """The languages in which cards were read or which are offered, what is read most first.

    Below five people a language's numbers are hidden, and others with them, so that no subtraction from the total
    brings them back. One query for the votes, and those of ``load_public_texts``.
    """
    rows = counted_votes([consultation.pk]).order_by().values_list("language")
    found = [
        (tag, people, votes)
        for tag, people, votes in rows.annotate(Count("participant", distinct=True), Count("id"))
    ]
    found.sort(key=lambda row: (-row[2], row[0]))
    work = load_public_texts(user, now, consultation.pk)
    offered = consultation.languages or work.languages()
    hidden = _hide([people for _tag, people, _votes in found])
    made = [
        ReadIn(
            tag,
            None if is_hidden else people,
            None if is_hidden else votes,
            work.progress(tag) if tag and any(is_served(each, tag) for each in offered) else None,
        )
        for (tag, people, votes), is_hidden in zip(found, hidden, strict=True)
    ]
    unread = [
        tag for tag in offered if not any(row.language and is_served(row.language, tag) for row in made)
    ]
    return [*made, *(ReadIn(tag, 0, 0, work.progress(tag)) for tag in unread)]


def _hide(people: Sequence[int]) -> list[bool]:
    """Which numbers are hidden: those of one to four people, and enough others; all where there are too few others."""
    hidden = [is_hidden or 0 < n < FEWEST for n, is_hidden in zip(people, hide(people), strict=True)]
    alone = (
        sum(hidden) == 1
        or 0 < sum(n for n, is_hidden in zip(people, hidden, strict=True) if is_hidden) < FEWEST
    )
    if not alone:
        return hidden
    shown = [place for place, is_hidden in enumerate(hidden) if not is_hidden]
    if shown:
        hidden[min(shown, key=lambda place: people[place])] = True
    return hidden
