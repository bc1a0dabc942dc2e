"""Forms about attributes and the audience wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plenary.kit.errors import BadInput
from plenary.records.models import Organization

from .attributes import ATTRIBUTES, Attribute, attributes_for
from .audience import Margins, margins_from_text
from .models import Consultation, GapStep, ParticipantAttributes


class AttributesForm(forms.Form):
    """A choice for each attribute that the consultation asks for; each may stay empty."""

    def __init__(
        self,
        *args: Any,
        consultation: Consultation,
        known: ParticipantAttributes | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for attribute in attributes_for(consultation.attributes_asked, consultation.languages):
            field = forms.ChoiceField(
                label=attribute.question,
                choices=[("", _("Rather not say")), *_offered(attribute, consultation)],
                required=False,
                initial=getattr(known, attribute.name, ""),
                error_messages={"invalid_choice": _("Choose one of the answers, or “Rather not say”.")},
            )
            # Each says itself that it may stay empty.
            field.one_of_several = True  # type: ignore[attr-defined]
            self.fields[attribute.name] = field


def _offered(attribute: Attribute, consultation: Consultation) -> list[tuple[str, Any]]:
    """Its answers, without an age at which nobody may take part: whose first vote said that she is older is not asked
    whether she is a child.
    """
    too_young = {"0-14"} if attribute.name == "age" and consultation.minimum_age > 14 else set()
    return [(each.key, each.label) for each in attribute.values if each.key not in too_young]


class AudienceForm(forms.Form):
    asked = forms.MultipleChoiceField(
        label=_("What people are asked about themselves"),
        help_text=_("Once, after their first votes. Each question can be left out by each person."),
        choices=[(each.name, each.label) for each in ATTRIBUTES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    margins = forms.CharField(
        label=_("The audience wanted"),
        help_text=_(
            "One share a line, such as “age: 15-24 = 30 %”, or rows pasted from a spreadsheet with attribute, value "
            "and percentage. The shares of an attribute make 100 %. Leave it empty if nobody in particular is wanted."
        ),
        widget=forms.Textarea(attrs={"rows": 12, "dir": "ltr", "spellcheck": "false"}),
        required=False,
    )

    def __init__(self, *args: Any, languages: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages

    def clean_margins(self) -> Margins:
        try:
            return margins_from_text(self.cleaned_data["margins"], self.languages)
        except BadInput as error:
            raise forms.ValidationError(
                [forms.ValidationError(line_and_words(each.line, each.message)) for each in error.problems]
            ) from error


class GapStepForm(forms.Form):
    """What was done about one gap."""

    gap = forms.CharField(widget=forms.HiddenInput)
    by_way_of = forms.ChoiceField(
        label=_("What was done"), choices=GapStep.By.choices, widget=forms.RadioSelect, initial="organization"
    )
    organization = forms.ChoiceField(label=_("Organization"), required=False)
    note = forms.CharField(
        label=_("In a sentence"),
        help_text=_("Everybody can read it. Name no person."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args: Any, organizations: Sequence[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {each.reference: each for each in organizations}
        field: Any = self.fields["organization"]
        names: list[Any] = list(organizations)
        field.choices = [("", _("none")), *((each.reference, str(each.said["name"])) for each in names)]

    def facts(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        return {
            "by_way_of": given["by_way_of"],
            "organization": self.known.get(given["organization"]),
            "note": given["note"],
        }


def line_and_words(line: int | str | None, words: str) -> str:
    """«Line 3: …» where the problem has a line."""
    return str(_("Line %(line)s: %(words)s") % {"line": line, "words": words}) if line else words
