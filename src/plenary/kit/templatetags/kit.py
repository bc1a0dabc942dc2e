"""The building blocks that every template uses; built into the template engine, so no page loads them."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from plenary.kit import charts, manifest
from plenary.kit.languages import language_name

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


@register.filter
def grouped(count: int) -> str:
    """A count with its digits in groups, as the interface's language writes it: 225,040."""
    return number_format(count, use_l10n=True, force_grouping=True)


@register.filter
def verb(stored: str) -> Any:
    """What an event is called by people."""
    return manifest.verbs().get(stored, stored)


@register.simple_tag
def said(text: Any, block: bool = False) -> SafeString:
    """A text of people's in its own language and direction; paragraphs where ``block`` is true."""
    if not text:
        return mark_safe("")
    if not block:
        return format_html('<bdi lang="{}" dir="{}">{}</bdi>', text.language, text.direction, text.body)
    paragraphs = [part.strip() for part in text.body.split("\n\n") if part.strip()]
    body = mark_safe("".join(format_html("<p>{}</p>", part) for part in paragraphs))
    return format_html('<div class="said" lang="{}" dir="{}">{}</div>', text.language, text.direction, body)


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
def notice(content: str, kind: str = "") -> SafeString:
    """``{% notice "warning" %}…{% endnotice %}``: a note on the page; kinds are good, warning, bad, or none."""
    return format_html('<div class="notice {}">{}</div>', kind, content)
