"""Who said so as people read it: tables with denominators, sentences, and what is hidden called hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from plenary.kit.languages import language_name
from plenary.kit.numbers import join_words
from plenary.participation.queries import map_attributes

from .figures import LETTERS, MARKS, InBar, count_people, number, percent, points

if TYPE_CHECKING:
    from plenary.participation.models import Consultation, Statement

    from .models import Finding

READ_IN = "read_in"
NAMED = 3  # of the small categories that stand together

VERDICTS = {
    "yes": pgettext_lazy("a finding in a group", "holds"),
    "no": pgettext_lazy("a finding in a group", "does not hold"),
    "open": pgettext_lazy("a finding in a group", "not sure"),
    "hidden": pgettext_lazy("a finding in a group", "hidden"),
}
KINDS = {
    "consensus": gettext_lazy("what people share"),
    "division": gettext_lazy("where they part"),
    "bridge": gettext_lazy("what bridges the groups"),
}


# Names


class Labels:
    """What attributes and their values are called in the language at hand."""

    def __init__(self, consultation: Consultation) -> None:
        self.attributes = map_attributes(consultation)

    def attribute(self, name: str) -> str:
        if name == READ_IN:
            return pgettext("attribute", "Language of reading")
        return str(self.attributes[name].label) if name in self.attributes else name

    def value(self, name: str, key: str) -> str:
        if name == READ_IN:
            return language_name(key)
        return str(self.attributes[name].label_of(key)) if name in self.attributes else key

    def category(self, name: str, category: Mapping[str, Any]) -> str:
        if category["kind"] == "not said":
            return _("Not known") if name == READ_IN else _("Did not say")
        if category["kind"] == "together":
            members = [self.value(name, key) for key in self.in_order(name, category["members"])]
            more = len(members) - NAMED
            if more > 0:
                return ngettext(
                    "%(named)s and %(count)s more, together",
                    "%(named)s and %(count)s more, together",
                    more,
                ) % {"named": join_words(members[:NAMED]), "count": number(more)}
            return _("%(named)s, together") % {"named": join_words(members)}
        return self.value(name, category["key"])

    def names_in_order(self, names: Sequence[str]) -> list[str]:
        order = [*self.attributes, READ_IN]
        return sorted(names, key=lambda name: order.index(name) if name in order else len(order))

    def in_order(self, name: str, keys: Sequence[str]) -> list[str]:
        """Values in the order in which people are asked for them."""
        usual = list(self.attributes[name].keys) if name in self.attributes else []
        return sorted(keys, key=lambda key: (usual.index(key) if key in usual else len(usual), key))

    def place(self, name: str, category: Mapping[str, Any]) -> tuple[int, int]:
        """Where a category stands in a table: as it is asked for, then those together, then who said nothing."""
        kinds = ("category", "together", "not said")
        usual = self.attributes[name].keys if name in self.attributes else ()
        at = usual.index(category["key"]) if category["key"] in usual else len(usual) - category["people"]
        return kinds.index(category["kind"]), at if name != READ_IN else -category["people"]


# Tables


@dataclass(frozen=True)
class Composed:
    """A category: how many people, and of which groups of opinion."""

    label: str
    people: str
    share: str
    """Of those who said it; a dash for those who did not."""
    groups: list[tuple[str, str, str]]
    """Colour, letter, and the share of the category's people that are in the group."""


@dataclass(frozen=True)
class Cell(InBar):
    """One category's votes on the statement of a finding."""

    label: str
    voters: int | None
    people: int
    rate: float | None
    low: float
    high: float
    side: str
    holds: str
    difference: str
    differs: bool

    @property
    def votes(self) -> int:
        return self.voters or 0

    @property
    def colour(self) -> str:
        return self.side

    @property
    def count(self) -> str:
        return _("hidden") if self.voters is None else number(self.voters)

    @property
    def is_hidden(self) -> bool:
        return self.rate is None and self.voters != 0

    @property
    def percent(self) -> str:
        return percent(self.rate)

    @property
    def interval(self) -> str:
        if self.rate is None:
            return "–"
        return _("%(low)s–%(high)s %%") % {"low": number(100 * self.low), "high": number(100 * self.high)}

    @property
    def verdict(self) -> str:
        return str(VERDICTS.get(self.holds, ""))


