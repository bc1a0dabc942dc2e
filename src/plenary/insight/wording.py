"""What a finding says in one sentence, made from its kind and figures in each language of the interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from .figures import LETTERS, Share, count_votes, everyone, others_rate, per_group, percent, side_of

LONGEST_QUOTATION = 280

Quote = Callable[[str], str]
"""From a statement's reference to how a sentence names it: its words, or the reference itself."""


def quotation(wording: str) -> str:
    """A statement's words in the quotation marks of the language at hand."""
    if len(wording) > LONGEST_QUOTATION:
        wording = wording[: LONGEST_QUOTATION - 1].rstrip() + "…"
    return _("“%(wording)s”") % {"wording": wording}


def sentence(
    kind: str, statements: Sequence[str], groups: Sequence[int], figures: Mapping[str, Any], quote: Quote
) -> str:
    """The claim of a finding, with its figures, in the language that is active."""
    if kind == "position":
        return _position(statements, groups[0], figures, quote)
    words = {"statement": quote(statements[0])}
    if kind == "division":
        return _division(words, groups, figures)
    share = everyone(figures)
    assert share is not None
    words["figures"] = _in_brackets(share)
    if kind == "bridge":
        return _("Every group agrees more than it usually does: %(statement)s (%(figures)s)") % words
    if kind == "uncertain":
        return _("Not yet clear, more votes would tell: %(statement)s (agree so far: %(figures)s)") % words
    several, disagree = len(per_group(figures)) > 1, side_of(figures) == "disagree"
    if several and disagree:
        return _("In every group most people disagree: %(statement)s (%(figures)s)") % words
    if several:
        return _("In every group most people agree: %(statement)s (%(figures)s)") % words
    if disagree:
        return _("Most people disagree: %(statement)s (%(figures)s)") % words
    return _("Most people agree: %(statement)s (%(figures)s)") % words


def _in_brackets(share: Share) -> str:
    return _("%(percent)s, 95 %% interval %(interval)s, %(votes)s") % {
        "percent": share.percent,
        "interval": share.interval,
        "votes": count_votes(share.votes),
    }


def _division(words: dict[str, str], groups: Sequence[int], figures: Mapping[str, Any]) -> str:
    shares = {share.group: share for share in per_group(figures)}
    first, second = shares[groups[0]], shares[groups[1]]
    return _(
        "Views part: %(statement)s (group %(first)s: %(first_percent)s of %(first_votes)s agree; "
        "group %(second)s: %(second_percent)s of %(second_votes)s agree)"
    ) % {
        **words,
        "first": first.letter,
        "first_percent": first.percent,
        "first_votes": first.count,
        "second": second.letter,
        "second_percent": second.percent,
        "second_votes": second.count,
    }


def _position(statements: Sequence[str], group: int, figures: Mapping[str, Any], quote: Quote) -> str:
    marks = figures["statements"]
    first = marks[0]
    shares = per_group(first, first["side"])
    own = next(share for share in shares if share.group == group)
    pattern = (
        ngettext(
            "What sets group %(group)s apart, on %(count)s statement: it disagrees with %(statement)s "
            "(%(percent)s, all others %(others)s)",
            "What sets group %(group)s apart, on %(count)s statements: above all it disagrees with %(statement)s "
            "(%(percent)s, all others %(others)s)",
            len(marks),
        )
        if first["side"] == "disagree"
        else ngettext(
            "What sets group %(group)s apart, on %(count)s statement: it agrees with %(statement)s "
            "(%(percent)s, all others %(others)s)",
            "What sets group %(group)s apart, on %(count)s statements: above all it agrees with %(statement)s "
            "(%(percent)s, all others %(others)s)",
            len(marks),
        )
    )
    return pattern % {
        "group": LETTERS[group],
        "count": len(marks),
        "statement": quote(first["id"]),
        "percent": own.percent,
        "others": percent(others_rate(shares, group)),
    }


def is_spoken() -> bool:
    """Whether the active language has these sentences; otherwise a translation would be English by another name."""
    msgid = "In every group most people agree: %(statement)s (%(figures)s)"
    return get_language() == "en" or _(msgid) != msgid
