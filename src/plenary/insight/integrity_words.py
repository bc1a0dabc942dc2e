"""What signs of coordination say, in plain words. No database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.numbers import show_percent


def number(count: float) -> str:
    return number_format(round(count), force_grouping=True)


def few(count: float) -> str:
    """What chance would bring, without a zero that would say too much."""
    return _("fewer than one") if count < 1 else _("about %(count)s") % {"count": number(count)}


def in_words(signal: str, size: int, figures: Mapping[str, Any]) -> str:
    """The flag in one sentence: how many, what pattern, within which time."""
    people = {"count": number(size)}
    if signal == "copies":
        words = ngettext(
            "%(count)s participant voted in nearly the same way as others.",
            "%(count)s participants cast nearly identical ballots.",
            size,
        )
    elif signal == "one-side":
        words = ngettext(
            "%(count)s participant answered everything with the same side.",
            "%(count)s participants answered everything with the same side.",
            size,
        )
    elif signal == "push":
        words = ngettext(
            "%(count)s participant came for one statement and little else.",
            "%(count)s participants came for one statement and little else.",
            size,
        )
    elif signal == "fast":
        words = ngettext(
            "%(count)s participant answered faster than anybody reads.",
            "%(count)s participants answered faster than anybody reads.",
            size,
        )
    else:
        words = ngettext(
            "%(count)s author wrote many statements in a short time.",
            "%(count)s authors wrote many statements in a short time.",
            size,
        )
    return " ".join([words % people, *_span(figures)])


def _span(figures: Mapping[str, Any]) -> list[str]:
    """Within which time they began, from what ``figures`` keep of it."""
    seconds = figures.get("span_seconds")
    if seconds is None:
        return []
    return [_("They began within %(span)s.") % {"span": span_in_words(seconds)}]


def span_in_words(seconds: float) -> str:
    """A length of time in the largest unit of which it has two."""
    for size, one in ((86400, _days), (3600, _hours), (60, _minutes)):
        if seconds >= 2 * size:
            return one(round(seconds / size))
    return _minutes(2) if seconds > 60 else _minutes(1)


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": number(count)}


def _hours(count: int) -> str:
    return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": number(count)}


def _minutes(count: int) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": number(count)}


def signals(signal: str, figures: Mapping[str, Any]) -> list[str]:
    """What speaks for it, a sentence each, with what chance would bring."""
    said = []
    if figures.get("match") is not None:
        said.append(
            _("On average %(share)s of their votes are equal.")
            % {"share": show_percent(100 * figures["match"])}
        )
    if figures.get("observed") is not None:
        said.append(
            _("%(observed)s such ballots were found; habit and chance explain %(expected)s.")
            % {"observed": number(figures["observed"]), "expected": few(figures["expected"])}
        )
    together = figures.get("together")
    if together and together["p"] <= 0.001:
        said.append(
            _("%(observed)s of them came within one hour, where %(expected)s would be usual.")
            % {"observed": number(together["observed"]), "expected": few(together["expected"])}
        )
    if figures.get("p") is not None:
        said.append(chance(figures["p"]))
    return said


def chance(p: float) -> str:
    """How likely so much is without coordination."""
    for limit in (0.00001, 0.0001, 0.001):
        if p < limit:
            return _(
                "Without coordination so much would come in fewer than one of %(count)s consultations."
            ) % {"count": number(1 / limit)}
    return _("Without coordination so much would come in about %(count)s of 1,000 consultations.") % {
        "count": number(1000 * p)
    }
