"""What people say about themselves, and whom the desk wants to reach."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules, voters
from plenary.participation.attribute_forms import AttributesForm, AudienceForm
from plenary.participation.audience import margins_to_text
from plenary.participation.models import Consultation

from .shared import address, get_consultation, see

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


@access.everyone
@csrf_exempt  # voters.of_form looks where a form comes from, as for the card
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def about_you(request: HttpRequest, reference: str) -> HttpResponse:
    """What she said about herself: to give, change, decline or erase. The token comes in the form, as on the card."""
    found = get_consultation(request, reference, content_language(request))
    if request.method != "POST":
        return _show(request, found, voters.of_page(request, found))
    asker = voters.of_form(request, found)
    if asker is None:
        notice = _(
            "This form was too old or incomplete, so nothing was saved. Go on voting, and send it again."
        )
        return _show(request, found, voters.newcomer(found), notice=notice, status=422)
    do = request.POST.get("do", "save")
    if do == "show":
        return _show(request, found, asker)
    if do == "erase":
        return _erase(request, found, asker)
    form = AttributesForm({} if do == "skip" else request.POST, consultation=found)
    if not form.is_valid():
        return _show(request, found, asker, form=form, status=422)
    try:
        actions.give_attributes(
            consultation=found, voter=asker.voter, said=form.cleaned_data, now=timezone.now()
        )
    except Refused as refusal:
        return _show(request, found, asker, form=form, notice=str(refusal.message), status=409)
    if asker.is_remembered:
        return see(request, found)
    done = _("You are not asked again.") if do == "skip" else _("Thank you. This was saved.")
    return _show(request, found, asker, notice=done, notice_kind="good")


def _erase(request: HttpRequest, found: Consultation, asker: voters.Asker) -> HttpResponse:
    participant = queries.get_participant(found, asker.voter)
    had_some = participant is not None and actions.erase_attributes(participant=participant)
    notice = (
        _("What you said about yourself was erased. Your votes stay.")
        if had_some
        else _("There was nothing to erase.")
    )
    return _show(request, found, asker, notice=notice, notice_kind="good")


def _show(
    request: HttpRequest,
    found: Consultation,
    asker: voters.Asker,
    *,
    form: AttributesForm | None = None,
    notice: str = "",
    notice_kind: str = "warning",
    status: int = 200,
) -> HttpResponse:
    participant = queries.get_participant(found, asker.voter)
    known = queries.get_attributes(participant)
    context: dict[str, Any] = {
        "consultation": found,
        "participant": participant,
        "known": known,
        "may_give": rules.may_give_attributes(found, timezone.now()),
        "form": form or AttributesForm(consultation=found, known=known),
        "token": asker.token,
        "page_url": address(request, found),
        "own_url": request.get_full_path(),
        "notice": notice,
        "notice_kind": notice_kind,
    }
    return render(request, "participation/about_you.html", context, status=status)


@access.ruled("participation.rules.may_open_consultation")
@require_http_methods(["GET", "HEAD", "POST"])
def audience(request: HttpRequest, reference: str) -> HttpResponse:
    """The desk says whom it wants to reach, and what people are asked about themselves."""
    assert request.user.is_authenticated  # what its access says, for the type checker
    person = request.user
    found = get_consultation(request, reference, content_language(request))
    form = AudienceForm(
        request.POST or None,
        languages=found.languages,
        initial={"asked": found.attributes_asked, "margins": margins_to_text(found.margins)},
    )

    def save(now: datetime) -> Consultation:
        actions.set_audience(consultation=found, by=person, now=now, **form.cleaned_data)
        return found

    answer = submit(
        request,
        form,
        save,
        to=reverse("reach", args=[found.reference]),
        done=_("The audience was saved."),
    )
    context = {"form": form, "consultation": found}
    return answer or render(request, "participation/audience.html", context, status=status_of(form))
