"""What people enter: proposals, evidence, decisions, adoptions, files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plenary.kit.languages import is_language_tag
from plenary.kit.references import FindRecord, ReferenceField
from plenary.records.models import Source, Stance

from .models import Change, Clause, ClauseState


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ProposalForm(forms.Form):
    """One form for the four operations: fields that an operation does not need are left out."""

    kind = forms.ChoiceField(label=_("What is added"), choices=Clause.Kind.choices)
    place = forms.ChoiceField(label=_("Where it comes to stand"))
    title = forms.CharField(label=_("Title"), max_length=300, required=False)
    text = forms.CharField(label=_("Text"), widget=_area(10), max_length=20_000, required=False)
    rationale = forms.CharField(
        label=_("Why"), widget=_area(4), max_length=10_000, help_text=_("What would be better, and for whom.")
    )
    evidence = ReferenceField(
        label=_("What supports it"),
        required=False,
        help_text=_(
            "References of findings, statements or sources, such as FND-3, SRC-1. You can add more later."
        ),
    )
    against = ReferenceField(
        label=_("What speaks against it"),
        required=False,
        help_text=_("A change is decided with both sides on the table. You can add more later."),
    )

    NEEDED = {
        Change.Operation.EDIT: {"title", "text"},
        Change.Operation.ADD: {"kind", "place", "title", "text"},
        Change.Operation.MOVE: {"place"},
        Change.Operation.REMOVE: set[str](),
    }

    def __init__(
        self,
        *args: Any,
        operation: str,
        headings: Sequence[ClauseState],
        clause: Clause,
        find: FindRecord,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        needed = self.NEEDED[Change.Operation(operation)] | {"rationale", "evidence", "against"}
        for name in list(self.fields):
            if name not in needed:
                del self.fields[name]
        for name in ("evidence", "against"):
            field = self.fields[name]
            assert isinstance(field, ReferenceField)
            field.find = find
        self._clauses = {state.clause.local: state.clause for state in headings}
        if "place" in self.fields:
            place = self.fields["place"]
            assert isinstance(place, forms.ChoiceField)
            place.choices = _places(headings, clause if operation == Change.Operation.MOVE else None)

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        both = {each.reference for each in entered.get("evidence", [])}
        both &= {each.reference for each in entered.get("against", [])}
        if both:
            self.add_error(
                "against",
                forms.ValidationError(
                    _("%(reference)s stands on both sides. Leave it on one of them."),
                    params={"reference": min(both)},
                ),
            )
        return entered

    def place_of(self) -> tuple[Clause | None, bool]:
        """The clause beside which it comes to stand (None: at the very beginning), and whether inside it."""
        value: str = self.cleaned_data.get("place", "")
        return self._clauses.get(value.removesuffix("/")), value.endswith("/")


def _places(headings: Sequence[ClauseState], moved: Clause | None) -> list[tuple[str, Any]]:
    """After every clause, and inside those that are sections; a clause is not moved beside itself."""
    places: list[tuple[str, Any]] = [("", _("At the very beginning"))]
    for state in headings:
        if moved is not None and state.clause_id == moved.pk:
            continue
        name = {
            "clause": f"{'— ' * (state.depth - 1)}{state.clause.local} {state.number} {state.said['title'].body[:60]}"
        }
        places.append((state.clause.local, _("After %(clause)s") % name))
        if state.clause.kind == Clause.Kind.SECTION:
            places.append((f"{state.clause.local}/", _("First inside %(clause)s") % name))
    return places


class EvidenceForm(forms.Form):
    reference = ReferenceField(
        label=_("Reference"), help_text=_("Such as FND-3 for a finding, STM-12, SRC-1.")
    )
    stance = forms.ChoiceField(label=_("What it does to the change"), choices=Stance.choices)
    quote = forms.CharField(
        label=_("The words that matter"), widget=_area(2), required=False, max_length=2_000
    )

    def __init__(self, *args: Any, find: FindRecord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reference = self.fields["reference"]
        assert isinstance(reference, ReferenceField)
        reference.find = find


class OutsideSourceForm(forms.Form):
    title = forms.CharField(label=_("Title of the source"), max_length=300)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            choice
            for choice in Source.Kind.choices
            if choice[0] not in (Source.Kind.FILE, Source.Kind.SEARCH)
        ],
    )
    url = forms.URLField(label=_("Web address"), max_length=500, assume_scheme="https")
    dated = forms.DateField(label=_("Its date"), widget=_day(), required=False)
    stance = forms.ChoiceField(label=_("What it does to the change"), choices=Stance.choices)
    quote = forms.CharField(
        label=_("The words that matter"), widget=_area(2), required=False, max_length=2_000
    )


class SearchForm(forms.Form):
    searched = forms.CharField(
        label=_("Where and how did you look for evidence against it?"),
        widget=_area(3),
        max_length=5_000,
        help_text=_(
            "Only where you found none. Name the places and the words, so that others can look again."
        ),
    )


class AcceptForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), widget=_area(2), required=False, max_length=5_000)


class RejectForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        widget=_area(2),
        max_length=5_000,
        help_text=_("It stays visible beside the proposal."),
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        widget=_area(2),
        required=False,
        max_length=5_000,
        help_text=_("It stays visible beside the proposal."),
    )


class AdoptForm(forms.Form):
    adopted_on = forms.DateField(label=_("Adopted on"), widget=_day())
    review_by = forms.DateField(
        label=_("Next review by"),
        widget=_day(),
        required=False,
        help_text=_("If you leave it empty, nobody is reminded to review the text."),
    )

    def clean_review_by(self) -> date | None:
        review_by: date | None = self.cleaned_data["review_by"]
        adopted_on = self.cleaned_data.get("adopted_on")
        if review_by and adopted_on and review_by <= adopted_on:
            raise forms.ValidationError(_("The review has to come after the adoption."))
        return review_by


class KeepForm(forms.Form):
    """A review that ends without a change."""

    review_by = forms.DateField(label=_("Next review by"), widget=_day())
    reason = forms.CharField(label=_("Why the text stays as it is"), widget=_area(3), max_length=5_000)


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("Markdown or plain text."))
    language = forms.CharField(
        label=_("Language of the text"), max_length=35, help_text=_("A language tag such as en, zh or pt-BR.")
    )
    adopted_on = forms.DateField(label=_("Adopted on"), widget=_day())
    review_by = AdoptForm.base_fields["review_by"]

    SUFFIXES = (".md", ".markdown", ".txt", ".text")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.PLENARY_UPLOAD_LIMIT:
            raise forms.ValidationError(
                _(
                    "The file is %(size)s; the limit is %(limit)s. Split it, or ask the operator to raise the limit."
                ),
                code="too-large",
                params={
                    "size": filesizeformat(file.size),
                    "limit": filesizeformat(settings.PLENARY_UPLOAD_LIMIT),
                },
            )
        if not file.name.lower().endswith(self.SUFFIXES):
            raise forms.ValidationError(
                _("This is not Markdown or plain text (.md, .txt). Save the document as plain text first."),
                code="wrong-type",
            )
        return file

    def clean_language(self) -> str:
        language: str = self.cleaned_data["language"].strip()
        if not is_language_tag(language):
            raise forms.ValidationError(_("This is not a language tag. Use one such as en, zh or pt-BR."))
        return language

    clean_review_by = AdoptForm.clean_review_by

    def clean_adopted_on(self) -> date:
        adopted_on: date = self.cleaned_data["adopted_on"]
        if adopted_on > timezone.localdate(timezone.now()):
            raise forms.ValidationError(
                _("This day has not come yet. Import the strategy once it is adopted.")
            )
        return adopted_on

    def is_too_large(self) -> bool:
        return self.has_error("file", "too-large")
