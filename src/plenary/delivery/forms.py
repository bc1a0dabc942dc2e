"""Parses what people type about commitments. Words in a place for numbers are refused beside the field, and kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from plenary.kit.languages import language_choices
from plenary.kit.numbers import read_number, show_number, type_number
from plenary.records.models import Organization
from plenary.strategy.models import Clause, Strategy

from .actions import ReportContent
from .models import Completion, Indicator, Report, Review, Round
from .queries import Figure


class NumberField(forms.CharField):
    """A number in any script's digits, with a decimal comma or point; shown again as it was typed."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "dir": "ltr"})
        super().__init__(widget=widget, max_length=60, **kwargs)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            number = read_number(typed)
        except ValueError as error:
            raise forms.ValidationError(str(error), code="not_a_number") from error
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -4:
            raise forms.ValidationError(_("At most four decimals can be kept. Please round the number."))
        if abs(number) >= Decimal(10) ** 14:
            raise forms.ValidationError(_("This number is too large to be kept."))
        return number


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


def _words(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"dir": "auto", **attributes})


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _Form(forms.Form):
    """A form whose words are in a language that the writer names; the one in which she reads is proposed."""

    def __init__(self, *args: Any, reading: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reading and "language" in self.fields:
            self._choices("language", language_choices(reading))
            self.fields["language"].initial = self.initial.get("language", reading)

    def _choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def _require_order(self, first: str, last: str) -> None:
        days: list[date | None] = [self.cleaned_data.get(first), self.cleaned_data.get(last)]
        if days[0] and days[1] and days[1] < days[0]:
            self.add_error(last, gettext("The last day lies before the first."))


class CommitmentForm(_Form):
    clause = forms.ChoiceField(label=_("Clause"), help_text=_("The promise of the text that is taken on."))
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=300,
        widget=_words(),
        help_text=_("Leave it empty to use the title of the clause, with its translations."),
    )
    language = forms.ChoiceField(label=_("Language of the title"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), help_text=_("Who answers for it and reports on it."))
    co_owners = forms.MultipleChoiceField(
        label=_("Co-owners"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("May report too."),
    )
    starts_on = forms.DateField(label=_("First day"), widget=_day())
    ends_on = forms.DateField(label=_("Last day"), widget=_day())

    def __init__(
        self, *args: Any, clauses: Sequence[Clause], organizations: Sequence[Organization], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.clauses = {clause.reference: clause for clause in clauses}
        self.organizations = {each.reference: each for each in organizations}
        names = [(each.reference, str(each.said["name"]) or each.reference) for each in organizations]
        self._choices(
            "clause", [(each.reference, f"{each.reference} {each.said['title']}") for each in clauses]
        )
        self._choices("owner", [("", "—"), *names])
        self._choices("co_owners", names)

    def clean(self) -> dict[str, Any]:
        self._require_order("starts_on", "ends_on")
        return self.cleaned_data

    def facts(self) -> dict[str, Any]:
        """What ``actions.make_commitment`` asks for."""
        given = self.cleaned_data
        return given | {
            "clause": self.clauses[given["clause"]],
            "owner": self.organizations[given["owner"]],
            "co_owners": [self.organizations[reference] for reference in given["co_owners"]],
        }


class IndicatorForm(_Form):
    name = forms.CharField(
        label=_("What is measured"), max_length=300, widget=_words(), help_text=_("Such as: staff trained")
    )
    unit = forms.CharField(
        label=_("Unit"), max_length=60, widget=_words(), help_text=_("Such as: people, %, days")
    )
    language = forms.ChoiceField(label=_("Language of name and unit"))
    direction = forms.ChoiceField(
        label=_("Which way is better"), choices=Indicator.Direction.choices, widget=forms.RadioSelect
    )
    baseline = NumberField(
        label=_("Baseline"), required=False, help_text=_("The value before the commitment.")
    )
    target = NumberField(label=_("Target"), required=False)
    rollup = forms.ChoiceField(
        label=_("Figures of several organizations"),
        choices=Indicator.Rollup.choices,
        initial=Indicator.Rollup.SUM,
        help_text=_("How they become one figure. “not added up” shows the owner's figure."),
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        baseline, target = given.get("baseline"), given.get("target")
        if baseline is not None and target is not None and given.get("direction"):
            rises = given["direction"] == Indicator.Direction.INCREASE
            if (target < baseline) if rises else (target > baseline):
                self.add_error("target", gettext("The target lies on the wrong side of the baseline."))
        return given


class RoundForm(_Form):
    strategy = forms.ChoiceField(label=_("Strategy"))
    title = forms.CharField(
        label=_("Title"), max_length=200, widget=_words(), help_text=_("Such as: first half of 2026")
    )
    language = forms.ChoiceField(label=_("Language of the title"))
    opens_on = forms.DateField(label=_("Opens on"), widget=_day())
    closes_on = forms.DateField(label=_("Reports are due by"), widget=_day())

    def __init__(self, *args: Any, strategies: Sequence[Strategy], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.strategies = {each.reference: each for each in strategies}
        self._choices(
            "strategy", [(each.reference, f"{each.reference} {each.said['title']}") for each in strategies]
        )

    def clean_closes_on(self) -> date:
        closes_on: date = self.cleaned_data["closes_on"]
        if closes_on < self.today:
            raise forms.ValidationError(gettext("This day has passed already."))
        return closes_on

    def clean(self) -> dict[str, Any]:
        self._require_order("opens_on", "closes_on")
        return self.cleaned_data

    def facts(self) -> dict[str, Any]:
        return self.cleaned_data | {"strategy": self.strategies[self.cleaned_data["strategy"]]}


class ReopenForm(_Form):
    closes_on = forms.DateField(label=_("New closing day"), widget=_day())
    reason = forms.CharField(label=_("Why it is opened again"), widget=_area(2), max_length=2000)


class CloseCommitmentForm(_Form):
    closed_on = forms.DateField(
        label=_("Closed on"), widget=_day(), help_text=_("Rounds that open after this day leave it out.")
    )


class ReportForm(_Form):
    """One report. What is handed in is complete, and every figure of it was read and is likely or was confirmed.

    A draft may have gaps. With ``in_part`` it keeps what can be read of it: ``left_out`` are the figures that cannot,
    and why. ``confirmed``: references of indicators whose figures are right, however unlikely.
    """

    self_rating = forms.ChoiceField(
        label=_("How far are you?"),
        choices=Completion.choices,
        widget=forms.RadioSelect,
        help_text=_("Your own judgement. The committee's stands beside it."),
        error_messages={"required": _("Choose how far you are.")},
    )
    narrative = forms.CharField(
        label=_("What was done, and what is in the way"),
        widget=_area(8),
        max_length=20_000,
        error_messages={"required": _("Say what was done.")},
    )
    language = forms.ChoiceField(label=_("Language in which you write"))

    def __init__(
        self,
        *args: Any,
        figures: Sequence[Figure],
        submitting: bool = False,
        in_part: bool = False,
        confirmed: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.submitting, self.in_part, self.confirmed = submitting, in_part, confirmed
        self.figures = {figure.indicator.pk: figure for figure in figures}
        self.indicators = [figure.indicator for figure in figures]
        self.left_out: dict[str, list[str]] = {}
        self.is_kept_in_part = False
        for indicator in self.indicators:
            name, unit = str(indicator.said["title"]), indicator.said["unit"]
            self.fields[f"value-{indicator.reference}"] = NumberField(
                label=f"{name} ({unit})" if unit else name,
                help_text=_value_hint(indicator, self.figures[indicator.pk].before),
            )
            self.fields[f"why-{indicator.reference}"] = forms.CharField(
                label=gettext("If there is no number: why not"),
                required=False,
                max_length=1000,
                widget=_words(),
                help_text=gettext("Needed where no number stands above."),
            )
            self.fields[f"why-{indicator.reference}"].one_of_several = True  # type: ignore[attr-defined]
            # Its choice is made where a figure is asked back, and carries that figure: it confirms no other.
            self.fields[f"sure-{indicator.reference}"] = forms.Field(
                label=gettext("Is this figure right?"), required=False, widget=forms.CheckboxSelectMultiple
            )
        if self.is_bound:
            self._need(submitting, "self_rating", "narrative")
            self._need(False, *(f"value-{indicator.reference}" for indicator in self.indicators))

    def _need(self, needed: bool, *names: str) -> None:
        for name in names:
            self.fields[name].required = needed

    def questions(self) -> list[tuple[forms.BoundField, forms.BoundField | None, forms.BoundField]]:
        """Per indicator the fields of its number, of its confirmation where it is asked back, and of the reason why
        there is no number.
        """
        return [
            (
                self[f"value-{each.reference}"],
                sure if (sure := self[f"sure-{each.reference}"]).field.widget.choices else None,
                self[f"why-{each.reference}"],
            )
            for each in self.indicators
        ]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for indicator in self.indicators:
            value, why = f"value-{indicator.reference}", f"why-{indicator.reference}"
            if given.get(value) is not None and given.get(why):
                self.add_error(why, gettext("Give the number or the reason, not both."))
            elif self.submitting and value in given and given[value] is None and not given.get(why):
                self.add_error(value, gettext("Give a number here, or say below why there is none."))
            elif self.submitting and given.get(value) is not None:
                self._ask_back(indicator, given[value])
        if self.in_part and not self.submitting:
            self._leave_out()
        # A draft may lack them, but they are not optional, and the form shown again does not say so.
        self._need(
            True,
            "self_rating",
            "narrative",
            *(f"value-{indicator.reference}" for indicator in self.indicators),
        )
        return given

    def _ask_back(self, indicator: Indicator, value: Decimal) -> None:
        """A slip of the hand is seen at once by who is asked; a figure that surprises and is right is confirmed."""
        if indicator.reference in self.confirmed or not is_unlikely(indicator, value):
            return
        sure, typed = f"sure-{indicator.reference}", type_number(value)
        shown = {"value": show_number(value), "unit": str(indicator.said["unit"])}
        self.fields[sure].widget.choices = [(typed, gettext("Yes, %(value)s %(unit)s is right.") % shown)]
        if typed in (self.cleaned_data.get(sure) or ()):
            return
        before = self.figures[indicator.pk].before
        asked = gettext("You entered %(value)s %(unit)s. Correct it, or confirm that it is right.") % shown
        last = (
            [gettext("Last reported: %(value)s.") % {"value": show_number(before)}]
            if before is not None
            else []
        )
        self.add_error(f"value-{indicator.reference}", " ".join([asked, *last]))
        self.fields[sure].required = True  # it has to be answered now, and is shown so

    def _leave_out(self) -> None:
        """Figures that a draft cannot keep are no reason not to keep the rest; where the rest is wrong, nothing is."""
        if all(name.startswith(("value-", "why-")) for name in self.errors):
            self.left_out = {
                name: [str(each) for each in self.errors.pop(name)] for name in list(self.errors)
            }

    def mark_left_out(self) -> None:
        """Say beside their fields which figures the draft that was kept does not have."""
        self.is_kept_in_part = True
        for name, reasons in self.left_out.items():
            self.add_error(name, " ".join([*reasons, gettext("This is not kept in the draft.")]))

    def content(self) -> ReportContent:
        given = self.cleaned_data
        figures: dict[int, Decimal | str] = {}
        for indicator in self.indicators:
            value, why = given.get(f"value-{indicator.reference}"), given.get(f"why-{indicator.reference}")
            saved = self.figures[indicator.pk].datapoint
            if value is None and not why and saved and f"value-{indicator.reference}" in self.left_out:
                # What cannot be read does not undo what was kept before.
                figures[indicator.pk] = saved.missing_reason if saved.value is None else saved.value
            else:
                figures[indicator.pk] = (why or "") if value is None else value
        return ReportContent(given["self_rating"], given["narrative"], given["language"], figures)


def is_unlikely(indicator: Indicator, value: Decimal) -> bool:
    """Below nothing, or a percentage above a hundred, where neither baseline nor target lies there."""
    known = [each for each in (indicator.baseline, indicator.target) if each is not None]
    is_share = any(sign in str(indicator.said["unit"]) for sign in "%٪％")
    return value < min(Decimal(0), *known) or (is_share and value > max(Decimal(100), *known))


def _value_hint(indicator: Indicator, before: Decimal | None) -> str:
    """How to write it, what was reported last, and between which values it lies."""
    parts = [gettext("A number such as 1234.5 or 1234,5, without words.")]
    if indicator.baseline is not None:
        parts.append(gettext("Baseline: %(value)s.") % {"value": show_number(indicator.baseline)})
    if indicator.target is not None:
        parts.append(gettext("Target: %(value)s.") % {"value": show_number(indicator.target)})
    if before is not None:
        parts.append(gettext("Last reported: %(value)s.") % {"value": show_number(before)})
    return " ".join(parts)


def report_initial(report: Report) -> dict[str, Any]:
    """A saved report as its form shows it."""
    initial: dict[str, Any] = {"self_rating": report.self_rating}
    if report.narrative:
        initial |= {"narrative": report.narrative.body, "language": report.narrative.source_language}
    for figure in report.figures:
        if figure.datapoint is not None:
            initial[f"value-{figure.indicator.reference}"] = type_number(figure.datapoint.value)
            initial[f"why-{figure.indicator.reference}"] = figure.datapoint.missing_reason
    return initial


class ReturnForm(_Form):
    reason = forms.CharField(
        label=_("What should change"),
        widget=_area(3),
        max_length=2000,
        help_text=_("The organization reads this above its report."),
    )


class ReviewForm(_Form):
    round = forms.ChoiceField(label=_("Reporting round"))
    body = forms.ChoiceField(label=_("Committee"))
    completion = forms.ChoiceField(
        label=_("How far it is"), choices=Completion.choices, widget=forms.RadioSelect
    )
    result = forms.ChoiceField(
        label=_("What it has changed"), choices=Review.Result.choices, widget=forms.RadioSelect
    )
    findings = forms.CharField(
        label=_("What the review found"),
        widget=_area(8),
        max_length=20_000,
        help_text=_("What you saw, and what should follow."),
    )
    language = forms.ChoiceField(label=_("Language in which you write"))

    def __init__(
        self, *args: Any, rounds: Sequence[Round], bodies: Sequence[Organization], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rounds = {each.reference: each for each in rounds}
        self.bodies = {each.reference: each for each in bodies}
        self._choices(
            "round", [(each.reference, f"{each.reference} {each.said['title']}") for each in rounds]
        )
        self._choices("body", [(each.reference, str(each.said["name"])) for each in bodies])

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return given | {"round": self.rounds[given["round"]], "body": self.bodies[given["body"]]}


def review_initial(review: Review) -> dict[str, Any]:
    """A recorded review as its form shows it, to be written anew."""
    return {
        "completion": review.completion,
        "result": review.result,
        "findings": review.findings.body,
        "language": review.findings.source_language,
        "body": review.body.reference,
    }
