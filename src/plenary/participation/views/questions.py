"""The register of questions that need a collective answer: everybody reads, staff put views forward, the desk edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plenary.kit import access, tables
from plenary.kit.answers import status_of, submit
from plenary.kit.filters import Choice, Filters, Search
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules
from plenary.participation.models import CollectiveQuestion
from plenary.participation.question_forms import AnswerForm, QuestionForm, ViewForm
from plenary.records.models import Record
from plenary.records.queries import get_record_for, list_events_of
from plenary.records.texts import with_texts

from .shared import PAGE

if TYPE_CHECKING:
    from plenary.people.models import User


@access.everyone
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    states = [
        ("", pgettext("questions", "any")),
        ("open", pgettext("questions", "not answered yet")),
        ("answered", pgettext("questions", "answered")),
    ]
    filters = Filters(
        request.GET,
        Search(_("Words of the question")),
        Choice("concern", _("What it is about"), [("", _("anything")), *CollectiveQuestion.Concern.choices]),
        Choice("state", _("Where it stands"), states),
    )
    found = queries.list_questions_for(
        request.user, concern=filters["concern"], state=filters["state"], words=filters["q"]
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "questions": queries.describe_questions(page.object_list, request.user, content_language(request)),
        "may_register": rules.may_register_questions(request.user),
    }
    return render(request, "participation/questions.html", context)


@access.everyone
@require_safe
def questions_csv(request: HttpRequest) -> HttpResponse:
    """The whole register as a file, in the reader's language."""
    found = queries.describe_questions(
        queries.list_questions_for(request.user), request.user, content_language(request)
    )
    rows: list[Sequence[str]] = [
        ("reference", "question", "concern", "for", "against", "consultations", "clauses", "answered_at")
    ]
    for each in found:
        item: Any = each
        answered = item.answered_at.isoformat() if item.answered_at else ""
        figures = (item.supporting, item.contradicting, item.asked_in, item.answered_in)
        words = str(item.said["question"])
        rows.append((item.reference, words, item.concern, *map(str, figures), answered))
    response = HttpResponse(tables.write_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="questions.csv"'
    return response


@access.everyone
@require_safe
def question(request: HttpRequest, reference: str) -> HttpResponse:
    return _show(request, _question_or_404(request, reference))


def _show(request: HttpRequest, found: CollectiveQuestion, *, form: ViewForm | None = None) -> HttpResponse:
    language = content_language(request)
    about = queries.list_consultations_about(request.user, found.record, language)
    raised_in = found.raised_in
    if raised_in is not None and get_record_for(request.user, raised_in.reference) is None:
        raised_in = None
    context = {
        "question": found,
        "raised_in": raised_in,
        "views": queries.list_views(request.user, found, language),
        "consultations": about,
        "clauses": queries.list_clauses_answering(found, language),
        "events": list_events_of(found.record),
        "may_register": rules.may_register_questions(request.user),
        "may_add": rules.may_add_views(request.user),
        "may_open": rules.may_open_consultation(request.user),
        "form": form or ViewForm(find=_find(request)),
        "trail": [(_("Questions"), reverse("questions")), (found.reference, "")],
    }
    return render(request, "participation/question.html", context, status=status_of(form))


@access.ruled("participation.rules.may_register_questions")
@require_http_methods(["GET", "HEAD", "POST"])
def new_question(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("in", "")
    raised_in = get_record_for(request.user, asked) if asked else None
    if asked and raised_in is None:
        raise Http404
    form = QuestionForm(request.POST or None)
    answer = submit(
        request,
        form,
        lambda now: actions.raise_question(
            question=form.cleaned_data["words"],
            background=form.cleaned_data["background"],
            concern=form.cleaned_data["concern"],
            language=get_language() or "en",
            raised_in=raised_in,
            by=_signed_in(request),
            now=now,
        ),
        to=lambda made: reverse("question", args=[made.reference]),
        done=_("The question is on the register."),
    )
    if raised_in is not None:
        with_texts([raised_in], content_language(request), title="title_id")
    context = {"form": form, "raised_in": raised_in, "question": None}
    return answer or render(request, "participation/question_form.html", context, status=status_of(form))


@access.ruled("participation.rules.may_register_questions")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_question(request: HttpRequest, reference: str) -> HttpResponse:
    found = _question_or_404(request, reference)
    title = found.record.title
    assert title is not None
    initial = {
        "words": title.body,
        "background": found.background.body if found.background else "",
        "concern": found.concern,
    }
    form = QuestionForm(request.POST or None, initial=initial)
    answer = submit(
        request,
        form,
        lambda now: actions.edit_question(
            question=found,
            language=title.source_language,
            by=_signed_in(request),
            now=now,
            **form.cleaned_data,
        ),
        to=reverse("question", args=[found.reference]),
        done=lambda changed: _("The new words stand; the history keeps the earlier ones.") if changed else "",
    )
    context = {"form": form, "question": found, "original": title.source_language}
    return answer or render(request, "participation/question_form.html", context, status=status_of(form))


@access.ruled("participation.rules.may_add_views", why=gettext_lazy("It takes a role in an organization."))
@require_POST
def add_view(request: HttpRequest, reference: str) -> HttpResponse:
    """Put something forward, for or against."""
    found = _question_or_404(request, reference)
    form = ViewForm(request.POST, find=_find(request))

    def act(now: datetime) -> None:
        for source in form.cleaned_data["reference"]:
            actions.add_view(
                question=found,
                source=source,
                stance=form.cleaned_data["stance"],
                quote=form.cleaned_data["quote"],
                by=_signed_in(request),
                now=now,
            )

    to = f"{reverse('question', args=[found.reference])}#views"
    answer = submit(request, form, act, to=to, done=_("It stands on the register."))
    return answer or _show(request, found, form=form)


@access.ruled("participation.rules.may_register_questions")
@require_http_methods(["GET", "HEAD", "POST"])
def answer_question(request: HttpRequest, reference: str) -> HttpResponse:
    found = _question_or_404(request, reference)
    clauses = queries.list_clauses_answering(found, content_language(request))
    initial = {
        "answer": found.answer.body if found.answer else "",
        "clauses": ", ".join(clause.reference for clause in clauses),
    }
    form = AnswerForm(request.POST or None, initial=initial, find=_find(request))
    answer = submit(
        request,
        form,
        lambda now: actions.answer_question(
            question=found,
            answer=form.cleaned_data["answer"],
            language=get_language() or "en",
            clauses=form.cleaned_data["clauses"],
            by=_signed_in(request),
            now=now,
        ),
        to=reverse("question", args=[found.reference]),
        done=_("The answer is published."),
    )
    context = {"form": form, "question": found}
    return answer or render(request, "participation/answer_question.html", context, status=status_of(form))


def _question_or_404(request: HttpRequest, reference: str) -> CollectiveQuestion:
    found = queries.get_question_for(request.user, reference, content_language(request))
    if found is None:
        raise Http404
    return found


def _find(request: HttpRequest) -> Callable[[str], Record | None]:
    return lambda reference: get_record_for(request.user, reference)


def _signed_in(request: HttpRequest) -> User:
    user: Any = request.user
    assert user.is_authenticated  # what the access of its callers says, for the type checker
    found: User = user
    return found
