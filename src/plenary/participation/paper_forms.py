"""Input about paper: what is printed, what is entered, and files of other platforms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plenary.kit import uploads
from plenary.kit.languages import language_choices
from plenary.kit.uploads import Upload

from .actions.submissions import Facts
from .models import Statement, Submission
from .printing import MOST_COPIES, MOST_ROWS, MOST_STATEMENTS
from .wording import MAX_LENGTH, tidy

# As the boxes stand on the paper: 1 agree, 2 disagree, 3 pass; the keys of the vote card.
ANSWERS = {"1": 1, "2": -1, "3": 0}
MOST_CODES = 10_000

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


def _file_size(file: Any) -> None:
    """Refuse what is too large before it is looked at."""
    if file.size > settings.PLENARY_UPLOAD_LIMIT:
        raise forms.ValidationError(
            _(
                "The file is %(size)s; the limit is %(limit)s. Split it, or ask the operator to raise the limit."
            ),
            code="too-large",
            params={
                "size": filesizeformat(file.size),
                "limit": filesizeformat(settings.PLENARY_UPLOAD_LIMIT),
            },
        )


class SubmissionForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What it was"), choices=Submission.Kind.choices, widget=forms.RadioSelect
    )
    held_on = forms.DateField(
        label=_("Day"),
        help_text=_("Of the meeting or the call, or the date of the letter."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    place = forms.CharField(
        label=_("Place"), help_text=_("Shown publicly. A town is enough."), max_length=120, required=False
    )
    organization = forms.CharField(
        label=_("Organization"),
        help_text=_("Who invited or wrote. Shown publicly; no name of a person."),
        max_length=120,
        required=False,
    )
    language = forms.ChoiceField(label=_("Language"), help_text=_("In which people read and spoke."))
    people = forms.IntegerField(label=_("Number of people"), min_value=1, max_value=1_000_000, required=False)
    scan = forms.FileField(
        label=_("Scanned source"),
        help_text=_("PDF, PNG, JPEG, WebP or TIFF. Only the desk can open it."),
        required=False,
    )

    def __init__(self, *args: Any, reading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["language"]
        field.choices = language_choices(reading)
        field.initial = reading

    def clean_held_on(self) -> date:
        held_on: date = self.cleaned_data["held_on"]
        if held_on > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return held_on

    def clean_scan(self) -> Upload | None:
        file = self.cleaned_data["scan"]
        if not file:
            return None
        _file_size(file)
        scan = uploads.read_scan(file.read())
        if scan is None:
            raise forms.ValidationError(
                _(
                    "This file is no image and no PDF, whatever its name says, or it is not whole. Nothing was kept. "
                    "Scan or photograph the paper as PDF, PNG, JPEG, WebP or TIFF."
                ),
                code="wrong-type",
            )
        return scan

    @property
    def facts(self) -> Facts:
        return Facts(**{name: self.cleaned_data[name] for name in Facts.__dataclass_fields__})


class BallotForm(forms.Form):
    """One paper ballot. The field of a statement takes 1, 2 or 3, as its boxes stand on the paper."""

    code = forms.CharField(
        label=_("Code of the ballot"),
        help_text=_("Leave it empty where the paper has none: it is given one."),
        required=False,
        max_length=40,
        widget=forms.TextInput(
            attrs={"dir": "ltr", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, statements: Sequence[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.statements = statements
        if not self.is_bound:  # a pile is entered without the mouse; with errors, their summary has the focus
            self.fields["code"].widget.attrs |= {"data-focus": True, "autofocus": True}
        for each in statements:
            self.fields[_name(each)] = forms.CharField(
                label=each.reference,
                required=False,
                max_length=1,
                widget=forms.TextInput(
                    attrs={
                        "inputmode": "numeric",
                        "size": 2,
                        "maxlength": 1,
                        "autocomplete": "off",
                        "aria-describedby": f"words-{each.pk}",
                        "data-answer": "",
                    }
                ),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.answers: dict[int, int] = {}
        for each in self.statements:
            typed = data.get(_name(each), "")
            if not typed:
                continue
            value = ANSWERS.get(str(unicodedata.digit(typed, typed)))
            if value is None:
                self.add_error(_name(each), _("1 for agree, 2 for disagree, 3 for pass, or nothing."))
            else:
                self.answers[each.pk] = value
        return data

    @property
    def rows(self) -> list[tuple[Statement, Any]]:
        return [(each, self[_name(each)]) for each in self.statements]


class HandsForm(forms.Form):
    """Raised hands, three numbers for a statement."""

    PARTS = (("agree", _("Agree")), ("disagree", _("Disagree")), ("passed", _("Pass or unsure")))

    def __init__(self, *args: Any, statements: Sequence[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.statements = statements
        for each in statements:
            for part, label in self.PARTS:
                self.fields[f"{_name(each)}-{part}"] = forms.IntegerField(
                    label=f"{each.reference}: {label}",
                    required=False,
                    min_value=0,
                    max_value=1_000_000,
                    widget=forms.NumberInput(
                        attrs={"size": 5, "aria-label": f"{each.reference}: {label}", "autocomplete": "off"}
                    ),
                )

    @property
    def rows(self) -> list[tuple[Statement, list[tuple[Any, Any]]]]:
        """Every statement with its three fields and what each is called."""
        return [
            (each, [(self[f"{_name(each)}-{part}"], label) for part, label in self.PARTS])
            for each in self.statements
        ]

    @property
    def hands(self) -> dict[int, tuple[int, int, int]]:
        found = {}
        for each in self.statements:
            agree, disagree, passed = (
                self.cleaned_data[f"{_name(each)}-{part}"] or 0 for part, _label in self.PARTS
            )
            found[each.pk] = (agree, disagree, passed)
        return found


class SaidForm(forms.Form):
    statements = forms.CharField(
        label=_("What was said or written"),
        help_text=_("One idea in each line, without names. They are moderated like all others."),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    language = forms.ChoiceField(label=_("Its language"))

    def __init__(self, *args: Any, reading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["language"]
        field.choices = language_choices(reading)
        field.initial = reading

    def clean_statements(self) -> list[str]:
        lines = [tidy(line) for line in self.cleaned_data["statements"].splitlines() if line.strip()]
        for number, line in enumerate(lines, start=1):
            if len(line) > MAX_LENGTH:
                raise forms.ValidationError(
                    _("Statement %(number)s has more than %(count)s characters."),
                    params={"number": number, "count": MAX_LENGTH},
                )
        return lines


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is withdrawn"), max_length=500, widget=forms.TextInput(attrs={"dir": "auto"})
    )


def answer_key(value: int) -> str:
    """What is typed for an answer: the place of its box on the paper."""
    return next(key for key, each in ANSWERS.items() if each == value)


def _name(statement: Statement) -> str:
    return f"s{statement.pk}"


class BatchForm(SubmissionForm):
    file = forms.FileField(
        label=_("File"), help_text=_("Our template, filled in: XLSX, or CSV with one of its sheets.")
    )
    field_order = ("file",)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        _file_size(file)
        return file


def read_codes(sent: Mapping[str, Any]) -> int:
    """How many codes a template is to bring along; fifty where nothing is said."""
    asked = str(sent.get("codes", ""))
    return min(int(asked), MOST_CODES) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 50


class SeveralFiles(forms.FileField):
    """Any number of files in one field."""

    widget = type("Several", (forms.ClearableFileInput,), {"allow_multiple_selected": True})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) and data else [data or None]
        files = [super(SeveralFiles, self).clean(each, initial) for each in given]
        for file in files:
            _file_size(file)
        return files


class _FromElsewhere(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"), help_text=_("Of the statements, where the file does not say it.")
    )

    def __init__(self, *args: Any, reading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["language"]
        field.choices = language_choices(reading)
        field.initial = reading


class PolisForm(_FromElsewhere):
    export = SeveralFiles(
        label=_("Files"),
        help_text=_(
            "comments.csv, votes.csv or participant-votes.csv, and summary.csv; or a ZIP that holds them."
        ),
    )
    sign = forms.ChoiceField(
        label=_("Which number stands for agree"),
        choices=[("", _("let the counts in comments.csv tell")), ("agree=+1", "1"), ("agree=-1", "−1")],
        help_text=_(
            "Some exports write agree as 1, others as −1. You are asked where the counts do not tell."
        ),
        required=False,
    )
    licence = forms.CharField(
        label=_("Licence"),
        help_text=_("Of what was written, as its SPDX name: CC-BY-4.0. Empty where nobody has said it."),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    strict = forms.BooleanField(label=_("What was not moderated there waits here"), required=False)
    field_order = ("export",)


class DecidimForm(_FromElsewhere):
    file = forms.FileField(
        label=_("File"), help_text=_("The proposals as CSV, from the site's open data or from an export.")
    )
    field_order = ("file",)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        _file_size(file)
        return file
