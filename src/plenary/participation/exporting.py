"""A consultation in the formats that Polis exports, and its statements in all languages. See docs/handbook/paper.md.

Participants bear fresh numbers in random order, times are those of the day, and nothing says who wrote a statement:
one that gives its author away would lead to all her votes. Only accepted statements and votes that count are in it.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from plenary.kit.tables import guard, write_csv
from plenary.records.models import Translation

from .formats import pseudonyms
from .models import Statement
from .wording import Shares

_DATE = (1980, 1, 1, 0, 0, 0)  # a file in a ZIP must have a time; ours tells nothing


@dataclass(frozen=True)
class Conversation:
    """What a Polis export says of a conversation as a whole."""

    topic: str
    description: str
    url: str


def polis_zip(
    conversation: Conversation,
    statements: Sequence[Statement],
    votes: Iterable[tuple[int, int, int, date]],
) -> bytes:
    """The five files of a Polis export in a ZIP: comments, votes, participant-votes, summary, comment-groups."""
    number = {each.pk: each.record.number for each in statements}
    rows = [row for row in votes if row[1] in number]
    people = pseudonyms(dict.fromkeys(row[0] for row in rows))
    published = sorted(
        (day, people[participant], number[statement], value) for participant, statement, value, day in rows
    )
    counts = _counts(published)
    files = {
        "comments.csv": _csv(_comments(statements, counts)),
        "votes.csv": _csv(_votes(published)),
        "participant-votes.csv": _csv(_matrix(published, [number[each.pk] for each in statements])),
        "summary.csv": _csv(_summary(conversation, len(statements), len(people))),
        "comment-groups.csv": _csv(_comment_groups(statements, counts)),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            whole.writestr(entry, content)
    return out.getvalue()


def statements_csv(
    statements: Sequence[Statement],
    translations: Mapping[int, Sequence[Translation]],
    shares: Mapping[int, Shares],
) -> bytes:
    """The accepted statements, one a line for each language that they are read in."""
    rows = [
        [
            "statement",
            "origin",
            "language",
            "is_original",
            "provenance",
            "text",
            "agree",
            "disagree",
            "pass",
            "day",
        ]
    ]
    for each in statements:
        text, votes = each.record.title, shares.get(each.pk, Shares())
        assert text is not None
        counts = [str(votes.agree), str(votes.disagree), str(votes.passed)]
        day = each.record.created_at.astimezone(UTC).date().isoformat()
        rows.append(
            [each.reference, each.origin, text.source_language, "true", "original", text.body, *counts, day]
        )
        for other in translations.get(text.pk, ()):
            provenance = str(other.provenance)
            rows.append(
                [each.reference, each.origin, other.language, "false", provenance, other.body, *counts, day]
            )
    return write_csv(rows)


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _counts(published: Sequence[tuple[date, int, int, int]]) -> dict[int, Shares]:
    found: dict[int, list[int]] = {}
    for _day, _person, statement, value in published:
        found.setdefault(statement, [0, 0, 0])[{1: 0, -1: 1, 0: 2}[value]] += 1
    return {statement: Shares(*three) for statement, three in found.items()}


def _comments(statements: Sequence[Statement], counts: Mapping[int, Shares]) -> Iterable[Sequence[object]]:
    yield (
        "timestamp", "datetime", "comment-id", "author-id", "agrees", "disagrees", "moderated", "is-meta",
        "comment-body",
    )  # fmt: skip
    for each in statements:
        votes = counts.get(each.record.number, Shares())
        day = each.record.created_at.astimezone(UTC).date()
        assert each.record.title is not None
        body = guard(each.record.title.body)
        meta = "true" if each.is_meta else "false"
        yield _milliseconds(day), day, each.record.number, "", votes.agree, votes.disagree, 1, meta, body


def _votes(published: Sequence[tuple[date, int, int, int]]) -> Iterable[Sequence[object]]:
    yield "timestamp", "datetime", "comment-id", "voter-id", "vote"
    for day, person, statement, value in published:
        yield _milliseconds(day), day, statement, person, value


def _matrix(
    published: Sequence[tuple[date, int, int, int]], numbers: Sequence[int]
) -> Iterable[Sequence[object]]:
    yield "participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree", *numbers
    place = {number: at for at, number in enumerate(numbers)}
    people: dict[int, list[object]] = {}
    for _day, person, statement, value in published:
        people.setdefault(person, [""] * len(numbers))[place[statement]] = value
    for person in sorted(people):
        row = people[person]
        agree, disagree = row.count(1), row.count(-1)
        yield person, "", 0, agree + disagree + row.count(0), agree, disagree, *row


def _summary(conversation: Conversation, statements: int, people: int) -> Iterable[Sequence[object]]:
    yield "topic", guard(conversation.topic)
    yield "url", conversation.url
    yield "voters", people
    yield "voters-in-conv", people
    yield "comments", statements
    yield "conversation-description", guard(conversation.description)


def _comment_groups(
    statements: Sequence[Statement], counts: Mapping[int, Shares]
) -> Iterable[Sequence[object]]:
    yield "comment-id", "comment", "total-votes", "total-agrees", "total-disagrees", "total-passes"
    for each in statements:
        votes = counts.get(each.record.number, Shares())
        assert each.record.title is not None
        body = guard(each.record.title.body)
        yield each.record.number, body, votes.total, votes.agree, votes.disagree, votes.passed


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000
