"""A report of a result as one HTML file that needs nothing else, and as a few lines of plain text. In English."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Any

from .groups import MIN_PEOPLE
from .phrases import counted, cut, percent, rate_of
from .picture import (
    MARKS,
    BarLabels,
    MapLabels,
    PlotLabels,
    ProfileLabels,
    division_consensus_plot,
    group_profile,
    opinion_bar,
    opinion_map,
    profile_rows,
    text,
)
from .report_style import STYLE
from .report_tables import lines_as_html, section_tables
from .result import GROUP_LETTERS, Finding, Group, Result

__all__ = [
    "describe_section",
    "english_map",
    "english_plot",
    "english_profile",
    "html_report",
    "section_heading",
    "summary_in_sentences",
    "summary_lines",
]

Texts = Mapping[str, str]
RIGHT_TO_LEFT = ("ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi")
LISTED = 5
SHOWN = 12  # findings of a kind in the report


def html_report(
    result: Result, *, texts: Texts | None = None, title: str = "Opinion analysis", language: str = "en"
) -> str:
    """The report as an HTML document.

    Parameters
    ----------
    result : Result
    texts : mapping of str to str, optional
        Text of each statement by its id.
    title : str
    language : str
        BCP 47 tag of the statements' texts. The words of the report are English.

    Returns
    -------
    str
        A complete document with its style inside, without scripts; every text is escaped.
    """
    words = texts or {}
    write = _Writer(result, words, language)
    sections = [
        write.summary(),
        write.map(),
        write.plot(),
        write.groups(),
        write.consensus(),
        write.divisions(),
        write.bridges(),
        write.open_questions(),
        *write.further(),
        write.method(),
    ]
    return (
        '<!doctype html>\n<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<header>\n<h1 dir="auto">{text(title)}</h1>\n<p class="figures">{write.figures()}</p>\n</header>\n'
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body>\n</html>\n"
    )


def english_map(result: Result, *, prefix: str = "map", legend: bool = True) -> str:
    """The opinion map with English words."""
    groups = tuple(f"Group {group.letter}, {_people(group.size)}" for group in result.groups)
    nobody = int((result.participants.group < 0).sum())
    labels = MapLabels(
        title="Map of opinions",
        description=_map_in_words(result),
        groups=groups,
        none=f"In no group, {_people(nobody)}" if nobody else "",
    )
    return opinion_map(result, labels, prefix=prefix, legend=legend)


def english_plot(result: Result, *, prefix: str = "plot") -> str:
    """The division–consensus plot with English words."""
    polis = result.mode == "polis"
    shared = "Shared by every group, at least" if result.k > 1 else "Shared, at least"
    labels = PlotLabels(
        title=plot_heading(result),
        description=_plot_in_words(result),
        across="Group-informed consensus (agree)" if polis else shared,
        up="Largest difference between two groups" if result.k > 1 else "Share of the smaller side",
        agree="more agree" if polis else "agreed with",
        disagree="more disagree" if polis else "disagreed with",
    )
    return division_consensus_plot(result, labels, prefix=prefix)


def plot_heading(result: Result) -> str:
    """What the division–consensus plot shows, which differs between the modes."""
    return "Group-informed consensus" if result.mode == "polis" else "What is shared and what divides"


def english_profile(
    result: Result, group: int, texts: Texts | None = None, *, prefix: str = "profile"
) -> str:
    """What marks a group, with English words."""
    letter = GROUP_LETTERS[group]
    sides = "; ".join(
        f"{percent(row.own.agree / row.own.total if row.own.total else None)} of {letter} agree with statement "
        f"{row.id}, {percent(row.rest.agree / row.rest.total if row.rest.total else None)} of the others"
        for row in profile_rows(result, group)
    )
    labels = ProfileLabels(
        title=f"What marks group {letter}",
        description=f"{sides}." if sides else "No statement marks this group.",
        texts={statement.id: f"Statement {statement.id}" for statement in result.statements}
        | {one: whole for one, whole in (texts or {}).items() if whole.strip()},
    )
    return group_profile(result, group, labels, prefix=prefix)


def summary_in_sentences(result: Result) -> list[str]:
    """How many groups, shared positions and divisions there are, a sentence each."""
    shared, divided = result.totals.get("consensus", 0), result.totals.get("division", 0)
    points = [_counts(result) + ".", _groups_in_words(result)]
    if shared:
        if result.mode == "polis":
            where = "a majority of all takes, groups aside"
        else:
            where = "every group shares" if result.k > 1 else "most people share"
        points.append(f"{counted(shared, 'position', 'positions')} that {where}.")
    else:
        points.append("No position yet that is certain to be shared.")
    if result.k > 1 and result.mode == "plenary":
        points.append(
            f"{divided:,} statement{'' if divided == 1 else 's'} on which groups clearly part."
            if divided
            else "No statement on which the groups are certain to part."
        )
    return points


def summary_lines(result: Result, texts: Texts | None = None) -> list[str]:
    """The result in a few lines of plain text."""
    words = texts or {}
    lines = [_counts(result), "", _groups_in_words(result)]
    if steps := result.settings.get("replay_steps"):
        lines.append(
            f"The past was gone through by the times of the votes, in {steps} step{'s' * (steps > 1)}."
        )
    for group in result.groups if result.k > 1 else ():
        lines.append(
            f"  {MARKS[group.index]} {group.letter}  {group.size:>7,}  {percent(group.share):>5}"
            f"   confidence {_confidence(result, group)}"
        )
    lines += ["", f"{_shared_heading(result)}:"]
    shared = result.findings_of("consensus")
    for finding in shared[:LISTED]:
        everyone = finding.figures["everyone"]
        rate = f"{rate_of(everyone)} {finding.figures['side']}"
        lines.append(f"  {rate}  {_short(finding.statements[0], words)}")
    lines += _more(result.totals.get("consensus", 0)) or (
        ["  nothing that is certain yet" if result.votes else "  nothing was said yet"] if not shared else []
    )
    if result.k > 1 and result.mode == "plenary":
        divided = result.findings_of("division")
        lines += ["", "Where they part:"]
        for finding in divided[:LISTED]:
            rates = finding.figures["per_group"]
            sides = " against ".join(f"{GROUP_LETTERS[g]} {rate_of(rates[g])}" for g in finding.groups)
            lines.append(f"  {sides} agree  {_short(finding.statements[0], words)}")
        lines += _more(result.totals.get("division", 0)) or (
            ["  nothing that is certain yet"] if not divided else []
        )
    for name, section in result.sections.items():
        told = describe_section(section, words)
        lines += ["", f"{section_heading(name)}:", *(f"  {line}" for line in told)] if told else []
    lines += [
        "",
        f"votes {result.input_sha256[:16]}…  engine {result.engine_version}  seed {result.seed}  {result.mode}",
    ]
    return lines


def section_heading(name: str) -> str:
    """Heading of a section of the result by its name in the JSON."""
    return name.replace("_", " ").capitalize()


def describe_section(section: Any, texts: Texts | None = None) -> list[str]:
    """What is said about a section of the result, by `describe` of the module (or package) that it comes from.

    Parameters
    ----------
    section : object
        As it stands in `Result.sections`.
    texts : mapping of str to str, optional
        Text of each statement by its id.

    Returns
    -------
    list of str
        Plain English sentences; empty for a section without a module that describes it.
    """
    place = type(section).__module__
    for name in (place, place.rpartition(".")[0]):
        tell = getattr(sys.modules.get(name), "describe", None)
        if tell is not None:
            takes_texts = "texts" in inspect.signature(tell).parameters
            return list(tell(section, texts=texts) if takes_texts else tell(section))
    return []


def _more(total: int) -> list[str]:
    return [f"  … and {total - LISTED} more"] if total > LISTED else []


def _people(count: int) -> str:
    return counted(count, "person", "people")


def _shared_heading(result: Result) -> str:
    """What the consensus of this mode is."""
    if result.mode == "polis":
        return "What a majority of all shares, groups aside"
    return "What people share in every group" if result.k > 1 else "What people share"


def _confidence(result: Result, group: Group) -> str:
    """Clusters as Polis makes them give no probability of a group."""
    return "–" if result.mode == "polis" else f"{group.confidence:.2f}"


def _range(figures: Mapping[str, Any]) -> str:
    return f"{100 * figures['low']:.0f}–{100 * figures['high']:.0f}"


def _short(statement: str, texts: Texts, most: int = 90) -> str:
    whole = cut(texts.get(statement, ""), most)
    return f"{statement}: {whole}" if whole else f"statement {statement}"


def _counts(result: Result) -> str:
    statements = len(result.statements)
    return (
        f"{_people(len(result.participants))} · {counted(result.votes, 'vote', 'votes')} · "
        f"{counted(statements, 'statement', 'statements')}"
    )


def _groups_in_words(result: Result) -> str:
    if result.votes == 0:
        return "There are no votes."
    if result.k == 0:
        return "Nobody has taken sides on enough statements to be placed."
    nobody = int((result.participants.group < 0).sum())
    why = "who took sides too rarely"
    if result.mode == "plenary":
        why += ", or one side throughout as no group would"
    rest = f" In no group: {_people(nobody)} {why}." if nobody else ""
    if result.k == 1:
        if int((result.participants.group >= 0).sum()) < MIN_PEOPLE:
            return f"Too few people and votes to tell whether there are groups.{rest}"
        if result.mode == "polis":
            return f"No distinct groups.{rest}"
        return f"No distinct groups: the votes are explained best without any.{rest}"
    return f"{result.k} groups of people who vote alike.{rest}"


def _map_in_words(result: Result) -> str:
    if result.k == 0:
        return _groups_in_words(result)
    if result.k < 2:
        return "Each mark is a person; who votes alike stands close together. " + _groups_in_words(result)
    sizes = ", ".join(f"{group.letter} {_people(group.size)}" for group in result.groups)
    return (
        "Each mark stands for people; who votes alike stands close together. "
        + ("" if result.mode == "polis" else "Lighter marks: the group is uncertain. ")
        + f"Pale areas hold three quarters of a group. Groups: {sizes}."
    )


def _plot_in_words(result: Result) -> str:
    if result.mode == "polis":
        up = "two groups differ most on" if result.k > 1 else "has the larger smaller side"
        return (
            "Each mark is a statement, the larger the more votes it has. To the right stands what the groups agree "
            "with: the product, over the groups, of the share of agree. What all reject therefore stands to the left. "
            f"At the top stands what {up}. Round marks: more people agree than disagree; triangles: more disagree. "
            "Dark marks are findings, numbers are the statements' ids."
        )
    if result.k > 1:
        return (
            "Each mark is a statement, the larger the more votes it has. To the right stands what every group shares "
            "even at the lower end of what is uncertain; at the top stands what two groups differ most on. Dark marks "
            "are findings, numbers are the statements' ids."
        )
    return (
        "Each mark is a statement, the larger the more votes it has. To the right stands what people share even at the "
        "lower end of what is uncertain; the higher, the more people are on the smaller side. Dark marks are findings, "
        "numbers are the statements' ids."
    )


class _Writer:
    """Sections of the report; every text passes through `text`."""

    def __init__(self, result: Result, texts: Texts, language: str) -> None:
        self.result, self.texts = result, texts
        self.language = language
        self.bars = 0

    def figures(self) -> str:
        return text(_counts(self.result))

    def statement(self, identifier: str) -> str:
        whole = self.texts.get(identifier, "").strip()
        if not whole:
            return f'<span class="statement">Statement {text(identifier)}</span>'
        way = "rtl" if self.language.lower().split("-")[0] in RIGHT_TO_LEFT else "auto"
        return (
            f'<q class="statement" lang="{text(self.language)}" dir="{way}">{text(whole)}</q> '
            f'<span class="id">{text(identifier)}</span>'
        )

    def bar(self, figures: Mapping[str, Any], name: str = "") -> str:
        self.bars += 1
        total = figures["agree"] + figures["disagree"] + figures["pass"]
        shares = [percent(figures[key] / total if total else None) for key in ("agree", "disagree", "pass")]
        title = f"{name}{shares[0]} agree, {shares[1]} disagree, {shares[2]} pass; {total:,} votes"
        return opinion_bar(
            figures["agree"], figures["disagree"], figures["pass"], BarLabels(title), prefix=f"bar{self.bars}"
        )

    def group(self, index: int) -> str:
        return f'<span class="tag t{index}">{MARKS[index]}&nbsp;{GROUP_LETTERS[index]}</span>'

    def summary(self) -> str:
        return (
            '<section class="summary">'
            + "".join(f"<p>{text(point)}</p>" for point in summary_in_sentences(self.result)[1:])
            + "</section>"
        )

    def map(self) -> str:
        if self.result.votes == 0:
            return ""
        words = _map_in_words(self.result)
        return (
            f"<section><h2>The map of opinions</h2><figure>"
            f"{english_map(self.result, legend=False)}{self._map_key()}"
            f"<figcaption>{text(words)} Distances show likeness, not right or wrong; a picture of many statements on a "
            "plane loses much.</figcaption></figure></section>"
        )

    def _map_key(self) -> str:
        """The legend as text of the page, as large on a phone as on a screen."""
        if self.result.k < 2:
            return ""
        entries = [
            f"<li>{self.group(group.index)} {text(_people(group.size))}</li>" for group in self.result.groups
        ]
        nobody = int((self.result.participants.group < 0).sum())
        if nobody:
            entries.append(f"<li><span class='note'>○</span> in no group {text(_people(nobody))}</li>")
        return f"<ul class='key'>{''.join(entries)}</ul>"

    def plot(self) -> str:
        if self.result.votes == 0:
            return ""
        return (
            f"<section><h2>{plot_heading(self.result)}</h2><figure>{english_plot(self.result)}"
            f"<figcaption>{text(_plot_in_words(self.result))}</figcaption></figure></section>"
        )

    def groups(self) -> str:
        if self.result.k < 2:
            return ""
        rows = "".join(self._group_row(group) for group in self.result.groups)
        positions = "".join(self._position(finding) for finding in self.result.findings_of("position"))
        confidence = (
            "Clusters as Polis makes them have no confidence."
            if self.result.mode == "polis"
            else "Confidence: how probable the group is for its members, on average."
        )
        return (
            "<section><h2>The groups</h2><div class='wide'><table><thead><tr><th>Group</th><th class='n'>People</th>"
            f"<th class='n'>Share</th><th class='n'>Confidence</th></tr></thead><tbody>{rows}</tbody></table></div>"
            f"<p class='note'>{confidence}</p>{positions}</section>"
        )

    def _group_row(self, group: Group) -> str:
        return (
            f"<tr><th>{self.group(group.index)}</th><td class='n'>{group.size:,}</td>"
            f"<td class='n'>{percent(group.share)}</td><td class='n'>{_confidence(self.result, group)}</td></tr>"
        )

    def _position(self, finding: Finding) -> str:
        g = finding.groups[0]
        items = []
        for mark in finding.figures["statements"]:
            own = mark["per_group"][g]
            others = ", ".join(
                f"{GROUP_LETTERS[other['group']]} {rate_of(other)}"
                for other in mark["per_group"]
                if other["group"] != g
            )
            items.append(
                f"<li>{self.statement(mark['id'])}<div class='rate'>{rate_of(own)} "
                f"{text(mark['side'])} · others: {text(others)}</div></li>"
            )
        picture = english_profile(self.result, g, self.texts, prefix=f"profile{g}")
        return (
            f"<h3>What marks group {self.group(g)}</h3><figure>{picture}</figure>"
            f"<details><summary>In figures</summary><ul>{''.join(items)}</ul></details>"
        )

    def consensus(self) -> str:
        found = self.result.findings_of("consensus")
        if not found:
            nothing = "Nothing that is certain yet. More votes may change that."
            return f"<section><h2>{self._shared_heading()}</h2><p>{nothing}</p></section>"
        items = []
        for finding in found[:SHOWN]:
            everyone, side = finding.figures["everyone"], finding.figures["side"]
            items.append(
                f"<li>{self.statement(finding.statements[0])}{self.bar(everyone)}"
                f"<div class='rate'><strong>{rate_of(everyone)}</strong> {text(side)}"
                f"{self._by_group(finding)}</div></li>"
            )
        return (
            f"<section><h2>{self._shared_heading()}</h2><p class='note'>{self._shared_by()}</p>"
            f"<ol>{''.join(items)}</ol>{self._rest('consensus')}</section>"
        )

    def _shared_heading(self) -> str:
        return _shared_heading(self.result) if self.result.mode == "polis" else "What people share"

    def _shared_by(self) -> str:
        if self.result.mode == "polis":
            return (
                "More than half of all who voted on it, tested against one half (one-sided, 90 %). Groups play no part "
                "in this: one of them may be against it."
            )
        threshold = percent(self.result.settings["consensus_threshold"])
        whom = "every group" if self.result.k > 1 else "all"
        return f"At least {threshold} of {whom}, even at the lower end of what is uncertain."

    def _by_group(self, finding: Finding) -> str:
        if self.result.k < 2:
            return ""
        return "<br>" + " · ".join(
            f"{self.group(own['group'])} {rate_of(own)}" for own in finding.figures["per_group"]
        )

    def divisions(self) -> str:
        found = self.result.findings_of("division")
        if not found:
            return ""
        rows = []
        for finding in found[:SHOWN]:
            cells = "".join(
                f"<div class='side'>{self.group(g)} {self.bar(own, f'Group {GROUP_LETTERS[g]}: ')} "
                f"<span class='rate'>{rate_of(own)}</span></div>"
                for g in finding.groups
                for own in (finding.figures["per_group"][g],)
            )
            figures = finding.figures
            rows.append(
                f"<tr><td>{self.statement(finding.statements[0])}{cells}</td><td class='n'>"
                f"<strong>{100 * figures['difference']:.0f}</strong><br>[{_range(figures)}]</td></tr>"
            )
        return (
            "<section><h2>Where they part</h2><p class='note'>The two groups that are farthest apart on each "
            "statement, and by how many percentage points they differ in agreeing. For the difference, each person's "
            "group is decided by the other statements only.</p>"
            "<div class='wide'><table><thead><tr><th>Statement</th>"
            f"<th class='n'>Points apart</th></tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
            f"{self._rest('division')}</section>"
        )

    def _rest(self, kind: str) -> str:
        more = self.result.totals.get(kind, 0) - SHOWN
        return (
            f"<p class='note'>The {SHOWN} strongest are shown; there are {more:,} more.</p>"
            if more > 0
            else ""
        )

    def bridges(self) -> str:
        return self._plain_list(
            "bridge",
            "What connects",
            "A majority of every group agrees, more than the group usually does, and the groups differ less than "
            "usual.",
        )

    def open_questions(self) -> str:
        return self._plain_list(
            "uncertain", "What is still open", "Every group may share these; more votes would tell."
        )

    def _plain_list(self, kind: str, heading: str, note: str) -> str:
        found = self.result.findings_of(kind)
        if not found:
            return ""
        items = []
        for finding in found:
            everyone = finding.figures["everyone"]
            items.append(
                f"<li>{self.statement(finding.statements[0])}{self.bar(everyone)}<div class='rate'>"
                f"{rate_of(everyone)} {text(finding.figures.get('side', 'agree'))}{self._by_group(finding)}</div></li>"
            )
        return f"<section><h2>{heading}</h2><p class='note'>{note}</p><ul>{''.join(items)}</ul></section>"

    def further(self) -> list[str]:
        """What was asked for beside the analysis, a section each."""
        return [
            f"<section><h2>{text(section_heading(name))}</h2>"
            + lines_as_html(told)
            + section_tables(section, self.result, self.statement)
            + "</section>"
            for name, section in self.result.sections.items()
            if (told := describe_section(section, self.texts))
        ]

    def method(self) -> str:
        result = self.result
        if result.mode == "plenary":
            many = " Divisions are controlled for the number of comparisons (false discovery rate 5 %)."
            how = (
                "Missing votes are treated as missing. Groups come from a mixture of ballots; a further group is "
                "accepted only if it explains the votes better than it costs, and if it appears again when the people "
                "are split into two halves at random. Otherwise the answer is one group."
            )
        else:
            many = ""
            how = (
                "The steps of Polis: missing votes are filled with the mean, then principal axes and clusters of "
                "people. No differences are tested."
            )
        looked = "; ".join(
            f"{e['k']}: evidence {e['gain']:+,.0f}"
            + ("" if e["stability"] is None else f", stability {e['stability']:.2f}")
            for e in result.evidence
            if e.get("gain") is not None
        )
        evidence = f"<p>Numbers of groups looked at — {text(looked)}.</p>" if looked else ""
        return (
            f"<section class='method'><h2>How sure is this?</h2><p>{how}</p><p>Rates are shares of all who voted on a "
            "statement, passes included. “Of” is the number of those voters; brackets hold 95 % intervals (Wilson; "
            "Newcombe for differences). They say how far chance reaches among people like those who took part, not how "
            f"well these stand for everybody: who takes part is not drawn by lot.{many}</p>"
            f"{evidence}<p class='id'>Votes SHA-256 {result.input_sha256}<br>engine {text(result.engine_version)}, "
            f"mode {result.mode}, seed {result.seed}</p></section>"
        )
