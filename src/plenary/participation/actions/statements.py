from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries, rules
from plenary.participation.models import Consultation, Participant, Statement
from plenary.participation.phases import Act
from plenary.participation.tokens import Voter
from plenary.participation.wording import MAX_LENGTH, is_sentence, tidy
from plenary.records.actions import (
    create_record,
    create_records,
    put_text,
    put_texts,
    put_translation,
)
from plenary.records.models import Provenance, Text, Visibility

from .voting import ensure_participant, require_account

if TYPE_CHECKING:
    from plenary.people.models import User

# Who sees a statement follows from its moderation: what waits or was rejected is for staff. One that was merged stays
# as open as it was before.
SEEN_BY = {
    Statement.Moderation.WAITING: Visibility.STAFF,
    Statement.Moderation.ACCEPTED: Visibility.PUBLIC,
    Statement.Moderation.REJECTED: Visibility.STAFF,
    Statement.Moderation.ERASED: Visibility.PUBLIC,  # a tombstone: it says nothing any more
}

# From what everybody sees to what the desk alone does.
_CLOSER = [Visibility.PUBLIC, Visibility.STAFF, Visibility.ORGANIZATION]


def seen_by(consultation: Consultation, moderation: str) -> Visibility:
    """Who sees a statement in a state of moderation: never more people than see its consultation."""
    of_state, of_whole = SEEN_BY[Statement.Moderation(moderation)], Visibility(consultation.record.visibility)
    return max(of_state, of_whole, key=_CLOSER.index)


class AlreadySaid(Refused):
    """Somebody said the same; the statement is offered for a vote instead."""

    def __init__(self, statement: Statement) -> None:
        super().__init__(_("This has been said already, in nearly the same words. You can vote on it."))
        self.statement = statement


@dataclass(frozen=True)
class NewStatement:
    """A statement to be added by those who ask, or by an import."""

    body: str
    language: str
    translations: Mapping[str, str] = field(default_factory=dict)
    provenance: str = Provenance.HUMAN
    origin: str = Statement.Origin.SEED
    moderation: str = Statement.Moderation.ACCEPTED
    reason: str = ""
    author: Participant | None = None
    imported_as: str = ""
    is_meta: bool = False


@transaction.atomic
def write_statement(
    *,
    consultation: Consultation,
    voter: Voter,
    body: str,
    language: str,
    now: datetime,
    anyway: bool = False,
) -> Statement:
    """A participant's own statement; it waits for moderation, or is shown at once where it is read afterwards.

    It is no vote: what she thinks of it is not counted for her. The history does not say who wrote it. ``anyway``: she
    was shown who said the same, and sends it all the same.
    """
    body = tidy(body)
    if not rules.may_write(consultation, now):
        raise Refused(
            _("This consultation does not take statements now. Yours was not saved."), code="closed"
        )
    if not is_sentence(body):
        raise Refused(_("Write your statement first."))
    if len(body) > MAX_LENGTH:
        raise Refused(_("A statement has at most %(count)s characters.") % {"count": MAX_LENGTH})
    require_account(consultation=consultation, voter=voter, act=Act.WRITE)
    author = ensure_participant(consultation=consultation, voter=voter, now=now)
    known = queries.find_same_statement(consultation, author, body)
    if known is not None and known.author_id == author.pk:
        return known  # a second tap
    if known is not None and not anyway:
        raise AlreadySaid(known)
    state = (
        Statement.Moderation.WAITING
        if consultation.moderation == Consultation.Moderation.BEFORE
        else Statement.Moderation.ACCEPTED
    )
    record = create_record(
        kind="statement",
        title=put_text(body, language),
        by=None,
        now=now,
        visibility=seen_by(consultation, state),
        verb="written",
    )
    return Statement.objects.create(
        record=record,
        consultation=consultation,
        author=author,
        origin=Statement.Origin.PARTICIPANT,
        moderation=state,
    )


def add_seed_statements(
    *,
    consultation: Consultation,
    statements: Sequence[str | NewStatement],
    language: str,
    by: User | None,
    now: datetime,
) -> list[Statement]:
    """The statements that those who ask begin with, accepted at once; plain strings are in ``language``."""
    seeds = [NewStatement(tidy(seed), language) if isinstance(seed, str) else seed for seed in statements]
    return add_statements(consultation=consultation, statements=seeds, by=by, now=now)


@transaction.atomic
def add_statements(
    *,
    consultation: Consultation,
    statements: Sequence[NewStatement],
    by: User | None,
    now: datetime,
    verb: str = "added",
) -> list[Statement]:
    """Many statements with their translations and their moderation, in the order given."""
    texts = _put_bodies(statements)
    for new, text in zip(statements, texts, strict=True):
        for language, words in new.translations.items():
            if language != new.language:
                put_translation(text=text, language=language, body=words, provenance=new.provenance)
    visibility = [seen_by(consultation, new.moderation) for new in statements]
    records = create_records(kind="statement", titles=texts, by=by, now=now, visibility=visibility, verb=verb)
    return Statement.objects.bulk_create(
        [
            Statement(
                record=record,
                consultation=consultation,
                author=new.author,
                origin=new.origin,
                moderation=new.moderation,
                moderation_reason=new.reason,
                imported_as=new.imported_as,
                is_meta=new.is_meta,
            )
            for new, record in zip(statements, records, strict=True)
        ],
        batch_size=100,
    )


def _put_bodies(statements: Sequence[NewStatement]) -> list[Text]:
    by_place: dict[int, Text] = {}
    for language in dict.fromkeys(new.language for new in statements):
        places = [place for place, new in enumerate(statements) if new.language == language]
        made = put_texts([statements[place].body for place in places], language)
        by_place.update(zip(places, made, strict=True))
    return [by_place[place] for place in range(len(statements))]
