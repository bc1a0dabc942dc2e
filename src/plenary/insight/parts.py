"""The further sections of an analysis, made with it and frozen beside its result.

A part is made from what went into the engine and what came out. It may fail, or have nothing to say: the analysis
stands without it, and its page says that it is not there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plenary.participation.models import Consultation

from .package import VOTES, freeze_votes
from .themes import make_themes
from .verify import make_shares, make_slate

if TYPE_CHECKING:
    from .integrity import Analysed

logger = logging.getLogger(__name__)

Maker = Callable[["Job"], "bytes | None"]


@dataclass(frozen=True, eq=False)
class Job:
    """What a part is made from."""

    consultation: Consultation
    made: Analysed
    seed: int


@dataclass(frozen=True)
class Part:
    """A name, and what makes the bytes; where it makes nothing, there is nothing to say."""

    name: str
    make: Maker
    media_type: str = "application/json"


def make_parts(
    job: Job, progress: Callable[[float], None] = lambda share: None
) -> Iterator[tuple[Part, bytes]]:
    """The parts that there are of an analysis. An error in one costs nobody the analysis, nor the other parts."""
    for done, part in enumerate(PARTS):
        progress(done / len(PARTS))
        try:
            content = part.make(job)
        except Exception:
            logger.exception("part %s of consultation %s could not be made", part.name, job.consultation.pk)
            continue
        if content is not None:
            yield part, content
    progress(1.0)


def as_json(data: Any) -> bytes:
    """Canonical JSON of plain values: sorted keys, no spaces, so that equal parts are equal bytes."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _slate(job: Job) -> bytes | None:
    """A short list that represents everyone in proportion."""
    chosen = make_slate(job.made.votes, job.made.result)
    return None if chosen is None else as_json(chosen)


def _votes(job: Job) -> bytes:
    """What was analysed: later erasures change what the database would give."""
    return freeze_votes(job.made.votes)


def _lens(job: Job) -> bytes:
    """Who said so: the findings by what people said about themselves."""
    from .lens import make_lens_part

    return make_lens_part(job)


def _weights(job: Job) -> bytes | None:
    """The same figures weighted to the audience wanted."""
    from .weighing import make_weights_part

    return make_weights_part(job)


def _shares(job: Job) -> bytes:
    """Of every statement how people voted: results are set side by side without reading them whole."""
    rows = [
        {
            "id": one.id,
            "agree": one.agree,
            "disagree": one.disagree,
            "pass": one.pass_,
            "intervals": one.intervals,
        }
        for one in job.made.result.statements
    ]
    return as_json(make_shares({"statements": rows}))


def _themes(job: Job) -> bytes:
    """What the texts are about; that there are no clear themes is something to say."""
    return as_json(make_themes(job.consultation, job.made, job.seed))


def _map(job: Job) -> bytes | None:
    """Where people stand, gathered, so that the map can be looked at from near without the whole result."""
    from .mapping import make_map_part

    return make_map_part(job)


def _model(job: Job) -> bytes | None:
    """By which a reader's own votes are placed on the map."""
    from .mapping import make_model_part

    return make_model_part(job)


PARTS: tuple[Part, ...] = (
    Part(VOTES, _votes, "application/gzip"),
    Part("slate", _slate),
    Part("lens", _lens),
    Part("weights", _weights),  # after the lens, on which it rests
    Part("shares", _shares),
    Part("themes", _themes),
    Part("map", _map),
    Part("model", _model),
)
