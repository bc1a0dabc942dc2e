"""Outreach packs: the desk makes them, everybody sees how far they reach, links count without knowing whom."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plenary.kit import access, tables
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, posters, queries, rules
from plenary.participation.models import Consultation
from plenary.participation.outreach_forms import ChooseForm, PackForm
from plenary.participation.platforms import CARRIES, propose_words, written
from plenary.records.texts import load_texts

from .shared import get_consultation

IN_ADDRESS = {"zh-hans": "zh"}  # what texts are tagged with


@access.everyone
@require_http_methods(["GET", "HEAD", "POST"])
def outreach(request: HttpRequest, reference: str) -> HttpResponse:
    """What came of reaching out, by kind of place and language; for the desk the packs and the making of one."""
    found = get_consultation(request, reference, content_language(request))
    is_desk = rules.may_manage(request.user)
    packs = queries.list_packs(found)
    shown, hidden = (queries.sum_by_channel(packs), 0) if is_desk else queries.public_rows(packs)
    for pack in packs:
        pack.link = _link(request, pack.code)  # type: ignore[attr-defined]
        pack.carries = CARRIES[pack.platform]  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "consultation": found,
        "rows": shown,
        "hidden": hidden,
        "total": queries.total_reach(shown),
        "is_desk": is_desk,
        "packs": packs if is_desk else [],
        "choose": ChooseForm(languages=_languages(found), initial={"language": content_language(request)}),
    }
    return render(request, "participation/outreach.html", context)


@access.everyone
@require_safe
def outreach_csv(request: HttpRequest, reference: str) -> HttpResponse:
    """The public table as a file."""
    found = get_consultation(request, reference)
    shown, _hidden = queries.public_rows(queries.list_packs(found))
    names = ("platform", "language", "packs", "seen", "joined")
    rows = [[str(queries.row_as_data(row)[name]) for name in names] for row in shown]
    response = HttpResponse(tables.write_csv([names, *rows]), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.reference}-outreach.csv"'
    return response


@access.ruled("participation.rules.may_manage")
@require_http_methods(["GET", "HEAD", "POST"])
def new_pack(request: HttpRequest, reference: str) -> HttpResponse:
    """The proposed words for a kind of place and a language, to be changed and kept."""
    found = get_consultation(request, reference, content_language(request))
    asked = ChooseForm(request.GET, languages=_languages(found))
    if not asked.is_valid():
        raise Http404
    platform, language = asked.cleaned_data["platform"], asked.cleaned_data["language"]
    code = request.POST.get("code", "")
    if not actions.is_outreach_code(code):
        code = actions.new_code()
    link = _link(request, code)
    form = PackForm(
        request.POST or None,
        platform=platform,
        link=link,
        language=language,
        initial={"words": _words(found, platform, language, link), "code": code},
    )
    person: Any = request.user
    answer = submit(
        request,
        form,
        lambda now: actions.make_pack(
            consultation=found,
            platform=platform,
            language=language,
            words=form.cleaned_data["words"],
            place=form.cleaned_data["place"],
            code=code,
            by=person,
            now=now,
        ),
        to=lambda made: f"{reverse('outreach', args=[found.reference])}#{made.code}",
        done=_("The pack is ready. Its link counts from now on."),
    )
    context = {
        "consultation": found,
        "form": form,
        "platform": asked.platform_label,
        "written_in": language,
        "note": CARRIES[platform].note,
    }
    return answer or render(request, "participation/new_pack.html", context, status=status_of(form))


@access.ruled("participation.rules.may_manage")
@require_safe
def pack_file(request: HttpRequest, reference: str, code: str, name: str) -> HttpResponse:
    """A pack's picture (PNG) or its poster (PDF), made when asked for."""
    found = get_consultation(request, reference)
    pack = queries.get_pack(found, code)
    carries = CARRIES[pack.platform] if pack else None
    if pack is None or carries is None:
        raise Http404
    question = load_texts([found.question_id], IN_ADDRESS.get(pack.language, pack.language))[
        found.question_id
    ]
    link = _link(request, pack.code)
    facts = posters.Facts(
        question=str(question),
        language=question.language,
        link=link,
        closes_on=_closes_on(found, pack.language),
        reads=pack.language,
        is_for_all=not _is_for_some(found),
    )
    try:
        if name == "picture.png" and carries.picture is not None:
            content, media_type = posters.picture(facts, carries.picture), "image/png"
        elif name in ("poster-a4.pdf", "poster-a3.pdf") and carries.is_printed:
            paper = name.removeprefix("poster-").removesuffix(".pdf")
            content, media_type = posters.poster(facts, paper), "application/pdf"
        else:
            raise Http404
    except Refused as refusal:
        return render(
            request, "participation/no_file.html", {"consultation": found, "why": refusal.message}, status=409
        )
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{found.reference}-{pack.code}-{name}"'
    return response


@access.everyone
@never_cache
@require_safe
def follow_link(request: HttpRequest, code: str) -> HttpResponse:
    """From a pack's short link to its consultation, in the pack's language. Writes nothing."""
    pack = queries.find_pack(code.lower())
    if pack is None:
        raise Http404
    query = {"via": pack.code, "lang": IN_ADDRESS.get(pack.language, pack.language)}
    return HttpResponseRedirect(reverse("consultation", args=[pack.consultation.reference], query=query))


@access.everyone
@csrf_exempt  # it comes without a cookie and adds one to a number
@never_cache
@require_POST
def seen(request: HttpRequest, code: str) -> HttpResponse:
    """A browser says that it opened the page by this link: a number grows, nothing else is kept."""
    actions.count_outreach(code=code, what="seen", now=timezone.now())
    return HttpResponse(status=204)


def _words(found: Consultation, platform: str, language: str, link: str) -> str:
    question = load_texts([found.question_id], IN_ADDRESS.get(language, language))[found.question_id]
    return propose_words(
        platform=platform,
        language=language,
        question=str(question),
        link=link,
        closes_on=_closes_on(found, language),
        minimum_age=found.minimum_age,
        needs_account=_is_for_some(found),
    )


def _is_for_some(found: Consultation) -> bool:
    """Whether «no account is needed» would be wrong, or promise more than the link opens."""
    return found.voting_by == Consultation.TakingPart.ACCOUNT or found.access != Consultation.Access.OPEN


def _closes_on(found: Consultation, language: str) -> str:
    if found.closes_at is None:
        return ""
    day: date = timezone.localdate(found.closes_at)
    return written(day, language)


def _link(request: HttpRequest, code: str) -> str:
    return request.build_absolute_uri(reverse("outreach-link", args=[code]))


def _languages(found: Consultation) -> list[tuple[str, str]]:
    """Those in which the consultation is offered and the words around the question are at hand."""
    offered = set(found.languages)
    return [
        (tag, name)
        for tag, name in settings.LANGUAGES
        if not offered or IN_ADDRESS.get(tag, tag) in offered or tag in offered
    ]
