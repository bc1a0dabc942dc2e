"""What an empty side of a trail says: why nothing stands there, and what would come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_NEXT: dict[str, _StrPromise] = {
    "consultation": _("The statements that people write will stand here."),
    "statement": _("Once an analysis rests on this statement, its finding stands here."),
    "finding": _("Once this finding is cited as evidence for a change of the text, the change stands here."),
    "source": _("Once this source is cited as evidence, what it speaks for or against stands here."),
    "analysis": _("An analysis stands beside the line. Its findings stand on it."),
    "change": _("Once this change is accepted and comes into force, the clause and its version stand here."),
    "clause": _("Once somebody takes this clause on as a commitment, the commitment stands here."),
    "commitment": _("Once its owner reports on this commitment, the report stands here."),
    "report": _("Once the committee has reviewed this report, the review stands here."),
    "review": _("Once a meeting has decided on this review, the decision stands here."),
}
_BEFORE: dict[str, _StrPromise] = {
    "analysis": _("An analysis stands beside the line. The statements that it counted stand on it."),
    "consultation": _("The line begins with this question."),
    "finding": _("The statements that this finding rests on are not public."),
    "change": _("Nobody has put forward evidence for or against this change yet."),
    "clause": _("This clause has stood in the text from the beginning. No change has touched it yet."),
}


def nothing_yet(kind: str) -> _StrPromise:
    return _NEXT.get(kind, _("What rests on this record will stand here."))


def nothing_before(kind: str) -> _StrPromise:
    return _BEFORE.get(kind, _("Nothing that is public stands before this record."))


# What became of a statement: by kind of record and what happened to it, "" for that it came about.
_OUTCOMES: dict[tuple[str, str], _StrPromise] = {
    ("statement", "written"): _("It was written."),
    ("statement", "accepted"): _("It was accepted: others can vote on it."),
    ("statement", "rejected"): _("It was not accepted. The reason stands above."),
    ("statement", "appealed"): _("An appeal against this was made."),
    ("statement", "appeal upheld"): _("The appeal was right: it was accepted."),
    ("statement", "appeal dismissed"): _("The appeal was dismissed: it stays rejected."),
    ("statement", "merged"): _(
        "It was joined with another statement that says the same. Every vote was kept."
    ),
    ("statement", "separated"): _("It was separated again and stands for itself."),
    ("statement", "reworded"): _("Its wording was changed. The original is kept."),
    ("statement", "erased"): _("Its author withdrew it."),
    ("finding", ""): _("An analysis of the votes found something that rests on it:"),
    ("change", ""): _("A change of the text was proposed because of it:"),
    ("change", "accepted"): _("That change was accepted."),
    ("change", "rejected"): _("That change was rejected. The reason stands with it."),
    ("change", "withdrawn"): _("That change was withdrawn by who had proposed it."),
    ("change", "incorporated"): _("That change came into force."),
    ("clause", ""): _("A clause was added to the text:"),
    ("clause", "stood"): _("This clause reads differently since:"),
    ("version", ""): _("The text was adopted in a new version:"),
    ("commitment", ""): _("Somebody promised to carry the clause out:"),
    ("commitment", "stood"): _("The clause is part of a commitment, on which is reported:"),
    ("report", ""): _("Its owner reported on the commitment:"),
    ("review", ""): _("The committee reviewed what was reported:"),
    ("decision", ""): _("A meeting decided:"),
}


def outcome(kind: str, verb: str) -> str:
    """A step on the way of a statement, in a sentence; one that leads to a record ends with a colon."""
    return str(_OUTCOMES.get((kind, verb)) or _("This rests on it:"))
