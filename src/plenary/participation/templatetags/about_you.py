"""The question about oneself, under a card."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from plenary.participation import queries, rules
from plenary.participation.attribute_forms import AttributesForm
from plenary.participation.attributes import ASKED_AFTER
from plenary.participation.models import Consultation

register = template.Library()


@register.inclusion_tag("participation/_about_you.html", takes_context=True)
def about_you(context: template.Context) -> dict[str, Any]:
    """The question, once and after the first votes; then a way back to what was said. Else nothing.

    In a frame on another site (where the page has an ``embed_url``) it is answered in place, else on a page of its own.

    Stands under the card, outside of its form, and keeps nobody from the next one. No query before, one after.
    """
    consultation, card = context["consultation"], context["card"]
    asks = card.done >= ASKED_AFTER and rules.may_give_attributes(consultation, timezone.now())
    known = queries.get_attributes(card.participant) if asks else None
    sent = context.get("about_you_form")
    is_open = bool(sent or context.get("about_you_open"))
    return {
        "asks": asks and (known is None or is_open),
        "known": known,
        "form": sent or AttributesForm(consultation=consultation, known=known) if asks else None,
        "is_open": is_open,
        "consultation": consultation,
        "token": context.get("token", ""),
        "url": context.get("embed_url") or _own_page(context["request"], consultation),
        "in_frame": "embed_url" in context,
    }


def _own_page(request: HttpRequest, consultation: Consultation) -> str:
    language = request.GET.get("lang", "")
    return reverse("about-you", args=[consultation.reference], query={"lang": language} if language else None)
