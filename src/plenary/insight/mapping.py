"""The map of opinions from near: what is kept of a result for it, and where somebody stands on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .figures import FEWEST, LETTERS, MARKS, number, percent
from .parts import as_json
from .verify import make_model

if TYPE_CHECKING:
    from opinion.picture import Atlas
    from plenary.participation.queries import OwnVotes

    from .lens_words import Labels
    from .parts import Job

MAP, MODEL = "map", "model"
CERTAIN = 1.96  # standard errors to each side that hold 95 %


def make_map_part(job: Job) -> bytes | None:
    """The part ``map``: people gathered in small cells; nothing where so few voted that it would show single ones."""
    from opinion.picture import make_atlas

    result = job.made.result
    people = result.participants
    if int((people.group >= 0).sum()) < FEWEST:
        return None
    atlas = make_atlas(result.k, people.group, people.confidence, people.x, people.y)
    return as_json(atlas.to_dict())


def make_model_part(job: Job) -> bytes | None:
    """The part ``model``: what the analysis learned, as tables by statement, by which anybody's votes are placed."""
    result = job.made.result
    if result.mode != "plenary" or int((result.participants.group >= 0).sum()) < FEWEST:
        return None
    return as_json(make_model(job.made.votes, result))


@dataclass(frozen=True)
class OwnPlace:
    """Where the reader stands on the map by her votes of now. For her own eyes."""

    votes: int
    newer: int
    """Votes that she gave after the analysis."""
    x: float = 0.0
    y: float = 0.0
    """In user units of the whole map."""
    group: int = -1
    confidence: float = 0.0
    missing: int = 0
    """Sides to be taken before she can be placed."""
    has_groups: bool = False

    @property
    def is_placed(self) -> bool:
        return self.group >= 0

    @property
    def letter(self) -> str:
        return LETTERS[self.group]

    @property
    def mark(self) -> str:
        return MARKS[self.group]

    @property
    def colour(self) -> str:
        return f"g{self.group}"

    @property
    def sureness(self) -> str:
        return percent(self.confidence)


@dataclass(frozen=True)
class Stand:
    """Where the people of a category stand on average."""

    label: str
    people: str
    sign: str
    """Its number in the picture; empty where it is not told."""
    differs: bool | None = None
    """From all others who said something, beyond chance; None where it cannot be known."""
    x: float = 0.0
    y: float = 0.0
    reach: tuple[float, float] = (0.0, 0.0)
    """Half the width and height of the area in which the mean lies with 95 % certainty, in user units."""


def stands_of(attribute: Mapping[str, Any], labels: Labels) -> list[Stand]:
    """The categories of an attribute as they are told, with where their people stand."""
    spread = attribute["places"]["spread"]
    pairs = zip(attribute["categories"], attribute["places"]["rows"], strict=True)
    ordered = sorted(pairs, key=lambda pair: labels.place(attribute["name"], pair[0]))
    found: list[Stand] = []
    for category, row in ordered:
        label, people = labels.category(attribute["name"], category), category["people"]
        if row is None:
            found.append(Stand(label, number(people), ""))
            continue
        reach = CERTAIN / math.sqrt(people)
        sign = str(sum(bool(one.sign) for one in found) + 1)
        found.append(
            Stand(
                label,
                number(people),
                sign,
                row["differs"],
                x=row["x"],
                y=row["y"],
                reach=(reach * spread[0], reach * spread[1]),
            )
        )
    return found


def place_of(own: OwnVotes, last_vote: int, model: Mapping[str, Any] | None, atlas: Atlas | None) -> OwnPlace:
    """Where her votes put her among the people of an analysis; without its model, how many votes it does not know."""
    import numpy as np

    from opinion.frozen import FrozenModel, standing

    newer = sum(one > last_vote for one in own.ids.values())
    if model is None or atlas is None:
        return OwnPlace(len(own.values), newer)
    place = {name: at for at, name in enumerate(model["statements"])}
    known = [(place[name], value) for name, value in own.values.items() if name in place]
    columns = np.array([at for at, _value in known], dtype=np.int64)
    values = np.array([value for _at, value in known], dtype=np.int64)
    frozen = FrozenModel.from_dict(model)
    stands = standing(frozen, columns, values)
    sides = int(((values != 0) & frozen.shaping[columns]).sum())
    x, y = atlas.place_of(stands.x, stands.y)
    return OwnPlace(
        votes=len(own.values),
        newer=newer,
        x=x,
        y=y,
        group=stands.group,
        confidence=stands.confidence,
        missing=max(frozen.needed - sides, 0),
        has_groups=frozen.k > 1,
    )
