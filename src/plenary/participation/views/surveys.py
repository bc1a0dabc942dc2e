"""Surveys: the page with the questions, what was answered, and the desk that makes them."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, rules, voters, ways_in
from plenary.participation.models import Participant, Survey, SurveyAnswer
from plenary.participation.phases import Act
from plenary.participation.survey_forms import (
    NewSurveyForm,
    QuestionForm,
    ReadingForm,
    StatementOfForm,
    SurveyDetailsForm,
    SurveyForm,
    initial_of,
)
from plenary.participation.survey_templates import TEMPLATES

from .shared import PAGE, get_consultation, say_when, too_many

if TYPE_CHECKING:
    from plenary.people.models import User

editing = access.ruled("participation.rules.may_edit_surveys")


def survey_or_404(request: HttpRequest, reference: str) -> Survey:
    found = queries.get_survey_for(
        request.user, reference, content_language(request), queries.keys_of(request)
    )
    if found is None:
        raise ways_in.nothing_there(request)
    return found


def person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # what its access says, for the type checker
    return request.user


# Answering


@access.everyone
@csrf_exempt  # voters.of_form looks where a form comes from, as for the card
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_survey(request: HttpRequest, reference: str, survey: str) -> HttpResponse:
    """All questions on one page; what is typed stays on it until it is saved."""
    consultation = get_consultation(request, reference)
    found = survey_or_404(request, survey)
    if found.consultation_id != consultation.pk:
        raise Http404
    if request.method != "POST":
        return _show(request, found, voters.of_page(request, consultation))
    asker = voters.of_form(request, consultation)
    if asker is None:
        notice = _(
            "This form was too old or incomplete, so nothing was saved. "
            "What you answered is still here: please send it again."
        )
        return _show(request, found, voters.newcomer(consultation), sent=True, notice=notice, status=422)
    form = _form(request, found, asker, sent=True)
    if not form.is_valid():
        return _show(request, found, asker, form=form, status=422)
    flood = too_many(request, asker)
    if flood is not None:
        return say_when(_show(request, found, asker, form=form, notice=flood[0], status=429), flood[1])
    try:
        actions.answer_survey(
            survey=found,
            voter=asker.voter,
            given=form.given,
            language=form.cleaned_data.get("language") or content_language(request),
            now=timezone.now(),
        )
    except Refused as refusal:
        return _show(request, found, asker, form=form, notice=str(refusal.message), status=409)
    if asker.is_remembered:
        kept = {"lang": request.GET["lang"]} if "lang" in request.GET else {}
        address = reverse("answer-survey", args=[reference, survey], query={**kept, "saved": "1"})
        response: HttpResponse = HttpResponseRedirect(address, status=303)
    else:
        response = _show(request, found, asker, saved=True)
    voters.remember(response, asker, consultation)
    return response


def _participant(found: Survey, asker: voters.Asker) -> Participant | None:
    return queries.get_participant(found.consultation, asker.voter)


def _form(request: HttpRequest, found: Survey, asker: voters.Asker, *, sent: bool) -> SurveyForm:
    language = content_language(request)
    return SurveyForm(
        request.POST if sent else None,
        questions=queries.load_questions(found, language),
        mine=queries.latest_answers_of(found, _participant(found, asker)),
        reading=language,
    )


def _show(
    request: HttpRequest,
    found: Survey,
    asker: voters.Asker,
    *,
    form: SurveyForm | None = None,
    sent: bool = False,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    participant = _participant(found, asker)
    consultation = found.consultation
    context = {
        "survey": found,
        "consultation": consultation,
        "card": {"participant": participant},
        "form": form or _form(request, found, asker, sent=sent),
        "token": asker.token,
        "asker": asker,
        "is_draft": found.is_draft,
        "takes_answers": rules.may_answer_survey(found, timezone.now()),
        "needs_account": rules.must_sign_in(
            consultation, Act.ANSWER_SURVEY, has_account=asker.voter.user is not None
        ),
        "may_edit": rules.may_edit_surveys(request.user),
        "saved": "saved" in request.GET and participant is not None,
    }
    return render(request, "participation/survey_form.html", context | more, status=status)


# What was answered


@access.everyone
@require_safe
def survey(request: HttpRequest, reference: str) -> HttpResponse:
    """The survey with its results, which is what can be cited."""
    language = content_language(request)
    found = survey_or_404(request, reference)
    now = timezone.now()
    people = queries.count_participants([found.consultation_id]).get(found.consultation_id, 0)
    cycles = queries.list_cycles(request.user, found, now, language)
    context = {
        "survey": found,
        "results": queries.get_results(found, language),
        "people": people,
        "is_running": queries.is_running(found.consultation, now),
        "is_draft": found.is_draft,
        "has_cycles": len(cycles) > 1,
        "may_edit": rules.may_edit_surveys(request.user),
    }
    return render(request, "participation/survey.html", context)


@access.everyone
@require_safe
def survey_csv(request: HttpRequest, reference: str) -> HttpResponse:
    """Every answer counted, one line an answer."""
    found = survey_or_404(request, reference)
    rows: list[Sequence[Any]] = [
        ("question", "kind", "wording", "asked", "answered", "option", "words", "count", "mean_place", "low", "high")
    ]  # fmt: skip
    for result in queries.get_results(found, content_language(request), texts=0):
        question = result.question
        start = (question.number, question.kind, question.said["wording"], result.asked, result.answered)
        if result.mean is not None:
            rows.append((*start, "mean", "", result.mean.n, *_three(result.mean)))
        if not result.options:
            rows.append((*start, "", "", result.answered, "", "", ""))
        for option in sorted(result.options, key=lambda each: each.number):
            figure = option.place if option.place is not None else option.share
            shown = _three(figure) if option.place is not None else ("", *_three(figure)[1:])
            rows.append((*start, option.number, option.said, option.count, *shown))
    return csv_answer(rows, f"{found.reference}.csv")


def _three(figure: Any) -> tuple[str, str, str]:
    return tuple("" if value is None else f"{value:.6g}" for value in (figure.value, figure.low, figure.high))  # type: ignore[return-value]


@access.everyone
@require_safe
def survey_rows_csv(request: HttpRequest, reference: str) -> HttpResponse:
    """Answer by answer, under a random name made for this file, with the day alone; without words and attributes.

    For everybody once the answers stand; before, one look after the other would tell whose answer is new.
    """
    found = survey_or_404(request, reference)
    if queries.is_running(found.consultation, timezone.now()):
        raise Refused(
            _(
                "Answers one by one are published when the survey is over, so that no new one can be told apart."
            )
        )
    return csv_answer(_anonymous(queries.list_rows(found)), f"{found.reference}-answers.csv")


def _anonymous(rows: Iterable[tuple[int, int, Any, datetime]]) -> list[Sequence[Any]]:
    names: dict[int, str] = {}
    told = []
    for participant, question, value, at in rows:
        name = names.setdefault(participant, secrets.token_hex(8))
        shown = (
            " ".join(map(str, value)) if isinstance(value, list) else "(words)" if value is None else value
        )
        told.append((name, question, shown, timezone.localdate(at).isoformat()))
    return [("participant", "question", "value", "day"), *sorted(told)]


def csv_answer(rows: Iterable[Sequence[Any]], name: str) -> HttpResponse:
    """A table to be kept. Words that a spreadsheet would take for a formula are set off with an apostrophe."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    for row in rows:
        writer.writerow(
            [
                f"'{cell}" if str(cell)[:1] in ("=", "+", "-", "@") and not _is_number(cell) else cell
                for cell in row
            ]
        )
    return response


