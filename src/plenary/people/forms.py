"""Parses what people type about their accounts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Scope
from .tokens import MOST_DAYS


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the token"),
        max_length=60,
        help_text=_("What it is for, so that you know it again: “monthly report from our database”."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do for you"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may do yourself."),
    )
    last_day = forms.DateField(
        label=_("Valid until"),
        help_text=_("The last day on which it works, at most a year from now."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].initial = today + timedelta(days=90)
        self.today = today

    def clean_last_day(self) -> date:
        last_day: date = self.cleaned_data["last_day"]
        if last_day < self.today:
            raise forms.ValidationError(gettext("This day has passed already."))
        if last_day >= self.today + timedelta(days=MOST_DAYS - 1):
            raise forms.ValidationError(gettext("A token is valid for a year at most."))
        return last_day
