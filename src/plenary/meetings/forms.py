from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from plenary.kit.languages import language_choices
from plenary.records.models import Organization, Record, Visibility

from .models import Decision, Meeting


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _WrittenForm(forms.Form):
    """A form whose words are in a language that the writer names; the one in which she reads is proposed."""

    language = forms.ChoiceField(label=_("Language in which you write"))

    def __init__(self, *args: Any, reading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["language"]
        field.choices, field.initial = language_choices(reading), reading


class MeetingForm(_WrittenForm):
    title = forms.CharField(label=_("Title"), max_length=300, widget=forms.TextInput(attrs={"dir": "auto"}))
    kind = forms.ChoiceField(label=_("Kind"), choices=Meeting.Kind.choices)
    held_on = forms.DateField(label=_("Day"), widget=_day())
    visibility = forms.ChoiceField(
        label=_("Who sees it, with its decisions"),
        choices=[
            (Visibility.PUBLIC.value, Visibility.PUBLIC.label),
            (Visibility.STAFF.value, Visibility.STAFF.label),
        ],
    )
    field_order = ("title", "language", "kind", "held_on", "visibility")


class AgendaForm(forms.Form):
    reference = forms.CharField(
        label=_("Reference"),
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
        help_text=_(
            "Of any record, such as COM-1, REP-3 or STR-1.C2. It stands beside its title on its page."
        ),
    )

    def __init__(self, *args: Any, find: Callable[[str], Record | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.find = find

    def clean_reference(self) -> Record:
        # People paste the permalink too.
        typed: str = self.cleaned_data["reference"].strip()
        record = self.find(typed.rstrip("/").rsplit("/", 1)[-1].upper())
        if record is None:
            raise forms.ValidationError(gettext("There is no record with this reference that you can see."))
        return record


class DecisionForm(_WrittenForm):
    text = forms.CharField(label=_("What was decided"), widget=_area(3), max_length=5000)
    owner = forms.ChoiceField(label=_("Who sees to it"))
    due = forms.DateField(
        label=_("By when"),
        required=False,
        widget=_day(),
        help_text=_("A day, or below what it waits for: one of the two is needed."),
    )
    trigger = forms.CharField(
        label=_("Or what it waits for"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text=_("What the decision waits for, where it has no day."),
    )
    field_order = ("text", "language", "owner", "due", "trigger")

    def __init__(self, *args: Any, organizations: Sequence[Organization], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.organizations = {each.reference: each for each in organizations}
        field: Any = self.fields["owner"]
        for name in ("due", "trigger"):
            self.fields[name].one_of_several = True  # type: ignore[attr-defined]
        field.choices = [("", "—"), *((each.reference, str(each.said["name"])) for each in organizations)]

    def clean_due(self) -> date | None:
        due: date | None = self.cleaned_data["due"]
        if due is not None and due < self.today:
            raise forms.ValidationError(gettext("This day has passed already."))
        return due

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "due" in given and not given["due"] and not given.get("trigger"):
            self.add_error("due", gettext("Give a day, or say below what it waits for."))
        return given

    def facts(self) -> dict[str, Any]:
        return self.cleaned_data | {"owner": self.organizations[self.cleaned_data["owner"]]}


class OutcomeForm(_WrittenForm):
    state = forms.ChoiceField(
        label=_("How it ended"),
        choices=[
            (Decision.State.DONE.value, Decision.State.DONE.label),
            (Decision.State.DROPPED.value, Decision.State.DROPPED.label),
        ],
        widget=forms.RadioSelect,
    )
    outcome = forms.CharField(label=_("What came of it"), widget=_area(3), max_length=5000)
    field_order = ("state", "outcome", "language")
