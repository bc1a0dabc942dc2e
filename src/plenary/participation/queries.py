"""Reads: consultations, cards, counts, and the votes that an analysis takes in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.core.cache import caches
from django.db import connection, transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet

from plenary.records.models import Record, Text, Translation, Visibility
from plenary.records.queries import named_with, visible_to
from plenary.records.texts import EMPTY, load_texts, with_texts

from .models import Consultation, Participant, Statement, Vote
from .wording import Shares, same_words

if TYPE_CHECKING:
    import numpy as np
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    from .tokens import Voter

    Viewer = User | AnonymousUser | None
    Column = np.ndarray[Any, np.dtype[Any]]

CONSULTATION_WORDS = {
    "title": "record.title_id",
    "question": "question_id",
    "introduction": "introduction_id",
}
ROUTING_SECONDS = 5  # which card comes next may rest on counts this old; no published figure does


# Consultations


def list_consultations_for(user: Viewer, language: str) -> list[Consultation]:
    """Newest first, with title and question."""
    return _with_words(
        Consultation.objects.filter(visible_to(user, "record"))
        .select_related("record")
        .order_by("-opens_at"),
        language,
    )


def list_open_consultations(user: Viewer, language: str, now: datetime) -> list[Consultation]:
    """What can be voted on now, with how many ``people`` voted; what closes first comes first. Three queries."""
    is_open = Q(opens_at__lte=now) & (Q(closes_at=None) | Q(closes_at__gt=now))
    found = _with_words(
        Consultation.objects.filter(is_open, visible_to(user, "record"))
        .select_related("record")
        .order_by(F("closes_at").asc(nulls_last=True), "-opens_at"),
        language,
    )
    people = _count_people([consultation.pk for consultation in found])
    for consultation in found:
        target: Any = consultation
        target.people = people.get(consultation.pk, 0)
    return found


def list_consultations_about(user: Viewer, about: Record, language: str) -> list[Consultation]:
    """The consultations about one record, newest first, with their numbers."""
    found = _with_words(
        Consultation.objects.filter(visible_to(user, "record"), about=about)
        .select_related("record")
        .order_by("-opens_at"),
        language,
    )
    return with_numbers(found)


def list_waiting_work(language: str) -> list[Consultation]:
    """Consultations in which statements wait to be read: ``waiting`` of them, the oldest from ``oldest``."""
    waiting = Q(statements__moderation=Statement.Moderation.WAITING)
    return _with_words(
        Consultation.objects.annotate(
            waiting=Count("statements", filter=waiting),
            oldest=Min("statements__record__created_at", filter=waiting),
        )
        .filter(waiting__gt=0)
        .select_related("record")
        .order_by("oldest"),
        language,
    )


def list_ending_soon(user: Viewer, language: str, now: datetime, until: datetime) -> list[Consultation]:
    """Consultations that are open and close by a time, the next one first."""
    return _with_words(
        Consultation.objects.filter(
            visible_to(user, "record"), opens_at__lte=now, closes_at__gt=now, closes_at__lte=until
        )
        .select_related("record")
        .order_by("closes_at"),
        language,
    )


def list_unanswered(user: User, language: str, now: datetime) -> list[Consultation]:
    """Open consultations with statements that the person has not voted on with her account."""
    is_open = Q(opens_at__lte=now) & (Q(closes_at=None) | Q(closes_at__gt=now))
    voted = Vote.objects.filter(participant__user=user, statement=OuterRef("pk"))
    left = Statement.objects.filter(
        ~Q(author__user=user) | Q(author=None),
        ~Exists(voted),
        consultation=OuterRef("pk"),
        moderation=Statement.Moderation.ACCEPTED,
    )
    return _with_words(
        Consultation.objects.filter(is_open, Exists(left), visible_to(user, "record"))
        .select_related("record")
        .order_by(F("closes_at").asc(nulls_last=True), "-opens_at"),
        language,
    )


def get_consultation_for(user: Viewer, reference: str, language: str = "") -> Consultation | None:
    """One consultation, or None where there is none that she may see; with its words where a language is given."""
    found = (
        Consultation.objects.filter(visible_to(user, "record"), record__reference=reference)
        .select_related("record", "about", "source__record")
        .first()
    )
    if found is not None and language:
        with_texts([found], language, **CONSULTATION_WORDS)
    return found


def may_see_about(user: Viewer, consultation: Consultation) -> bool:
    """Whether what the consultation is about may be named to this person. No query where it is public."""
    about = consultation.about
    if about is None:
        return False
    return (
        about.visibility == Visibility.PUBLIC or Record.objects.filter(visible_to(user), pk=about.pk).exists()
    )


def get_consultation_of_source(sha256: str) -> Consultation | None:
    """The consultation that was imported from files with this hash."""
    return Consultation.objects.filter(source__sha256=sha256).select_related("record").first()


def with_numbers(consultations: Sequence[Consultation]) -> list[Consultation]:
    """Give each its ``people``, ``answers`` and ``accepted`` (statements). Three queries whatever their number.

    Answers are counted once per person and statement, on accepted statements, as an analysis counts them.
    """
    ids = [consultation.pk for consultation in consultations]
    accepted = Q(moderation=Statement.Moderation.ACCEPTED)
    counted = _counted_votes()
    people = _count_people(ids)
    answers = dict(
        counted.filter(statement__consultation__in=ids)
        .values_list("statement__consultation")
        .annotate(Count("id"))
    )
    statements = dict(
        Statement.objects.filter(accepted, consultation__in=ids)
        .values_list("consultation")
        .annotate(Count("record"))
    )
    for consultation in consultations:
        target: Any = consultation
        target.people = people.get(consultation.pk, 0)
        target.answers = answers.get(consultation.pk, 0)
        target.accepted = statements.get(consultation.pk, 0)
    return list(consultations)


def _counted_votes() -> QuerySet[Vote]:
    """First votes on accepted statements: one for each person and statement that an analysis counts."""
    return Vote.objects.filter(n=0, statement__moderation=Statement.Moderation.ACCEPTED)


def _count_people(consultation_ids: Sequence[int]) -> dict[int, int]:
    """How many people voted on an accepted statement, by consultation. One query."""
    voted = Exists(_counted_votes().filter(participant=OuterRef("pk")))
    rows = Participant.objects.filter(voted, consultation__in=consultation_ids).values_list("consultation")
    return dict(rows.annotate(Count("id")))


def _with_words(consultations: Iterable[Consultation], language: str) -> list[Consultation]:
    found = list(consultations)
    with_texts(found, language, title="record.title_id", question="question_id")
    return found


# Participants and cards


def get_participant(consultation: Consultation, voter: Voter) -> Participant | None:
    """The participant behind a token or an account, if she has done anything yet."""
    key: dict[str, Any] = {"user": voter.user} if voter.user else {"token_hash": voter.token_hash}
    return Participant.objects.filter(consultation=consultation, **key).first()


@dataclass(frozen=True)
class Answer:
    """A participant's present answer to a statement."""

    statement_id: int
    n: int
    value: int
    last_id: int

    @property
    def label(self) -> Any:
        return Vote.Value(self.value).label


