"""What one person did in one consultation, for her own eyes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from plenary.participation.models import Consultation, Participant, Statement, Vote
from plenary.participation.tokens import Voter
from plenary.people.queries import get_account
from plenary.records.texts import with_texts

from .cards import get_participant, list_answers
from .counting import COUNTS_FOR, ON_ACCEPTED, latest_votes


@dataclass(frozen=True)
class Part:
    """Her part in a consultation. ``participant`` is None where she has done nothing yet."""

    participant: Participant | None
    own: list[Statement]
    """What she wrote, in whatever state, oldest first."""
    voted: list[Statement]
    """What she voted on and can still be read, each with her ``answer``, in the order in which she came to them."""
    memo: dict[str, Any] = field(default_factory=dict)
    """Where an upper module keeps what it found for all her statements at once."""


def get_part(consultation: Consultation, voter: Voter, language: str) -> Part:
    """Everything that she wrote and voted on. Five queries at most."""
    participant = get_participant(consultation, voter)
    if participant is None:
        return Part(None, [], [])
    answers = list_answers(participant)
    written = Statement.objects.filter(author=participant)
    seen = Statement.objects.filter(
        consultation=consultation, moderation=Statement.Moderation.ACCEPTED, pk__in=list(answers)
    )
    own = list(written.select_related("record").order_by("record__number"))
    voted = {item.pk: item for item in seen.select_related("record")}
    with_texts([*own, *voted.values()], language, text="record.title_id")
    for pk, item in voted.items():
        item.answer = answers[pk]  # type: ignore[attr-defined]
    part = Part(participant, own, [voted[pk] for pk in answers if pk in voted])
    for item in (*own, *part.voted):
        item.part = part  # type: ignore[attr-defined]
    return part


def get_participant_of(request: HttpRequest, consultation: Consultation) -> Participant | None:
    """Who looks at a page, as somebody who takes part here: by her account or by what her browser keeps."""
    from plenary.participation import voters

    asker = voters.known(request, consultation)
    return None if asker is None else get_participant(consultation, asker.voter)


@dataclass(frozen=True)
class OwnVotes:
    """Somebody's votes as an analysis counts them, by the statements' references."""

    values: dict[str, int]
    ids: dict[str, int]
    """Of the votes: larger is later."""


def get_own_votes(participant: Participant) -> OwnVotes:
    """What counts of her votes: on accepted statements, those on merged ones under what they were merged into."""
    counted = latest_votes(
        Vote.objects.filter(ON_ACCEPTED, participant=participant), here=Q(participant=participant)
    )
    rows = list(counted.order_by("id").values_list(COUNTS_FOR, "value", "id"))
    names = dict(
        Statement.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "record__reference")
    )
    return OwnVotes(
        {names[pk]: value for pk, value, _id in rows}, {names[pk]: vote for pk, _value, vote in rows}
    )


def list_references_written_by(participant: Participant) -> list[str]:
    """The references of what she wrote."""
    written = Statement.objects.filter(author=participant).order_by("record__number")
    return list(written.values_list("record__reference", flat=True))


def get_participant_to_erase(
    consultation: Consultation, *, token_hash: bytes | None, address: str
) -> Participant | None:
    """Whoever the desk was asked to erase: by the hash of her token, or else by the address of her account."""
    found = Participant.objects.filter(consultation=consultation, erased_at=None)
    if token_hash is not None:
        return found.filter(token_hash=token_hash).first()
    user = get_account(address.strip())
    return found.filter(user=user).first() if user is not None else None
