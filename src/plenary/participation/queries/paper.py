"""Reads for what is printed, entered from paper, and told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q

from plenary.participation.models import (
    Consultation,
    EnteredStatement,
    MeetingTally,
    PaperBallot,
    Statement,
    StatementContext,
    Submission,
    Vote,
)
from plenary.participation.wording import same_words
from plenary.records.models import Text, Translation
from plenary.records.texts import with_texts

from .consultations import CONSULTATION_WORDS


def list_statements_for_paper(
    consultation: Consultation, language: str, *, references: Sequence[str] = (), fewest: int = 0
) -> list[Statement]:
    """Accepted statements with their words, by number: all, those named, or the ``fewest`` voted on. Two queries."""
    found = Statement.objects.filter(consultation=consultation, moderation=Statement.Moderation.ACCEPTED)
    if references:
        found = found.filter(record__reference__in=references)
    elif fewest:
        order = found.annotate(answers=Count("votes", filter=Q(votes__n=0))).order_by(
            "answers", "record__number"
        )
        found = found.filter(pk__in=list(order.values_list("pk", flat=True)[:fewest]))
    statements = list(found.select_related("record").order_by("record__number"))
    with_texts(statements, language, text="record.title_id")
    return statements


def with_words(consultation: Consultation, language: str) -> Consultation:
    """Give a consultation its words in a language. One query."""
    with_texts([consultation], language, **CONSULTATION_WORDS)
    return consultation


def map_same_words(consultation: Consultation) -> dict[str, int]:
    """What was said already, by its words without case, spaces and punctuation, in any language. Three queries.

    Rejected statements are left out: who enters them again has a reason, and moderation decides again.
    """
    said = Statement.objects.filter(consultation=consultation).exclude(
        moderation=Statement.Moderation.REJECTED
    )
    by_text = dict(said.values_list("record__title_id", "pk"))
    texts = said.values("record__title_id")
    bodies = [
        *Translation.objects.filter(text__in=texts).values_list("text_id", "body"),
        *Text.objects.filter(pk__in=texts).values_list("pk", "body"),
    ]
    return {same_words(body): by_text[text] for text, body in bodies}


def get_submission(consultation: Consultation, pk: int) -> Submission | None:
    found = Submission.objects.filter(consultation=consultation, pk=pk).select_related("entered_by").first()
    if found is not None:
        found.consultation = consultation
    return found


def list_submissions(consultation: Consultation) -> list[Submission]:
    """Newest first, each with how many ``ballots_counted``, ``statements_counted`` and ``tallies_counted``."""
    found = Submission.objects.filter(consultation=consultation).annotate(
        ballots_counted=Count("ballots", filter=Q(ballots__withdrawn_at=None), distinct=True),
        statements_counted=Count("statements", distinct=True),
        tallies_counted=Count("tallies", distinct=True),
    )
    return list(found.order_by("-held_on", "-pk"))


def get_paper_ballot(consultation: Consultation, code: str) -> PaperBallot | None:
    """The ballot that counts under a code."""
    found = PaperBallot.objects.filter(consultation=consultation, code=code, withdrawn_at=None)
    return found.select_related("submission").first()


def list_ballots(submission: Submission) -> list[PaperBallot]:
    """In the order in which they were entered, with how many ``answers`` each has."""
    found = PaperBallot.objects.filter(submission=submission).annotate(answers=Count("participant__votes"))
    return list(found.order_by("pk"))


def ballot_answers(ballot: PaperBallot) -> dict[int, int]:
    """Statement → answer."""
    return dict(Vote.objects.filter(participant=ballot.participant_id).values_list("statement_id", "value"))


def entered_codes(consultation: Consultation) -> set[str]:
    """The codes of all ballots that count."""
    found = PaperBallot.objects.filter(consultation=consultation, withdrawn_at=None)
    return set(found.values_list("code", flat=True))


def is_file_entered(consultation: Consultation, sha256: str) -> bool:
    found = Submission.objects.filter(consultation=consultation, batch_sha256=sha256, withdrawn_at=None)
    return found.exists()


def list_tallies(submission: Submission) -> dict[int, tuple[int, int, int]]:
    """Statement → hands for agree, disagree, pass."""
    rows = submission.tallies.values_list("statement_id", "agree", "disagree", "passed")
    return {statement: (agree, disagree, passed) for statement, agree, disagree, passed in rows}


def list_entered_statements(submission: Submission, language: str) -> list[Statement]:
    """What was said there, with words."""
    found = list(
        Statement.objects.filter(entered_from__submission=submission)
        .select_related("record")
        .order_by("record__number")
    )
    with_texts(found, language, text="record.title_id")
    return found


def list_provenance(statement: Statement) -> list[EnteredStatement]:
    """Where a statement was said or written on paper, earliest first; what was withdrawn is left out."""
    found = EnteredStatement.objects.filter(statement=statement, submission__withdrawn_at=None)
    return list(found.select_related("submission").order_by("submission__held_on", "pk"))


def list_hands(statement: Statement) -> list[MeetingTally]:
    """Hands raised for a statement, meeting by meeting; what was withdrawn is left out."""
    found = MeetingTally.objects.filter(statement=statement, submission__withdrawn_at=None)
    return list(found.select_related("submission").order_by("submission__held_on", "pk"))


def get_context(statement: Statement, language: str) -> StatementContext | None:
    """What the platform that it was imported from tells about it, with its long text."""
    found = StatementContext.objects.filter(statement=statement).select_related("source__record").first()
    if found is not None:
        with_texts([found], language, body="body_id")
    return found


def count_offline(consultation: Consultation) -> dict[str, Any]:
    """How much came on paper and counts, and the accepted statements by origin. Three queries."""
    accepted = Statement.objects.filter(
        consultation=consultation, moderation=Statement.Moderation.ACCEPTED
    ).order_by()
    return {
        "submissions": Submission.objects.filter(consultation=consultation, withdrawn_at=None).count(),
        "ballots": PaperBallot.objects.filter(consultation=consultation, withdrawn_at=None).count(),
        "statements_by_origin": dict(accepted.values_list("origin").annotate(Count("pk"))),
    }


def list_statements_by_id(ids: Sequence[int], language: str) -> list[Statement]:
    """Statements with their words, by number. Two queries."""
    found = list(Statement.objects.filter(pk__in=ids).select_related("record").order_by("record__number"))
    with_texts(found, language, text="record.title_id")
    return found


def map_accepted_references(consultation: Consultation) -> dict[str, int]:
    """Reference → id of the accepted statements. One query."""
    found = Statement.objects.filter(consultation=consultation, moderation=Statement.Moderation.ACCEPTED)
    return dict(found.values_list("record__reference", "pk"))


def imported_ids(consultation: Consultation) -> set[str]:
    """What the statements of a consultation were called where they were imported from."""
    found = Statement.objects.filter(consultation=consultation).exclude(imported_as="")
    return set(found.values_list("imported_as", flat=True))
