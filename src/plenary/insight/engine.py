"""Between the rows and the engine: votes without anybody's number go in, bytes and figures come out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from plenary.participation.models import Consultation
from plenary.participation.queries import count_votes_given, list_votes_for_analysis

from . import integrity, queries
from .figures import FEWEST
from .parts import Job, Part, make_parts
from .picture import NONE, TITLE_AND_DESCRIPTION, group_token
from .stored import read_head

if TYPE_CHECKING:
    import numpy as np

    from opinion import Result, Votes

    Column = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Outcome:
    """What is stored of a run: the canonical result, the map (None where too few voted), what pages show, findings."""

    result: bytes
    picture: bytes | None
    summary: dict[str, Any]
    input_sha256: str
    engine_version: str
    settings: dict[str, Any]
    findings: list[dict[str, Any]]
    signs: integrity.Signs | None
    """Of coordination; None where they could not be looked for."""
    comparison: dict[str, Any] | None
    """The result with and without those whom a confirmed flag names, if any."""
    parts: tuple[tuple[Part, bytes], ...] = ()


def run(
    consultation: Consultation,
    *,
    last_vote: int,
    seed: int,
    mode: str,
    progress: Callable[[float], None] | None,
) -> Outcome:
    """Analyse the consultation's votes up to ``last_vote``. Reads only; raises ``opinion.InputError``."""
    steps = Steps(progress)
    made = _analyse(consultation, last_vote=last_vote, seed=seed, mode=mode, steps=steps)
    result, content = made.result, made.result.to_json()
    data = read_head(content)
    signs = integrity.look(consultation, made, seed=seed)
    steps.reach(LOOKED)
    comparison = integrity.compare(consultation, made)
    steps.reach(COMPARED)
    job = Job(consultation, made, seed)
    return Outcome(
        result=content,
        picture=_picture(result),
        summary=_summary(result, data),
        input_sha256=result.input_sha256,
        engine_version=result.engine_version,
        settings=data["settings"],
        findings=data["findings"],
        signs=signs,
        comparison=comparison,
        parts=tuple(make_parts(job, steps.within(COMPARED, 1.0))),
    )


def compare(consultation: Consultation, *, last_vote: int, seed: int, mode: str) -> dict[str, Any] | None:
    """The analysis made again, with and without those whom a confirmed flag names; None where none does."""
    made = _analyse(consultation, last_vote=last_vote, seed=seed, mode=mode, steps=Steps(None))
    return integrity.compare(consultation, made)


# How far an analysis is when the votes are read, when they are analysed, and so on: about the shares of its time.
READ, ANALYSED, LOOKED, COMPARED = 0.4, 0.6, 0.7, 0.75


class Steps:
    """Passes on how far the whole is, from how far one of its steps is."""

    def __init__(self, progress: Callable[[float], None] | None) -> None:
        self._progress = progress

    def reach(self, share: float) -> None:
        if self._progress is not None:
            self._progress(share)

    def within(self, start: float, end: float) -> Callable[[float], None]:
        """Takes how far a step is, from 0 to 1."""
        return lambda share: self.reach(start + (end - start) * min(share, 1.0))


def _analyse(
    consultation: Consultation, *, last_vote: int, seed: int, mode: str, steps: Steps
) -> integrity.Analysed:
    from opinion import Statement, analyze

    names = queries.map_statement_references(consultation)
    expected = max(count_votes_given(consultation, up_to=last_vote), 1)
    reading = steps.within(0.0, READ)
    rows = list_votes_for_analysis(consultation, last_vote, lambda read: reading(read / expected))
    votes, people, statements, times = arrange(*rows, names, seed)
    del rows
    about = [Statement(reference, is_meta=True) for reference in queries.list_about_people(consultation)]
    result = analyze(votes, mode=mode, seed=seed, statements=about, progress=steps.within(READ, ANALYSED))
    steps.reach(ANALYSED)
    return integrity.Analysed(votes, result, people, statements, times)


