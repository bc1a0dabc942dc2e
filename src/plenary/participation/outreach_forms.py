"""What the desk chooses and writes for an outreach pack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from plenary.records.texts import direction_of

from .platforms import CARRIES, Platform


class ChooseForm(forms.Form):
    platform = forms.ChoiceField(label=_("Kind of place"), choices=Platform.choices)
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, languages: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["language"]
        field.choices = languages

    @property
    def platform_label(self) -> Any:
        return Platform(self.cleaned_data["platform"]).label


class PackForm(forms.Form):
    words = forms.CharField(label=_("Words"), widget=forms.Textarea(attrs={"rows": 6}))
    place = forms.CharField(
        label=_("Where it is put up"),
        help_text=_("So that you find it again: a group, a library, a page. Never a person."),
        max_length=120,
        required=False,
    )
    code = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, platform: str, link: str, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.link = link
        self.limit = CARRIES[platform].limit
        words = self.fields["words"]
        words.widget.attrs |= {"lang": language, "dir": direction_of(language)}
        words.help_text = _("At most %(limit)s characters. Keep the link: %(link)s") % {
            "limit": self.limit,
            "link": link,
        }

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"].strip()
        over = len(words) - self.limit
        if over > 0:
            said = ngettext(
                "The words are %(count)s character too long for this place.",
                "The words are %(count)s characters too long for this place.",
                over,
            )
            raise forms.ValidationError(said, params={"count": over})
        if self.link not in words:
            raise forms.ValidationError(
                _("The link %(link)s is missing. Without it nobody finds the way, and nothing is counted."),
                params={"link": self.link},
            )
        return words
