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
from plenary.participation.queries import confirmed_flags, list_flagged_participants

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
    """Votes as they went into the engine, what came out, and what the engine did not know."""

    votes: Votes
    result: Result
    people: Column
    """Database ids of the votes' participants, shape (n,)."""
    statements: Column
    """Database ids of the votes' statements, shape (m,)."""
    times: Column
    """When each vote was cast, in milliseconds, shape (votes,)."""


@dataclass(frozen=True)
class Signs:
    """What was found, and how much could be looked at."""

    groups: tuple[Found, ...]
    judged: dict[str, Any]


def look(consultation: Consultation, made: Analysed, *, seed: int) -> Signs | None:
    """Groups that act as one beyond what opinions and habits explain. An error here costs nobody the analysis."""
    if not made.votes.size:
        return Signs((), {})
    from opinion.integrity import find_signals

    try:
        found = find_signals(made.votes, made.result, made.times, seed=seed, compare=False)
    except Exception:
        logger.exception("signs of coordination could not be looked for in consultation %s", consultation.pk)
        return None
    pk_of = dict(zip(made.votes.statement_ids.tolist(), made.statements.tolist(), strict=True))
    groups = tuple(_group(cluster, made, pk_of) for cluster in found.clusters)
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
    if not members or not made.votes.size:
        return None
    import numpy as np

    from opinion.integrity import compare_without

    flagged = set(made.votes.participant_ids[np.isin(made.people, list(members))].tolist())
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


def _group(cluster: Cluster, made: Analysed, pk_of: Mapping[str, int]) -> Found:
    places = [int(number) for number in cluster.participants]  # numbers from 0 in order, as they were given
    votes = made.votes.indptr
    begun = sorted(int(made.times[votes[at] : votes[at + 1]].min()) for at in places)
    members = frozenset(int(made.people[at]) for at in places)
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


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).isoformat(timespec="minutes")