@dataclass(frozen=True)
class Card:
    """What one person is shown next, and what she did before. ``statement`` is None where nothing is left."""

    participant: Participant | None
    statement: Statement | None
    answer: Answer | None
    """Her present answer, where the card is shown again."""
    last: Statement | None
    """The statement that she voted on last, for «undo», with her ``answer``."""
    voted: list[Statement]
    """Where nothing is left: all that she voted on, each with her ``answer``, to be revisited."""
    own: list[Statement]
    """What she wrote here, waiting or not."""
    done: int
    left: int

    @property
    def n(self) -> int:
        """The number that a vote on this card would carry."""
        return self.answer.n + 1 if self.answer else 0

    @property
    def total(self) -> int:
        return self.done + self.left


def list_answers(participant: Participant | None) -> dict[int, Answer]:
    """Her latest answers by statement id, in the order in which they were first given. One query."""
    answers: dict[int, Answer] = {}
    if participant is not None:
        for row in participant.votes.order_by("id").values_list("statement_id", "n", "value", "id"):
            known = answers.get(row[0])
            if known is None or row[1] > known.n:
                answers[row[0]] = Answer(*row)
    return answers


def get_card(consultation: Consultation, voter: Voter, language: str, again: str = "") -> Card:
    """The next card: fewest votes first, ties in an order of her own; never her own statement, never one voted on.

    ``again`` is the reference of a statement to be shown once more, so that she can change her mind. Gives the
    consultation its words as well, so that all texts come in one query; six in all.
    """
    participant = get_participant(consultation, voter)
    own_id = participant.pk if participant is not None else 0
    accepted = Q(consultation=consultation, moderation=Statement.Moderation.ACCEPTED)
    authors = dict(Statement.objects.filter(accepted).values_list("record_id", "author_id"))
    answers = {pk: answer for pk, answer in list_answers(participant).items() if pk in authors}
    left = [pk for pk, author in authors.items() if pk not in answers and author != own_id]
    last = max(answers.values(), key=lambda answer: answer.last_id, default=None)
    next_id = _next_of(consultation, voter, left)

    wanted = Q(pk__in=answers if not left else [next_id, last.statement_id if last else 0])
    if again:
        wanted |= Q(record__reference=again)
    statements = Statement.objects.filter(accepted & wanted | Q(consultation=consultation, author=own_id))
    found = {item.pk: item for item in statements.select_related("record").order_by("record__number")}
    _give_words(language, consultation, list(found.values()))
    for pk, answer in answers.items():
        if pk in found:
            found[pk].answer = answer  # type: ignore[attr-defined]

    own = [item for item in found.values() if item.author_id == own_id]
    asked = (
        item for item in found.values() if item.reference == again and item not in own and item.pk in authors
    )
    shown = next(asked, found.get(next_id))
    return Card(
        participant=participant,
        statement=shown,
        answer=answers.get(shown.pk) if shown else None,
        last=found.get(last.statement_id) if last else None,
        voted=[found[pk] for pk in answers] if not left else [],
        own=own,
        done=len(answers),
        left=len(left),
    )


