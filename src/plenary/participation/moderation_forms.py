"""What the desk sends about statements, beyond accepting and rejecting them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .forms import OneLine
from .models import Appeal
from .wording import MAX_LENGTH


class RewordForm(forms.Form):
    body = OneLine(
        label=_("The statement in other words"),
        help_text=_(
            "For slips of the pen, or to take out what exposes somebody. The earlier words are kept."
        ),
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
    changes_meaning = forms.TypedChoiceField(
        label=_("Does it mean something else now?"),
        choices=[
            ("no", _("No: the votes stay")),
            (
                "yes",
                _("Yes: who voted on it is asked again, and earlier votes do not count until she answers"),
            ),
        ],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
    )
    hides_before = forms.BooleanField(
        label=_("The earlier words expose somebody: only staff may read them"), required=False
    )


class MergeForm(forms.Form):
    statement = forms.CharField(max_length=40)
    into = OneLine(
        label=_("Into which statement"),
        help_text=_("Its number, such as STM-12. The votes on both count for it from now on."),
        max_length=40,
        widget=forms.TextInput(attrs={"size": 12}),
    )

    def clean_into(self) -> str:
        reference: str = self.cleaned_data["into"].upper()
        return reference


class MetaForm(forms.Form):
    """A button: is it about the person who votes, or a view?"""

    is_meta = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")], coerce=lambda answer: answer == "yes"
    )


class SeparateForm(forms.Form):
    """A button."""


class DecideAppealForm(forms.Form):
    statement = forms.CharField(max_length=40)
    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (Appeal.Outcome.UPHELD, _("Accept the statement")),
            (Appeal.Outcome.DISMISSED, _("The rejection stands")),
        ],
    )
    reason = forms.CharField(
        label=_("Reason, which everybody can read"),
        max_length=500,
        error_messages={"required": _("Say why: the author is told, and the record keeps it.")},
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent_for = self.data.get("statement", "") if self.is_bound else ""
