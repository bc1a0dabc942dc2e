"""Comments on clauses: reading, writing, and the desk that reads them first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, commenters, queries, rules
from plenary.participation.comment_forms import CommentForm
from plenary.participation.models import Comment
from plenary.participation.survey_forms import ReadingForm
from plenary.participation.voters import Asker
from plenary.strategy.queries import get_clause_for, get_shown_state, get_version

from .shared import PAGE, say_when, too_many
from .surveys import moderated, person

if TYPE_CHECKING:
    from plenary.strategy.models import Clause


def _clause(request: HttpRequest, strategy: str, local: str) -> Clause:
    found = get_clause_for(request.user, f"{strategy}.{local}")
    if found is None:
        raise Http404
    return found


@access.everyone
@csrf_exempt  # commenters.of_form looks where a form comes from, as for votes
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: HttpRequest, strategy: str, local: str) -> HttpResponse:
    """The comments on a clause. ``do`` says what a form wants: comment, useful, not-useful, withdraw."""
    clause = _clause(request, strategy, local)
    if request.method != "POST":
        return _show(request, clause, commenters.of_page(request, clause.strategy))
    asker = commenters.of_form(request, clause.strategy)
    do = request.POST.get("do", "")
    if asker is None:
        notice = _(
            "This form was too old or incomplete, so nothing was saved. "
            "What you wrote is still here: please send it again."
        )
        return _show(
            request, clause, commenters.newcomer(clause.strategy), sent=True, notice=notice, status=422
        )
    if do in ("useful", "not-useful", "withdraw"):
        return _act(request, clause, asker, do)
    form = _form(request, sent=True)
    if not form.is_valid():
        return _show(request, clause, asker, form=form, status=422)
    above = _comment_above(request, clause, asker)
    flood = too_many(request, asker)
    if flood is not None:
        return say_when(_show(request, clause, asker, form=form, notice=flood[0], status=429), flood[1])
    version = get_version(clause.strategy)
    try:
        actions.write_comment(
            clause=clause,
            voter=asker.voter,
            answers=above,
            version=version,
            now=timezone.now(),
            **form.cleaned_data,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal.message))
        return _show(request, clause, asker, form=form, status=409)
    return _done(request, clause, asker, "written")


def _comment_above(request: HttpRequest, clause: Clause, asker: Asker) -> Comment | None:
    reference = request.POST.get("answers", "")
    if not reference:
        return None
    found = queries.get_own_or_shown(reference, None)
    if found is None or found.clause_id != clause.pk:
        raise Http404
    return found


def _act(request: HttpRequest, clause: Clause, asker: Asker, do: str) -> HttpResponse:
    commenter = queries.get_commenter(clause.strategy, asker.voter)
    found = queries.get_own_or_shown(request.POST.get("comment", ""), commenter)
    if found is None or found.clause_id != clause.pk:
        raise Http404
    now = timezone.now()
    try:
        if do == "withdraw":
            actions.withdraw_comment(comment=found, voter=asker.voter, now=now)
        else:
            actions.mark_useful(comment=found, voter=asker.voter, useful=do == "useful", now=now)
    except Refused as refusal:
        return _show(request, clause, asker, notice=str(refusal.message), status=409)
    return _done(request, clause, asker, "withdrawn" if do == "withdraw" else do, anchor=found.reference)


def _done(request: HttpRequest, clause: Clause, asker: Asker, what: str, anchor: str = "") -> HttpResponse:
    if asker.is_remembered:
        kept = {name: request.GET[name] for name in ("lang", "sort") if name in request.GET}
        address = reverse(
            "comments", args=[clause.strategy.reference, clause.local], query={**kept, "done": what}
        )
        response: HttpResponse = HttpResponseRedirect(
            f"{address}#{anchor}" if anchor else address, status=303
        )
    else:
        response = _show(request, clause, asker, done=what)
    commenters.remember(response, asker, clause.strategy)
    return response


def _form(request: HttpRequest, *, sent: bool) -> CommentForm:
    return CommentForm(request.POST if sent else None, reading=content_language(request))


def _show(
    request: HttpRequest,
    clause: Clause,
    asker: Asker,
    *,
    form: CommentForm | None = None,
    sent: bool = False,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    language = content_language(request)
    newest = request.GET.get("sort") == "newest"
    commenter = queries.get_commenter(clause.strategy, asker.voter)
    found: list[Any] = queries.list_comments(clause, commenter, language, newest=newest)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    reply = request.POST.get("answers") or request.GET.get("reply", "")
    context = {
        "clause": clause,
        "state": get_shown_state(clause, get_version(clause.strategy), language),
        "page": page,
        "comments": list(page.object_list),
        "count": sum(1 + len(each.thread) for each in found),
        "sort": "newest" if newest else "",
        "form": form or _form(request, sent=sent),
        "replying": next((each for each in found if each.reference == reply), None),
        "token": asker.token,
        "done": request.GET.get("done", ""),
        "trail": [
            (_("Strategy"), reverse("strategies")),
            (clause.strategy.reference, reverse("strategy", args=[clause.strategy.reference])),
            (clause.local, reverse("clause", args=[clause.strategy.reference, clause.local])),
            (_("Comments"), ""),
        ],
    }
    return render(request, "participation/comments.html", context | more, status=status)


@access.everyone
@require_safe
def comments_of(request: HttpRequest, strategy: str) -> HttpResponse:
    """The address below which all comments on a strategy stand; it leads to the strategy itself."""
    return redirect("strategy", strategy)


@access.everyone
@require_safe
def comment(request: HttpRequest, reference: str) -> HttpResponse:
    """One comment, to be cited."""
    language = content_language(request)
    found = queries.get_comment_for(request.user, reference, language)
    if found is None:
        raise Http404
    shown: list[Any] = queries.list_comments(found.clause, None, language)
    threads = {reply.pk: each for each in shown for reply in each.thread}
    here = next((each for each in shown if each.pk == found.pk), None)
    context = {
        "comment": found,
        "replies": here.thread if here is not None else [],
        "above": threads.get(found.pk),
        "useful": here.useful if here is not None else 0,
        "may_moderate": rules.may_moderate(request.user),
    }
    return render(request, "participation/comment.html", context)


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["GET", "HEAD", "POST"])
def comment_moderation(request: HttpRequest) -> HttpResponse:
    """The desk reads comments, oldest first."""
    state = request.GET.get("state", Comment.Moderation.WAITING)
    if state not in Comment.Moderation.values:
        raise Http404
    chosen = request.POST.getlist("text")
    form = ReadingForm(request.POST or None, chosen=chosen)
    answer = submit(
        request,
        form,
        lambda now: actions.moderate_comments(
            comments=queries.list_comments_to_moderate(chosen),
            decision=form.cleaned_data["decision"],
            reason=form.full_reason,
            by=person(request),
            now=now,
        ),
        done=lambda changed: moderated(form.cleaned_data["decision"], changed),
        to=request.get_full_path(),
    )
    if answer:
        return answer
    page = Paginator(queries.list_comments_in(state), PAGE).get_page(request.GET.get("page"))
    counts = queries.count_comments_in()
    context = {
        "state": state,
        "tabs": [(value, label, counts[value]) for value, label in Comment.Moderation.choices],
        "page": page,
        "comments": queries.with_comment_words(page.object_list, content_language(request)),
        "form": form,
        "chosen": chosen,
    }
    return render(request, "participation/comment_moderation.html", context, status=status_of(form))
