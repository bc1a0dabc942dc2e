"""The building blocks that every template uses; built into the template engine, so no page loads them."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import md5
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from plenary.kit import charts, desk, manifest
from plenary.kit.desk import Urgency
from plenary.kit.languages import language_name
from plenary.kit.numbers import show_percent

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: template.Context, place: str, subject: Any = None) -> SafeString:
    """What the upper modules show at this place of the page, in their order."""
    request: HttpRequest = context["request"]
    parts = []
    for entry in manifest.slots(place):
        found = manifest.resolve(entry.context)(request, subject)
        if found is not None:
            parts.append(render_to_string(entry.template, {"subject": subject} | found, request=request))
    return mark_safe("".join(parts))  # every part is a rendered, escaped template


@register.filter
def autonym(tag: str) -> SafeString:
    """A language's name in itself, marked as such: for «original: 中文»."""
    return format_html('<bdi lang="{}">{}</bdi>', tag, language_name(tag))


@register.filter(name="language_name")
def plain_language_name(tag: str) -> str:
    """A language's name in itself where no mark-up can stand: in a title, an attribute, an option."""
    return language_name(tag)


@register.filter
def grouped(count: int) -> str:
    """A count with its digits in groups, as the interface's language writes it: 225,040."""
    return number_format(count, use_l10n=True, force_grouping=True)


@register.filter
def verb(stored: str) -> Any:
    """What an event is called by people."""
    return manifest.verbs().get(stored, stored)


def _doubts(text: Any) -> list[Any]:
    """What a reader should know of a translation before she trusts it."""
    if not getattr(text, "is_translation", False):
        return []
    doubts = [gettext("machine translation")] if text.provenance == "machine" else []
    return [*doubts, gettext("of earlier words")] if text.is_stale else doubts


@register.simple_tag
def said(text: Any, block: bool = False, mark: bool = True) -> SafeString:
    """A text of people's in its own language and direction; paragraphs where ``block`` is true. A plain string is
    kept apart from the direction around it. What a machine translated and nobody read, and what was translated from
    earlier words, says so, unless ``mark`` is false because «kit/_translated.html» follows."""
    if isinstance(text, SafeString):
        return text
    if not text and text != 0:
        return mark_safe("")
    if not hasattr(text, "language"):
        return format_html("<bdi>{}</bdi>", text)
    doubts = _doubts(text) if mark else []
    note = format_html(' <small class="muted">({})</small>', ", ".join(doubts)) if doubts else ""
    if not block:
        return format_html(
            '<bdi lang="{}" dir="{}">{}</bdi>{}', text.language, text.direction, text.body, note
        )
    paragraphs = [part.strip() for part in text.body.split("\n\n") if part.strip()]
    body = mark_safe("".join(format_html("<p>{}</p>", part) for part in paragraphs))
    return format_html(
        '<div class="said" lang="{}" dir="{}">{}</div>{}', text.language, text.direction, body, note
    )


@register.simple_tag(takes_context=True)
def address(context: template.Context, **changes: Any) -> str:
    """The page's own address with query parameters changed; None removes one. For filters and language links."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag
def share_bar(agree: int, disagree: int, passed: int = 0, label: str = "") -> SafeString:
    """``{% share_bar 12 3 1 %}``: votes as one bar; say the figures beside it too."""
    return charts.share_bar(agree=agree, disagree=disagree, passed=passed, label=label)


@register.simple_tag
def part_bar(part: float, whole: float, label: str, name: str = "point") -> SafeString:
    """``{% part_bar done all label %}``: how much of a whole; ``name`` is the class that colours it."""
    return charts.part_bar(part, whole, label=label, name=name)


@register.simple_block_tag
def piece(content: str) -> SafeString:
    """``{% piece as clause %}<a href="…">C3</a>{% endpiece %}``: mark-up for a placeholder of a translated sentence.

    So the sentence stays whole, and every language puts the link where it belongs.
    """
    return mark_safe(content.strip())  # rendered by the template that holds it, so escaped there


@register.filter
def percent(number: float | None) -> str:
    """A percentage as the interface's language writes it."""
    return show_percent(number)


@register.filter
def counted(label: Any, count: int) -> str:
    """``{{ "Open"|counted:3 }}``: a label with its count, for tabs and headings."""
    return gettext("%(label)s (%(count)s)") % {"label": label, "count": grouped(count)}