def _give_words(language: str, consultation: Consultation, statements: Sequence[Statement]) -> None:
    """The words of a consultation, of what it is about, and of its statements, in one query."""
    ids = {name: attrgetter(path)(consultation) for name, path in CONSULTATION_WORDS.items()}
    ids["about"] = consultation.about.title_id if consultation.about else None
    texts = load_texts([*ids.values(), *(item.record.title_id for item in statements)], language)
    target: Any = consultation
    target.said = {name: texts.get(pk, EMPTY) if pk else EMPTY for name, pk in ids.items()}
    for item in statements:
        target = item
        target.said = {"text": texts.get(item.record.title_id or 0, EMPTY)}


def _next_of(consultation: Consultation, voter: Voter, ids: Sequence[int]) -> int:
    counts = _routing_counts(consultation) if ids else {}
    return min(
        ids, key=lambda pk: (counts.get(pk, 0), hashlib.sha256(voter.seed + b"%d" % pk).digest()), default=0
    )


def _routing_counts(consultation: Consultation) -> dict[int, int]:
    key = f"participation.routing.{consultation.pk}"
    counts: dict[int, int] | None = caches["local"].get(key)
    if counts is None:
        counts = dict(
            Vote.objects.filter(statement__consultation=consultation)
            .values_list("statement")
            .annotate(Count("id"))
        )
        caches["local"].set(key, counts, ROUTING_SECONDS)
    return counts


# Statements


def get_statement_for(user: Viewer, reference: str, language: str) -> Statement | None:
    """One statement with its wording and its consultation's title."""
    found = (
        Statement.objects.filter(
            visible_to(user, "record"), visible_to(user, "consultation__record"), record__reference=reference
        )
        .select_related("record__title", "consultation__record")
        .first()
    )
    if found is not None:
        with_texts([found], language, text="record.title_id", consultation="consultation.record.title_id")
    return found


def list_translations(statement: Statement) -> list[Translation]:
    return list(Translation.objects.filter(text=statement.record.title_id).order_by("language"))


def list_statements_of(
    consultation: Consultation, moderation: str, *, words: str = "", origin: str = ""
) -> QuerySet[Statement]:
    """The statements in one state of moderation, by number; a page of them goes through ``with_shares``."""
    return (
        Statement.objects.filter(_asked_for(words, origin), consultation=consultation, moderation=moderation)
        .select_related("record")
        .order_by("record__number")
    )


def accepted_in(consultation: Consultation) -> Q:
    """The filter of records that are a consultation's accepted statements."""
    return Q(statement__consultation=consultation, statement__moderation=Statement.Moderation.ACCEPTED)


