from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from plenary.participation.models import Flag


class VerdictForm(forms.Form):
    """What a person makes of a flag."""

    flag = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    seen = forms.CharField(max_length=9, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label=_("Your judgement"),
        choices=[
            (Flag.State.CONFIRMED, _("Confirm: these people act as one")),
            (Flag.State.DISMISSED, _("Dismiss: there is another explanation")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Your reason"),
        help_text=_("Everybody can read it. Name no person."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
