"""The final round: one page with one ballot for everybody, then its result; and where the desk sets it up."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
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
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules, voters
from plenary.participation.models import Consultation, Statement
from plenary.participation.phases import Act, Phase

from .shared import address, get_consultation

VALUES = {"1": 1, "-1": -1, "0": 0}
PROPOSED = 8
REFERENCE = re.compile(r"STM-[0-9]{1,9}", re.IGNORECASE)


@access.everyone
@csrf_exempt  # voters.of_form looks where a form comes from
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ballot(request: HttpRequest, reference: str) -> HttpResponse:
    """The ballot while the final round lasts, its result afterwards."""
    found = get_consultation(request, reference, content_language(request))
    if request.method != "POST":
        return _show(request, found, voters.of_page(request, found), is_sent="sent" in request.GET)
    asker = voters.of_form(request, found)
    if asker is None:
        notice = _("This ballot was too old or incomplete, so nothing was counted. Here is a new one.")
        return _show(request, found, voters.newcomer(found), notice=notice, status=422)
    language = queries.reading_language(found, content_language(request))
    given = {name: str(value) for name, value in request.POST.items() if REFERENCE.fullmatch(name)}
    if not set(given.values()) <= VALUES.keys():
        notice = _("One of the answers could not be read, so nothing was counted. Please look at them again.")
        return _show(request, found, asker, notice=notice, status=422)
    if not given:
        notice = _("No statement was answered, so nothing was counted. Answer at least one.")
        return _show(request, found, asker, notice=notice, status=422)
    answers = {name: VALUES[value] for name, value in given.items()}
    read_in: dict[str, str] = {}
    shown: Any
    for shown in queries.list_ballot(found, language):
        read_in[shown.reference] = shown.said["text"].language
    try:
        actions.send_ballot(
            consultation=found, voter=asker.voter, answers=answers, languages=read_in, now=timezone.now()
        )
    except Refused as refusal:
        return _show(request, found, asker, given=answers, notice=str(refusal.message), status=409)
    if asker.is_remembered:
        kept = {name: value for name in ("lang", "key") if (value := request.GET.get(name))}
        response = HttpResponse(status=303)
        response["Location"] = (
            reverse("ballot", args=[found.reference], query=kept | {"sent": "1"}) + "#ballot"
        )
        return response
    response = _show(request, found, asker, is_sent=True)
    voters.remember(response, asker, found)
    return response


def _show(
    request: HttpRequest,
    found: Consultation,
    asker: voters.Asker,
    *,
    given: dict[str, int] | None = None,
    notice: str = "",
    is_sent: bool = False,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    phase = found.phase_at(now)
    language = queries.reading_language(found, content_language(request))
    context: dict[str, Any] = {
        "consultation": found,
        "phase": phase,
        "page_url": address(request, found),
        "ballot_url": _ballot_url(request, found),
        "token": asker.token,
        "asker": asker,
        "notice": notice,
        "is_sent": is_sent,
    }
    if phase in (Phase.ANNOUNCED, Phase.OPEN, Phase.FINAL):
        hers = queries.get_ballot(found, asker.voter, language)
        if not hers.statements or (phase != Phase.FINAL and found.final_closes_at is None):
            raise Http404
        for item in hers.statements:
            target: Any = item
            target.chosen = (given or {}).get(item.reference, item.answer.value if item.answer else None)  # type: ignore[attr-defined]
        context |= {
            "ballot": hers,
            "is_open": rules.may_vote_finally(found, now),
            "must_sign_in": rules.must_sign_in(
                found, Act.VOTE_FINALLY, has_account=asker.voter.user is not None
            ),
        }
    else:
        context["result"] = queries.get_ballot_result(found, language)
        if not context["result"].statements:
            raise Http404
    return render(request, "participation/ballot.html", context, status=status)


def _ballot_url(request: HttpRequest, found: Consultation) -> str:
    kept = {name: value for name in ("lang", "key") if (value := request.GET.get(name))}
    return reverse("ballot", args=[found.reference], query=kept or None)


class BallotForm(forms.Form):
    """What the desk chooses: ticks in front of what is offered, and references of others."""

    chosen = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    others = forms.CharField(
        label=gettext_lazy("Other statements"),
        help_text=gettext_lazy("Their numbers, such as STM-12, with spaces between them."),
        required=False,
        max_length=500,
    )

    def __init__(self, *args: Any, offered: list[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["chosen"]
        field.choices = [(item.reference, item.reference) for item in offered]

    def clean_others(self) -> list[str]:
        names = [name.upper() for name in self.cleaned_data["others"].replace(",", " ").split()]
        wrong = [name for name in names if not REFERENCE.fullmatch(name)]
        if wrong:
            raise forms.ValidationError(
                _("No statements’ numbers: %(names)s."), params={"names": ", ".join(wrong)}
            )
        return names


@access.ruled("participation.rules.may_manage")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_ballot(request: HttpRequest, reference: str) -> HttpResponse:
    """The short list for the final round: what the engine proposes, what the desk chooses."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    now = timezone.now()
    present = [item.reference for item in queries.list_ballot(found)]
    proposed = queries.propose_ballot(found, PROPOSED, language)
    names = list(dict.fromkeys([*present, *(item.reference for item in proposed)]))
    offered = queries.find_for_ballot(found, names, language)
    ticked = present or [item.reference for item in proposed]
    data = request.POST if request.method == "POST" else None
    form = BallotForm(data, offered=offered, initial={"chosen": ticked})

    def act(at: Any) -> None:
        wanted = [*form.cleaned_data["chosen"], *form.cleaned_data["others"]]
        statements = queries.find_for_ballot(found, wanted, language)
        missing = sorted(set(wanted) - {item.reference for item in statements})
        if missing:
            raise Refused(
                _("Not accepted in this consultation: %(names)s. Nothing was changed.")
                % {"names": ", ".join(missing)}
            )
        actions.set_ballot(consultation=found, statements=statements, by=request.user, now=at)  # type: ignore[arg-type]

    answer = submit(
        request, form, act, to=reverse("edit-ballot", args=[found.reference]), done=_("The ballot was saved.")
    )
    if answer is not None:
        return answer
    marked = set(form.data.getlist("chosen")) if form.is_bound else set(ticked)  # type: ignore[attr-defined]
    for item in offered:
        target: Any = item
        target.is_ticked = item.reference in marked
        target.is_proposed = item in proposed
    context = {
        "consultation": found,
        "form": form,
        "offered": offered,
        "present": present,
        "is_begun": queries.is_ballot_begun(found),
        "phase": found.phase_at(now),
        "fewest": actions.FEWEST,
        "most": actions.MOST,
    }
    return render(request, "participation/edit_ballot.html", context, status=status_of(form))
