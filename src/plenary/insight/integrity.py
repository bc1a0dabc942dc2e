"""Signs of coordination in votes that were analysed, and the result with and without those whom the desk confirmed.

Reads only. The engine knows people by numbers of one run; what comes out names rows for ``propose_flags``, which keeps
them to itself.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plenary.participation.actions import Found
from plenary.participation.models import Consultation
from plenary.participation.queries import confirmed_flags, list_flagged_participants, list_vote_times

if TYPE_CHECKING:
    import numpy as np

    from opinion import Result, Votes
    from opinion.integrity import Cluster

    Column = np.ndarray[Any, np.dtype[Any]]

logger = logging.getLogger(__name__)

SIGNALS = {
    "near-identical ballots": "copies",
    "one side only": "one-side",
    "one statement pushed": "push",
    "faster than reading": "fast",
}


@dataclass(frozen=True, eq=False)
class Analysed:
    """Votes as they went into the engine, row by row, and what came out."""

    votes: Votes
    result: Result
    participants: Column
    """Database ids, as are ``statements``; parallel with ``values``, ``people`` and ``columns``."""
    statements: Column
    values: Column
    people: Column
    """The numbers by which the engine knows the participants."""
    columns: Column
    """References of the statements."""
    names: Mapping[int, str]

    def ids_of(self) -> dict[str, int]:
        """Database id by the engine's number."""
        return dict(zip(self.people.astype(str).tolist(), self.participants.tolist(), strict=True))


@dataclass(frozen=True)
class Signs:
    """What was found, and how much could be looked at."""

    groups: tuple[Found, ...]
    judged: dict[str, Any]


def look(consultation: Consultation, made: Analysed, *, last_vote: int, seed: int) -> Signs | None:
    """Groups that act as one beyond what opinions and habits explain. An error here costs nobody the analysis."""
    if not len(made.values):
        return Signs((), {})
    from opinion.integrity import align_times, find_signals
    from opinion.rows import RawVotes

    try:
        ms = _times(consultation, made, last_vote)
        raw = RawVotes(made.people.astype(str), made.columns, made.values, ms)
        times = align_times(made.votes, raw)
        found = find_signals(made.votes, made.result, times, seed=seed, compare=False)
    except Exception:
        logger.exception("signs of coordination could not be looked for in consultation %s", consultation.pk)
        return None
    first = _first_votes(made, ms)
    ids = made.ids_of()
    pk_of = {name: pk for pk, name in made.names.items()}
    groups = tuple(_group(cluster, ids, pk_of, first) for cluster in found.clusters)
    bursts = [
        {
            "start": _moment(b.start_ms),
            "end": _moment(b.end_ms),
            "observed": b.observed,
            "expected": b.expected,
        }
        for b in found.bursts
    ]
    return Signs(groups, asdict(found.judged) | {"bursts": bursts, "alpha": found.alpha})


def compare(consultation: Consultation, made: Analysed) -> dict[str, Any] | None:
    """What the confirmed flags change; None where nobody is flagged. The flagged are counted, not named."""
    members = list_flagged_participants(consultation)
    if not members or not len(made.values):
        return None
    from opinion.integrity import compare_without

    flagged = {number for number, pk in made.ids_of().items() if pk in members}
    found = compare_without(made.votes, made.result, flagged)
    return {
        "flags": sorted(confirmed_flags(consultation)),
        "people": len(flagged),
        "with": asdict(found.with_),
        "without": asdict(found.without),
        "agreement": found.agreement,
        "appearing": list(found.appearing),
        "disappearing": list(found.disappearing),
        "kept": found.kept,
        "changes": [asdict(change) for change in found.changes],
    }


def _group(
    cluster: Cluster, ids: Mapping[str, int], pk_of: Mapping[str, int], first: Mapping[int, int]
) -> Found:
    members = frozenset(ids[number] for number in cluster.participants)
    begun = sorted(first[pk] for pk in members)
    figures: dict[str, Any] = {
        "observed": cluster.observed,
        "expected": cluster.expected,
        "p": cluster.p,
        "match": cluster.match,
        "together": asdict(cluster.together) if cluster.together else None,
        "sides": dict(cluster.targets),
        # Days, not moments: of single votes no times are published.
        "from": _moment(begun[0])[:10],
        "to": _moment(begun[-1])[:10],
        "span_seconds": round((begun[-1] - begun[0]) / 1000),
    }
    statements = tuple(pk_of[name] for name, _side in cluster.targets)
    return Found(SIGNALS[cluster.signal], members, statements, figures)


def _times(consultation: Consultation, made: Analysed, last_vote: int) -> Column:
    """When each vote was cast; of one on a statement that was merged into another, when she cast her last."""
    import numpy as np

    people, statements, ms = list_vote_times(consultation, last_vote)
    size = int(max(statements.max(initial=0), made.statements.max(initial=0))) + 1
    known, wanted = people * size + statements, made.participants * size + made.statements
    order = np.argsort(
        known, kind="stable"
    )  # rows come in order of time, so the last of equal keys is the latest
    place = np.searchsorted(known[order], wanted, side="right") - 1
    exact = known[order][place] == wanted
    by_person = np.argsort(people, kind="stable")
    last = np.searchsorted(people[by_person], made.participants, side="right") - 1
    found: Column = np.where(exact, ms[order][place], ms[by_person][last])
    return found


def _first_votes(made: Analysed, ms: Column) -> dict[int, int]:
    """When each participant cast the first of her votes that count."""
    import numpy as np

    people, place = np.unique(made.participants, return_inverse=True)
    first = np.full(people.size, np.iinfo(np.int64).max)
    np.minimum.at(first, place, ms)
    return dict(zip(people.tolist(), first.tolist(), strict=True))


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).isoformat(timespec="minutes")
