"""The card in a frame on somebody else's page, and the line that puts it there.

In the frame there is no cookie, no session and no account: who sends a form is whoever its token says. So another
site has nothing to make a browser send in a person's name, and a browser that blocks cookies of other sites loses
nothing. Which sites may show the frame is for the browser to hold to: ``frame-ancestors``, per consultation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, embedding, queries, rules, voters
from plenary.participation.attribute_forms import AttributesForm
from plenary.participation.forms import StatementForm, VoteForm
from plenary.participation.hints import HINTS, hints_for
from plenary.participation.models import Consultation, Vote
from plenary.participation.phases import Act
from plenary.records.texts import with_texts

from .shared import asked_again, get_consultation, phase, say_when, seen_so_far, then_next, too_many

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


@access.everyone
@csrf_exempt  # nothing that a browser sends by itself counts here, so there is nothing to forge
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def embed(request: Request, reference: str) -> HttpResponse:
    """The card for a frame: votes and statements are posted to it as well, and answered in place."""
    request.user = AnonymousUser()  # whoever is signed in here is a stranger in a frame on another site
    asked = request.GET.get("lang", "")
    interface = embedding.interface_language(asked) or translation.get_language()
    with translation.override(interface):
        response = _answer(request, reference)
        response.headers["Content-Language"] = interface or settings.LANGUAGE_CODE
    response.cookies.clear()
    return response


def _answer(request: Request, reference: str) -> HttpResponse:
    found = queries.get_consultation_for(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    refusal = embedding.why_not(found)
    if refusal:
        response = render(
            request, "participation/embed_refused.html", {"consultation": found, "why": refusal}, status=403
        )
    elif request.method == "POST":
        response = _take(request, found)
    else:
        response = _show(request, found, voters.newcomer(found))
    return embedding.let_frame(response, found)


def _take(request: Request, found: Consultation) -> HttpResponse:
    asker = voters.of_token(request.POST.get("token", ""), found)
    if asker is None:
        notice = _(
            "This card was too old or incomplete, so nothing was counted. Here is a new one: please vote again."
        )
        return _show(request, found, voters.newcomer(found), notice=notice, status=422)
    if "body" in request.POST:
        return _take_statement(request, found, asker)
    if "do" in request.POST:
        return _take_attributes(request, found, asker)
    seen, then = seen_so_far(request.POST), then_next(request.POST)
    if "again" in request.POST:
        return _show(request, found, asker, again=asked_again(request.POST), seen=seen, then=then)
    if "skip" in request.POST:  # writes nothing: what she goes past is stored with her next vote
        seen = seen_so_far(request.POST, request.POST.get("statement", ""))
        return _show(request, found, asker, seen=seen, skipped=True)
    form = VoteForm(request.POST)
    if not form.is_valid():
        notice = _("This answer could not be read, so nothing was counted. Please vote again.")
        return _show(request, found, asker, seen=seen, notice=notice, status=422)
    try:
        taken = actions.take_vote(
            consultation=found, voter=asker.voter, now=timezone.now(), seen=seen, **form.cleaned_data
        )
    except Refused as refusal:
        return _show(request, found, asker, seen=seen, notice=str(refusal.message), status=409)
    if taken.is_conflict:
        notice = _("You had already answered “%(answer)s” here, and that counts. Answer again to change it.")
        answer = {"answer": Vote.Value(taken.value).label}
        again = form.cleaned_data["statement"]
        return _show(request, found, asker, again=again, then=then, notice=notice % answer, status=409)
    return _show(request, found, asker, then=then, counted=True)


def _take_statement(request: Request, found: Consultation, asker: voters.Asker) -> HttpResponse:
    """As on the page: what is worth a second look is said before it is sent, and no flood is taken."""
    language, now = content_language(request), timezone.now()
    form = _form(request, found, request.POST)
    if not form.is_valid():
        return _show(request, found, asker, form=form, status=422)
    flood = too_many(request, asker)
    if flood is not None:
        return say_when(_show(request, found, asker, form=form, notice=flood[0], status=429), flood[1])
    is_sure = request.POST.get("sure") == "yes"
    if not is_sure and rules.may_write(found, now):
        body, written_in = form.cleaned_data["body"], form.cleaned_data["language"]
        participant = queries.get_participant(found, asker.voter)
        hints = [HINTS[key] for key in hints_for(body)]
        similar = queries.list_similar(found, body, written_in, language, participant=participant)
        if hints or similar:
            form = form.as_taken()
            return _show(request, found, asker, form=form, hints=hints, similar=similar, status=409)
    try:
        actions.write_statement(
            consultation=found, voter=asker.voter, now=now, anyway=is_sure, **form.cleaned_data
        )
    except actions.AlreadySaid as refusal:
        with_texts([refusal.statement], language, text="record.title_id")
        return _show(request, found, asker, form=form.as_taken(), similar=[refusal.statement], status=409)
    except Refused as refusal:
        return _show(request, found, asker, form=form, notice=str(refusal.message), status=409)
    return _show(request, found, asker, written=True)


def _take_attributes(request: Request, found: Consultation, asker: voters.Asker) -> HttpResponse:
    """What she says about herself, answered in place as all else here."""
    do = request.POST["do"]
    if do == "show":
        return _show(request, found, asker, about_you_open=True)
    if do == "erase":
        participant = queries.get_participant(found, asker.voter)
        if participant is not None:
            actions.erase_attributes(participant=participant)
        return _show(request, found, asker)
    form = AttributesForm({} if do == "skip" else request.POST, consultation=found)
    if not form.is_valid():
        return _show(request, found, asker, about_you_form=form, status=422)
    try:
        actions.give_attributes(
            consultation=found, voter=asker.voter, said=form.cleaned_data, now=timezone.now()
        )
    except Refused as refusal:
        return _show(request, found, asker, notice=str(refusal.message), status=409)
    return _show(request, found, asker)


def _form(request: Request, found: Consultation, sent: Any = None) -> StatementForm:
    return StatementForm(sent, reading=content_language(request), offered=found.languages)


def _show(
    request: Request,
    found: Consultation,
    asker: voters.Asker,
    *,
    again: str = "",
    seen: Sequence[str] = (),
    then: str = "",
    form: StatementForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    language, now = queries.reading_language(found, content_language(request)), timezone.now()
    asked = request.GET.get("lang", "")
    context = {
        "consultation": found,
        "card": queries.get_card(found, asker.voter, language, again, seen, then),
        "phase": phase(found, now),
        "is_open": rules.may_vote(found, now),
        "token": asker.token,
        "may_write": rules.may_write(found, now)
        and not rules.must_sign_in(found, Act.WRITE, has_account=False),
        "form": form or StatementForm(reading=language, offered=found.languages),
        "embed_url": reverse("embed", args=[found.reference], query={"lang": asked} if asked else None),
        "page_url": reverse("consultation", args=[found.reference], query={"lang": asked} if asked else None),
        "is_fragment": bool(request.htmx),
    }
    template = "participation/_embed.html" if request.htmx else "participation/embed.html"
    return render(request, template, context | more, status=status)


@access.ruled("participation.rules.may_manage")
@require_safe
def embed_line(request: HttpRequest, reference: str) -> HttpResponse:
    """For the desk: the line to paste, where it works, and how it looks."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    lines = [
        (
            code,
            name,
            embedding.line(found, request.build_absolute_uri(reverse("embed", args=[reference])), code),
        )
        for code, name in settings.LANGUAGES
    ]
    first = next((each for each in lines if each[0] == translation.get_language()), lines[0])
    context = {
        "consultation": found,
        "why_not": embedding.why_not(found),
        "origins": embedding.origins_of(found),
        "line": first[2],
        "others": [each for each in lines if each is not first],
        "preview_url": reverse("embed", args=[reference], query={"lang": first[0]}),
    }
    response = render(request, "participation/embed_line.html", context)
    response._csp_update = {"frame-src": ["'self'"]}  # type: ignore[attr-defined]  # for the preview
    return response
