"""The style guide: every component of the kit in every state, beside itself in another language and scheme.

A component's sample is a template in ``kit/style``; its source is shown as the way to use it, and what is said of the
parts that it uses is their own contract: the comment that a template begins with, the docstring of a tag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.template import engines
from django.template.loader import get_template, render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info

from . import charts
from .desk import Task, Urgency, lay_out
from .filters import Choice, Filters, Search
from .style_words import OTHER, WORDS
from .templatetags.kit import register

GROUNDS = ["paper", "surface", "line", "focus"]
INKS = [
    "ink", "muted", "action", "pressed", "agree", "disagree", "pass", "done", "risk", "late", "silent",
    "group-a", "group-b", "group-c", "group-d", "group-e",
]  # fmt: skip
STATUSES = [400, 403, 404, 405, 409, 413, 429, 500, 503]
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

# The samples in their order; each begins with a comment: its name, and when to use it.
COMPONENTS = [
    "words", "colours", "header", "breadcrumbs", "tabs", "filters", "pagination", "buttons", "card", "translated",
    "badges", "notices", "empty", "progress", "tables", "facts", "charts", "form", "wrong", "dialog",
    "layout", "desk", "errors",
]  # fmt: skip


@dataclass(frozen=True)
class Pane:
    language: str
    direction: str
    scheme: str
    html: SafeString


@dataclass(frozen=True)
class Component:
    slug: str
    title: str
    about: str
    contracts: list[tuple[str, str]]
    code: str
    panes: list[Pane]


def guide(request: HttpRequest) -> dict[str, Any]:
    """What the page shows: English on one side, the language asked for on the other."""
    others = [(code, name) for code, name in settings.LANGUAGES if code != "en"]
    beside = request.GET.get("beside", "")
    beside = beside if beside in dict(others) else "ar"
    turned = request.GET.get("schemes") == "turned"
    sides = [("en", "dark" if turned else "light"), (beside, "light" if turned else "dark")]
    shown = [(language, scheme, samples(language)) for language, scheme in sides]
    return {
        "components": [_component(request, slug, shown) for slug in COMPONENTS],
        "others": others,
        "beside": beside,
        "schemes": "turned" if turned else "",
        "trail": [("Home", "/"), ("Style guide", "")],
    }


def _component(request: HttpRequest, slug: str, sides: list[tuple[str, str, dict[str, Any]]]) -> Component:
    panes = []
    for language, scheme, found in sides:
        with translation.override(language):
            html = render_to_string(f"kit/style/_{slug}.html", found, request=request)
        direction = "rtl" if get_language_info(language)["bidi"] else "ltr"
        panes.append(Pane(language, direction, scheme, mark_safe(html)))  # a rendered, escaped template
    words, _, code = source_of(f"kit/style/_{slug}.html").partition(" #}\n")
    title, _, about = words.removeprefix("{# ").partition(". ")
    return Component(slug, title, about, contracts_of(code), code, panes)


def source_of(name: str) -> str:
    template: Any = get_template(name, using=engines["django"].name)
    return str(template.template.source)


def parts_of(code: str) -> tuple[list[str], list[str]]:
    """The kit's templates and tags that a sample uses."""
    used = set(re.findall(r"\{% (\w+)", code))
    return sorted(set(re.findall(r'include "(kit/_[\w]+\.html)"', code))), sorted(used & set(register.tags))


def contracts_of(code: str) -> list[tuple[str, str]]:
    templates, tags = parts_of(code)
    found = []
    for name in templates:
        comment = re.match(r"\{#\s*(.*?)\s*#\}", source_of(name))
        found.append((name, comment[1] if comment else ""))
    for name in tags:
        compiled: Any = register.tags[name]
        words = " ".join((getattr(compiled, "__wrapped__", compiled).__doc__ or "").split())
        found.append((f"{{% {name} %}}", words.replace("``", "")))
    return found


def samples(language: str) -> dict[str, Any]:
    """Made-up figures and words for one side, in its language where there are words in it."""
    words = WORDS["en"] | WORDS.get(language, {})
    with translation.override(language):
        return _samples(words, prefix=language)


def _samples(w: dict[str, str], prefix: str) -> dict[str, Any]:
    entered = {f"{prefix}-wrong-{name}": value for name, value in WRONG.items()}
    pages = Paginator(range(70), 10)
    return {
        "w": w,
        "pane": f"{prefix}-",
        "other": OTHER,
        "empty_form": sample_form(w)(prefix=f"{prefix}-empty"),
        "wrong_form": sample_form(w)(entered, prefix=f"{prefix}-wrong"),
        "trail": [(w["home"], "/"), (w["strategy"], "/style"), (w["title"], "")],
        "grounds": GROUNDS,
        "swatches": [*GROUNDS, *INKS],
        "groups": [
            ("g0", "A", "●"),
            ("g1", "B", "▲"),
            ("g2", "C", "■"),
            ("g3", "D", "◆"),
            ("g4", "E", "✚"),
            ("g5", "F", "▼"),
            ("g6", "G", "✖"),
            ("g7", "H", "★"),
        ],
        "facts": [(w["owner"], w["office"]), (w["actions"], 12), (w["self"], w["on_track"])],
        "page_first": pages.page(1),
        "page_middle": pages.page(3),
        "filters": Filters(
            QueryDict("q=water&owner=office&state=late&state=silent"),
            Search(w["search"]),
            Choice("owner", w["owner"], [("", w["all"]), ("office", w["office"])]),
            Choice(
                "state",
                w["state"],
                [("done", w["on_track"]), ("late", w["late"]), ("silent", w["silent"])],
                many=True,
            ),
        ),
        "desk": lay_out(_tasks(w), NOW),
        "statuses": STATUSES,
        "said_by_machine": Translated(w["statement"], prefix, provenance="machine"),
        "said_before_a_change": Translated(w["statement2"], prefix, provenance="human", is_stale=True),
        **_charts(w),
    }