@dataclass(frozen=True)
class Seen:
    """A finding seen by one attribute."""

    attribute: str
    label: str
    kind: str
    side: str
    reference: str
    statement: Statement | None
    finding: Finding | None
    cells: list[Cell]
    everywhere: str
    has_bar: bool
    sentences: list[str]
    told_on: str
    """The day, where it was told earlier than the rest."""

    @property
    def kind_label(self) -> str:
        return str(KINDS.get(self.kind, ""))


@dataclass(frozen=True)
class Tab:
    """An attribute with its table and the findings seen by it."""

    name: str
    label: str
    is_shown: bool
    words: str
    summary: list[str]
    rows: list[Composed]
    groups: list[tuple[str, str]]
    findings: list[Seen]
    hides: bool


def tab_of(
    part: Mapping[str, Any],
    name: str,
    labels: Labels,
    *,
    same_votes: bool,
    statements: Mapping[str, Statement],
    findings: Mapping[tuple[str, str], Finding],
) -> Tab:
    """One attribute of a lens. ``same_votes``: the lens rests on the votes of the analysis that is shown."""
    one = next(each for each in part["attributes"] if each["name"] == name)
    composition = one["composition"] if same_votes else None
    seen = [
        see(
            part,
            one,
            row,
            labels,
            statements.get(row["statement"]),
            findings.get((row["kind"], row["statement"])),
        )
        for row in one["findings"]
    ]
    return Tab(
        name=name,
        label=labels.attribute(name),
        is_shown=one["shown"],
        words=said_words(one, part["people"]),
        summary=summary_of(one, labels),
        rows=_composed(one, composition, labels),
        groups=[(_colour(row["group"]), _letter(row["group"])) for row in composition or ()],
        findings=seen,
        hides=bool(one["hidden"]),
    )


def see(
    part: Mapping[str, Any],
    one: Mapping[str, Any],
    row: Mapping[str, Any],
    labels: Labels,
    statement: Statement | None,
    finding: Finding | None,
) -> Seen:
    name = one["name"]
    cells = [
        _cell(labels.category(name, category), category, cast, row["side"])
        for category, cast in _ordered(one, row["categories"], labels)
    ]
    return Seen(
        attribute=name,
        label=labels.attribute(name),
        kind=row["kind"],
        side=row["side"],
        reference=row["statement"],
        statement=statement,
        finding=finding,
        cells=cells,
        everywhere=row["everywhere"] or "",
        has_bar=row["bar"] is not None,
        sentences=_sentences(cells, row),
        told_on=day_of(row["on"]) if row["on"] != part["on"] else "",
    )


def _ordered(
    one: Mapping[str, Any], values: Sequence[Any], labels: Labels
) -> list[tuple[Mapping[str, Any], Any]]:
    pairs = zip(one["categories"], values, strict=True)
    return sorted(pairs, key=lambda pair: labels.place(one["name"], pair[0]))


def _cell(label: str, category: Mapping[str, Any], cast: Mapping[str, Any], side: str) -> Cell:
    return Cell(
        label=label,
        voters=cast["voters"],
        people=category["people"],
        rate=cast["rate"],
        low=cast["low"] or 0.0,
        high=cast["high"] or 0.0,
        side=side,
        holds=cast["holds"] or "",
        difference=_points(cast),
        differs=bool(cast["differs"]),
    )


def _points(cast: Mapping[str, Any]) -> str:
    if cast["difference"] is None:
        return "–"
    return _("%(points)s (%(low)s to %(high)s)") % {
        "points": points(cast["difference"]),
        "low": points(cast["difference_low"]),
        "high": points(cast["difference_high"]),
    }


