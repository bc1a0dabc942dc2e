"""Reads of statements and of their moderation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from plenary.participation.about_people import may_be_about_people
from plenary.participation.models import Consultation, Participant, Statement
from plenary.participation.wording import Shares, same_words
from plenary.records.models import Record, Text, Translation
from plenary.records.queries import named_with, visible_to
from plenary.records.texts import with_texts

from .counting import count_shares
from .ways_in import Keys, admits

if TYPE_CHECKING:
    import numpy as np
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None
    Column = np.ndarray[Any, np.dtype[Any]]


def get_statement_for(
    user: Viewer, reference: str, language: str, keys: Keys | None = None
) -> Statement | None:
    """One statement with its wording and its consultation's title; ``keys`` as in ``get_consultation_for``."""
    by_role = visible_to(user) & (
        Q(statement__consultation__record__in=Record.objects.filter(visible_to(user)))
    )
    found = (
        Statement.objects.filter(record__reference=reference)
        .annotate(by_role=Exists(Record.objects.filter(by_role, pk=OuterRef("pk"))))
        .select_related("record__title", "consultation__record", "duplicate_of__record")
        .first()
    )
    if found is None:
        return None
    if not found.by_role and not (
        keys is not None
        and found.moderation == Statement.Moderation.ACCEPTED
        and admits(user, found.consultation, keys)
    ):
        return None
    with_texts([found], language, text="record.title_id", consultation="consultation.record.title_id")
    return found


def list_translations(statement: Statement) -> list[Translation]:
    return list(Translation.objects.filter(text=statement.record.title_id).order_by("language"))


def list_statements_of(
    consultation: Consultation, moderation: str, *, words: str = "", origin: str = "", about: str = ""
) -> QuerySet[Statement]:
    """The statements in one state of moderation, by number; a page of them goes through ``with_shares``."""
    return (
        Statement.objects.filter(
            _asked_for(words, origin, about), consultation=consultation, moderation=moderation
        )
        .select_related("record")
        .order_by("record__number")
    )


def accepted_in(consultation: Consultation) -> Q:
    """The filter of records that are a consultation's accepted statements."""
    return Q(statement__consultation=consultation, statement__moderation=Statement.Moderation.ACCEPTED)


def with_shares(
    statements: Iterable[Statement], language: str, *, without_flagged: bool = False
) -> list[Statement]:
    """Give each its words and its ``shares`` of agree, disagree and pass. Three queries and that of the page."""
    found = list(statements)
    with_texts(found, language, text="record.title_id")
    shares = count_shares([statement.pk for statement in found], without_flagged=without_flagged)
    for statement in found:
        target: Any = statement
        target.shares = shares.get(statement.pk, Shares())
    return found


MAYBE_PEOPLE, PEOPLE = "maybe-people", "people"


def _asked_for(words: str, origin: str, about: str = "") -> Q:
    """``about`` people: those that are marked so, or those that are not and begin as if they were."""
    found = named_with(words) if words else Q()
    if origin:
        found &= Q(origin=origin)
    if about == MAYBE_PEOPLE:
        found &= Q(is_meta=False) & may_be_about_people()
    return found & Q(is_meta=True) if about == PEOPLE else found


def count_maybe_about_people(consultation: Consultation) -> int:
    """How many accepted statements may say who somebody is, and are not marked so."""
    return list_statements_of(consultation, Statement.Moderation.ACCEPTED, about=MAYBE_PEOPLE).count()


def count_moderation(
    consultation: Consultation, *, words: str = "", origin: str = "", about: str = ""
) -> dict[str, int]:
    """How many statements wait, are accepted, are rejected."""
    counts = dict(
        Statement.objects.filter(_asked_for(words, origin, about), consultation=consultation)
        .values_list("moderation")
        .annotate(Count("record"))
    )
    return {state: counts.get(state, 0) for state in Statement.Moderation.values}


def count_waiting(consultation: Consultation) -> int:
    """How many statements wait to be read."""
    return Statement.objects.filter(
        consultation=consultation, moderation=Statement.Moderation.WAITING
    ).count()


def list_statements_to_moderate(consultation: Consultation, references: Sequence[str]) -> list[Statement]:
    return list(
        Statement.objects.filter(consultation=consultation, record__reference__in=references).select_related(
            "record", "consultation__record"
        )
    )


def find_same_statement(
    consultation: Consultation, participant: Participant | None, body: str
) -> Statement | None:
    """A statement that says the same but for case, spaces and punctuation, in any of its languages.

    Looks among what is shown and what she wrote herself: what waits from others is not given away.
    """
    shown = Q(moderation=Statement.Moderation.ACCEPTED)
    if participant is not None:
        shown |= Q(author=participant) & ~Q(moderation=Statement.Moderation.REJECTED)
    by_text = dict(
        Statement.objects.filter(shown, consultation=consultation).values_list(
            "record__title_id", "record_id"
        )
    )
    wanted = same_words(body)
    bodies = [
        *Text.objects.filter(pk__in=_subquery(consultation)).values_list("pk", "body"),
        *Translation.objects.filter(text__in=_subquery(consultation)).values_list("text_id", "body"),
    ]
    same = {by_text[text] for text, words in bodies if text in by_text and same_words(words) == wanted}
    found = Statement.objects.filter(pk__in=same).select_related("record").order_by("record__number")
    own = participant.pk if participant is not None else None
    return min(found, key=lambda item: item.author_id != own, default=None)


def _subquery(consultation: Consultation) -> QuerySet[Any, Any]:
    return Statement.objects.filter(consultation=consultation).values("record__title_id")