def _charts(w: dict[str, str]) -> dict[str, charts.Chart]:
    return {
        "line": charts.line_chart(
            [("2024", 1200), ("2025", 3900), ("2026", 6140)],
            title=w["trained"],
            time=w["year"],
            baseline=800,
            target=10_000,
        ),
        "intervals": charts.interval_chart(
            [("2024", (3.1, 2.9, 3.3)), ("2025", (3.4, 3.25, 3.55)), ("2026", (3.7, 3.6, 3.8))],
            title=w["statement"],
            time=w["year"],
            figures=w["people"],
            lowest=1,
            highest=5,
            places=1,
            beside=[None, (2.6, 2.2, 3.0), (2.9, 2.5, 3.3)],
            names=(w["all"], "15–24"),
        ),
        "bars": charts.bar_chart(
            [("● A", 91, "g0"), ("▲ B", 22, "g1"), ("■ C", 58, "g2"), ("◆ D", 40, "g3"), ("✚ E", 0, "g4")],
            title=w["statement"],
            things=w["group"],
            figures=w["agree_share"],
            whole=100,
            unit="%",
        ),
        "opinions": charts.opinion_chart(
            [(w["statement"], 83, 21, 16), (w["statement2"], 1204, 3, 80), (w["nothing"], 0, 0, 0)],
            title=w["votes"],
            things=w["statement_word"],
            description=w["sentence"],
        ),
        "map": charts.dot_map(
            [(-2.0, 1.0, 0, 12), (-1.6, 0.6, 0, 5), (1.8, 0.9, 1, 9), (2.2, 1.4, 1, 3), (0.2, -1.9, 2, 7)],
            title=w["map"],
            description=w["map_words"],
            groups=w["group"],
            people=w["people"],
        ),
    }


def _tasks(w: dict[str, str]) -> list[Task]:
    def task(urgency: Urgency, day: date | None = None, count: int = 1) -> Task:
        return Task(urgency, w["task"], "#desk", about=w["title"], note=w["office"], day=day, count=count)

    return [
        task(Urgency.OVERDUE, date(2026, 2, 20)),
        task(Urgency.DUE, date(2026, 3, 2)),
        task(Urgency.DUE, date(2026, 3, 9)),
        *(task(Urgency.WAITING, date(2026, 2, 1)) for _ in range(10)),
        task(Urgency.SILENT, date(2026, 2, 1)),
        task(Urgency.AHEAD, date(2026, 3, 11)),
        Task(Urgency.BEGIN, w["act"], "#desk"),
    ]


@dataclass(frozen=True)
class Translated:
    """A translation of the sentence in the other language, with what the tag «said» asks for."""

    body: str
    language: str
    provenance: str
    is_stale: bool = False
    original_body: str = OTHER.body
    original_language: str = OTHER.language
    original_direction: str = OTHER.direction
    is_translation: bool = True
    text_id: None = None

    @property
    def direction(self) -> str:
        return "rtl" if get_language_info(self.language)["bidi"] else "ltr"


# What is sent to the form with errors.
WRONG = {"name": "", "mail": "not an address", "pupils": "0", "stage": "elsewhere"}


def sample_form(w: dict[str, str]) -> type[forms.Form]:
    """One field of every kind, in the words given."""

    class SampleForm(forms.Form):
        name = forms.CharField(label=w["name"], help_text=w["hint"])
        mail = forms.EmailField(label=w["mail"])
        about = forms.CharField(label=w["changed"], widget=forms.Textarea(attrs={"rows": 4}), required=False)
        pupils = forms.IntegerField(label=w["people"], min_value=1)
        opened = forms.DateField(
            label=w["day"], widget=forms.DateInput(attrs={"type": "date"}), required=False
        )
        kind = forms.ChoiceField(label=w["kind"], choices=[("", w["choose"]), ("p", w["office"])])
        stage = forms.ChoiceField(
            label=w["state"],
            choices=[("plan", w["draft"]), ("run", w["on_track"])],
            widget=forms.RadioSelect,
            help_text=w["hint"],
        )
        languages = forms.MultipleChoiceField(
            label=w["languages"],
            choices=[("ar", "العربية"), ("zh", "中文"), ("en", "English")],
            widget=forms.CheckboxSelectMultiple,
        )
        table = forms.FileField(label=w["file"], required=False)
        agreed = forms.BooleanField(label=w["agreed"])

    return SampleForm