def _composed(
    one: Mapping[str, Any], composition: Sequence[Mapping[str, Any]] | None, labels: Labels
) -> list[Composed]:
    said = sum(each["people"] for each in one["categories"] if each["kind"] != "not said")
    counts = list(zip(*(row["categories"] for row in composition), strict=True)) if composition else []
    places = range(len(one["categories"]))
    rows = []
    for category, at in _ordered(one, places, labels):
        people = category["people"]
        share = percent(people / said) if category["kind"] != "not said" and said else "–"
        groups = [
            (
                _colour(row["group"]),
                _letter(row["group"]),
                _("hidden")
                if count is None
                else _("%(share)s (%(people)s)")
                % {"share": percent(count / people), "people": number(count)},
            )
            for row, count in zip(composition or (), counts[at] if counts else (), strict=True)
        ]
        rows.append(Composed(labels.category(one["name"], category), number(people), share, groups))
    return rows


def _colour(group: int) -> str:
    return f"g{group}" if group >= 0 else ""


def _letter(group: int) -> str:
    return f"{MARKS[group]} {LETTERS[group]}" if group >= 0 else pgettext("group of opinion", "none")


def day_of(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "DATE_FORMAT")


# Sentences


def said_words(one: Mapping[str, Any], people: int) -> str:
    """Of how many it is known."""
    said = sum(each["people"] for each in one["categories"] if each["kind"] != "not said")
    total = sum(each["people"] for each in one["categories"]) or people
    figures = {
        "said": number(said),
        "people": number(total),
        "share": percent(said / total if total else None),
    }
    if one["name"] == READ_IN:
        return (
            _(
                "Known of %(said)s of %(people)s people (%(share)s): the language in which they read the cards."
            )
            % figures
        )
    return _("%(said)s of %(people)s people said it (%(share)s).") % figures


def summary_of(one: Mapping[str, Any], labels: Labels) -> list[str]:
    """In how many groups what people share holds: the answer before the tables."""
    if not one["shown"]:
        return []
    shared = [row for row in one["findings"] if row["kind"] == "consensus"]
    if not shared:
        return []
    count = {
        word: sum(row["everywhere"] == word for row in shared) for word in ("yes", "no", "open", "hidden")
    }
    facts = {"attribute": labels.attribute(one["name"]), "all": number(len(shared))}
    said = [
        ngettext(
            "%(attribute)s: %(all)s shared point is looked at here.",
            "%(attribute)s: %(all)s shared points are looked at here.",
            len(shared),
        )
        % facts
    ]
    if count["yes"]:
        said.append(
            ngettext(
                "%(count)s holds in every group.",
                "%(count)s hold in every group.",
                count["yes"],
            )
            % {"count": number(count["yes"])}
        )
    if count["no"]:
        said.append(
            ngettext(
                "%(count)s does not hold in at least one group.",
                "%(count)s do not hold in at least one group.",
                count["no"],
            )
            % {"count": number(count["no"])}
        )
    if count["open"]:
        said.append(
            ngettext(
                "Of %(count)s it is not sure: in some groups too few voted to tell.",
                "Of %(count)s it is not sure: in some groups too few voted to tell.",
                count["open"],
            )
            % {"count": number(count["open"])}
        )
    if count["hidden"]:
        said.append(
            ngettext(
                "Of %(count)s it cannot be told for every group, since small numbers are hidden.",
                "Of %(count)s it cannot be told for every group, since small numbers are hidden.",
                count["hidden"],
            )
            % {"count": number(count["hidden"])}
        )
    return said