@register.filter
def moment(at: datetime) -> str:
    """A deadline to the minute, with the time zone that it is meant in."""
    here = timezone.localtime(at)
    return gettext("%(time)s (%(zone)s)") % {
        "time": date_format(here, "DATETIME_FORMAT"),
        "zone": timezone.get_current_timezone_name(),
    }


@register.filter
def last_day(day: date) -> str:
    """A deadline that is a day of the institution's, with its time zone."""
    return gettext("%(time)s (%(zone)s)") % {
        "time": date_format(day, "DATE_FORMAT"),
        "zone": timezone.get_current_timezone_name(),
    }


@register.simple_block_tag
def notice(content: str, kind: str = "") -> SafeString:
    """``{% notice "warning" %}…{% endnotice %}``: a note on the page; kinds are good, warning, bad, or none."""
    return format_html('<div class="notice {}">{}</div>', kind, content)


@register.simple_tag
def badge(kind: str, label: Any) -> SafeString:
    """``{% badge "late" label %}``: a state in a word; kinds are done, risk, late, silent and neutral."""
    return format_html('<span class="badge {}">{}</span>', kind, label)


@register.simple_tag
def progress(done: int, whole: int, label: Any) -> SafeString:
    """``{% progress 28 40 label %}``: how far something is; ``label`` says it in words."""
    return format_html(
        '<label class="progress">{} <progress max="{}" value="{}"></progress></label>', label, whole, done
    )


@register.simple_block_tag
def tabs(content: str, label: Any) -> SafeString:
    """``{% tabs label %}{% tab … %}{% endtabs %}``: views of one list as links; ``label`` names the set."""
    return format_html('<nav class="tabs" aria-label="{}">{}</nav>', label, content)


@register.simple_tag(takes_context=True)
def tab(
    context: template.Context,
    name: str,
    value: str,
    label: Any,
    now: str,
    count: int | None = None,
    target: str = "",
) -> SafeString:
    """``{% tab "state" "waiting" label state count=12 %}``: one view. ``name`` and ``value`` go into the address, an
    empty value takes the name out; ``now`` is the value of the page shown; ``target`` (``"#list"``) lets htmx replace
    that part of the page alone.
    """
    url = address(context, **{name: value or None, "page": None})
    words = counted(label, count) if count is not None else label
    here = mark_safe(' aria-current="page"') if value == now else ""
    swap = (
        format_html(' hx-get="{}" hx-target="{}" hx-swap="outerHTML" hx-push-url="true"', url, target)
        if target
        else ""
    )
    return format_html('<a href="{}"{}{}>{}</a> ', url, here, swap, words)


@register.simple_block_tag
def chart(content: str, chart: charts.Chart) -> SafeString:
    """``{% chart it %}{% endchart %}``: a picture with its title, its words and its figures as a table. Between the
    tags may stand a better table than the chart's own.
    """
    identity = f"chart-{md5(str(chart.title).encode(), usedforsecurity=False).hexdigest()[:8]}"
    shown = {"chart": chart, "table": content if content.strip() else "", "id": identity}
    return mark_safe(render_to_string("kit/_chart.html", shown))  # a rendered, escaped template


@register.filter
def task_words(task: desk.Task) -> SafeString:
    """A task's sentence with its subject in the subject's own language."""
    return format_html(task.label, about=said(task.about))


@register.filter
def task_day(task: desk.Task, today: date) -> str:
    """When a task was or is due, since when it waits, or when it comes; empty where it has no day."""
    if task.day is None:
        return ""
    days = (task.day - today).days
    facts = {"day": date_format(task.day, "DATE_FORMAT"), "count": abs(days)}
    if task.urgency in (Urgency.OVERDUE, Urgency.SILENT):
        words = ngettext("due on %(day)s, %(count)s day ago", "due on %(day)s, %(count)s days ago", abs(days))
    elif task.urgency == Urgency.WAITING or days < 0:
        words = gettext("since %(day)s")
    elif days == 0:
        words = gettext("due today") if task.urgency == Urgency.DUE else gettext("today")
    elif task.urgency == Urgency.DUE:
        words = ngettext("due on %(day)s, in %(count)s day", "due on %(day)s, in %(count)s days", days)
    else:
        words = ngettext("on %(day)s, in %(count)s day", "on %(day)s, in %(count)s days", days)
    return words % facts
