"""Between the rows and the engine: votes without anybody's number go in, bytes and figures come out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plenary.participation.models import Consultation
from plenary.participation.queries import list_votes_for_analysis

from . import integrity, queries
from .figures import FEWEST
from .parts import Job, Part, make_parts
from .picture import NONE, TITLE_AND_DESCRIPTION, group_token

if TYPE_CHECKING:
    import numpy as np

    from opinion import Result

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
    made = _analyse(consultation, last_vote=last_vote, seed=seed, mode=mode, progress=progress)
    result, data = made.result, json.loads(made.result.to_json())
    return Outcome(
        result=result.to_json(),
        picture=_picture(result),
        summary=_summary(result, data),
        input_sha256=result.input_sha256,
        engine_version=result.engine_version,
        settings=data["settings"],
        findings=data["findings"],
        signs=integrity.look(consultation, made, last_vote=last_vote, seed=seed),
        comparison=integrity.compare(consultation, made),
        parts=tuple(make_parts(Job(consultation, made, seed))),
    )


def compare(consultation: Consultation, *, last_vote: int, seed: int, mode: str) -> dict[str, Any] | None:
    """The analysis made again, with and without those whom a confirmed flag names; None where none does."""
    made = _analyse(consultation, last_vote=last_vote, seed=seed, mode=mode, progress=None)
    return integrity.compare(consultation, made)


def _analyse(
    consultation: Consultation,
    *,
    last_vote: int,
    seed: int,
    mode: str,
    progress: Callable[[float], None] | None,
) -> integrity.Analysed:
    import numpy as np

    from opinion import Votes, analyze

    participants, statements, values = list_votes_for_analysis(consultation, last_vote)
    names = queries.map_statement_references(consultation)
    ids, place = np.unique(statements, return_inverse=True)
    references = np.array([names[int(pk)] for pk in ids], dtype=str)
    people = pseudonyms(participants, references, place, values, seed)
    columns = references[place] if len(references) else np.array([], dtype=str)
    votes = Votes.from_arrays(people, columns, values)
    result = analyze(votes, mode=mode, seed=seed, progress=progress)
    return integrity.Analysed(votes, result, participants, statements, values, people, columns, names)


def pseudonyms(participants: Column, references: Column, place: Column, values: Column, seed: int) -> Column:
    """For each vote a number from 0 that stands for its participant in this analysis and nowhere else.

    People are put in the order of a hash of the seed and what they voted. So the numbers say nothing about when
    somebody came or what her row is called, and equal votes have equal numbers wherever and whenever they are analysed.
    ``place`` is each vote's statement as an index into ``references``.
    """
    import numpy as np

    if not len(participants):
        return np.array([], dtype=np.int64)
    rank = np.empty(len(references), dtype=np.int64)
    rank[np.argsort(references, kind="stable")] = np.arange(len(references))
    codes = rank[place] * 3 + values + 1
    order = np.lexsort((codes, participants))
    starts = np.flatnonzero(np.r_[True, np.diff(participants[order]) != 0])
    prefix = b"plenary-analysis-%d:" % seed
    names = ",".join(sorted(references.tolist())).encode()
    digests = [
        hashlib.sha256(prefix + names + votes.astype(">i8").tobytes()).digest()
        for votes in np.split(codes[order], starts[1:])
    ]
    numbers = np.empty(len(digests), dtype=np.int64)
    numbers[sorted(range(len(digests)), key=digests.__getitem__)] = np.arange(len(digests))
    _, person = np.unique(participants, return_inverse=True)
    return numbers[person]


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
