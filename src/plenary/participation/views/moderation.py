"""The desk reads statements, and everybody reads what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.filters import Choice, Filters, Search
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules
from plenary.participation.forms import ModerationForm
from plenary.participation.models import Consultation, Statement
from plenary.participation.moderation_forms import (
    DecideAppealForm,
    MergeForm,
    MetaForm,
    RewordForm,
    SeparateForm,
)
from plenary.participation.wording import REASONS

from .shared import PAGE, get_consultation

if TYPE_CHECKING:
    from plenary.people.models import User

BY_SCRIPT = "X-Queue"  # what static/participation/moderation.js sends: it is answered in JSON


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["GET", "HEAD", "POST"])
def moderation(request: HttpRequest, reference: str) -> HttpResponse:
    """The queue: fifty at a time without script; with it, the next ones come as the first are decided."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    state = request.GET.get("state", Statement.Moderation.WAITING)
    if state not in Statement.Moderation.values:
        raise Http404
    chosen = request.POST.getlist("statement")
    form = ModerationForm(request.POST or None, chosen=chosen)
    if request.headers.get(BY_SCRIPT):
        return _by_script(request, found, form)
    answer = submit(
        request,
        form,
        lambda now: _moderate(request, found, form, now),
        done=lambda changed: _moderated(form.cleaned_data["decision"], changed),
        to=request.get_full_path(),
    )
    if answer:
        return answer
    filters = Filters(
        request.GET,
        Search(_("Words of the statement")),
        Choice("origin", _("Where it comes from"), [("", _("anywhere")), *Statement.Origin.choices]),
        Choice(
            "about",
            _("What it says"),
            [
                ("", _("anything")),
                (queries.MAYBE_PEOPLE, _("perhaps who somebody is")),
                (queries.PEOPLE, _("who somebody is (marked)")),
            ],
        ),
    )
    asked = {"words": filters["q"], "origin": filters["origin"], "about": filters["about"]}
    listed = queries.list_statements_of(found, state, **asked)
    after = request.GET.get("after", "")
    if after.isdecimal():
        listed = listed.filter(record__number__gt=int(after))
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "about": filters["about"],
        "consultation": found,
        "state": state,
        "page": page,
        "statements": queries.with_shares(page.object_list, language),
        "form": form,
        "chosen": chosen,
        "reasons": list(REASONS.items()),
    }
    if after:
        return render(request, "participation/_queue.html", context)
    context["tabs"] = _tabs(found, asked)
    context["waiting_appeals"] = queries.count_waiting_appeals(found)
    return render(request, "participation/moderation.html", context, status=status_of(form))


def _tabs(found: Consultation, asked: dict[str, str] | None = None) -> list[tuple[str, Any, int]]:
    counts = queries.count_moderation(found, **asked or {})
    tabs: list[tuple[str, Any, int]] = [
        (value, label, counts[value]) for value, label in Statement.Moderation.choices
    ]
    return tabs


def _by_script(request: HttpRequest, found: Consultation, form: ModerationForm) -> HttpResponse:
    try:
        if not form.is_valid():
            said = " ".join(str(message) for messages in form.errors.values() for message in messages)
            return JsonResponse({"said": said}, status=422)
        changed = _moderate(request, found, form, timezone.now())
    except Refused as refusal:
        return JsonResponse({"said": str(refusal.message)}, status=409)
    left = queries.count_moderation(found)
    waiting = number_format(left[Statement.Moderation.WAITING], force_grouping=True)
    said = _("%(done)s Waiting now: %(waiting)s.") % {
        "done": _moderated(form.cleaned_data["decision"], changed),
        "waiting": waiting,
    }
    return JsonResponse({"said": said, "counts": left})


def _moderate(request: HttpRequest, found: Consultation, form: ModerationForm, now: datetime) -> int:
    person = _person(request)
    statements = queries.list_statements_to_moderate(found, form.chosen)
    if form.cleaned_data["decision"] == ModerationForm.UNDO:
        return actions.undo_moderation(statements=statements, by=person, now=now)
    if form.cleaned_data["decision"] in ModerationForm.MARKS:
        is_meta = form.cleaned_data["decision"] == ModerationForm.PEOPLE
        return actions.mark_meta(statements=statements, is_meta=is_meta, by=person, now=now)
    return actions.moderate_statements(
        statements=statements,
        decision=form.cleaned_data["decision"],
        reason=form.full_reason,
        by=person,
        now=now,
    )


def _person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # what its access says, for the type checker
    return request.user


