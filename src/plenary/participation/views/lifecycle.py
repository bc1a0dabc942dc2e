"""The desk runs a consultation: words and dates, each turn that it takes, its answer, and the next cycle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import AnonymousUser
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
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules, voters
from plenary.participation.forms import StatementForm
from plenary.participation.lifecycle_forms import (
    DATES,
    DuplicateForm,
    EditForm,
    ReopenForm,
    ReplyForm,
    ResumeForm,
    WhyForm,
)
from plenary.participation.models import Consultation
from plenary.participation.phases import Act, Phase
from plenary.records.queries import get_record_for, list_organizations

from .shared import get_consultation

if TYPE_CHECKING:
    from plenary.people.models import User

SETTINGS = (
    *DATES, "access", "voting_by", "writing_by", "minimum_age", "languages", "takes_statements", "moderation",
    "embed_origins",
)  # fmt: skip


def _manage(found: Consultation) -> str:
    return reverse("manage-consultation", args=[found.reference])


def _desk(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # what its access says, for the type checker
    return request.user


@access.ruled("participation.rules.may_manage")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_consultation(request: HttpRequest, reference: str) -> HttpResponse:
    language = content_language(request)
    found = get_consultation(request, reference, language)
    by = _desk(request)
    words = queries.original_words(found)
    written_in = words["question"][1]
    initial: dict[str, Any] = {name: getattr(found, name) for name in SETTINGS}
    initial |= {name: body for name, (body, _tag) in words.items()} | {
        "language": written_in,
        "languages": " ".join(found.languages),
        "embed_origins": "\n".join(found.embed_origins),
        "members": queries.list_member_references(found),
    }
    form = EditForm(
        request.POST or None, initial=initial, language=written_in, organizations=list_organizations(language)
    )

    def act(now: datetime) -> bool:
        kept = {name: getattr(found, name) for name in DATES}
        settings = {name: form.cleaned_data[name] for name in SETTINGS}
        # The form knows minutes: a date that was not touched keeps its seconds.
        settings |= {name: kept[name] for name in DATES if _same_minute(kept[name], settings[name])}
        return actions.edit_consultation(
            consultation=found, words=form.words, language=form.cleaned_data["language"], settings=settings,
            members=form.chosen_members, why=form.cleaned_data["why"], by=by, now=now,
        )  # fmt: skip

    answer = submit(
        request,
        form,
        act,
        to=_manage(found),
        done=lambda changed: _("Saved.") if changed else _("Nothing was changed."),
    )
    context = {"consultation": found, "form": form, "phase": found.phase_at(timezone.now())}
    return answer or render(request, "participation/edit_consultation.html", context, status=status_of(form))


def _same_minute(one: datetime | None, other: datetime | None) -> bool:
    return (
        one is not None
        and other is not None
        and one.replace(second=0, microsecond=0) == other.replace(second=0, microsecond=0)
    )


# Turns


@dataclass(frozen=True)
class Step:
    """A turn that the desk gives a consultation, on a page that says what it does before it is done."""

    title: Any
    note: Any
    button: Any
    done: Any
    form: type[forms.Form]
    act: Callable[..., Any]
    given: tuple[str, ...] = ()


STEPS = {
    "publish": Step(
        gettext_lazy("Publish this consultation"),
        gettext_lazy(
            "Those for whom it is meant see it from now on. It takes votes from the day on which it opens; if that has "
            "passed, at once."
        ),
        gettext_lazy("Publish it"),
        gettext_lazy("It is published."),
        forms.Form,
        actions.publish_consultation,
    ),
    "pause": Step(
        gettext_lazy("Pause this consultation"),
        gettext_lazy("People can read, and nothing that they send is taken until it goes on. What they gave counts."),
        gettext_lazy("Pause it"),
        gettext_lazy("It is paused."),
        WhyForm,
        actions.pause_consultation,
        ("why",),
    ),
    "resume": Step(
        gettext_lazy("Go on with this consultation"),
        gettext_lazy("Votes and statements are taken again, until the same day as before."),
        gettext_lazy("Go on"),
        gettext_lazy("It goes on."),
        ResumeForm,
        actions.resume_consultation,
        ("why",),
    ),
    "close": Step(
        gettext_lazy("End this round now"),
        gettext_lazy("Voting ends now rather than on its day. What was given counts, and the next phase begins."),
        gettext_lazy("End it now"),
        gettext_lazy("Voting has ended."),
        WhyForm,
        actions.close_consultation,
        ("why",),
    ),
    "reopen": Step(
        gettext_lazy("Open this consultation again"),
        gettext_lazy("Votes and statements are taken until another day. Everything that was given before counts on."),
        gettext_lazy("Open it again"),
        gettext_lazy("It is open again."),
        ReopenForm,
        actions.reopen_consultation,
        ("closes_at", "why"),
    ),
    "new-link": Step(
        gettext_lazy("Make a new link"),
        gettext_lazy(
            "The link that you gave out opens nothing any more, nor does a browser that came by it. Votes stay."
        ),
        gettext_lazy("Make a new link"),
        gettext_lazy("There is a new link. Give it to those who take part."),
        forms.Form,
        actions.renew_link,
    ),
}  # fmt: skip


def steps_of(found: Consultation, now: datetime) -> list[str]:
    """The turns that are possible now, for the page «manage»."""
    phase = found.phase_at(now)
    is_open = phase in (Phase.OPEN, Phase.FINAL) and not found.is_draft
    possible = {
        "publish": found.is_draft,
        "resume": found.paused_at is not None,
        "pause": is_open and found.paused_at is None,
        "close": is_open,
        "reopen": not found.is_draft and found.closes_at is not None and found.closes_at <= now,
        "new-link": found.access == Consultation.Access.LINK,
    }
    return [name for name, is_possible in possible.items() if is_possible]


@access.ruled("participation.rules.may_manage")
@require_http_methods(["GET", "HEAD", "POST"])
def consultation_step(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    chosen = STEPS.get(step)
    if chosen is None:
        raise Http404
    found = get_consultation(request, reference, content_language(request))
    by = _desk(request)
    form = chosen.form(request.POST if request.method == "POST" else None)
    answer = submit(
        request,
        form,
        lambda now: chosen.act(
            consultation=found, by=by, now=now, **{name: form.cleaned_data[name] for name in chosen.given}
        ),
        to=_manage(found),
        done=str(chosen.done),
    )
    context = {"consultation": found, "form": form, "step": chosen}
    return answer or render(request, "participation/step.html", context, status=status_of(form))


@access.ruled("participation.rules.may_manage")
@require_http_methods(["GET", "HEAD", "POST"])
def duplicate_consultation(request: HttpRequest, reference: str) -> HttpResponse:
    found = get_consultation(request, reference, content_language(request))
    by = _desk(request)
    now = timezone.now().replace(second=0, microsecond=0)
    length = (found.closes_at - found.opens_at) if found.closes_at else None
    opens = max(now + timedelta(days=14), found.closes_at or now)
    initial = {"opens_at": opens, "closes_at": opens + length if length else None}
    form = DuplicateForm(request.POST or None, initial=initial)
    answer = submit(
        request,
        form,
        lambda now: actions.duplicate_consultation(consultation=found, by=by, now=now, **form.cleaned_data),
        to=_manage,
        done=_("The copy is a draft: look it through, then publish it."),
    )
    context = {"consultation": found, "form": form}
    return answer or render(request, "participation/duplicate.html", context, status=status_of(form))


@access.ruled("participation.rules.may_manage")
@require_http_methods(["GET", "HEAD", "POST"])
def answer_consultation(request: HttpRequest, reference: str) -> HttpResponse:
    language = content_language(request)
    found = get_consultation(request, reference, language)
    by = _desk(request)
    form = ReplyForm(request.POST or None, reading=language, find=lambda each: get_record_for(by, each))
    answer = submit(
        request,
        form,
        lambda now: actions.publish_reply(consultation=found, by=by, now=now, **form.cleaned_data),
        to=reverse("consultation", args=[reference]) + "#answer",
        done=_("The answer is published."),
    )
    now = timezone.now()
    context = {
        "consultation": found,
        "form": form,
        "reply": queries.get_reply(found, language, by),
        "may_answer": found.allows(Act.REPLY, now),
        "phase": found.phase_at(now),
    }
    return answer or render(request, "participation/answer.html", context, status=status_of(form))


# Looking at it as others will


@access.ruled("participation.rules.may_manage")
@csrf_exempt  # it writes nothing
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preview_consultation(request: HttpRequest, reference: str) -> HttpResponse:
    """The page as somebody new will see it while it is open; its card takes no vote."""
    language = content_language(request)
    found = get_consultation(request, reference)
    request.user = AnonymousUser()  # so the page is what a stranger gets
    found.is_draft, found.paused_at = False, None
    found.opens_at = min(found.opens_at, timezone.now())  # for this page alone: nothing is saved
    found.closes_at = None
    asker = voters.newcomer(found)
    context = {
        "consultation": queries.with_numbers([found])[0],
        "card": queries.get_card(found, asker.voter, language),
        "phase": Phase.OPEN,
        "is_open": True,
        "must_sign_in": rules.must_sign_in(found, Act.VOTE, has_account=False),
        "is_preview": True,
        "token": "",
        "asker": asker,
        "page_url": request.get_full_path(),
        "notice": _("This is a preview: nothing was counted.") if request.method == "POST" else "",
        "sees_about": queries.may_see_about(request.user, found),
        "may_write": False,  # its form writes to the real page
        "form": StatementForm(reading=language),
    }
    template = "_card.html" if request.headers.get("HX-Request") else "consultation.html"
    return render(request, f"participation/{template}", context)
