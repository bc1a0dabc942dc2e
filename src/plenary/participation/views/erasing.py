"""Erasing somebody who took part: by herself from «My part», or by the desk when she asks."""

from __future__ import annotations

import re
from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, tokens, voters
from plenary.participation.models import Consultation, Participant

from .mine import unknown_token
from .shared import address, get_consultation

# A token wherever it stands in what was given: in a link, in a line of a mail.
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}:[A-Za-z0-9_-]{43}")


@access.everyone
@csrf_exempt  # voters.of_form looks where a form comes from
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase_mine(request: HttpRequest, reference: str) -> HttpResponse:
    """What is destroyed and what stays; then, once she is sure, it is done, and her browser forgets her."""
    found = get_consultation(request, reference, content_language(request))
    if request.method == "POST":
        asker = voters.of_form(request, found)
        if asker is None:
            return unknown_token(request, found)
    else:
        asker = voters.of_page(request, found)
    participant = queries.get_participant(found, asker.voter)
    context = {
        "consultation": found,
        "part": queries.get_part(found, asker.voter, content_language(request)),
        "token": asker.token,
        "page_url": address(request, found),
    }
    if participant is None or "sure" not in request.POST:
        status = 422 if participant is not None and "asked" in request.POST else 200
        context["notice"] = _("Nothing was erased. Tick the box if you are sure.") if status == 422 else ""
        return render(request, "participation/erase_mine.html", context, status=status)
    actions.erase_participant(participant=participant, by=None, now=timezone.now())
    response = render(request, "participation/erased.html", {"consultation": found})
    voters.forget(response, found)
    return response


class EraseForm(forms.Form):
    given = forms.CharField(
        label=gettext_lazy("What she gave you"),
        help_text=gettext_lazy(
            "Her personal link, her code, or the e-mail address of her account. Nothing else leads to a person here."
        ),
        max_length=1000,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
    sure = forms.BooleanField(
        label=gettext_lazy("I have made sure that it is she who asks. This cannot be undone.")
    )

    def __init__(self, *args: object, consultation: Consultation) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.consultation = consultation
        self.participant: Participant | None = None

    def clean_given(self) -> str:
        given: str = self.cleaned_data["given"]
        hashes = [tokens.read(found, self.consultation.pk) for found in TOKEN.findall(given)]
        known = next((each for each in hashes if each), None)
        self.participant = queries.get_participant_to_erase(
            self.consultation, token_hash=known, address=given
        )
        if self.participant is None:
            raise forms.ValidationError(
                _(
                    "This leads to nobody who took part in this consultation, so nothing was erased. Check that the "
                    "link is whole and that it is the link of this consultation."
                )
            )
        return ""


@access.ruled("participation.rules.may_erase")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase_participant(request: HttpRequest, reference: str) -> HttpResponse:
    """At her request, given what only she has: the personal link, or the address of her account."""
    assert request.user.is_authenticated  # what its access says, for the type checker
    found = get_consultation(request, reference, content_language(request))
    person = request.user
    form = EraseForm(request.POST if request.method == "POST" else None, consultation=found)

    def erase(now: datetime) -> None:
        assert form.participant is not None
        actions.erase_participant(participant=form.participant, by=person, now=now)

    answer = submit(
        request,
        form,
        erase,
        to=reverse("erase-participant", args=[reference]),
        done=_("This person is erased from this consultation."),
    )
    context = {"consultation": found, "form": form}
    return answer or render(request, "participation/erase_participant.html", context, status=status_of(form))
