"""After a restore: what the list of erasures names, and the older backup brought back, is erased again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from plenary.kit import erasures


def take_over(given: Path) -> int:
    """Add to the list of this home what the one in a backup or of another machine has and it has not."""
    known = [dict(line) for line in erasures.read()]
    missing = [line for line in erasures.read(given) if line not in known]
    for line in missing:
        erasures.note(line)
    return len(missing)


def erase_again(beside: Path | None, *, now: datetime) -> list[str]:
    """Erase whatever the list names; returns what the operator should know."""
    from plenary.participation import actions as participation
    from plenary.people import actions as people

    if beside is not None:
        take_over(beside)
    ways = {"participant": participation.replay_erasure, "account": people.replay_erasure}
    lines = [line for line in erasures.read() if line.get("erased") in ways]
    count = sum(ways[line["erased"]](line, now) for line in lines)
    if not count:
        return []
    return [f"{count} of those who had been erased since the backup were in it, and were erased again."]
