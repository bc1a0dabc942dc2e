"""Surveys as forms: for those who answer, and for the desk that makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from plenary.kit.languages import language_choices

from .models import SurveyAnswer, SurveyQuestion
from .survey_wording import LONGEST, asked_questions, tidy_lines
from .wording import REASONS

Kind = SurveyQuestion.Kind


@dataclass
class Asked:
    """A question with the fields that take its answer."""

    question: SurveyQuestion
    bound: Any = None
    ranks: list[Any] = field(default_factory=list)

    @property
    def errors(self) -> list[str]:
        return list((self.bound or self.ranks[0]).errors)

    @property
    def key(self) -> str:
        return f"q{self.question.number}"

    @property
    def opened_by(self) -> str:
        opener = getattr(self.question, "depends", None)
        return f"q{opener.number}" if opener is not None else ""

    @property
    def opened_values(self) -> str:
        return " ".join(str(value) for value in self.question.depends_values)

    @property
    def opening_words(self) -> list[Any]:
        """The answers after which it is asked, as people read them."""
        opener = getattr(self.question, "depends", None)
        if opener is None:
            return []
        if opener.kind == Kind.SCALE:
            return list(self.question.depends_values)
        words = {option.number: option.said["words"] for option in opener.options.all()}
        return [words[value] for value in self.question.depends_values if value in words]


class SurveyForm(forms.Form):
    """All questions of a survey on one page. ``given`` is what the action takes.

    Answers to questions that the others do not open are left out and never an error. Nothing here relies on a script.
    """

    def __init__(
        self,
        *args: Any,
        questions: Sequence[SurveyQuestion],
        mine: Mapping[int, SurveyAnswer],
        reading: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        self.given: dict[int, Any] = {}
        for question in questions:
            before: Any = mine.get(question.pk)
            self._add(question, before.value if before else None, before.body if before else "")
        if any(question.kind == Kind.TEXT for question in questions):
            self.fields["language"] = forms.ChoiceField(
                label=_("Language of what you wrote"), choices=language_choices(reading), initial=reading
            )

    @property
    def asked(self) -> list[Asked]:
        return [
            Asked(question, ranks=[self[name] for name in self._rank_names(question)])
            if question.kind == Kind.RANKING
            else Asked(question, self[f"q{question.number}"])
            for question in self.questions
        ]

    def _rank_names(self, question: SurveyQuestion) -> list[str]:
        return [f"q{question.number}_{option.number}" for option in question.options.all()]

    def _add(self, question: SurveyQuestion, value: Any, body: str) -> None:
        name, label = f"q{question.number}", _plain(question.said["wording"])
        options = list(question.options.all())
        if question.kind == Kind.TEXT:
            self.fields[name] = forms.CharField(
                label=label,
                required=False,
                initial=body,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
            )
        elif question.kind == Kind.RANKING:
            places = [("", "–"), *((str(place), str(place)) for place in range(1, len(options) + 1))]
            for option in options:
                initial = value.index(option.number) + 1 if value else ""
                self.fields[f"{name}_{option.number}"] = forms.ChoiceField(
                    label=label, required=False, choices=places, initial=initial
                )
                self.fields[f"{name}_{option.number}"].option = option  # type: ignore[attr-defined]
        elif question.kind == Kind.SEVERAL:
            self.fields[name] = forms.TypedMultipleChoiceField(
                label=label,
                required=False,
                coerce=int,
                choices=[(option.number, _marked(option.said["words"])) for option in options],
                initial=value,
                widget=forms.CheckboxSelectMultiple,
            )
        else:
            choices = (
                _scale_choices(question)
                if question.kind == Kind.SCALE
                else [(option.number, _marked(option.said["words"])) for option in options]
            )
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                required=False,
                coerce=int,
                empty_value=None,
                choices=choices,
                initial=value,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        wrong: dict[int, tuple[str, str]] = {}
        values: dict[int, Any] = {}
        for question in self.questions:
            number, name = question.number, f"q{question.number}"
            if question.kind == Kind.RANKING:
                names = self._rank_names(question)
                try:
                    values[number] = _ranked(question, [data.get(each) or "" for each in names])
                except ValueError as error:
                    wrong[number] = (names[0], str(error))
            elif question.kind == Kind.TEXT:
                values[number] = tidy_lines(data.get(name) or "")
                over = len(values[number]) - LONGEST
                if over > 0:
                    said = ngettext(
                        "Your answer is %(count)s character too long.",
                        "Your answer is %(count)s characters too long.",
                        over,
                    )
                    wrong[number] = (name, said % {"count": over})
            else:
                values[number] = data.get(name) if data.get(name) not in ("", []) else None
        asked = asked_questions(self.questions, values)
        for question in self.questions:
            number = question.number
            name = self._rank_names(question)[0] if question.kind == Kind.RANKING else f"q{number}"
            if number not in asked:
                for each in [name, *self._rank_names(question)]:
                    self.errors.pop(each, None)
            elif number in wrong:
                self.add_error(*wrong[number])
            elif question.is_required and not self.errors.get(name) and values[number] in (None, [], ""):
                self.add_error(name, gettext("This question needs an answer."))
        self.given = {number: value for number, value in values.items() if number in asked}
        return data


def _ranked(question: SurveyQuestion, places: list[str]) -> list[int] | None:
    """The options in their order, or None where none has a place. Raises ValueError with a sentence for people."""
    if not any(places):
        return None
    if not all(places):
        raise ValueError(gettext("Give every answer a place, or none of them."))
    if len(set(places)) != len(places):
        raise ValueError(gettext("Two answers have the same place. Give each a place of its own."))
    options = [option.number for option in question.options.all()]
    return [number for _place, number in sorted(zip(map(int, places), options, strict=True))]


def _scale_choices(question: SurveyQuestion) -> list[tuple[int, Any]]:
    assert question.lowest is not None and question.highest is not None
    ends = {question.lowest: question.said["lowest"], question.highest: question.said["highest"]}
    return [
        (number, format_html("{} – {}", number, _marked(ends[number])) if ends.get(number) else str(number))
        for number in range(question.lowest, question.highest + 1)
    ]


def _marked(said: Any) -> Any:
    return format_html('<bdi lang="{}" dir="{}">{}</bdi>', said.language, said.direction, said.body)


def _plain(said: Any) -> str:
    return said.body if said else ""


# For the desk


class SurveyDetailsForm(forms.Form):
    """A survey's name and introduction; with ``start`` where it is new."""

    title = forms.CharField(
        label=_("Title"), max_length=200, widget=forms.TextInput(attrs={"dir": "auto"})
    )  # fmt: skip
    introduction = forms.CharField(
        label=_("Introduction"),
        help_text=_("What it is about, and what will be done with the answers."),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )


