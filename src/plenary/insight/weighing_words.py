"""Raw beside weighted as people read it, with what the weights cost and which shares could not be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.numbers import join_words

from .figures import count_people, number, percent, points
from .lens_words import Labels

if TYPE_CHECKING:
    from plenary.participation.models import Statement


@dataclass(frozen=True)
class Beside:
    """A statement's share, raw and weighted."""

    reference: str
    statement: Statement | None
    side: str
    voters: str
    raw: str
    raw_interval: str
    weighted: str
    weighted_interval: str
    difference: str
    is_outside: bool
    """Whether weighting moves the share farther than chance alone leaves open."""
    effective: str


@dataclass(frozen=True)
class Weighed:
    by: str
    left_out: list[str]
    failed: str
    facts: list[tuple[str, str]]
    rows: list[Beside]
    """Those first that weighting moves most."""
    margins: list[tuple[str, str, str, str, str]]
    withheld: str


def weighed(
    part: Mapping[str, Any], labels: Labels, statements: Mapping[str, Statement] | None = None
) -> Weighed:
    left_out = [
        _why_left_out(name, part["left_out"][name], labels)
        for name in labels.names_in_order(list(part["left_out"]))
    ]
    if part["state"] != "told":
        return Weighed("", left_out, _why_failed(part["failed"]), [], [], [], "")
    people, effective = part["people"], part["effective_size"]
    facts = [
        (_("People"), number(people)),
        (_("Count as, once weighted"), count_people(round(effective))),
        (_("Largest weight"), _("%(times)s times the mean") % {"times": _decimal(part["largest"])}),
        (_("Smallest weight"), _("%(times)s times the mean") % {"times": _decimal(part["smallest"])}),
    ]
    if part["largest_miss"] >= 0.0005:
        facts.append(
            (
                _("The shares wanted are missed by up to"),
                _("%(points)s points") % {"points": _decimal(100 * part["largest_miss"])},
            )
        )
    known = statements or {}
    shown = [each for each in part["statements"] if each["weighted"]]
    margins = [
        (
            labels.attribute(each["attribute"]),
            labels.value(each["attribute"], each["key"]),
            percent(each["raw"]),
            percent(each["target"]),
            percent(each["weighted"]),
        )
        for each in part["margins"]
    ]
    return Weighed(
        by=join_words(labels.attribute(name) for name in labels.names_in_order(part["by"])),
        left_out=left_out,
        failed="",
        facts=facts,
        rows=[_beside(each, known.get(each["statement"])) for each in sorted(shown, key=_moved)],
        margins=margins,
        withheld=_withheld(len(part["statements"]) - len(shown)),
    )


def _moved(each: Mapping[str, Any]) -> float:
    return -abs(each["weighted"]["rate"] - each["raw"]["rate"])


def _withheld(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "The weighted share of %(number)s finding is hidden: with the tables it would tell a small number.",
        "The weighted shares of %(number)s findings are hidden: with the tables they would tell small numbers.",
        count,
    ) % {"number": number(count)}


def _decimal(value: float) -> str:
    return number_format(value, decimal_pos=1, use_l10n=True)


def _beside(each: Mapping[str, Any], statement: Statement | None) -> Beside:
    raw, weighted = each["raw"], each["weighted"]
    return Beside(
        reference=each["statement"],
        statement=statement,
        side=each["side"],
        voters=number(each["voters"]),
        raw=percent(raw["rate"]),
        raw_interval=_interval(raw),
        weighted=percent(weighted["rate"]),
        weighted_interval=_interval(weighted),
        difference=points(weighted["rate"] - raw["rate"], 1),
        is_outside=not raw["low"] <= weighted["rate"] <= raw["high"],
        effective=number(each["effective"]),
    )


def _interval(figures: Mapping[str, float]) -> str:
    return _("%(low)s–%(high)s %%") % {
        "low": number(100 * figures["low"]),
        "high": number(100 * figures["high"]),
    }


def _why_left_out(name: str, reason: Mapping[str, Any], labels: Labels) -> str:
    """Which margin cannot be used, why, and what to do about it."""
    facts = {
        "attribute": labels.attribute(name),
        "answers": join_words(labels.value(name, key) for key in labels.in_order(name, reason["answers"])),
    }
    if reason["why"] == "empty":
        return (
            _(
                "%(attribute)s: there are fewer than five people for %(answers)s, and nobody can stand in for them. "
                "Reach more of them, or put these answers together with others in the audience wanted."
            )
            % facts
        )
    if reason["why"] == "without" and facts["answers"]:
        return (
            _(
                "%(attribute)s: people answered %(answers)s, without a share in the audience wanted. Give it a share."
            )
            % facts
        )
    if reason["why"] == "without":
        return (
            _(
                "%(attribute)s: some people gave an answer that has no share in the audience wanted. Give each a share."
            )
            % facts
        )
    if reason["why"] == "sum":
        return (
            _("%(attribute)s: the shares wanted do not make 100 %%. Correct them in the audience wanted.")
            % facts
        )
    if reason["why"] == "hidden":
        return (
            _("%(attribute)s: for most findings its table hides a number, which weights by it would tell.")
            % facts
        )
    if reason["why"] == "apart":
        return (
            _("%(attribute)s: its groups are not shown here, so weights by them would tell what is hidden.")
            % facts
        )
    return (
        _("%(attribute)s: too few people said it. Ask for it, or take it out of the audience wanted.") % facts
    )


def _why_failed(reason: str) -> str:
    if reason == "together":
        return _(
            "The shares wanted cannot be met together: some combination of answers that they call for is missing among "
            "those who took part. Put answers together, or leave an attribute out of the audience wanted."
        )
    if reason == "later":
        return _(
            "The audience was named after these figures were told. They are weighted when they are told the next time."
        )
    if reason == "hidden":
        return _(
            "For every finding the tables hide a number, which a weighted share would tell. So nothing is weighted."
        )
    return _("None of the shares wanted can be used, so nothing is weighted.")
