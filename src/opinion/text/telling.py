"""How people vote on the statements of each theme, and the themes in plain English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..intervals import wilson
from ..phrases import cut
from ..result import GROUP_LETTERS, Result
from ..votes import Statement, Votes
from .themes import GroupStand, Themes

__all__ = ["describe", "texts_of", "with_votes"]

Array = np.ndarray[Any, np.dtype[Any]]


def texts_of(statements: Sequence[Statement]) -> tuple[dict[str, str], dict[str, str]]:
    """Texts and known languages by id, for `find_themes`; statements that were moderated out are left out."""
    shown = [statement for statement in statements if statement.moderated >= 0]
    return (
        {statement.id: statement.text for statement in shown},
        {statement.id: statement.language for statement in shown if statement.language},
    )


def with_votes(themes: Themes, votes: Votes, result: Result) -> Themes:
    """The same themes with how everyone, and each group of the result, votes on their statements taken together.

    The rate says how readily a group agrees with what is said within the theme. It is not a position: statements of
    one theme may contradict each other. Its interval takes people as the sample, not votes (each person's votes on a
    theme are alike), and the statements as they are.

    Parameters
    ----------
    themes : Themes
        Of the statements' texts; ids without votes count nothing.
    votes : Votes
    result : Result
        Of the same votes.

    Returns
    -------
    Themes

    References
    ----------
    L. Kish (1965), Survey sampling, chapter 5: the design effect of clusters and the ratio estimator.
    """
    home = {one: theme.index for theme in themes.themes for one in theme.ids}
    theme_of = np.array([home.get(one, -1) for one in votes.statement_ids.tolist()], dtype=np.int64)
    group = _groups_of(votes, result)
    ks: tuple[int | None, ...] = (None, *(range(result.k) if result.k > 1 else ()))
    told = []
    for theme in themes.themes:
        cast = np.flatnonzero(theme_of[votes.indices] == theme.index) if votes.size else np.empty(0, np.int64)
        who, value = votes.rows[cast], votes.values[cast]
        counts = np.stack(
            [np.bincount(who[value == v], minlength=votes.shape[0]) for v in (1, -1, 0)], axis=1
        )
        told.append(
            replace(theme, groups=tuple(_stand(k, counts if k is None else counts[group == k]) for k in ks))
        )
    return replace(themes, themes=tuple(told))


def _groups_of(votes: Votes, result: Result) -> Array:
    """Group of each participant of the votes; the result may leave some out."""
    if np.array_equal(votes.participant_ids, result.participants.ids):
        return result.participants.group.astype(np.int64)
    own = dict(zip(result.participants.ids.tolist(), result.participants.group.tolist(), strict=True))
    return np.array([own.get(one, -1) for one in votes.participant_ids.tolist()], dtype=np.int64)


def _stand(group: int | None, counts: Array) -> GroupStand:
    """`counts`: for each person agree, disagree, pass."""
    counts = counts[counts.sum(axis=1) > 0]
    agree, disagree, passed = (int(total) for total in counts.sum(axis=0))
    total, people = agree + disagree + passed, len(counts)
    if not total:
        return GroupStand(group, 0, 0, 0, 0, None, 0.0, 1.0)
    rate = agree / total
    effect = _design_effect(counts[:, 0].astype(float), counts.sum(axis=1).astype(float), rate)
    low, high = wilson(agree / effect, total / effect)
    return GroupStand(group, people, agree, disagree, passed, rate, float(low), float(high))


def _design_effect(agree: Array, cast: Array, rate: float) -> float:
    """How many times the variance of the rate is larger than if all votes were different people's."""
    people, total = len(cast), float(cast.sum())
    if people < 2 or rate in (0.0, 1.0):
        return total / people  # nothing to learn the likeness from: each person counts once
    variance = people / (people - 1) * float(((agree - rate * cast) ** 2).sum()) / total**2
    return max(1.0, variance / (rate * (1 - rate) / total))


def describe(themes: Themes, texts: Mapping[str, str] | None = None) -> list[str]:
    """The themes in plain English, one sentence or more a line.

    Parameters
    ----------
    themes : Themes
    texts : mapping of str to str, optional
        Text by id, to quote the most typical one.

    Returns
    -------
    list of str
    """
    compared = themes.texts - len(themes.empty)
    kind = {"translations": "translations", "embedding": "an embedding"}.get(themes.represented_by, "")
    by = f" by {kind}" if kind else ""
    if not themes.themes:
        lines = [f"No clear themes among {compared:,} texts{by}."]
    else:
        count = len(themes.themes)
        lines = [
            f"{count} theme{'' if count == 1 else 's'} among {compared:,} texts{by}; "
            f"{len(themes.left_over):,} texts belong to none."
        ]
    for theme in themes.themes:
        words = ", ".join(theme.words[:5]) or "no words of its own"
        line = (
            f"Theme {theme.index + 1}, {words}: {theme.size:,} text{'' if theme.size == 1 else 's'} "
            f"({100 * theme.share:.0f} %), found again with {theme.stability:.2f} in random halves."
        )
        if len(themes.languages) > 1:
            line += f" Languages: {', '.join(f'{tag} {n}' for tag, n in theme.languages.items())}."
        if texts and theme.typical:
            line += f" Typical: “{cut(texts.get(theme.typical[0], ''))}”"
        lines.append(line)
        if any(stand.rate is not None for stand in theme.groups):
            said = "; ".join(_said(stand) for stand in theme.groups if stand.rate is not None)
            lines.append(f"  Agreeing votes on its statements: {said}.")
    if any(stand.rate is not None for theme in themes.themes for stand in theme.groups):
        lines.append(
            "These rates say how readily people agree with what is said on a theme; statements on one theme may "
            "contradict each other."
        )
    return lines + list(themes.notes)


def _said(stand: GroupStand) -> str:
    who = "everyone" if stand.group is None else GROUP_LETTERS[stand.group]
    assert stand.rate is not None
    return (
        f"{who} {100 * stand.rate:.0f} % [{100 * stand.low:.0f}–{100 * stand.high:.0f}] "
        f"of {stand.agree + stand.disagree + stand.pass_:,} from {stand.people:,}"
    )
