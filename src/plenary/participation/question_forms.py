"""What people enter on the register of questions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plenary.kit.references import FindRecord, ReferenceField
from plenary.records.models import Record, Stance
from plenary.strategy.models import Clause

from .models import CollectiveQuestion
from .wording import tidy


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


class QuestionForm(forms.Form):
    words = forms.CharField(
        label=_("The question"),
        help_text=_("In one sentence that people can be for or against, such as: Should … ?"),
        widget=_area(2),
        max_length=500,
    )
    concern = forms.ChoiceField(label=_("What it is about"), choices=CollectiveQuestion.Concern.choices)
    background = forms.CharField(
        label=_("Why it needs a collective answer"),
        help_text=_("Whom it concerns, what is at stake, and why nobody can answer it alone."),
        widget=_area(5),
        max_length=5_000,
        required=False,
    )

    def clean_words(self) -> str:
        return tidy(self.cleaned_data["words"])


class ViewForm(forms.Form):
    reference = ReferenceField(
        label=_("Reference"), help_text=_("Such as STM-12 for a statement, FND-3 for a finding, SRC-1.")
    )
    stance = forms.ChoiceField(
        label=_("Where it stands"),
        choices=[
            (Stance.SUPPORTS.value, _("for")),
            (Stance.CONTRADICTS.value, _("against")),
            (Stance.CONTEXT.value, _("neither: it gives context")),
        ],
    )
    quote = forms.CharField(
        label=_("The words that matter"), widget=_area(2), required=False, max_length=2_000
    )

    def __init__(self, *args: Any, find: FindRecord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["reference"]
        field.find = find


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("The answer"),
        help_text=_("What was decided together, on what it rests, and what stays open."),
        widget=_area(6),
        max_length=10_000,
    )
    clauses = ReferenceField(
        label=_("Clauses that give it"),
        help_text=_(
            "References such as STR-1.C3, with commas. Leave it empty where the text says nothing yet."
        ),
        required=False,
    )

    def __init__(self, *args: Any, find: FindRecord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["clauses"]
        field.find = find

    def clean_clauses(self) -> list[Clause]:
        records: list[Record] = self.cleaned_data["clauses"]
        others = [record.reference for record in records if record.kind != "clause"]
        if others:
            raise forms.ValidationError(
                _("%(reference)s is no clause."), params={"reference": ", ".join(others)}
            )
        return [record.clause for record in records]
