"""The final round: its short list, what one person answered to it, and what everybody did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from plenary.participation.models import BallotEntry, BallotSent, Consultation, Participant, Statement, Vote
from plenary.participation.phases import Phase
from plenary.participation.wording import Shares
from plenary.records.texts import with_texts

from .cards import Answer, get_participant, list_answers
from .counting import count_shares, latest_votes, list_votes_for_analysis

if TYPE_CHECKING:
    from plenary.participation.tokens import Voter


def list_ballot(consultation: Consultation, language: str = "") -> list[Statement]:
    """The statements of the short list in their order; with their wording where a language is given. Two queries.

    One that was merged or rejected since is left out: nobody can answer it.
    """
    entries = BallotEntry.objects.filter(
        consultation=consultation, statement__moderation=Statement.Moderation.ACCEPTED
    ).select_related("statement__record")
    found = [entry.statement for entry in entries]
    if language:
        with_texts(found, language, text="record.title_id")
    return found


def count_missing_ballot(consultation: Consultation) -> int:
    """1 where the final round runs and nobody has chosen its short list: there is nothing to answer meanwhile."""
    if consultation.is_draft or consultation.phase_at(timezone.now()) is not Phase.FINAL:
        return 0
    return 0 if BallotEntry.objects.filter(consultation=consultation).exists() else 1


@dataclass(frozen=True)
class Ballot:
    """The short list as one person has it before her; ``statements`` carry her ``answer``, where she gave one."""

    statements: list[Statement]
    participant: Participant | None
    is_sent: bool
    """She sent it before; it can be changed until the round ends."""

    @property
    def done(self) -> int:
        return sum(item.answer is not None for item in self.statements)  # type: ignore[attr-defined]


def get_ballot(consultation: Consultation, voter: Voter, language: str) -> Ballot:
    """The ballot with her answers so far, those of the cards included. Five queries."""
    statements = list_ballot(consultation, language)
    participant = get_participant(consultation, voter)
    answers = list_answers(participant)
    for item in statements:
        target: Any = item
        target.answer = _standing(answers.get(item.pk), item)
    is_sent = participant is not None and BallotSent.objects.filter(participant=participant).exists()
    return Ballot(statements, participant, is_sent)


def _standing(answer: Answer | None, statement: Statement) -> Answer | None:
    """Her answer, unless the statement has changed its meaning since."""
    changed = statement.asks_again_since
    return None if answer is None or (changed is not None and answer.at < changed) else answer


def is_ballot_begun(consultation: Consultation) -> bool:
    """Whether anybody sent one; from then on the short list stays."""
    return BallotSent.objects.filter(participant__consultation=consultation).exists()


@dataclass(frozen=True)
class BallotResult:
    """What those who sent the ballot answered. Each of them had all statements before her."""

    people: int
    statements: list[Statement]
    """In the order of the share of agree; each with ``shares`` and how many left it ``unanswered``."""


def get_ballot_result(consultation: Consultation, language: str = "") -> BallotResult:
    """The result of the final round so far. Four queries."""
    statements = list_ballot(consultation, language)
    sent = BallotSent.objects.filter(
        participant__consultation=consultation, participant__erased_at=None
    ).values("participant")
    people = sent.count()
    counts: dict[int, list[int]] = {}
    votes = Vote.objects.filter(statement__in=[item.pk for item in statements], participant__in=sent)
    for pk, value in latest_votes(votes).values_list("statement_id", "value"):
        counts.setdefault(pk, [0, 0, 0])[value + 1] += 1
    for item in statements:
        disagree, passed, agree = counts.get(item.pk, [0, 0, 0])
        target: Any = item
        target.shares = Shares(agree, disagree, passed)
        target.unanswered = people - target.shares.total
    statements.sort(key=lambda item: -item.shares.agree)  # type: ignore[attr-defined]
    return BallotResult(people, statements)


def propose_ballot(consultation: Consultation, size: int, language: str) -> list[Statement]:
    """The engine's short list: by rates among those who voted, balanced over people. Shorter where votes are few."""
    import numpy as np

    from opinion import Votes
    from opinion.shortlist import shortlist

    participants, statements, values, _ms = list_votes_for_analysis(consultation)
    if not len(participants):
        return []
    votes = Votes.from_arrays(participants, statements, np.asarray(values))
    chosen = [int(pk) for pk in shortlist(votes, size).ids]
    return _in_order(Statement.objects.filter(pk__in=chosen), chosen, language)


def find_for_ballot(consultation: Consultation, references: list[str], language: str) -> list[Statement]:
    """Accepted statements of the consultation by their references, in that order, with ``shares``."""
    found = Statement.objects.filter(
        consultation=consultation,
        moderation=Statement.Moderation.ACCEPTED,
        record__reference__in=references,
    )
    pks = dict(found.values_list("record__reference", "pk"))
    return _in_order(found, [pks[name] for name in dict.fromkeys(references) if name in pks], language)


def _in_order(found: Any, pks: list[int], language: str) -> list[Statement]:
    by_id = {item.pk: item for item in found.select_related("record")}
    chosen = [by_id[pk] for pk in pks if pk in by_id]
    with_texts(chosen, language, text="record.title_id")
    shares = count_shares(pks)
    for item in chosen:
        item.shares = shares.get(item.pk, Shares())
    return chosen
