"""The question about oneself, under a card."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from plenary.participation import queries, rules
from plenary.participation.attribute_forms import AttributesForm
from plenary.participation.attributes import ASKED_AFTER

register = template.Library()


@register.inclusion_tag("participation/_about_you.html", takes_context=True)
def about_you(context: template.Context) -> dict[str, Any]:
    """The question, once and after the first votes; then a way back to what was said. Else nothing.

    Stands under the card, outside of its form, and keeps nobody from the next one. No query before, one after.
    """
    consultation, card = context["consultation"], context["card"]
    asks = card.done >= ASKED_AFTER and rules.may_give_attributes(consultation, timezone.now())
    known = queries.get_attributes(card.participant) if asks else None
    return {
        "asks": asks and known is None,
        "known": known,
        "form": AttributesForm(consultation=consultation) if asks and known is None else None,
        "consultation": consultation,
        "token": context.get("token", ""),
        "request": context["request"],
    }
