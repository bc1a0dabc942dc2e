"""The stored map of opinions: a picture with tokens, which the words of the reader's language replace."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

TITLE_AND_DESCRIPTION = ("[[title]]", "[[description]]")
# As wide as the words that will stand there, since the legend is laid out when the map is drawn.
NONE = "[[none]]".ljust(32, "·")


def group_token(number: int) -> str:
    return f"[[group {number}]]".ljust(24, "·")


def draw(
    stored: bytes, direction: str, *, title: str, description: str, groups: Sequence[str], none: str
) -> str:
    """The map as SVG, in the words given."""
    picture: str = json.loads(bytes(stored))[direction]
    words = dict(zip(TITLE_AND_DESCRIPTION, (title, description), strict=True))
    words |= {NONE: none} | {group_token(number): name for number, name in enumerate(groups)}
    for token, said in words.items():
        picture = picture.replace(token, escape(said))
    return picture
