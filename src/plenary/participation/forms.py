from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from plenary.kit.languages import is_language_tag, language_name

from .detection import detect_language
from .models import Consultation, Statement, Vote
from .wording import MAX_APPEAL, MAX_LENGTH, REASONS, is_sentence, tidy


class VoteForm(forms.Form):
    """What a card sends. People never see its errors: the card writes these fields itself."""

    statement = forms.CharField(max_length=40)
    n = forms.IntegerField(min_value=0, max_value=32767)
    value = forms.TypedChoiceField(choices=Vote.Value.choices, coerce=int)
    language = forms.CharField(max_length=35, required=False)

    def clean_language(self) -> str:
        """In which the card was read; a tag that is none is left out, it is no reason to lose a vote."""
        tag: str = self.cleaned_data["language"]
        return tag if is_language_tag(tag) else ""


class OneLine(forms.CharField):
    """What somebody writes in one line, made tidy before anything is checked; what she typed stays in the form."""

    def to_python(self, value: Any) -> str:
        return tidy(super().to_python(value) or "")


class StatementForm(forms.Form):
    body = OneLine(
        label=_("Your statement"),
        help_text=_(
            "One idea, in a sentence that others can agree or disagree with. Something new, not a question. "
            "At most 280 characters. Leave out names and anything personal. "
            "Writing is not voting: how you would vote on it is not counted."
        ),
        error_messages={"required": _("Write a sentence. What you sent holds nothing that could be read.")},
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "dir": "auto",
                "data-most": MAX_LENGTH,
                "data-left": _("Characters left: {count}"),
                "data-over": _("Characters too many: {count}"),
            }
        ),
    )
    language = forms.ChoiceField(label=_("Its language"), required=False)

    def __init__(self, *args: Any, reading: str, offered: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading = reading
        known = language_choices(reading)
        if offered:
            known = [(tag, language_name(tag)) for tag in dict.fromkeys([*offered, reading])]
        field: Any = self.fields["language"]
        field.choices = [("", _("seen from what you write")), *known]
        self.offered = [tag for tag, _name in known]

    def clean_body(self) -> str:
        # Not by the field's own limit: browsers would cut what is pasted without a word; our answer keeps it.
        body: str = self.cleaned_data["body"]
        over = len(body) - MAX_LENGTH
        if over > 0:
            said = ngettext(
                "Your statement is %(count)s character too long.",
                "Your statement is %(count)s characters too long.",
                over,
            )
            raise forms.ValidationError(said, code="max_length", params={"count": over})
        if not is_sentence(body):
            raise forms.ValidationError(
                gettext("Say it in words: signs and pictures alone cannot be agreed or disagreed with.")
            )
        return body

    def clean(self) -> dict[str, Any]:
        """The language, where she left it to us; then the form shows for what we took it."""
        data = super().clean() or self.cleaned_data
        if "body" in data and "language" in data and not data["language"]:
            data["language"] = detect_language(data["body"], self.offered, self.reading)
        return data

    def as_taken(self) -> StatementForm:
        """The form as it is shown again before it is sent: with the language that we took it for."""
        sent: Any = self.data
        seen = sent.copy()
        seen["language"] = self.cleaned_data["language"]
        self.data = seen
        return self

    def mark_first_wrong(self, *, is_piece: bool) -> None:
        """The first field that is wrong gets the focus: what is wrong is said once, beside it.

        In a piece that goes into a page, the script gives it (data-focus); the browser would find it taken and say so.
        """
        if self.is_bound:
            for field in self:
                if field.errors:
                    field.field.widget.attrs |= {"data-focus": True, "autofocus": not is_piece}
                    return


class LanguageForm(forms.Form):
    """Her own statement was taken for the wrong language."""

    statement = forms.CharField(max_length=40)
    language = forms.CharField(max_length=35)

    def clean_language(self) -> str:
        tag: str = self.cleaned_data["language"]
        if not is_language_tag(tag):
            raise forms.ValidationError(gettext("Choose a language."))
        return tag


class AppealForm(forms.Form):
    statement = forms.CharField(max_length=40)
    appeal = forms.CharField(
        max_length=MAX_APPEAL,
        error_messages={"required": _("Say why the decision was wrong.")},
    )


def language_choices(other: str = "") -> list[tuple[str, str]]:
    """The interface's languages in their own names, and the one in which the page is read."""
    choices = list(settings.LANGUAGES)
    if other and other not in dict(choices):
        choices.append((other, language_name(other)))
    return choices


class ConsultationForm(forms.Form):
    language = forms.ChoiceField(label=_("Language in which you write"))
    title = forms.CharField(label=_("Title"), max_length=200)
    question = forms.CharField(
        label=_("Question"),
        help_text=_("What people are asked. Every statement below is an answer to it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    introduction = forms.CharField(
        label=_("Introduction"),
        help_text=_("What it is about, what is settled already, and what will be done with the result."),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    opens_at = forms.DateTimeField(
        label=_("Opens"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    closes_at = forms.DateTimeField(
        label=_("Closes"),
        help_text=_("Leave it empty if there is no end yet."),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    moderation = forms.ChoiceField(label=_("Moderation"), choices=Consultation.Moderation.choices)
    takes_statements = forms.BooleanField(
        label=_("People may write statements of their own"), required=False, initial=True
    )
    minimum_age = forms.IntegerField(label=_("Minimum age"), min_value=0, max_value=99, initial=16)
    seeds = forms.CharField(
        label=_("First statements"),
        help_text=_("One a line, each of one idea. Four to ten make a good beginning."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )

    def __init__(self, *args: Any, reading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["language"]
        field.choices = language_choices(reading)
        field.initial = reading
        zone = timezone.get_current_timezone_name()
        self.fields["opens_at"].help_text = _("In the time zone %(zone)s.") % {"zone": zone}

    def clean_seeds(self) -> list[str]:
        seeds = [tidy(line) for line in self.cleaned_data["seeds"].splitlines() if line.strip()]
        for number, seed in enumerate(seeds, start=1):
            if len(seed) > MAX_LENGTH:
                raise forms.ValidationError(
                    _("Statement %(number)s has more than %(count)s characters."),
                    params={"number": number, "count": MAX_LENGTH},
                )
        return seeds

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("This must lie after the opening."))
        return data


class ModerationForm(forms.Form):
    UNDO = "undo"
    MARKS = PEOPLE, VIEW = "people", "view"
    decision = forms.ChoiceField(
        choices=[
            (state, state)
            for state in (
                Statement.Moderation.ACCEPTED,
                Statement.Moderation.REJECTED,
                Statement.Moderation.WAITING,
                UNDO,
                *MARKS,
            )
        ]
    )
    reason = forms.ChoiceField(
        label=_("Reason for a rejection"),
        choices=[("", _("Choose a reason, or write one")), *REASONS.items()],
        required=False,
    )
    remark = forms.CharField(
        label=_("In your own words"),
        help_text=_("Everybody can read the reason: name nobody in it."),
        max_length=500,
        required=False,
    )

    def __init__(self, *args: Any, chosen: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = chosen

    def clean(self) -> dict[str, Any]:
        if not self.chosen or "decision" not in self.cleaned_data:
            # It has no field of its own to stand beside: a list of statements, and two buttons.
            self.errors.pop("decision", None)
            raise forms.ValidationError(gettext("Choose at least one statement, then accept or reject."))
        return self.cleaned_data

    @property
    def full_reason(self) -> str:
        """The chosen reason and the remark, as they are kept: «off-topic: about another country»."""
        return ": ".join(
            part for part in (self.cleaned_data["reason"], self.cleaned_data["remark"].strip()) if part
        )
