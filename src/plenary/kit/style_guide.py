"""What the style guide shows: samples of every component, built from made-up figures."""

from __future__ import annotations

from typing import Any

from django import forms

from .charts import indicator_chart

GROUNDS = ["paper", "surface", "line", "focus"]
INKS = [
    "ink", "muted", "action", "pressed", "agree", "disagree", "pass", "done", "risk", "late", "silent",
    "group-a", "group-b", "group-c", "group-d", "group-e",
]  # fmt: skip


class SampleForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label="Name of the school", help_text="As it is written on the door.")
    mail = forms.EmailField(label="E-mail address")
    about = forms.CharField(label="What changed", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    pupils = forms.IntegerField(label="Number of pupils", min_value=1)
    opened = forms.DateField(
        label="Opened on", widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    kind = forms.ChoiceField(label="Kind", choices=[("", "Choose one"), ("p", "Primary"), ("s", "Secondary")])
    stage = forms.ChoiceField(
        label="Where it stands",
        choices=[("plan", "Planned"), ("run", "Running")],
        widget=forms.RadioSelect,
        help_text="Choose the nearest.",
    )
    languages = forms.MultipleChoiceField(
        label="Languages",
        choices=[("ar", "العربية"), ("zh", "中文"), ("en", "English")],
        widget=forms.CheckboxSelectMultiple,
    )
    table = forms.FileField(label="Spreadsheet", required=False)
    agreed = forms.BooleanField(label="The figures may be published")


def samples() -> dict[str, Any]:
    entered = {
        "wrong-name": "",
        "wrong-mail": "not an address",
        "wrong-pupils": "0",
        "wrong-stage": "elsewhere",
    }
    return {
        "empty_form": SampleForm(prefix="empty"),
        "wrong_form": SampleForm(entered, prefix="wrong"),
        "trail": [("Home", "/"), ("Strategy", "/style"), ("Commitment 2", "")],
        "grounds": GROUNDS,
        "swatches": [*GROUNDS, *INKS],
        "groups": [("g0", "A", "●"), ("g1", "B", "▲"), ("g2", "C", "■"), ("g3", "D", "◆"), ("g4", "E", "✚")],
        "chart": indicator_chart(
            points=[("2024", 1200), ("2025", 3900), ("2026", 6140)],
            baseline=800,
            target=10_000,
            title="Teachers trained",
            description="6,140 of 10,000 teachers trained by 2026, up from 800.",
        ),
    }
