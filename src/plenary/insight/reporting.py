"""The report of an analysis: which sentences it has, section by section (see ``report_sentences``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from .figures import FEWEST
from .report_sentences import Documents, Rule, Section, Sentence, Slot, Slots

MOST = 10  # findings of a kind; the analysis lists them all
MOST_SHORT = 2  # of a kind in the first section
HALF = 0.5


# The patterns. Those of findings are the ones of ``wording``, so that a finding reads the same everywhere.

IN_BRACKETS = gettext_noop("%(percent)s, 95 %% interval %(interval)s, %(votes)s")


def compose(documents: Documents) -> tuple[Section, ...]:
    """The sections of the report. What was not made or found has none, or says so in a sentence."""
    result = documents["result"]
    people = result["participants"]["length"]
    groups = result["k"] if result["k"] > 1 and people >= FEWEST else 0
    made = [_short(documents, people, groups), _asked(documents), _who(documents, people, groups)]
    if people > 1:
        made.append(_shared(result, groups))
        if groups:
            made += [_parting(result), _bridges(result), _positions(result)]
        made += [_uncertain(documents), _slate(documents)]
    made += [_lens(documents), _comparison(documents), _limits(documents, groups), _checking()]
    return tuple(section for section in made if section.sentences)


def _votes_on(people: int) -> Sentence | None:
    """What is said instead where hardly anybody voted."""
    if not people:
        return Sentence(gettext_noop("When this was analysed, nobody had voted. Nothing can be said yet."))
    if people == 1:
        return Sentence(
            gettext_noop(
                "One person has voted. That says what this person thinks, and nothing about what people share or where "
                "they part."
            )
        )
    if people < FEWEST:
        return Sentence(
            gettext_noop(
                "So few people voted that groups were not looked for: %(people)s. The counts are what they said, and "
                "do not show what others think."
            ),
            {"people": Slot("people", ("result.participants.length",))},
        )
    return None


def _short(documents: Documents, people: int, groups: int) -> Section:
    result, said = documents["result"], []
    few = _votes_on(people)
    if people > 1:
        said.append(
            Sentence(
                gettext_noop("%(people)s, %(votes)s, %(statements)s."),
                {
                    "people": Slot("people", ("result.participants.length",)),
                    "votes": Slot("votes", ("result.votes",)),
                    "statements": Slot("statements", ("result.statements.length",)),
                },
            )
        )
    if few is not None:
        said.append(few)
    elif groups:
        said.append(
            Sentence(
                gettext_noop("Their votes fall into %(groups)s of people who vote alike."),
                {"groups": Slot("groups", ("result.k",))},
            )
        )
    else:
        said.append(
            Sentence(
                gettext_noop(
                    "The votes were searched for groups of people who vote alike. None stood out: views form one "
                    "cloud, not camps."
                )
            )
        )
    if people > 1:
        said.append(_how_many_shared())
        said += [_of_everyone(result, at) for at in _findings(result, "consensus")[:MOST_SHORT]]
        if groups:
            said.append(_how_many_divided())
            said += [_division(result, at) for at in _findings(result, "division")[:MOST_SHORT]]
    return Section("short", gettext_noop("In short"), tuple(said), lists=True)


def _how_many_shared() -> Sentence:
    return Sentence(
        gettext_noop("Clearly shared by most people: %(count)s."),
        {"count": Slot("statements", ("result.totals.consensus",))},
    )


def _how_many_divided() -> Sentence:
    return Sentence(
        gettext_noop("Groups clearly differ on this many: %(count)s."),
        {"count": Slot("statements", ("result.totals.division",))},
    )


def _asked(documents: Documents) -> Section:
    record = documents["record"]
    said = [Sentence(gettext_noop("Each statement could be answered with agree, disagree or pass."))]
    if record["is_open"]:
        said.append(
            Sentence(
                gettext_noop("Voting began on %(from)s and went on when this was analysed."),
                {"from": Slot("day", ("record.opens_at",))},
            )
        )
    elif record["closes_at"]:
        said.append(
            Sentence(
                gettext_noop("People could vote from %(from)s to %(to)s."),
                {"from": Slot("day", ("record.opens_at",)), "to": Slot("day", ("record.closes_at",))},
            )
        )
    return Section("asked", gettext_noop("What was asked, and how"), tuple(said))


def _who(documents: Documents, people: int, groups: int) -> Section:
    said = []
    if people > 1:
        said.append(
            Sentence(
                gettext_noop("Votes per person, on average: %(number)s."),
                {"number": Slot("each", ("result.votes",), among=("result.participants.length",))},
            )
        )
    if groups:
        placed = "result.groups[*].size"
        said.append(
            Sentence(
                gettext_noop(
                    "Placed in a group: %(placed)s of %(people)s. All others took sides on too few statements, or "
                    "always the same side."
                ),
                {
                    "placed": Slot("number", (placed,)),
                    "people": Slot("number", ("result.participants.length",)),
                },
            )
        )
        said += [
            Sentence(
                gettext_noop("Group %(letter)s: %(people)s, %(percent)s of those placed."),
                {
                    "letter": Slot("letter", (f"result.groups[{at}].index",)),
                    "people": Slot("people", (f"result.groups[{at}].size",)),
                    "percent": Slot("share", (f"result.groups[{at}].size",), among=(placed,)),
                },
            )
            for at in range(groups)
        ]
    said += _of_themselves(documents["result"])
    if people:
        said.append(
            Sentence(
                gettext_noop(
                    "These are the people who chose to take part. They were not drawn by lot, so the figures say what "
                    "these people think and not what a whole population thinks."
                )
                if documents["record"]["asks_who"]
                else gettext_noop(
                    "These are the people who chose to take part. They were not drawn by lot, and nobody was asked who "
                    "they are, so the figures say what these people think and not what a whole population thinks."
                )
            )
        )
    return Section("who", gettext_noop("Who took part, and who is missing"), tuple(said), lists=True)


def _of_themselves(result: Mapping[str, Any]) -> list[Sentence]:
    """Statements by which people say who they are: no views, and so in no finding."""
    said = [
        _agree_with(f"result.statements[{at}]", _counts(f"result.statements[{at}]"))
        for at, one in enumerate(result["statements"])
        if one.get("is_meta") and one["agree"] + one["disagree"] + one["pass"]
    ]
    if said:
        said.insert(0, Sentence(gettext_noop("By their votes people also said who they are:")))
    return said


def _agree_with(place: str, votes: tuple[str, ...], agree: str = "agree") -> Sentence:
    return Sentence(
        gettext_noop("%(statement)s (%(percent)s of %(votes)s agree)"),
        {
            "statement": Slot("reference", (f"{place}.id",)),
            "percent": Slot("share", (f"{place}.{agree}",), among=votes),
            "votes": Slot("number", votes),
        },
    )


# Findings


def _findings(result: Mapping[str, Any], kind: str) -> list[int]:
    return [at for at, each in enumerate(result["findings"]) if each["kind"] == kind]


def _statement(at: int) -> Slot:
    return Slot("reference", (f"result.findings[{at}].statements[0]",))


def _counts(place: str) -> tuple[str, ...]:
    return tuple(f"{place}.{side}" for side in ("agree", "disagree", "pass"))


def _in_brackets(at: int, side: str = "agree") -> Sentence:
    place = f"result.findings[{at}].figures.everyone"
    return Sentence(
        IN_BRACKETS,
        {
            "percent": Slot("share", (f"{place}.{side}",), among=_counts(place)),
            "interval": Slot("interval", (f"{place}.low", f"{place}.high")),
            "votes": Slot("votes", _counts(place)),
        },
    )


def _of_everyone(result: Mapping[str, Any], at: int) -> Sentence:
    """A consensus."""
    figures = result["findings"][at]["figures"]
    # The compatible mode takes everybody together and knows no threshold.
    several, side = "threshold" in figures and len(figures["per_group"]) > 1, figures["side"]
    pattern = {
        (True, "agree"): gettext_noop("In every group most people agree: %(statement)s (%(figures)s)"),
        (True, "disagree"): gettext_noop("In every group most people disagree: %(statement)s (%(figures)s)"),
        (False, "agree"): gettext_noop("Most people agree: %(statement)s (%(figures)s)"),
        (False, "disagree"): gettext_noop("Most people disagree: %(statement)s (%(figures)s)"),
    }[several, side]
    slots: Slots = {"statement": _statement(at), "figures": _in_brackets(at, side)}
    if "threshold" not in figures:
        return Sentence(pattern, slots, at)
    clear = Rule(f"result.findings[{at}].figures.per_group[*].low", ">=", figures["threshold"])
    return Sentence(pattern, slots, at, "clear", (clear,))


def _division(result: Mapping[str, Any], at: int) -> Sentence:
    slots: Slots = {"statement": _statement(at)}
    for place, name in enumerate(("first", "second")):
        group = result["findings"][at]["groups"][place]
        share = f"result.findings[{at}].figures.per_group[group={group}]"
        slots[name] = Slot("letter", (f"result.findings[{at}].groups[{place}]",))
        slots[f"{name}_percent"] = Slot("share", (f"{share}.agree",), among=_counts(share))
        slots[f"{name}_votes"] = Slot("number", _counts(share))
    pattern = gettext_noop(
        "Views part: %(statement)s (group %(first)s: %(first_percent)s of %(first_votes)s agree; "
        "group %(second)s: %(second_percent)s of %(second_votes)s agree)"
    )
    far = result["settings"]["division_difference"]
    clear = Rule(f"result.findings[{at}].figures.low", ">=", far)
    return Sentence(pattern, slots, at, "clear", (clear,))


def _shared(result: Mapping[str, Any], groups: int) -> Section:
    found = _findings(result, "consensus")
    if found:
        first = (
            gettext_noop("A clear majority of every group votes the same way.")
            if groups and result["mode"] == "plenary"
            else gettext_noop("A clear majority votes the same way.")
        )
    elif groups:
        first = gettext_noop(
            "There is no statement on which a majority of every group is certain to vote the same way."
        )
    else:
        first = gettext_noop("There is no statement on which a majority is certain to vote the same way.")
    said = [Sentence(first)]
    if len(found) > MOST:
        said += [_how_many_shared(), _strongest_first()]
    said += [_of_everyone(result, at) for at in found[:MOST]]
    return Section("shared", gettext_noop("What people share"), tuple(said), lists=True)


def _strongest_first() -> Sentence:
    return Sentence(gettext_noop("The strongest come first; the page of the analysis lists more."))


def _parting(result: Mapping[str, Any]) -> Section:
    found = _findings(result, "division")
    none = Sentence(gettext_noop("There is no statement on which two groups are certain to differ clearly."))
    said = [_how_many_divided()] if found else [none]
    if len(found) > MOST:
        said.append(_strongest_first())
    said += [_division(result, at) for at in found[:MOST]]
    return Section("parting", gettext_noop("Where they part"), tuple(said), lists=True)


def _bridges(result: Mapping[str, Any]) -> Section:
    pattern = gettext_noop("Every group agrees more than it usually does: %(statement)s (%(figures)s)")
    said = [
        Sentence(
            pattern,
            {"statement": _statement(at), "figures": _in_brackets(at)},
            at,
            "clear",
            (Rule(f"result.findings[{at}].figures.per_group[*].low", ">=", HALF),),
        )
        for at in _findings(result, "bridge")[:MOST]
    ]
    if said:
        said.insert(0, Sentence(gettext_noop("Every group agrees with these more than it usually agrees.")))
    return Section("bridges", gettext_noop("What brings the groups together"), tuple(said), lists=True)


def _positions(result: Mapping[str, Any]) -> Section:
    said = []
    for at in _findings(result, "position"):
        finding = result["findings"][at]
        group = finding["groups"][0]
        for place, mark in enumerate(finding["figures"]["statements"]):
            base, side = f"result.findings[{at}].figures.statements[{place}]", mark["side"]
            own = next(n for n, each in enumerate(mark["per_group"]) if each["group"] == group)
            rest = [f"{base}.per_group[{n}]" for n in range(len(mark["per_group"])) if n != own]
            pattern = (
                gettext_noop(
                    "Group %(group)s disagrees with %(statement)s (%(percent)s of %(votes)s; all others %(others)s)"
                )
                if side == "disagree"
                else gettext_noop(
                    "Group %(group)s agrees with %(statement)s (%(percent)s of %(votes)s; all others %(others)s)"
                )
            )
            slots = {
                "group": Slot("letter", (f"result.findings[{at}].groups[0]",)),
                "statement": Slot("reference", (f"{base}.id",)),
                "percent": Slot(
                    "share", (f"{base}.per_group[{own}].{side}",), among=_counts(f"{base}.per_group[{own}]")
                ),
                "votes": Slot("number", _counts(f"{base}.per_group[{own}]")),
                "others": Slot(
                    "share",
                    tuple(f"{each}.{side}" for each in rest),
                    among=tuple(source for each in rest for source in _counts(each)),
                ),
            }
            clear = Rule(f"{base}.per_group[{own}].low", ">=", HALF)
            is_clear = mark["per_group"][own]["low"] >= HALF
            said.append(
                Sentence(pattern, slots, at, "clear" if is_clear else "", (clear,) if is_clear else ())
            )
    if said:
        said.insert(
            0,
            Sentence(
                gettext_noop("This clearly tells each group apart from all other groups taken together.")
            ),
        )
    return Section("positions", gettext_noop("What each group stands for"), tuple(said), lists=True)


def _uncertain(documents: Documents) -> Section:
    """By the interval of all who voted: wholly above one half is probable, wholly below too; else it is open."""
    result = documents["result"]
    found = _findings(result, "uncertain")[:MOST]
    said = []
    rules: tuple[Rule, ...]
    for at in found:
        place = f"result.findings[{at}].figures.everyone"
        everyone = result["findings"][at]["figures"]["everyone"]
        if everyone["low"] >= HALF:
            pattern = gettext_noop("Probably most people agree: %(statement)s (%(figures)s)")
            certainty, rules = "probable", (Rule(f"{place}.low", ">=", HALF),)
        elif everyone["high"] <= HALF:
            pattern = gettext_noop("Probably less than half agree: %(statement)s (%(figures)s)")
            certainty, rules = "probable", (Rule(f"{place}.high", "<=", HALF),)
        else:
            pattern = gettext_noop("It cannot be said whether most agree: %(statement)s (%(figures)s)")
            certainty, rules = "open", ()
        slots: Slots = {"statement": _statement(at), "figures": _in_brackets(at)}
        said.append(Sentence(pattern, slots, at, certainty, rules))
    first = (
        gettext_noop("On these the votes leave most open.")
        if found
        else gettext_noop(
            "No statement is so open that more votes could still make it one that everybody shares."
        )
    )
    return Section("uncertain", gettext_noop("What is uncertain"), (Sentence(first), *said), lists=True)


def _slate(documents: Documents) -> Section:
    title = gettext_noop("A short list that represents everyone in proportion")
    slate = documents.get("slate")
    if not slate or not slate["statements"]:
        return Section("slate", title, ())
    said = [
        Sentence(
            gettext_noop("Of %(people)s, this many agree with at least one of the following: %(covered)s."),
            {
                "people": Slot("people", ("slate.coverage.people",)),
                "covered": Slot("number", ("slate.coverage.covered",)),
            },
        )
    ]
    said += [
        _agree_with(f"slate.statements[{at}]", (f"slate.statements[{at}].votes",), "supporters")
        for at, each in enumerate(slate["statements"][:MOST])
        if each["votes"]
    ]
    return Section("slate", title, tuple(said), lists=True)


def _lens(documents: Documents) -> Section:
    lens = documents.get("lens")
    said: tuple[Sentence, ...] = ()
    if lens and lens.get("state") == "told":
        said = (
            Sentence(
                gettext_noop(
                    "Who said so, by what people said about themselves, stands on a page of its own: small numbers are "
                    "hidden there, and whoever left the questions out is not in it."
                )
            ),
        )
    return Section("lens", gettext_noop("Who said so"), said)


def _comparison(documents: Documents) -> Section:
    said: tuple[Sentence, ...] = ()
    if documents.get("comparison"):
        said = (
            Sentence(
                gettext_noop(
                    "The desk confirmed signs that some people act as one: %(people)s. Made again without them, "
                    "findings that stay: %(kept)s; that disappear: %(gone)s; that appear: %(new)s. Nothing was deleted."
                ),
                {
                    "people": Slot("people", ("comparison.people",)),
                    "kept": Slot("number", ("comparison.kept",)),
                    "gone": Slot("number", ("comparison.disappearing.length",)),
                    "new": Slot("number", ("comparison.appearing.length",)),
                },
            ),
        )
    return Section("comparison", gettext_noop("With and without flagged participants"), said)


def _limits(documents: Documents, groups: int) -> Section:
    said = [
        Sentence(
            gettext_noop(
                "Shares are of all who voted on a statement, passes included. An interval is made so that 95 of 100 "
                "intervals made like it hold the true share, if these people were a sample of people like them. The "
                "same votes, engine and seed give the same result, byte by byte."
            )
        ),
        Sentence(
            gettext_noop(
                "Clear means that the whole interval of every group concerned is beyond the threshold; probable, that "
                "the interval of all who voted lies on one side of one half; otherwise the report says that it cannot "
                "be said."
            )
        ),
    ]
    if groups:
        said.append(
            Sentence(
                gettext_noop(
                    "The groups are made from the same votes on which they are compared, so the differences between "
                    "them look somewhat larger than they are."
                )
            )
        )
    return Section("limits", gettext_noop("What can be said, and what cannot"), tuple(said))


def _checking() -> Section:
    said = (
        Sentence(
            gettext_noop(
                "Every figure in this report was read again from the frozen result before the report was shown. Only "
                "notes of the desk are written by people, and they are marked."
            )
        ),
        Sentence(
            gettext_noop(
                "Everything that this result rests on, in one package: the votes without names, the statements, the "
                "figures. With it anybody can make the result again."
            )
        ),
    )
    return Section("checking", gettext_noop("How to check it"), said)


SECTIONS = {
    "short": gettext_noop("In short"),
    "asked": gettext_noop("What was asked, and how"),
    "who": gettext_noop("Who took part, and who is missing"),
    "shared": gettext_noop("What people share"),
    "parting": gettext_noop("Where they part"),
    "bridges": gettext_noop("What brings the groups together"),
    "positions": gettext_noop("What each group stands for"),
    "uncertain": gettext_noop("What is uncertain"),
    "slate": gettext_noop("A short list that represents everyone in proportion"),
    "lens": gettext_noop("Who said so"),
    "comparison": gettext_noop("With and without flagged participants"),
    "limits": gettext_noop("What can be said, and what cannot"),
    "checking": gettext_noop("How to check it"),
}