def with_shares(statements: Iterable[Statement], language: str) -> list[Statement]:
    """Give each its words and its ``shares`` of agree, disagree and pass. Three queries and that of the page."""
    found = list(statements)
    with_texts(found, language, text="record.title_id")
    shares = count_shares([statement.pk for statement in found])
    for statement in found:
        target: Any = statement
        target.shares = shares.get(statement.pk, Shares())
    return found


def _asked_for(words: str, origin: str) -> Q:
    found = named_with(words) if words else Q()
    return found & Q(origin=origin) if origin else found


def count_moderation(consultation: Consultation, *, words: str = "", origin: str = "") -> dict[str, int]:
    """How many statements wait, are accepted, are rejected."""
    counts = dict(
        Statement.objects.filter(_asked_for(words, origin), consultation=consultation)
        .values_list("moderation")
        .annotate(Count("record"))
    )
    return {state: counts.get(state, 0) for state in Statement.Moderation.values}


def list_statements_to_moderate(consultation: Consultation, references: Sequence[str]) -> list[Statement]:
    return list(
        Statement.objects.filter(consultation=consultation, record__reference__in=references).select_related(
            "record"
        )
    )


def count_shares(statement_ids: Sequence[int]) -> dict[int, Shares]:
    """Counts over the latest votes, by statement. One aggregate."""
    rows = (
        _latest(Vote.objects.filter(statement__in=statement_ids))
        .values_list("statement_id")
        .annotate(
            agree=Count("id", filter=Q(value=Vote.Value.AGREE)),
            disagree=Count("id", filter=Q(value=Vote.Value.DISAGREE)),
            passed=Count("id", filter=Q(value=Vote.Value.PASS)),
        )
    )
    return {statement: Shares(agree, disagree, passed) for statement, agree, disagree, passed in rows}


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
    pk = next(
        (by_text[text] for text, words in bodies if text in by_text and same_words(words) == wanted), None
    )
    return Statement.objects.select_related("record").get(pk=pk) if pk else None


def _subquery(consultation: Consultation) -> QuerySet[Any, Any]:
    return Statement.objects.filter(consultation=consultation).values("record__title_id")


# For the engine


def _latest(votes: QuerySet[Vote], up_to_vote_id: int | None = None) -> QuerySet[Vote]:
    """The votes that no later revision replaced; revisions have no gaps, so the next one is n + 1."""
    newer = Vote.objects.filter(
        participant=OuterRef("participant"), statement=OuterRef("statement"), n=OuterRef("n") + 1
    )
    if up_to_vote_id is not None:
        votes, newer = votes.filter(id__lte=up_to_vote_id), newer.filter(id__lte=up_to_vote_id)
    return votes.filter(~Exists(newer))


def list_votes_for_analysis(
    consultation: Consultation, up_to_vote_id: int | None = None
) -> tuple[Column, Column, Column]:
    """Participants, statements and values (1, −1, 0) as parallel arrays: the latest vote of each pair.

    Only accepted statements and participants who were not erased, in order of participant and statement. One SQL
    query, read in pieces. The first two are database ids, for the engine alone: nothing publishes them.
    """
    import numpy as np

    votes = Vote.objects.filter(
        statement__consultation=consultation,
        statement__moderation=Statement.Moderation.ACCEPTED,
        participant__consultation=consultation,
        participant__erased_at=None,
    )
    rows = (
        _latest(votes, up_to_vote_id)
        .order_by("participant_id", "statement_id")
        .values_list("participant_id", "statement_id", "value")
    )
    table = np.fromiter(rows.iterator(chunk_size=10_000), dtype=np.dtype((np.int64, 3)))
    return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].astype(np.int8)


def last_vote_id(consultation: Consultation) -> int:
    """The id up to which the consultation's votes are settled; 0 where there are none.

    PostgreSQL gives ids before the commit, so a smaller one may become visible after a larger one: the lock waits for
    the writers that hold such an id. On SQLite there is one writer at a time, and ids are in the order of commits.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {Vote._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        found = Vote.objects.filter(statement__consultation=consultation).aggregate(last=Max("id"))
    return found["last"] or 0


# Edges of the trail


def edges_consultation_to_statement() -> QuerySet[Any, Any]:
    """Pairs (consultation, statement) of record ids."""
    return Statement.objects.values_list("consultation_id", "record_id")


def edges_source_to_consultation() -> QuerySet[Any, Any]:
    """Pairs (source, consultation) of record ids."""
    return Consultation.objects.filter(source__isnull=False).values_list("source_id", "record_id")
