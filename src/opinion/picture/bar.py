"""A bar of shares, as small as a line of text."""

from __future__ import annotations

from dataclasses import dataclass

from .svg import AGREE, DISAGREE, MUTED, checked_prefix, opening, short

__all__ = ["BarLabels", "opinion_bar"]


@dataclass(frozen=True, slots=True)
class BarLabels:
    """Words of a bar: a title such as "83 % agree, 12 % disagree, 5 % pass", and the direction of the page."""

    title: str = ""
    direction: str = "ltr"


def opinion_bar(
    agree: int,
    disagree: int,
    pass_: int,
    labels: BarLabels | None = None,
    *,
    prefix: str = "bar",
    width: int = 240,
    height: int = 14,
) -> str:
    """A bar of shares: agree, pass, disagree, in reading direction.

    Parameters
    ----------
    agree, disagree, pass_ : int
        Counts, not negative. Without votes the bar is an empty frame.
    labels : BarLabels, optional
    prefix : str
        Makes the ids in the picture unique on the page.
    width, height : int
        User units.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    words = labels or BarLabels(title=f"✓ {agree} – {pass_} ✕ {disagree}")
    prefix = checked_prefix(prefix)
    total = agree + disagree + pass_
    parts = [
        opening(
            prefix,
            "opinion-bar",
            width,
            height,
            words.title,
            "",
            words.direction,
            ' preserveAspectRatio="none"',
        ),
        f'<defs><pattern id="{prefix}-hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path class="hatch" d="M1 0v5" stroke="{MUTED}" stroke-width="1.5"/>'
        "</pattern></defs>",
    ]
    at = 0.0
    for name, count, fill in (
        ("agree", agree, AGREE),
        ("pass", pass_, f"url(#{prefix}-hatch)"),
        ("disagree", disagree, DISAGREE),
    ):
        wide = width * count / total if total else 0.0
        left = width - at - wide if words.direction == "rtl" else at
        if count > 0:
            parts.append(
                f'<rect class="{name}" x="{short(left)}" y="0" width="{short(wide)}" height="{height}" fill="{fill}"/>'
            )
        at += wide
    parts.append(
        f'<rect class="frame" x=".5" y=".5" width="{width - 1}" height="{height - 1}" fill="none" stroke="{MUTED}"/>'
        "</svg>"
    )
    return "".join(parts)
