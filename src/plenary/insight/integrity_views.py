"""Signs of coordination: public, with their verdicts; judged by the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language
from plenary.participation.models import Consultation, Flag
from plenary.participation.queries import get_consultation_for, keys_of, list_flags
from plenary.participation.rules import may_judge_flags

from . import actions, queries, rules, with_and_without
from . import integrity_words as words
from .figures import number
from .integrity_forms import VerdictForm
from .models import Analysis


@access.read_by(access.everyone, written_by=access.ruled("participation.rules.may_judge_flags"))
@require_http_methods(["GET", "HEAD", "POST"])
def integrity(request: HttpRequest, reference: str) -> HttpResponse:
    """Every flag with its signals and its verdict; for the desk the form that judges it."""
    language = content_language(request)
    found = get_consultation_for(request.user, reference, language, keys_of(request))
    if found is None:
        raise Http404
    flags = list_flags(found, language)
    sent = request.POST.get("flag", "")
    forms = {str(flag.number): _form(request, flag, sent) for flag in flags}
    if request.method == "POST":
        if sent not in forms:
            raise Http404
        flag = next(each for each in flags if str(each.number) == sent)
        answer = submit(
            request,
            forms[sent],
            lambda now: _judge(request, flag, forms[sent], now),
            to=request.get_full_path(),
            done=_("Your judgement was recorded. Results with and without are compared anew."),
        )
        if answer:
            return answer
    # Whoever was let in by a key reads all that is published of it.
    reader = request.user if getattr(found, "by_role", True) else None
    analysis = queries.get_latest_analysis(reader, found)
    context = {
        "consultation": found,
        "flags": [_shown(flag, forms[str(flag.number)]) for flag in flags],
        "waiting": sum(flag.state == Flag.State.PROPOSED for flag in flags),
        "may_judge": may_judge_flags(request.user),
        "may_analyse": rules.may_analyse(request.user),
        "attempt": _attempt(found) if rules.may_analyse(request.user) else None,
        "analysis": analysis,
        "looked": _looked(analysis),
        "comparison": queries.show_comparison(analysis, reader, language) if analysis else None,
    }
    return render(request, "insight/integrity.html", context, status=status_of(forms.get(sent)))


def _form(request: HttpRequest, flag: Flag, sent: str) -> VerdictForm:
    own = str(flag.number)
    return VerdictForm(
        request.POST if sent == own and request.method == "POST" else None,
        auto_id=f"id_{own}_%s",
        initial={"flag": flag.number, "seen": flag.state, "reason": flag.reason},
    )


def _judge(request: HttpRequest, flag: Flag, form: VerdictForm, now: datetime) -> Flag:
    assert request.user.is_authenticated  # what its access says, for the type checker
    given = form.cleaned_data
    return actions.judge(
        flag=flag,
        verdict=given["verdict"],
        reason=given["reason"],
        seen=given["seen"],
        by=request.user,
        now=now,
    )


def _shown(flag: Flag, form: VerdictForm) -> dict[str, Any]:
    sides = flag.figures.get("sides", {})
    statements: list[Any] = flag.seen_statements  # type: ignore[attr-defined]
    return {
        "flag": flag,
        "words": words.in_words(flag.signal, flag.size, flag.figures),
        "signals": words.signals(flag.signal, flag.figures),
        "from": parse_date(flag.figures.get("from", "")),
        "to": parse_date(flag.figures.get("to", "")),
        "statements": [
            (each, with_and_without.SIDES.get(sides.get(each.reference, ""), "")) for each in statements[:5]
        ],
        "form": form,
    }


def _attempt(found: Consultation) -> Analysis | None:
    attempt = queries.get_newest_attempt(found)
    return attempt if attempt and attempt.state != Analysis.State.DONE else None


def _looked(analysis: Analysis | None) -> dict[str, Any] | None:
    """How much could be judged, in figures for people; None where nobody looked yet."""
    judged = analysis.summary.get("integrity") if analysis else None
    if not judged:
        return None
    return {
        "people": number(judged["participants"]),
        "ballots": number(judged["ballots"]),
        "telling": number(judged["telling"]),
        "times": judged["times"],
        "bursts": [
            burst
            | {
                "day": parse_datetime(burst["start"]),
                "observed": number(burst["observed"]),
                "expected": words.few(burst["expected"]),
            }
            for burst in judged["bursts"]
        ],
    }