def arrange(
    participants: Column, statements: Column, values: Column, ms: Column, names: Mapping[int, str], seed: int
) -> tuple[Votes, Column, Column, Column]:
    """The votes as the engine takes them, and beside them what it must not know.

    Returns them with the database ids of their participants, shape (n,), and of their statements, shape (m,), and the
    milliseconds of each vote, shape (votes,), all in the order of the votes. For 20 million votes it takes about
    500 MiB beside the rows given.
    """
    import numpy as np

    from opinion import Votes
    from opinion.votes import order_of

    people, row = distinct(participants)
    found, column = distinct(statements)
    references = np.array([names[int(pk)] for pk in found], dtype=str)
    order_of_names = np.argsort(references, kind="stable")
    place = np.empty(len(references), dtype=np.int32)
    place[order_of_names] = np.arange(len(references), dtype=np.int32)
    column = place[column]
    order = order_of(row, column, len(people), len(references))
    row, column, values, ms = row[order], column[order], values[order], ms[order]
    numbers = pseudonyms(row, column, values, references[order_of_names].tolist(), seed)
    row = numbers[row]
    order = order_of(row, column, len(people), len(references))
    votes = Votes.from_places(
        np.arange(len(people)), references[order_of_names], row[order], column[order], values[order]
    )
    by_number = np.empty(len(people), dtype=np.int64)
    by_number[numbers] = people
    return votes, by_number, found[order_of_names], ms[order]


def distinct(ids: Column) -> tuple[Column, Column]:
    """Distinct ids by size, and for each entry its place among them; a table is faster than a sort where it fits."""
    import numpy as np

    if not len(ids):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
    low, high = int(ids.min()), int(ids.max())
    if high - low < 4 * len(ids) + 1024:
        there = np.zeros(high - low + 1, dtype=bool)
        there[ids - low] = True
        places = (np.cumsum(there) - 1).astype(np.int32)
        return np.flatnonzero(there) + low, places[ids - low]
    found, place = np.unique(ids, return_inverse=True)
    return found.astype(np.int64), place.astype(np.int32)


def pseudonyms(row: Column, column: Column, values: Column, names: Sequence[str], seed: int) -> Column:
    """For each participant a number from 0 that stands for her in this analysis and nowhere else, shape (n,).

    People are put in the order of a hash of the seed and what they voted. So the numbers say nothing about when
    somebody came or what her row is called, and equal votes have equal numbers wherever and whenever they are analysed.
    The votes are given by the places of their participants, from 0 without a gap, and of their statements among
    ``names``, in order of both.
    """
    import numpy as np

    if not len(row):
        return np.array([], dtype=np.int32)
    ends = np.flatnonzero(np.diff(row, append=row[-1] + 1)) + 1
    bounds = np.r_[0, ends] * 8
    head = hashlib.sha256(b"plenary-analysis-%d:" % seed + ",".join(names).encode())
    codes = memoryview((column.astype(np.int64) * 3 + values + 1).astype(">i8").tobytes())
    digests = []
    for start, end in pairwise(bounds.tolist()):
        digest = head.copy()
        digest.update(codes[start:end])
        digests.append(digest.digest())
    numbers = np.empty(len(digests), dtype=np.int32)
    numbers[sorted(range(len(digests)), key=digests.__getitem__)] = np.arange(len(digests), dtype=np.int32)
    return numbers


def _summary(result: Result, data: dict[str, Any]) -> dict[str, Any]:
    """What pages say about a run as a whole."""
    return {
        "k": result.k,
        "votes": result.votes,
        "participants": len(result.participants),
        "placed": int((result.participants.group >= 0).sum()),
        "statements": len(result.statements),
        "groups": data["groups"],
        "evidence": data["evidence"],
    }


def _picture(result: Result) -> bytes | None:
    """The map for both directions of writing, with tokens where words go: the words depend on who reads."""
    from opinion.picture import MapLabels, opinion_map

    if int((result.participants.group >= 0).sum()) < FEWEST:
        return None
    maps = {
        direction: opinion_map(
            result,
            MapLabels(
                *TITLE_AND_DESCRIPTION,
                groups=tuple(group_token(number) for number in range(result.k)),
                none=NONE,
                direction=direction,
            ),
        )
        for direction in ("ltr", "rtl")
    }
    return json.dumps(maps, ensure_ascii=False, sort_keys=True).encode()
