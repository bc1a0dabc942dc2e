"""What a lens holds: plain values, all of them for publication, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .phrases import counted, cut

__all__ = [
    "AttributeLens",
    "Category",
    "CategoryVotes",
    "Contrast",
    "FindingLens",
    "GroupComposition",
    "Lens",
    "Rate",
    "StatementLens",
    "SuppressionReport",
    "describe",
    "label_of",
]

NAMED = 4  # of the small groups that stand together
DENSE = 0.1  # published counts per person from which the votes of single people may tell what they said


@dataclass(frozen=True, slots=True)
class Category:
    """An attribute group.

    Attributes
    ----------
    name : str or None
        ``None`` for those who said nothing, and for those who stand together.
    kind : {"category", "not said", "together"}
    people : int
        Participants.
    members : tuple of str
        The categories that stand together because one of them alone would be too small.
    """

    name: str | None
    kind: str
    people: int
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """A count among those who voted.

    Attributes
    ----------
    count : int
    rate : float
        Share of all who voted, passes included.
    low, high : float
        95 % Wilson interval.
    """

    count: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CategoryVotes:
    """Votes of an attribute group on a statement; ``None`` is hidden, or a rate of nothing.

    Attributes
    ----------
    category : int
        Place in `AttributeLens.categories`.
    voters : int or None
        People of the group who voted on it, passes included: the denominator of the rates.
    agree, disagree, pass_ : int or None
    rates : dict of str to Rate
        For each side whose count and denominator are both shown.
    """

    category: int
    voters: int | None
    agree: int | None
    disagree: int | None
    pass_: int | None
    rates: dict[str, Rate]


@dataclass(frozen=True, slots=True)
class StatementLens:
    """A statement seen by an attribute.

    Attributes
    ----------
    id : str
    categories : tuple of CategoryVotes
        One per attribute group, in the order of `AttributeLens.categories`.
    """

    id: str
    categories: tuple[CategoryVotes, ...]


@dataclass(frozen=True, slots=True)
class Contrast:
    """An attribute group against all others who voted on a statement.

    Attributes
    ----------
    category : int
    rate : float or None
        Of the finding's side; ``None`` where it is hidden or nobody voted.
    low, high : float or None
        95 % Wilson interval.
    holds : {"yes", "no", "open", "hidden"} or None
        Whether the finding holds in the group: yes if the whole interval is above the bar, no if it is below, open
        else. Hidden with its number, unless every number that it can be by what is published has the same answer.
        ``None`` for kinds of findings without a bar.
    difference, difference_low, difference_high : float or None
        Rate less the rate of the others, with Newcombe's interval; ``None`` where either has too few votes, and in the
        second of two groups where no other voted: it would be the first one's with the sign turned.
    p, q : float or None
        Two-sided test that the rates are equal; q is adjusted over all tests of the lens (Benjamini–Hochberg).
    differs : bool or None
        q is at most the false discovery rate.
    """

    category: int
    rate: float | None
    low: float | None
    high: float | None
    holds: str | None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    p: float | None = None
    q: float | None = None
    differs: bool | None = None


@dataclass(frozen=True, slots=True)
class FindingLens:
    """A finding of the analysis seen by an attribute.

    Attributes
    ----------
    kind : str
        As in `Finding`.
    statement : str
    side : {"agree", "disagree"}
    groups : tuple of int
        Opinion groups that it is about.
    bar : float or None
        Rate that must be passed for it to hold in an attribute group.
    everywhere : {"yes", "no", "open", "hidden"} or None
        Over the attribute groups in which anybody voted: no if it fails in one, else hidden if one is hidden, else
        open if one is open, else yes.
    categories : tuple of Contrast
    """

    kind: str
    statement: str
    side: str
    groups: tuple[int, ...]
    bar: float | None
    everywhere: str | None
    categories: tuple[Contrast, ...]


@dataclass(frozen=True, slots=True)
class GroupComposition:
    """People of an opinion group by attribute group.

    Attributes
    ----------
    group : int
        −1 for those in no group.
    people : int
    categories : tuple of (int or None)
        In the order of `AttributeLens.categories`; ``None`` is hidden.
    """

    group: int
    people: int
    categories: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class SuppressionReport:
    """What was hidden, and whether it can be found again.

    Attributes
    ----------
    tables : int
        Tables of counts: one per statement, and the composition of the groups.
    cells : int
        Counts in them.
    primary, complementary : int
        Counts hidden for themselves, and to protect those.
    knows_groups : bool
        The audit assumes somebody who also knows each opinion group's votes and how it is composed. False where the
        composition is withheld.
    narrowest : int or None
        Every hidden count can be at least this much larger or smaller, the two taken together, without any published
        figure changing: shown for all tables by exchanging whole people.
    solved : int
        Tables whose hidden counts were also bounded exactly, by linear programming.
    recoverable : int
        Hidden counts, in the tables solved, of which only one value is possible: 0, or `make_lens` refuses.
    narrowest_solved : float or None
        Width of the narrowest exact range.
    """

    tables: int
    cells: int
    primary: int
    complementary: int
    knows_groups: bool
    narrowest: int | None
    solved: int
    recoverable: int
    narrowest_solved: float | None


@dataclass(frozen=True, slots=True)
class AttributeLens:
    """All findings seen by one attribute.

    Attributes
    ----------
    name : str
    categories : tuple of Category
    shown : bool
        False where the attribute is withheld but for the sizes of its groups.
    withheld : str or None
        Why: no two of its groups could be shown apart, or its groups are made of those of another attribute.
    composition : tuple of GroupComposition or None
        ``None`` without opinion groups, or withheld since with it small counts could be found.
    statements : tuple of StatementLens
    findings : tuple of FindingLens
    suppression : SuppressionReport
    counts_per_person : float
        The most counts shown for one attribute group, over all statements, per participant. Where the rows of votes
        are public too, many counts together may tell what single participants said (from about .1 on: see
        docs/method.md).
    """

    name: str
    categories: tuple[Category, ...]
    shown: bool
    withheld: str | None
    composition: tuple[GroupComposition, ...] | None
    statements: tuple[StatementLens, ...]
    findings: tuple[FindingLens, ...]
    suppression: SuppressionReport
    counts_per_person: float


@dataclass(frozen=True, slots=True)
class Lens:
    """The section ``lens`` of a result. It is made to be published; the rest of an analysis holds single participants.

    Attributes
    ----------
    people : int
    threshold : int
        Counts below it are hidden.
    tests : int
        Tests over which the q values are adjusted.
    false_discovery_rate : float
    attributes : tuple of AttributeLens
    """

    people: int
    threshold: int
    tests: int
    false_discovery_rate: float
    attributes: tuple[AttributeLens, ...]

    def __repr__(self) -> str:
        names = ", ".join(one.name for one in self.attributes)
        return f"Lens({self.people:,} people by {names or 'nothing'}, counts below {self.threshold} hidden)"


def describe(lens: Lens, texts: Mapping[str, str] | None = None) -> list[str]:
    """The lens in plain sentences, for the printed summary and the report.

    Parameters
    ----------
    lens : Lens
    texts : mapping of str to str, optional
        Text of each statement by its id.

    Returns
    -------
    list of str
    """
    lines = []
    for one in lens.attributes:
        lines += _describe_attribute(one, lens.threshold, texts or {})
    lines += _caution(lens)
    if lens.tests:
        lines.append(
            f"Differences are adjusted over {lens.tests:,} tests; at most "
            f"{100 * lens.false_discovery_rate:.0f} % of those named are expected to be false."
        )
    return lines


def _describe_attribute(one: AttributeLens, threshold: int, texts: Mapping[str, str]) -> list[str]:
    groups = ", ".join(f"{label_of(category)} {category.people:,}" for category in one.categories)
    if not one.shown:
        return [f"By {one.name} ({groups or 'nobody'}): withheld, {one.withheld}."]
    lines = [f"By {one.name}, people: {groups}."]
    shared = [finding for finding in one.findings if finding.kind == "consensus"]
    if shared:
        count = {word: sum(f.everywhere == word for f in shared) for word in ("yes", "no", "open", "hidden")}
        said = {
            "yes": f"{counted(count['yes'], 'holds', 'hold')} in every group of {one.name}",
            "no": f"{counted(count['no'], 'fails', 'fail')} in at least one",
            "open": f"{counted(count['open'], 'is', 'are')} open in at least one",
            "hidden": f"{count['hidden']:,} cannot be told since a small count is hidden",
        }
        parts = [said[word] for word in count if count[word] or word == "yes"]
        whole = counted(len(shared), "point", "points")
        lines.append(f"Of {whole} of consensus {', '.join(parts)}.")
    lines += _describe_contrasts(one, texts)
    report = one.suppression
    if report.primary:
        lines.append(
            f"Hidden by {one.name}: {report.primary:,} counts that tell of fewer than {threshold} people, and "
            f"{report.complementary:,} more so that those cannot be computed, of {report.cells:,}."
        )
    return lines


def _caution(lens: Lens) -> list[str]:
    """Once for all attributes of which many counts are shown."""
    dense = [one for one in lens.attributes if one.counts_per_person >= DENSE]
    names = [one.name for one in dense]
    if not names:
        return []
    by = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    advice = "publish them without the rows"
    if any({s.id for s in one.statements} > {f.statement for f in one.findings} for one in dense):
        advice += ", or show those of findings alone"
    return [
        f"Caution: by {by} so many counts are shown that, together with the rows of votes, they may tell what single "
        f"participants said about themselves; {advice}."
    ]


def _describe_contrasts(one: AttributeLens, texts: Mapping[str, str], most: int = 3) -> list[str]:
    """The largest differences, each attribute group and statement once."""
    apart: dict[tuple[str, str, int], Contrast] = {}
    for finding in one.findings:
        for contrast in finding.categories:
            if contrast.differs:
                apart[finding.statement, finding.side, contrast.category] = contrast
    ranked = sorted(apart.items(), key=lambda entry: (-abs(entry[1].difference or 0.0), entry[0]))
    lines = []
    for (statement, side, category), c in ranked[:most]:
        words = cut(texts.get(statement, ""))
        lines.append(
            f"{one.name} {label_of(one.categories[category])}: {100 * (c.rate or 0):.0f} % {side}, "
            f"{100 * (c.difference or 0):+.0f} points against all others "
            f"[{100 * (c.difference_low or 0):+.0f} to {100 * (c.difference_high or 0):+.0f}], to statement {statement}"
            f"{f' (“{words}”)' if words else ''}."
        )
    if len(ranked) > most:
        lines.append(f"There are {len(ranked) - most:,} more differences by {one.name}.")
    return lines


def label_of(category: Category) -> str:
    """What an attribute group is called in a report."""
    if category.kind == "together":
        members = category.members
        if len(members) > NAMED:
            return f"{', '.join(members[:NAMED])} and {len(members) - NAMED:,} more together"
        return (
            f"{', '.join(members[:-1])} and {members[-1]} together"
            if len(members) > 1
            else "small groups together"
        )
    return "not said" if category.name is None else category.name
