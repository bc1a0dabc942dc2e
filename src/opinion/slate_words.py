"""A slate in plain English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .proportional import COMPLETION
from .result import GROUP_LETTERS

if TYPE_CHECKING:
    from .justified import Justification
    from .slate import Slate, SlateStatement

__all__ = ["describe"]


def describe(section: Slate, texts: Mapping[str, str] | None = None) -> list[str]:
    """The slate in whole sentences.

    Parameters
    ----------
    section : Slate
    texts : mapping of str to str, optional
        Text of each statement by its id.

    Returns
    -------
    list of str
        One line each.
    """
    everyone, found = section.coverage, len(section.statements)
    if not found:
        return [
            f"There is no slate: nobody agrees with any of the {section.eligible:,} statements that could be chosen."
        ]
    completed = sum(one.phase == COMPLETION for one in section.statements)
    lines = [
        f"{found:,} of {section.eligible:,} statements represent everyone in proportion: {found - completed:,} paid for"
        f" from equal budgets, {completed:,} added to complete the number."
    ]
    if found < section.wanted:
        lines.append(f"{section.wanted:,} were asked for; no other statement has anyone who agrees with it.")
    lines.append(
        f"{_percent(everyone.share)} of the {everyone.people:,} people who agree with anything agree with at least one"
        f" of them ({everyone.covered:,}); {everyone.not_covered:,} have seen all and agree with none,"
        f" {everyone.unknown:,} have not seen all of them."
    )
    if section.agreeing_with_nothing:
        lines.append(
            f"{section.agreeing_with_nothing:,} of {section.people:,} people agree with no statement and are covered"
            " by none."
        )
    lines += [_statement_line(number, one, texts or {}) for number, one in enumerate(section.statements, 1)]
    lines += [
        f"Group {GROUP_LETTERS[one.group]}: {one.covered:,} of {one.people:,} covered ({_percent(one.share)}),"
        f" {one.unknown:,} unknown."
        for one in section.groups
        if one.group is not None and one.group >= 0
    ]
    return [*lines, _ejr_line(section.ejr_plus), _second_line(section), *_tie_lines(section)]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _statement_line(number: int, one: SlateStatement, texts: Mapping[str, str]) -> str:
    text = " ".join(texts.get(one.id, "").split())
    name = f"Statement {one.id}" + (f" (“{text}”)" if text else "")
    if one.votes is None or one.rate is None or one.low is None or one.high is None:
        support = f"{one.supporters:,} people agree"
    else:
        support = (
            f"{one.supporters:,} of {one.votes:,} who voted on it agree ({_percent(one.rate)},"
            f" {100 * one.low:.0f}–{100 * one.high:.0f})"
        )
    if one.price is not None:
        paid = f"they paid at most {100 * one.price:.1f} % of their budgets"
    else:
        paid = "they could not pay; it completes the number"
    return f"{number}. {name}: {support}; {paid}."


def _ejr_line(check: Justification) -> str:
    claim = check.closest
    if claim is None:
        return "No group is left without what its size entitles it to, nor near to it (EJR+ holds)."
    group = (
        f"{claim.people:,} people who agree with statement {claim.statement} and with at most {claim.most_agreed:,} of"
        f" the slate; {claim.needed:,} would be entitled to {claim.entitled:,}"
    )
    if check.satisfied:
        return f"No group is left without what its size entitles it to (EJR+ holds). The nearest to a claim: {group}."
    return f"A group is left without what its size entitles it to (EJR+ fails for {check.violations:,}): {group}."


def _second_line(section: Slate) -> str:
    other = section.second_opinion
    if not other.only_here and not other.only_in_slate:
        return "Sequential proportional approval voting chooses the same statements."
    return (
        f"Sequential proportional approval voting would choose {', '.join(other.only_here) or 'nothing'} instead of"
        f" {', '.join(other.only_in_slate) or 'nothing'}, and cover {other.covered:,} people."
    )


def _tie_lines(section: Slate) -> list[str]:
    return [
        f"Round {tie.round} was a tie of statements {', '.join(tie.statements)}; their order decided for the first."
        for tie in section.ties
        if tie.decided
    ]