class NewSurveyForm(forms.Form):
    start = forms.ChoiceField(label=_("Start from"), widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("Title"),
        help_text=_("Only where you begin with an empty one; the others bring their own."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    language = forms.ChoiceField(label=_("Language in which you write"))

    def __init__(self, *args: Any, starts: Sequence[tuple[str, Any]], reading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        start: Any = self.fields["start"]
        start.choices = [("", _("An empty survey")), *starts]
        start.required = False
        language: Any = self.fields["language"]
        language.choices = language_choices(reading)
        language.initial = reading

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("start") and not self.cleaned_data.get("title", "").strip():
            self.add_error("title", gettext("Give the survey a title."))
        return self.cleaned_data


class QuestionForm(forms.Form):
    """One question. The action says what does not fit; fields of other kinds are left aside."""

    kind = forms.ChoiceField(label=_("How it is answered"), choices=Kind.choices, widget=forms.RadioSelect)
    wording = forms.CharField(
        label=_("Question"), max_length=500, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"})
    )
    help = forms.CharField(
        label=_("A word of help below it"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    is_required = forms.BooleanField(label=_("It needs an answer"), required=False)
    options = forms.CharField(
        label=_("Answers to choose from or to put in order"),
        help_text=_("One a line, two or more."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    lowest = forms.IntegerField(label=_("Lowest number of the scale"), required=False, initial=1)
    lowest_label = forms.CharField(
        label=_("What the lowest number means"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    highest = forms.IntegerField(label=_("Highest number of the scale"), required=False, initial=5)
    highest_label = forms.CharField(
        label=_("What the highest number means"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    depends = forms.MultipleChoiceField(
        label=_("Ask it only after one of these answers"),
        help_text=_("Answers to one earlier question. Choose none, and everybody is asked."),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    is_same = forms.BooleanField(
        label=_("It asks the same as in the cycle before: only the spelling changed"), required=False
    )

    KINDS = {
        "options": "choice several ranking",
        "lowest": "scale",
        "lowest_label": "scale",
        "highest": "scale",
        "highest_label": "scale",
    }

    def __init__(
        self, *args: Any, earlier: Sequence[SurveyQuestion], repeats: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        openers = [each for each in earlier if each.kind in (Kind.CHOICE, Kind.SCALE)]
        if openers:
            depends: Any = self.fields["depends"]
            depends.choices = [_answers_of(each) for each in openers]
        else:
            del self.fields["depends"]
        if not repeats:
            del self.fields["is_same"]

    def clean_options(self) -> list[str]:
        found = [" ".join(tidy_lines(line).split()) for line in self.cleaned_data["options"].splitlines()]
        found = [line for line in found if line]
        for number, line in enumerate(found, start=1):
            if len(line) > 200:
                raise forms.ValidationError(
                    gettext("Answer %(number)s has more than %(count)s characters."),
                    params={"number": number, "count": 200},
                )
        return found

    def clean_depends(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["depends"]
        if len({value.partition(":")[0] for value in chosen}) > 1:
            raise forms.ValidationError(gettext("Choose answers to one question only."))
        return chosen

    def spec_facts(self) -> dict[str, Any]:
        """What ``actions.QuestionSpec`` takes."""
        data = self.cleaned_data
        chosen = [value.partition(":") for value in data.get("depends", [])]
        names = ("kind", "is_required", "options", "lowest", "highest")
        words = ("wording", "help", "lowest_label", "highest_label")
        return {
            **{name: data[name] for name in names},
            **{name: " ".join(tidy_lines(data[name]).split()) for name in words},
            "depends_on": int(chosen[0][0]) if chosen else None,
            "depends_values": [int(value) for _number, _colon, value in chosen],
        }

    @property
    def shown_fields(self) -> list[tuple[Any, str]]:
        """Fields with the kinds of question that use them; empty for all."""
        return [(bound, self.KINDS.get(bound.name, "")) for bound in self]


def _answers_of(question: SurveyQuestion) -> tuple[str, list[tuple[str, str]]]:
    label = f"{question.number}. {_plain(question.said['wording'])[:80]}"
    if question.kind == Kind.SCALE:
        assert question.lowest is not None and question.highest is not None
        values = [(number, str(number)) for number in range(question.lowest, question.highest + 1)]
    else:
        values = [(option.number, _plain(option.said["words"])) for option in question.options.all()]
    return label, [(f"{question.number}:{number}", words) for number, words in values]


def initial_of(question: SurveyQuestion) -> dict[str, Any]:
    """A question as its form begins with it, in the language in which it was written."""
    opener = question.depends_on
    return {
        "kind": question.kind,
        "wording": question.wording.body,
        "help": question.help.body if question.help else "",
        "is_required": question.is_required,
        "options": "\n".join(option.words.body for option in question.options.all()),
        "lowest": 1 if question.lowest is None else question.lowest,
        "highest": 5 if question.highest is None else question.highest,
        "lowest_label": question.lowest_label.body if question.lowest_label else "",
        "highest_label": question.highest_label.body if question.highest_label else "",
        "depends": [f"{opener.number}:{value}" for value in question.depends_values] if opener else [],
    }


class ReadingForm(forms.Form):
    """What is done with words that were chosen: accepted, or rejected for a reason."""

    decision = forms.ChoiceField(choices=[("accepted", "accepted"), ("rejected", "rejected")])
    reason = forms.ChoiceField(
        label=_("Reason for a rejection"),
        choices=[
            ("", _("Choose a reason, or write one")),
            *((key, words) for key, words in REASONS.items() if key not in ("several ideas", "repeats")),
        ],
        required=False,
    )
    remark = forms.CharField(label=_("In your own words"), max_length=500, required=False)

    def __init__(self, *args: Any, chosen: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = chosen

    def clean(self) -> dict[str, Any]:
        if not self.chosen or "decision" not in self.cleaned_data:
            self.errors.pop("decision", None)
            raise forms.ValidationError(gettext("Choose at least one text, then accept or reject."))
        return self.cleaned_data

    @property
    def full_reason(self) -> str:
        return ": ".join(
            part for part in (self.cleaned_data["reason"], self.cleaned_data["remark"].strip()) if part
        )


class StatementOfForm(forms.Form):
    """The statement that is made of an answer in words."""

    body = forms.CharField(
        label=_("The statement"),
        help_text=_("One idea, in the author’s words where possible. The answer itself stays as it is."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


class AgendaForm(forms.Form):
    meeting = forms.ChoiceField(label=_("Meeting"))

    def __init__(self, *args: Any, meetings: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["meeting"]
        chosen.choices = [(each.reference, str(each.said["title"])) for each in meetings]
        self.meetings = {each.reference: each for each in meetings}
