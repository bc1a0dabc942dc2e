"""The signals in whole sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .compare import Comparison
    from .signals import Cluster, Integrity

__all__ = ["describe"]

LISTED = 5
NULLS = {
    "near-identical ballots": "ballots as close to one another",
    "one side only": "long ballots all of one side",
    "one statement pushed": "short ballots with the same vote in that time",
    "faster than reading": "ballots with less than a quarter of a second between votes",
}


def describe(section: Integrity) -> list[str]:
    """The section in plain English, a sentence or two a line."""
    judged = section.judged
    lines = [
        f"Coordination: {judged.ballots:,} of {judged.participants:,} ballots have the eight votes from which on they "
        f"can be compared; on {judged.telling:,} of them the votes are uncommon enough for a copy to be noticed."
    ]
    if not judged.times:
        lines.append(
            "There are no usable times: bursts, pushes by short ballots and pace were not looked at."
        )
    elif judged.usual_ms is not None:
        lines.append(
            f"Half of the {judged.timed_ballots:,} ballots of ten votes and more took "
            f"{judged.usual_ms / 1000:.1f} s or longer from vote to vote."
        )
    for burst in section.bursts:
        lines.append(
            f"From {_moment(burst.start_ms)} to {_moment(burst.end_ms)} UTC {burst.observed:,} newcomers came where "
            f"{burst.expected:.1f} were to be expected ({_chance(burst.p)}). A burst by itself flags nobody."
        )
    for one in section.one_sided:
        if one.observed:
            lines.append(
                f"{one.observed:,} of {one.ballots:,} ballots of ten votes and more say {one.side} to everything "
                f"against the odds; up to {one.expected:.1f} may be habit."
            )
    if not section.flagged:
        return [*lines, "Nobody is flagged: no one acts as one beyond what opinions and habits explain."]
    lines.append(
        f"{_people(len(section.flagged))} ({100 * section.share:.1f} %) are flagged for a person to review. "
        "Their votes count; nothing was removed, and a flag does not say who they are."
    )
    for cluster in section.clusters[:LISTED]:
        lines.append(_cluster(cluster))
    if len(section.clusters) > LISTED:
        lines.append(f"… and {len(section.clusters) - LISTED} more clusters.")
    if section.comparison is not None:
        lines += _comparison(section.comparison)
    return lines


def _cluster(cluster: Cluster) -> str:
    text = (
        f"{cluster.signal[0].upper()}{cluster.signal[1:]}: {_people(cluster.size)}; {NULLS[cluster.signal]}: "
        f"{cluster.observed:,.0f}, by chance {_few(cluster.expected)} ({_chance(cluster.p)})"
    )
    if cluster.match is not None:
        text += f", {100 * cluster.match:.0f} % of their votes equal"
    if cluster.together is not None and cluster.together.p <= 0.001:
        text += f"; {cluster.together.observed:,} came within an hour ({_few(cluster.together.expected)} by chance)"
    if cluster.targets:
        text += "; stands out on " + ", ".join(f"{s} ({side})" for s, side in cluster.targets[:LISTED])
    return text + "."


def _comparison(comparison: Comparison) -> list[str]:
    one, other = comparison.with_, comparison.without
    lines = [
        f"Without them there are {other.votes:,} votes instead of {one.votes:,} and {other.k} instead of {one.k} groups"
        + ("" if comparison.agreement is None else f" (agreement of the groups {comparison.agreement:.2f})")
        + f"; {len(comparison.disappearing)} findings go, {len(comparison.appearing)} come, {comparison.kept} stay."
    ]
    if comparison.changes:
        most = comparison.changes[0]
        lines.append(
            f"The rate of agreement moves most on statement {most.statement}: {_percent(most.with_)} with them, "
            f"{_percent(most.without)} without (difference {100 * most.difference:+.1f} points, 95 % interval "
            f"{100 * most.low:+.1f} to {100 * most.high:+.1f})."
        )
    return lines


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _few(count: float) -> str:
    return "fewer than 0.01" if count < 0.01 else f"{count:,.2f}"


def _chance(p: float) -> str:
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}"


def _percent(rate: float | None) -> str:
    return "nobody" if rate is None else f"{100 * rate:.1f} %"


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M")
