"""Input about paper: what is printed, what is entered, and files of other platforms."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .printing import MOST_COPIES, MOST_ROWS, MOST_STATEMENTS

_CODE = re.compile(r"(?:STM-)?([0-9]{1,9})(?:\s*[-–]\s*(?:STM-)?([0-9]{1,9}))?", re.IGNORECASE)


class PrintForm(forms.Form):
    what = forms.ChoiceField(
        label=_("What to print"),
        choices=[
            ("ballot", _("Ballots, one for each person")),
            ("sheet", _("A sheet to read aloud at a meeting")),
        ],
        widget=forms.RadioSelect,
        initial="ballot",
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("A statement that is not translated into it is printed in its own language."),
    )
    which = forms.ChoiceField(
        label=_("Which statements"),
        choices=[
            ("all", _("all that are accepted")),
            ("fewest", _("those with the fewest votes")),
            ("chosen", _("those named below")),
        ],
        widget=forms.RadioSelect,
        initial="all",
    )
    count = forms.IntegerField(
        label=_("How many statements"),
        help_text=_("For those with the fewest votes. People answer about thirty in ten minutes."),
        min_value=1,
        max_value=MOST_STATEMENTS,
        initial=20,
        required=False,
    )
    chosen = forms.CharField(
        label=_("Numbers of the statements"),
        help_text=_("For those named: STM-4 STM-7, or 4-9 for a span."),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    copies = forms.IntegerField(
        label=_("How many ballots"),
        help_text=_("Each gets a code of its own, so that none is counted twice."),
        min_value=1,
        max_value=MOST_COPIES,
        initial=20,
        required=False,
    )
    paper = forms.ChoiceField(label=_("Paper"), choices=[("a4", "A4"), ("us-letter", "Letter")])
    large = forms.BooleanField(label=_("Large print"), required=False)

    def clean_chosen(self) -> list[str]:
        return read_references(self.cleaned_data["chosen"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("which") == "chosen" and "chosen" in data and not data["chosen"]:
            self.add_error("chosen", _("Name at least one statement."))
        if data.get("which") == "fewest" and "count" in data and not data["count"]:
            self.add_error("count", _("Say how many."))
        data["copies"] = data.get("copies") or 1
        return data

    def problem_with(self, statements: int) -> Any:
        """What stands against printing that many statements, or None."""
        if not statements:
            return _("No accepted statement is among these, so there is nothing to print.")
        if statements > MOST_STATEMENTS:
            return _(
                "These are %(count)s statements; a paper takes at most %(most)s. Choose some of them."
            ) % {"count": statements, "most": MOST_STATEMENTS}
        if self.cleaned_data["what"] == "ballot" and statements * self.cleaned_data["copies"] > MOST_ROWS:
            return _("For %(count)s statements, print at most %(copies)s ballots at once.") % {
                "count": statements,
                "copies": MOST_ROWS // statements,
            }
        return None


def read_references(typed: str) -> list[str]:
    """Statement references from «STM-4 7, 9-12»; raises ``ValidationError`` for what is none."""
    found: dict[str, None] = {}
    for part in re.split(r"[\s,;،、]+", re.sub(r"\s*([-–])\s*(?=\d)", r"\1", typed.strip())):
        if not part:
            continue
        match = _CODE.fullmatch(part)
        if match is None:
            raise forms.ValidationError(
                _("“%(part)s” is not a statement's number, such as STM-4."), params={"part": part[:40]}
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if not 0 <= last - first < 1000:
            raise forms.ValidationError(_("“%(part)s” is not a span of numbers."), params={"part": part[:40]})
        found |= {f"STM-{number}": None for number in range(first, last + 1)}
    return list(found)