def _moderated(decision: str, changed: int) -> str:
    if decision == Statement.Moderation.ACCEPTED:
        done = ngettext("%(count)s statement accepted.", "%(count)s statements accepted.", changed)
    elif decision == Statement.Moderation.REJECTED:
        done = ngettext("%(count)s statement rejected.", "%(count)s statements rejected.", changed)
    elif decision == Statement.Moderation.WAITING:
        done = ngettext(
            "%(count)s statement put back into the queue.",
            "%(count)s statements put back into the queue.",
            changed,
        )
    elif decision in ModerationForm.MARKS:
        done = ngettext(
            "%(count)s statement marked. The next analysis goes by it.",
            "%(count)s statements marked. The next analysis goes by it.",
            changed,
        )
    else:
        done = ngettext("%(count)s decision undone.", "%(count)s decisions undone.", changed)
    return done % {"count": number_format(changed, force_grouping=True)}


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["GET", "HEAD", "POST"])
def appeals(request: HttpRequest, reference: str) -> HttpResponse:
    """Appeals with what the author says; who rejected the statement leaves it to somebody else."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    person = _person(request)
    form = DecideAppealForm(request.POST or None)

    def decide(now: datetime) -> None:
        appeal = queries.get_appeal(found, form.cleaned_data["statement"])
        if appeal is None:
            raise Http404
        actions.decide_appeal(
            appeal=appeal,
            outcome=form.cleaned_data["outcome"],
            reason=form.cleaned_data["reason"],
            by=person,
            now=now,
        )

    answer = submit(request, form, decide, done=_("The appeal is decided."), to=request.get_full_path())
    if answer:
        return answer
    page = Paginator(queries.list_appeals(found), PAGE).get_page(request.GET.get("page"))
    context = {
        "consultation": found,
        "page": page,
        "appeals": queries.with_first_decisions(list(page.object_list), person, language),
        "form": form,
        "tabs": _tabs(found),
    }
    return render(request, "participation/appeals.html", context, status=status_of(form))


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["GET", "HEAD", "POST"])
def duplicates(request: HttpRequest, reference: str) -> HttpResponse:
    """What says nearly the same, side by side, to be merged; ``?statement=`` begins with one of them."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    person = _person(request)
    asked = request.GET.get("statement", "")
    form = MergeForm(request.POST or None, initial={"statement": asked})

    def merge(now: datetime) -> None:
        both = [form.cleaned_data["statement"], form.cleaned_data["into"]]
        known = {item.reference: item for item in queries.list_statements_to_moderate(found, both)}
        missing = next((each for each in both if each not in known), None)
        if missing is not None:
            raise Refused(
                _("There is no statement %(reference)s in this consultation.") % {"reference": missing}
            )
        actions.merge_statement(statement=known[both[0]], into=known[both[1]], by=person, now=now)

    answer = submit(
        request,
        form,
        merge,
        done=_("Merged. The votes on both count for the one that is left."),
        to=reverse("duplicates", args=[reference]),
    )
    if answer:
        return answer
    begun = queries.list_statements_to_moderate(found, [asked]) if asked else []
    if asked and not begun:
        raise Http404
    context = {
        "consultation": found,
        "pairs": queries.list_pairs_with_words(found, language, begun[0] if begun else None),
        "begun": queries.with_shares(begun, language)[0] if begun else None,
        "form": form,
        "tabs": _tabs(found),
    }
    return render(request, "participation/duplicates.html", context, status=status_of(form))


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["POST"])
def separate(request: HttpRequest, reference: str) -> HttpResponse:
    """Undo a merge."""
    found = _statement(request, reference)
    form = SeparateForm(request.POST)
    answer = submit(
        request,
        form,
        lambda now: actions.separate_statement(statement=found, by=_person(request), now=now),
        done=_("Separated. Each has its own votes again."),
        to=reverse("statement", args=[reference]),
    )
    if answer:
        return answer
    raise Refused(" ".join(str(message) for message in form.non_field_errors()))


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["POST"])
def mark_meta(request: HttpRequest, reference: str) -> HttpResponse:
    """Say whether a statement is about the person who votes, or a view."""
    found = _statement(request, reference)
    form = MetaForm(request.POST)
    answer = submit(
        request,
        form,
        lambda now: actions.mark_meta(statements=[found], by=_person(request), now=now, **form.cleaned_data),
        done=lambda changed: _moderated(ModerationForm.PEOPLE, changed),
        to=reverse("statement", args=[reference]),
    )
    if answer:
        return answer
    raise Refused(_("Choose whether it is about the person who votes, or a view."))


def _statement(request: HttpRequest, reference: str) -> Statement:
    found = queries.get_statement_for(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    return found


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["GET", "HEAD", "POST"])
def reword(request: HttpRequest, reference: str) -> HttpResponse:
    """Other words for a statement: a slip of the pen, or a change that asks again."""
    found = _statement(request, reference)
    text = found.record.title
    form = RewordForm(
        request.POST or None, initial={"body": text.body if text else "", "changes_meaning": "no"}
    )
    answer = submit(
        request,
        form,
        lambda now: actions.reword_statement(
            statement=found, by=_person(request), now=now, **form.cleaned_data
        ),
        done=_("The statement has other words now. The earlier ones are kept."),
        to=reverse("statement", args=[reference]),
    )
    context = {"statement": found, "form": form}
    return answer or render(request, "participation/reword.html", context, status=status_of(form))


@access.everyone
@require_safe
def moderation_log(request: HttpRequest, reference: str) -> HttpResponse:
    """Every decision with its reason, for everybody. Who decided, staff alone are told."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    page = Paginator(queries.list_decisions(found), PAGE).get_page(request.GET.get("page"))
    reasons = queries.count_reasons(found)
    by_reason = [(str(label), reasons.pop(stored)) for stored, label in REASONS.items() if stored in reasons]
    if reasons:
        by_reason.append(
            (pgettext("reason", "another reason, in the moderators' words"), sum(reasons.values()))
        )
    context = {
        "consultation": found,
        "page": page,
        "decisions": queries.tell_decisions(list(page.object_list), language),
        "tabs": _tabs(found),
        "by_reason": by_reason,
        "appeals": queries.count_appeals(found),
        "sees_who": rules.may_moderate(request.user),
    }
    return render(request, "participation/moderation_log.html", context)
