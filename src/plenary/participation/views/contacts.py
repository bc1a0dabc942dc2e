"""An e-mail address for news of one consultation: left without an account, confirmed and ended by links of mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from plenary.kit import access
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, mails, queries, voters
from plenary.participation.models import ParticipantContact

from .mine import show_part, unknown_token
from .shared import get_consultation

LASTS = timedelta(days=7)


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"dir": "ltr", "autocomplete": "email"}),
        error_messages={"invalid": gettext_lazy("This is no e-mail address. Nothing was saved.")},
    )


@access.everyone
@csrf_exempt  # voters.of_form looks where a form comes from
@never_cache
@require_POST
def follow_mine(request: HttpRequest, reference: str) -> HttpResponse:
    """Leave an address for news, or take it back. Told on «My part»."""
    found = get_consultation(request, reference, content_language(request))
    asker = voters.of_form(request, found)
    participant = queries.get_participant(found, asker.voter) if asker else None
    if asker is None or participant is None:
        return unknown_token(request, found)
    contact = queries.get_contact_of(participant)
    if "stop" in request.POST:
        if contact is not None:
            actions.erase_address(contact=contact)
        return show_part(
            request, found, asker, done=_("You get no news by e-mail, and no address is kept here.")
        )
    form = AddressForm(request.POST)
    if not form.is_valid():
        return show_part(request, found, asker, contact_form=form, status=422)
    try:
        actions.leave_address(
            participant=participant,
            email=form.cleaned_data["email"].lower(),
            language=get_language() or "en",
            now=timezone.now(),
        )
    except Refused as refusal:
        return show_part(request, found, asker, contact_form=form, notice=str(refusal.message), status=409)
    return show_part(
        request,
        found,
        asker,
        done=_("A mail is on its way. Open the link in it: nothing is sent to you before."),
    )


def _contact(key: str) -> ParticipantContact | None:
    known = mails.read_contact_key(key)
    return queries.get_contact(*known) if known else None


def _answer(request: HttpRequest, contact: ParticipantContact | None, **more: Any) -> HttpResponse:
    context = {"contact": contact, "is_done": request.method == "POST"}
    status = 200 if contact is not None or more.get("is_gone") else 404
    return render(request, "participation/contact.html", context | more, status=status)


@access.everyone
@csrf_exempt  # the key alone says whose address it is
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_contact(request: HttpRequest, key: str) -> HttpResponse:
    """A page with a button, since mail scanners open links."""
    contact = _contact(key)
    now = timezone.now()
    if contact is not None and contact.confirmed_at is None and now - contact.asked_at > LASTS:
        contact = None
    if contact is not None and request.method == "POST":
        actions.confirm_address(contact=contact, now=now)
    return _answer(request, contact, confirms=True)


@access.everyone
@csrf_exempt  # a mail program sends this without a page; the key alone says whose news end
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_contact(request: HttpRequest, key: str) -> HttpResponse:
    """The end of the news and of the address. Asked again, it is as gone as before."""
    known = mails.read_contact_key(key)
    contact = queries.get_contact(*known) if known else None
    if contact is not None and request.method == "POST":
        actions.erase_address(contact=contact)
    return _answer(request, contact, confirms=False, is_gone=known is not None and contact is None)
