"""A comment as it is typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from plenary.kit.languages import language_choices

from .models import Comment
from .survey_wording import LONGEST, tidy_lines


class CommentForm(forms.Form):
    body = forms.CharField(
        label=_("Your comment"),
        help_text=_("It is read before others see it. Say nothing that tells who you or others are."),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    quoted = forms.CharField(
        label=_("Words of the clause that you mean"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    stance = forms.ChoiceField(
        label=_("What you think of the clause"),
        choices=Comment.Stance.choices,
        required=False,
        widget=forms.RadioSelect,
        initial="",
    )
    language = forms.ChoiceField(label=_("Its language"))

    def __init__(self, *args: Any, reading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language: Any = self.fields["language"]
        language.choices = language_choices(reading)
        language.initial = reading

    def clean_body(self) -> str:
        body = tidy_lines(self.cleaned_data["body"])
        if not body:
            raise forms.ValidationError(gettext("Write your comment first."))
        over = len(body) - LONGEST
        if over > 0:
            said = ngettext(
                "Your comment is %(count)s character too long.",
                "Your comment is %(count)s characters too long.",
                over,
            )
            raise forms.ValidationError(said, code="max_length", params={"count": over})
        return body