def teaser(attributes: Sequence[Mapping[str, Any]], labels: Labels) -> list[str]:
    """By which attributes what people share holds in every group, by which not, and by which it is not known."""
    names: dict[str, list[str]] = {"yes": [], "no": [], "open": []}
    for one in attributes:
        told = {row["everywhere"] for row in one["findings"] if row["kind"] == "consensus"}
        if one["shown"] and told:
            word = "no" if "no" in told else "yes" if told == {"yes"} else "open"
            names[word].append(labels.attribute(one["name"]))
    patterns = {
        "yes": _("What people share holds in every group by: %(names)s."),
        "no": _("What people share does not hold in every group by: %(names)s."),
        "open": _(
            "Whether what people share holds in every group is not known by: %(names)s. Too few said so or voted."
        ),
    }
    return [patterns[word] % {"names": join_words(found)} for word, found in names.items() if found]


def _sentences(cells: Sequence[Cell], row: Mapping[str, Any]) -> list[str]:
    """Where a finding holds and where not, and who differs from all others."""
    said = []
    if row["bar"] is not None:
        patterns = (
            ("yes", _("Holds in: %(names)s.")),
            ("open", _("Not sure in: %(names)s.")),
            ("no", _("Does not hold in: %(names)s.")),
            ("hidden", _("Hidden, since the numbers are small: %(names)s.")),
        )
        for word, pattern in patterns:
            names = [cell.label for cell in cells if cell.holds == word]
            if names:
                said.append(pattern % {"names": join_words(names)})
        silent = [cell.label for cell in cells if cell.voters == 0]
        if silent:
            said.append(_("Nobody voted on it in: %(names)s.") % {"names": join_words(silent)})
    apart = [cell for cell in cells if cell.differs]
    if apart:
        names = [
            _("%(who)s (%(points)s points)") % {"who": cell.label, "points": cell.difference}
            for cell in apart
        ]
        said.append(
            _("Beyond chance, these differ from all others: %(names)s.") % {"names": join_words(names)}
        )
    elif any(cast["q"] is not None for cast in row["categories"]):
        said.append(_("No group differs from all others beyond chance."))
    return said


def lede(part: Mapping[str, Any]) -> str:
    """What share of those who voted said anything about themselves, before anything else."""
    people = part["people"]
    if not people:
        return _("Nobody had voted when this was analysed, so there is nobody to tell apart.")
    if part["said"] is None:
        return _("Fewer than five of %(people)s said anything about themselves.") % {
            "people": count_people(people)
        }
    if not part["said"]:
        return _("None of %(people)s said anything about themselves.") % {"people": count_people(people)}
    return ngettext(
        "%(said)s of %(people)s people said something about themselves (%(share)s). The others may think differently.",
        "%(said)s of %(people)s people said something about themselves (%(share)s). The others may think differently.",
        part["said"],
    ) % {"said": number(part["said"]), "people": number(people), "share": percent(part["said"] / people)}


def why_nothing(part: Mapping[str, Any] | None) -> str:
    """Why no votes are shown by what people said."""
    if part is None:
        return _("Votes were not looked at by who cast them in this analysis. Analyse them again to see it.")
    from .lens import PEOPLE_FOR_A_FINDING, SAID_FIRST

    if part["state"] == "nobody said":
        return _("So votes cannot be shown by who cast them.")
    if part["state"] == "few":
        return _(
            "Votes are shown by what people said about themselves from %(count)s people on. With fewer, the numbers "
            "would tell what single people answered."
        ) % {"count": number(PEOPLE_FOR_A_FINDING)}
    if part["state"] == "waiting":
        return _(
            "Votes are shown by who cast them once %(count)s people have said something about themselves, or when "
            "voting has ended. Told earlier and told again, the numbers could be subtracted."
        ) % {"count": number(SAID_FIRST)}
    return ""


def not_told(part: Mapping[str, Any], labels: Labels) -> list[str]:
    """Attributes of which there is no table, and why."""
    said = [
        _("%(attribute)s: nobody said it.") % {"attribute": labels.attribute(name)}
        for name in labels.names_in_order(part.get("skipped", []))
    ]
    said += [
        _("%(attribute)s: fewer than five people said it, so nothing is shown of it.")
        % {"attribute": labels.attribute(name)}
        for name in labels.names_in_order(part.get("too_few", []))
    ]
    return said
