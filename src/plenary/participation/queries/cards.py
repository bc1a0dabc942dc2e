"""What one person is shown next, and what she did before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from plenary.participation.models import Consultation, Participant, Statement, Vote
from plenary.records.texts import EMPTY, load_texts, with_texts

from .consultations import CONSULTATION_WORDS
from .routing import Board, choose_next, get_board

if TYPE_CHECKING:
    import numpy as np
    from django.contrib.auth.models import AnonymousUser

    from plenary.participation.tokens import Voter
    from plenary.people.models import User

    Viewer = User | AnonymousUser | None
    Column = np.ndarray[Any, np.dtype[Any]]


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
    at: datetime
    is_outdated: bool = False
    """Given before the statement's meaning was changed: she is asked again."""

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
    seen: list[str] = field(default_factory=list)
    """What she went past since her last vote, to be stored with the next one."""
    then: str = ""
    """Where a card is shown again: the statement that she was at, to come back to."""

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
        for row in participant.votes.order_by("id").values_list("statement_id", "n", "value", "id", "at"):
            known = answers.get(row[0])
            if known is None or row[1] > known.n:
                answers[row[0]] = Answer(*row)
    return answers


def _as_counted(answers: dict[int, Answer], board: Board) -> tuple[dict[int, Answer], dict[int, Answer]]:
    """Her answers to accepted statements, and those that wait to be given again, as they are counted.

    Of a family of merged statements, the latest answer to any stands for the one that is left of them; what was
    answered before a change of meaning does not count.
    """
    counted: dict[int, Answer] = {}
    outdated: dict[int, Answer] = {}
    for pk, given in answers.items():
        top, answer = board.merged.get(pk, pk), given
        if top not in board.authors:
            continue
        if pk != top:  # the card writes the next revision of her vote on the statement that is shown
            own = answers.get(top)
            answer = replace(answer, statement_id=top, n=own.n if own else -1)
        changed = [board.changed[each] for each in (pk, top) if each in board.changed]
        late = any(answer.at < at for at in changed)
        kept = outdated if late else counted
        if top not in kept or answer.last_id > kept[top].last_id:
            kept[top] = replace(answer, is_outdated=late) if late else answer
    return counted, {pk: answer for pk, answer in outdated.items() if pk not in counted}


def get_card(
    consultation: Consultation,
    voter: Voter,
    language: str,
    again: str = "",
    seen: Sequence[str] = (),
    then: str = "",
) -> Card:
    """The next card, as `queries.routing` chooses it; never her own statement, never one voted on.

    ``again`` is the reference of a statement to be shown once more, so that she can change her mind; ``seen`` are those
    that she went past and that are not stored yet; ``then`` is what she was at before she looked at one again, and
    comes next if it still can. Gives the consultation its words as well, so that all texts come in
    one query; six in all where the board is at hand.
    """
    participant = get_participant(consultation, voter)
    own_id = participant.pk if participant is not None else 0
    board = get_board(consultation.pk)
    ids = board.authors
    answers, outdated = _as_counted(list_answers(participant), board)
    barred = answers.keys() | board.written.get(own_id, frozenset())
    passed = _in_turn([*list_seen(participant), *(board.ids[name] for name in seen if name in board.ids)])
    left = len(ids) - len(barred)
    last = max(answers.values(), key=lambda answer: answer.last_id, default=None)
    was_at = board.ids.get(then, 0)
    if was_at not in ids or was_at in barred:
        was_at = 0
    next_id = was_at or (choose_next(board, voter, language, barred=barred, later=passed) if left else 0)

    accepted = Q(consultation=consultation, moderation=Statement.Moderation.ACCEPTED)
    wanted = Q(pk__in=answers if not left else [next_id, last.statement_id if last else 0])
    if again:
        wanted |= Q(record__reference=again)
    statements = Statement.objects.filter(accepted & wanted | Q(consultation=consultation, author=own_id))
    found = {
        item.pk: item
        for item in statements.select_related("record", "appeal", "duplicate_of__record").order_by(
            "record__number"
        )
    }
    _give_words(language, consultation, list(found.values()))
    for pk, answer in (answers | outdated).items():
        if pk in found:
            found[pk].answer = answer  # type: ignore[attr-defined]

    own = [item for item in found.values() if item.author_id == own_id]
    asked = (
        item for item in found.values() if item.reference == again and item not in own and item.pk in ids
    )
    shown = next(asked, found.get(next_id))
    return Card(
        participant=participant,
        statement=shown,
        answer=(answers.get(shown.pk) or outdated.get(shown.pk)) if shown else None,
        last=found.get(last.statement_id) if last else None,
        voted=[found[pk] for pk in answers] if not left else [],
        own=own,
        done=len(answers),
        left=left,
        seen=[name for name in seen if name in board.ids and board.ids[name] not in answers],
        then=then if shown is not None and was_at and shown.pk != was_at else "",
    )


def get_statement_in_words(pk: int, language: str) -> Statement | None:
    """A statement that is open to votes, with its wording. Two queries."""
    found = (
        Statement.objects.filter(pk=pk, moderation=Statement.Moderation.ACCEPTED)
        .select_related("record")
        .first()
    )
    if found is not None:
        with_texts([found], language, text="record.title_id")
    return found


def _in_turn(passed: list[int]) -> list[int]:
    """Each once, where it stands last: what she went past just now comes after what she went past long ago."""
    return list(dict.fromkeys(reversed(passed)))[::-1]


def list_seen(participant: Participant | None) -> list[int]:
    """Statements that she was shown and went past, the first one first. One query."""
    if participant is None:
        return []
    return list(participant.seen.order_by("id").values_list("statement_id", flat=True))


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