def _cell(value: Any) -> Any:
    return f"'{value}" if str(value)[:1] in ("=", "+", "-", "@") and not _is_number(value) else value


def _is_number(cell: Any) -> bool:
    try:
        float(str(cell))
    except ValueError:
        return False
    return True


# Answers in words


@access.read_by(access.everyone, written_by=access.ruled("participation.rules.may_moderate"))
@require_http_methods(["GET", "HEAD", "POST"])
def survey_texts(request: HttpRequest, reference: str) -> HttpResponse:
    """What was answered in words: for everybody what was accepted, for the desk the queue as well."""
    language = content_language(request)
    found = survey_or_404(request, reference)
    may_moderate = rules.may_moderate(request.user)
    states = [value for value in SurveyAnswer.Moderation.values if value]
    state = request.GET.get("state", "waiting" if may_moderate else "accepted")
    if state not in states or (state != "accepted" and not may_moderate):
        raise Http404
    asked = request.GET.get("question", "")
    chosen = [value for value in request.POST.getlist("text") if value.isdecimal() and len(value) < 19]
    form = ReadingForm(request.POST or None, chosen=chosen)
    answer = submit(
        request,
        form,
        lambda now: actions.moderate_answers(
            answers=queries.list_answers_to_moderate(found, [int(value) for value in chosen]),
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
    number = int(asked) if asked.isdecimal() and len(asked) < 5 else None
    page = Paginator(queries.texts_of(found, state, number), PAGE).get_page(request.GET.get("page"))
    counts = queries.count_texts(found)
    context = {
        "survey": found,
        "state": state,
        "tabs": [(value, SurveyAnswer.Moderation(value).label, counts[value]) for value in states],
        "page": page,
        "texts": queries.with_answer_words(page.object_list, language),
        "form": form,
        "chosen": chosen,
        "may_moderate": may_moderate,
    }
    return render(request, "participation/survey_texts.html", context, status=status_of(form))


def moderated(decision: str, changed: int) -> str:
    if decision == "accepted":
        done = ngettext("%(count)s text accepted.", "%(count)s texts accepted.", changed)
    else:
        done = ngettext("%(count)s text rejected.", "%(count)s texts rejected.", changed)
    return done % {"count": number_format(changed, force_grouping=True)}


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["GET", "HEAD", "POST"])
def statement_of_answer(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Make a statement of an answer in words, for everybody to vote on."""
    found = survey_or_404(request, reference)
    answer = queries.get_text_answer(found, number, content_language(request))
    if answer is None or answer.text is None:
        raise Http404
    form = StatementOfForm(request.POST or None, initial={"body": answer.text.body})
    done = submit(
        request,
        form,
        lambda now: actions.make_statement_of(
            answer=answer, body=form.cleaned_data["body"], by=person(request), now=now
        ),
        to=lambda made: reverse("survey-texts", args=[reference], query={"state": "accepted"}),
        done=lambda made: _made(*made),
        field="body",
    )
    context = {"survey": found, "answer": answer, "form": form}
    return done or render(request, "participation/statement_of_answer.html", context, status=status_of(form))


def _made(statement: Any, is_new: bool) -> str:
    facts = {"reference": statement.reference}
    if is_new:
        return _("%(reference)s was made of it. People can vote on it now.") % facts
    return _("%(reference)s says the same already, so the answer was linked to it.") % facts


# Making surveys


@editing
@require_http_methods(["GET", "HEAD", "POST"])
def consultation_surveys(request: HttpRequest, reference: str) -> HttpResponse:
    """The surveys of a consultation, and a new one: empty, from a template, or from an earlier consultation."""
    language = content_language(request)
    consultation = get_consultation(request, reference, language)
    earlier = [
        each
        for each in queries.list_surveys_for(request.user, language)
        if each.consultation_id != consultation.pk and not each.is_draft
    ]
    starts = [
        *((f"template:{key}", template.title) for key, template in TEMPLATES.items()),
        *(
            (
                f"copy:{each.reference}",
                _("The next cycle of “%(title)s” (%(reference)s)")
                % {"title": each.said["title"], "reference": each.reference},
            )
            for each in earlier
        ),
    ]
    form = NewSurveyForm(request.POST or None, starts=starts, reading=language)

    def make(now: datetime) -> Survey:
        kind, _colon, key = form.cleaned_data["start"].partition(":")
        if kind == "template":
            return actions.use_template(
                consultation=consultation,
                template=key,
                language=form.cleaned_data["language"],
                by=person(request),
                now=now,
            )
        if kind == "copy":
            source = next(each for each in earlier if each.reference == key)
            return actions.copy_survey(survey=source, to=consultation, by=person(request), now=now)
        return actions.create_survey(
            consultation=consultation,
            title=form.cleaned_data["title"],
            language=form.cleaned_data["language"],
            by=person(request),
            now=now,
        )

    answer = submit(request, form, make, to=lambda made: reverse("edit-survey", args=[made.reference]))
    context = {
        "consultation": consultation,
        "surveys": queries.list_surveys_of(request.user, consultation, language),
        "form": form,
    }
    return answer or render(
        request, "participation/consultation_surveys.html", context, status=status_of(form)
    )


def _language_of(found: Survey) -> str:
    title = found.record.title
    return title.source_language if title is not None else "en"


@editing
@require_http_methods(["GET", "HEAD", "POST"])
def edit_survey(request: HttpRequest, reference: str) -> HttpResponse:
    """The questions in their order, one more, and the survey's name. Each button says in ``do`` what it does."""
    language = content_language(request)
    found = survey_or_404(request, reference)
    questions = queries.load_questions(found, language)
    do = request.POST.get("do", "")
    details = SurveyDetailsForm(
        request.POST if do == "describe" else None,
        prefix="details",
        initial={
            "title": found.record.title.body if found.record.title else "",
            "introduction": found.introduction.body if found.introduction else "",
        },
    )
    adding = QuestionForm(
        request.POST if do == "add" else None, earlier=questions, initial={"kind": "choice"}
    )
    here = reverse("edit-survey", args=[reference])
    answer = submit(
        request,
        details,
        lambda now: actions.describe_survey(
            survey=found, language=_language_of(found), by=person(request), now=now, **details.cleaned_data
        ),
        to=here,
        done=_("Saved."),
    ) or submit(
        request,
        adding,
        lambda now: actions.add_survey_question(
            survey=found,
            spec=actions.QuestionSpec(**adding.spec_facts()),
            language=_language_of(found),
            by=person(request),
            now=now,
        ),
        to=f"{here}#add",
        done=_("The question was added."),
    )
    if answer:
        return answer
    context = {
        "survey": found,
        "questions": questions,
        "details": details,
        "adding": adding,
        "is_draft": found.is_draft,
        "has_answers": queries.has_answers(found),
    }
    return render(request, "participation/edit_survey.html", context, status=status_of(details, adding))


@editing
@require_POST
def change_survey(request: HttpRequest, reference: str) -> HttpResponse:
    """One button of the editor: publish, hide, move or remove. A refusal is a page that says why (409)."""
    found = survey_or_404(request, reference)
    do, now, by = request.POST.get("do", ""), timezone.now(), person(request)
    if do == "publish":
        actions.publish_survey(survey=found, by=by, now=now)
    elif do == "hide":
        actions.hide_survey(survey=found, by=by, now=now)
    else:
        number = request.POST.get("question", "")
        question = (
            queries.get_question(found, int(number)) if number.isdecimal() and len(number) < 5 else None
        )
        if question is None or do not in ("up", "down", "remove"):
            raise Http404
        if do == "remove":
            actions.remove_survey_question(question=question, by=by, now=now)
        else:
            actions.move_survey_question(question=question, up=do == "up", by=by, now=now)
    return HttpResponseRedirect(reverse("edit-survey", args=[reference]), status=303)


@editing
@require_http_methods(["GET", "HEAD", "POST"])
def edit_survey_question(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    language = content_language(request)
    found = survey_or_404(request, reference)
    question = queries.get_question(found, number)
    if question is None:
        raise Http404
    questions = queries.load_questions(found, language)
    earlier = questions[: next(at for at, each in enumerate(questions) if each.pk == question.pk)]
    form = QuestionForm(
        request.POST or None,
        earlier=earlier,
        repeats=question.same_as_id is not None,
        initial=initial_of(question),
    )
    answer = submit(
        request,
        form,
        lambda now: actions.edit_survey_question(
            question=question,
            spec=actions.QuestionSpec(**form.spec_facts()),
            language=_language_of(found),
            by=person(request),
            now=now,
            is_same=form.cleaned_data.get("is_same", False),
        ),
        to=reverse("edit-survey", args=[reference]),
        done=_("The question was changed."),
    )
    context = {"survey": found, "question": question, "form": form}
    return answer or render(
        request, "participation/edit_survey_question.html", context, status=status_of(form)
    )
