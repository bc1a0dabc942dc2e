"""Surveys: making them, answering them, reading what was written, and asking again in the next cycle."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plenary.kit.errors import Refused
from plenary.participation import queries, rules, survey_templates
from plenary.participation.models import (
    Consultation,
    Participant,
    Statement,
    Survey,
    SurveyAnswer,
    SurveyOption,
    SurveyQuestion,
)
from plenary.participation.phases import Act
from plenary.participation.survey_wording import as_answer, asked_questions, check_length, tidy_lines
from plenary.participation.tokens import Voter
from plenary.participation.wording import MAX_LENGTH, tidy
from plenary.records.actions import (
    create_record,
    destroy_text,
    put_text,
    put_texts,
    set_visibility,
    write_event,
)
from plenary.records.models import Text, Visibility

from .statements import NewStatement, add_statements
from .voting import ensure_participant, require_account

if TYPE_CHECKING:
    from plenary.people.models import User

Kind = SurveyQuestion.Kind
WITH_OPTIONS = (Kind.CHOICE, Kind.SEVERAL, Kind.RANKING)
OPENING = (Kind.CHOICE, Kind.SCALE)
"""Kinds whose answer can decide whether another question is asked."""
MOST_OPTIONS = 40


@dataclass(frozen=True)
class Phrase:
    """Words with their human translations."""

    body: str
    translations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class QuestionSpec:
    """A question as its editor wants it. ``depends_on`` is another question's number."""

    kind: str
    wording: str | Phrase
    help: str | Phrase = ""
    is_required: bool = False
    options: Sequence[str | Phrase] = ()
    lowest: int | None = None
    highest: int | None = None
    lowest_label: str | Phrase = ""
    highest_label: str | Phrase = ""
    depends_on: int | None = None
    depends_values: Sequence[int] = ()


@transaction.atomic
def create_survey(
    *,
    consultation: Consultation,
    title: str | Phrase,
    language: str,
    by: User | None,
    now: datetime,
    introduction: str | Phrase = "",
    questions: Sequence[QuestionSpec] = (),
) -> Survey:
    """A survey that the desk alone sees until it is published. Conditions name questions by their place from 1."""
    if not _body(title):
        raise Refused(_("A survey needs a title."))
    record = create_record(
        kind="survey",
        title=_put(title, language),
        visibility=Visibility.ORGANIZATION,
        by=by,
        now=now,
        changes={"consultation": [None, consultation.reference]},
    )
    survey = Survey.objects.create(
        record=record,
        consultation=consultation,
        introduction=_put(introduction, language) if _body(introduction) else None,
    )
    for spec in questions:
        _add(survey, spec, language)
    return survey


@transaction.atomic
def use_template(
    *, consultation: Consultation, template: str, language: str, by: User | None, now: datetime
) -> Survey:
    """A survey with the questions of a template, in all languages of the interface."""
    if template not in survey_templates.TEMPLATES:
        raise Refused(_("There is no such template."))
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    facts = survey_templates.build(template, Phrase, QuestionSpec, known)
    return create_survey(consultation=consultation, language=known, by=by, now=now, **facts)


@transaction.atomic
def describe_survey(
    *, survey: Survey, title: str, introduction: str, language: str, by: User | None, now: datetime
) -> None:
    """Give a survey another title or introduction; the words of before stand in the history."""
    if not title.strip():
        raise Refused(_("A survey needs a title."))
    record = survey.record
    changes: dict[str, list[Any]] = {}
    if record.title is None or record.title.body != title.strip():
        changes["title"] = [record.title.body if record.title else None, title.strip()]
        record.title = put_text(title.strip(), language)
        record.save(update_fields=["title"])
    before = survey.introduction.body if survey.introduction else ""
    if before != introduction.strip():
        survey.introduction = put_text(introduction.strip(), language) if introduction.strip() else None
        survey.save(update_fields=["introduction"])
        changes["introduction"] = [before or None, introduction.strip() or None]
    if changes:
        write_event(record=record, verb="edited", by=by, now=now, changes=changes)


@transaction.atomic
def add_survey_question(
    *, survey: Survey, spec: QuestionSpec, language: str, by: User | None, now: datetime
) -> SurveyQuestion:
    """One more question, at the end."""
    question = _add(survey, spec, language)
    _tell(survey, question.number, [None, _body(spec.wording)], by, now)
    return question


@transaction.atomic
def edit_survey_question(
    *,
    question: SurveyQuestion,
    spec: QuestionSpec,
    language: str,
    by: User | None,
    now: datetime,
    is_same: bool = False,
) -> None:
    """Change a question that nobody has answered yet; afterwards its words stand.

    One that repeats an earlier cycle's question stops doing so, since it asks something else now, unless ``is_same``
    says that only the spelling changed.
    """
    question = SurveyQuestion.objects.select_for_update(of=("self",)).get(pk=question.pk)
    if question.kind != spec.kind and question.opens.filter(removed_at=None).exists():
        raise Refused(_("Another question depends on the answers to this one. Change that one first."))
    count = question.answers.count()
    if count:
        said = ngettext(
            "One person has answered this question, so its words stand. Remove it and add a new one instead.",
            "People have answered this question, so its words stand. Remove it and add a new one instead.",
            count,
        )
        raise Refused(said)
    _check(question.survey, spec, before=question)
    before = question.wording.body
    if not is_same:
        question.same_as = None
    _write(question, spec, language)
    question.save()
    _write_options(question, spec, language)
    _check_dependents(question)
    _tell(question.survey, question.number, [before, _body(spec.wording)], by, now)


@transaction.atomic
def remove_survey_question(*, question: SurveyQuestion, by: User | None, now: datetime) -> None:
    """Ask it no more. Without answers it is gone; with answers it stays in the results."""
    if question.opens.filter(removed_at=None).exists():
        raise Refused(_("Another question is asked only after an answer to this one. Change that one first."))
    if question.answers.exists() or question.asked_again.exists():
        question.removed_at = now
        question.save(update_fields=["removed_at"])
    else:
        question.opens.update(depends_on=None, depends_values=[])
        question.delete()
    _tell(question.survey, question.number, [question.wording.body, None], by, now)


@transaction.atomic
def move_survey_question(*, question: SurveyQuestion, up: bool, by: User | None, now: datetime) -> None:
    """Let it change places with its neighbour; a question never stands before the one that it depends on."""
    order = list(queries.questions_of(question.survey))
    place = next(at for at, each in enumerate(order) if each.pk == question.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    first, second = sorted((place, other))
    if order[second].depends_on_id == order[first].pk:
        raise Refused(_("A question stands below the one whose answer it depends on."))
    order[place], order[other] = order[other], order[place]
    for at, each in enumerate(order, start=1):
        if each.place != at:
            each.place = at
            each.save(update_fields=["place"])
    changes = {"order": [None, [each.number for each in order]]}
    write_event(record=question.survey.record, verb="edited", by=by, now=now, changes=changes)


@transaction.atomic
def publish_survey(*, survey: Survey, by: User | None, now: datetime) -> None:
    """Let those who take part see it; they answer it while the consultation takes answers."""
    if not queries.questions_of(survey).exists():
        raise Refused(_("A survey without questions cannot be published. Add one first."))
    if survey.published_at is not None:
        return
    survey.published_at = now
    survey.save(update_fields=["published_at"])
    set_visibility(record=survey.record, visibility=survey.consultation.record.visibility)
    write_event(record=survey.record, verb="published", by=by, now=now)


@transaction.atomic
def hide_survey(*, survey: Survey, by: User | None, now: datetime) -> None:
    """Take a survey back that nobody has answered."""
    if SurveyAnswer.objects.filter(question__survey=survey).exists():
        raise Refused(_("People have answered this survey, so it stays."))
    survey.published_at = None
    survey.save(update_fields=["published_at"])
    set_visibility(record=survey.record, visibility=Visibility.ORGANIZATION)
    write_event(record=survey.record, verb="hidden", by=by, now=now)


def _tell(survey: Survey, number: int, change: list[Any], by: User | None, now: datetime) -> None:
    write_event(record=survey.record, verb="edited", by=by, now=now, changes={f"question {number}": change})


def _body(words: str | Phrase) -> str:
    return (words if isinstance(words, str) else words.body).strip()


def _put(words: str | Phrase, language: str) -> Text:
    return put_text(_body(words), language, {} if isinstance(words, str) else words.translations)


def _add(survey: Survey, spec: QuestionSpec, language: str) -> SurveyQuestion:
    _check(survey, spec)
    known = survey.questions.aggregate(number=Max("number"), place=Max("place"))
    question = SurveyQuestion(
        survey=survey, number=(known["number"] or 0) + 1, place=(known["place"] or 0) + 1
    )
    _write(question, spec, language)
    question.save()
    _write_options(question, spec, language)
    return question


def _check(survey: Survey, spec: QuestionSpec, before: SurveyQuestion | None = None) -> None:
    if spec.kind not in Kind.values:
        raise Refused(_("There is no such kind of question."))
    if not _body(spec.wording):
        raise Refused(_("A question needs its words."))
    if spec.kind in WITH_OPTIONS:
        bodies = [_body(option) for option in spec.options]
        if not 2 <= len(bodies) <= MOST_OPTIONS or not all(bodies):
            raise Refused(_("Give two to %(most)s answers to choose from.") % {"most": MOST_OPTIONS})
        if len(set(bodies)) != len(bodies):
            raise Refused(_("Two of the answers are the same."))
    if spec.kind == Kind.SCALE and (
        spec.lowest is None or spec.highest is None or not 1 <= spec.highest - spec.lowest <= 10
    ):
        raise Refused(_("A scale goes from a lower to a higher number, over two to eleven steps."))
    if spec.depends_on is None:
        return
    others = queries.questions_of(survey)
    if before is not None:
        others = others.filter(place__lt=before.place)
    opener = others.filter(number=spec.depends_on).prefetch_related("options").first()
    if opener is None or opener.kind not in OPENING:
        raise Refused(_("A question can depend on an earlier one with a single answer, and on no other."))
    if not spec.depends_values or not set(spec.depends_values) <= set(_values_of(opener)):
        raise Refused(_("Choose the answers after which the question is asked."))


def _check_dependents(question: SurveyQuestion) -> None:
    possible = set(_values_of(question))
    for other in question.opens.filter(removed_at=None):
        if not set(other.depends_values) <= possible:
            raise Refused(
                _("Question %(number)s is asked after an answer that would be gone. Change that one first.")
                % {"number": other.number}
            )


def _values_of(question: SurveyQuestion) -> list[int]:
    if question.kind == Kind.SCALE:
        assert question.lowest is not None and question.highest is not None
        return list(range(question.lowest, question.highest + 1))
    return list(question.options.values_list("number", flat=True))


def _write(question: SurveyQuestion, spec: QuestionSpec, language: str) -> None:
    question.kind = spec.kind
    question.is_required = spec.is_required
    scale = spec.kind == Kind.SCALE
    question.lowest, question.highest = (spec.lowest, spec.highest) if scale else (None, None)
    wanted = {
        "wording": spec.wording,
        "help": spec.help,
        "lowest_label": spec.lowest_label if scale else "",
        "highest_label": spec.highest_label if scale else "",
    }
    for name, words in wanted.items():
        known = getattr(question, name, None) if getattr(question, f"{name}_id") else None
        if not _body(words):
            setattr(question, name, None)
        elif known is None or known.body != _body(words):  # the same words keep their translations
            setattr(question, name, _put(words, language))
    question.depends_on = (
        question.survey.questions.get(number=spec.depends_on) if spec.depends_on is not None else None
    )
    question.depends_values = sorted(spec.depends_values) if spec.depends_on is not None else []


def _write_options(question: SurveyQuestion, spec: QuestionSpec, language: str) -> None:
    """Options with the same words keep their numbers and translations; a form sent meanwhile means the same."""
    known = {option.words.body: option for option in question.options.select_related("words")}
    wanted = list(spec.options) if question.kind in WITH_OPTIONS else []
    bodies = {_body(option) for option in wanted}
    highest = max((option.number for option in known.values()), default=0)
    for body, option in known.items():
        if body not in bodies:
            option.delete()
    for words in wanted:
        if _body(words) not in known:
            highest += 1
            SurveyOption.objects.create(question=question, number=highest, words=_put(words, language))


# Answering


@dataclass(frozen=True)
class SurveyTaken:
    """What became of a sent survey."""

    changed: int
    """Answers that are new or differ from those of before."""


@transaction.atomic
def answer_survey(
    *, survey: Survey, voter: Voter, given: Mapping[int, Any], language: str, now: datetime
) -> SurveyTaken:
    """Keep a participant's answers: question number → value, or words. The last ones count until the phase ends.

    Questions that her other answers do not open are not asked: what was sent for them is left out. Answers as they
    were are not written again. No event: like votes, answers are their own log.
    """
    consultation = survey.consultation
    require_account(consultation=consultation, voter=voter, act=Act.ANSWER_SURVEY)
    if not rules.may_answer_survey(survey, now):
        raise Refused(_("This survey does not take answers now. Yours were not saved."), code="closed")
    questions = list(queries.questions_of(survey).prefetch_related("options"))
    values: dict[int, Any] = {}
    words: dict[int, str] = {}
    for question in questions:
        sent = given.get(question.number)
        if question.kind == Kind.TEXT:
            body = tidy_lines(sent or "")
            check_length(body)
            words[question.number] = body
        else:
            values[question.number] = as_answer(question, [o.number for o in question.options.all()], sent)
    asked = asked_questions(questions, values)
    for question in questions:
        empty = not words.get(question.number) and values.get(question.number) is None
        if question.is_required and question.number in asked and empty:
            raise Refused(_("Question %(number)s needs an answer.") % {"number": question.number})
    participant = ensure_participant(consultation=consultation, voter=voter, now=now)
    latest = queries.latest_answers_of(survey, participant)
    state = (
        SurveyAnswer.Moderation.WAITING
        if consultation.moderation == Consultation.Moderation.BEFORE
        else SurveyAnswer.Moderation.ACCEPTED
    )
    rows = []
    for question in questions:
        is_asked = question.number in asked
        before = latest.get(question.pk)
        value = values.get(question.number) if is_asked else None
        body = words.get(question.number, "") if is_asked else ""
        if before is None and not is_asked:
            continue
        if before is not None and (before.was_asked, before.value, before.body) == (is_asked, value, body):
            continue
        rows.append(
            SurveyAnswer(
                participant=participant,
                question=question,
                n=before.n + 1 if before is not None else 0,
                value=value,
                text=put_text(body, language) if body else None,
                was_asked=is_asked,
                is_given=bool(body) or value is not None,
                moderation=state if body else "",
                at=now,
            )
        )
    # A second tap writes the same revisions at once; the first stands.
    SurveyAnswer.objects.bulk_create(rows, ignore_conflicts=True)
    return SurveyTaken(len(rows))


@dataclass(frozen=True)
class BulkAnswers:
    """One person's answers among many. ``participant`` is any key that tells people of one call apart."""

    participant: str
    given: Mapping[int, Any]
    at: datetime
    language: str = "en"
    is_read: bool = True
    """Whether what she says in words is accepted; else it waits."""


def _state_of(answer: BulkAnswers) -> SurveyAnswer.Moderation:
    return SurveyAnswer.Moderation.ACCEPTED if answer.is_read else SurveyAnswer.Moderation.WAITING


@transaction.atomic
def record_answers(
    *, survey: Survey, answers: Sequence[BulkAnswers], by: User | None, now: datetime,
    participants: Mapping[str, Participant] | None = None,
) -> dict[str, Participant]:  # fmt: skip
    """Add many people's first answers at once, and return the participants by their keys; new ones are made."""
    consultation = survey.consultation
    questions = list(queries.questions_of(survey).prefetch_related("options"))
    people = dict(participants or {})
    new = {answer.participant: answer.at.date() for answer in answers if answer.participant not in people}
    made = Participant.objects.bulk_create(
        [
            Participant(
                consultation=consultation, secret=secrets.token_bytes(32), terms=consultation.terms, since=day
            )
            for day in new.values()
        ],
        batch_size=500,
    )
    people |= dict(zip(new, made, strict=True))
    rows = []
    texts: list[tuple[SurveyAnswer, str, str]] = []
    for answer in answers:
        values = {
            q.number: as_answer(q, [o.number for o in q.options.all()], answer.given.get(q.number))
            for q in questions
            if q.kind != Kind.TEXT
        }
        asked = asked_questions(questions, values)
        for q in questions:
            if q.number not in asked:
                continue
            body = tidy_lines(answer.given.get(q.number) or "") if q.kind == Kind.TEXT else ""
            value = values.get(q.number)
            row = SurveyAnswer(
                participant=people[answer.participant], question=q, value=value,
                is_given=bool(body) or value is not None, at=answer.at,
                moderation=_state_of(answer) if body else "",
            )  # fmt: skip
            rows.append(row)
            if body:
                texts.append((row, body, answer.language))
    for language in dict.fromkeys(language for _row, _body, language in texts):
        mine = [(row, body) for row, body, tag in texts if tag == language]
        for (row, _body), text in zip(mine, put_texts([body for _row, body in mine], language), strict=True):
            row.text = text
    SurveyAnswer.objects.bulk_create(rows, batch_size=500)
    changes = {"people": [None, len({answer.participant for answer in answers})]}
    write_event(record=survey.record, verb="answers recorded", by=by, now=now, changes=changes)
    return people


# Answers in words


@transaction.atomic
def moderate_answers(
    *, answers: Sequence[SurveyAnswer], decision: str, reason: str, by: User | None, now: datetime
) -> int:
    """Accept or reject answers in words; returns how many changed. A rejection says why.

    The event stands with the survey and names nobody and no words.
    """
    if decision not in (SurveyAnswer.Moderation.ACCEPTED, SurveyAnswer.Moderation.REJECTED):
        raise Refused(_("An answer is accepted or rejected."))
    reason = reason.strip()
    if decision == SurveyAnswer.Moderation.REJECTED and not reason:
        raise Refused(_("Say why you reject: the author can be told, and the record keeps it."))
    changed = [answer for answer in answers if answer.text_id and answer.moderation != decision]
    surveys = {answer.question.survey_id: answer.question.survey for answer in changed}
    for answer in changed:
        answer.moderation = decision
        answer.moderation_reason = reason if decision == SurveyAnswer.Moderation.REJECTED else ""
        answer.save(update_fields=["moderation", "moderation_reason"])
    for pk, survey in surveys.items():
        of_it = [answer for answer in changed if answer.question.survey_id == pk]
        changes: dict[str, Any] = {"answers in words": [None, len(of_it)]}
        if decision == SurveyAnswer.Moderation.REJECTED:
            changes["reason"] = [None, reason]
        write_event(record=survey.record, verb=decision, by=by, now=now, changes=changes)
    return len(changed)


@transaction.atomic
def make_statement_of(
    *, answer: SurveyAnswer, body: str, by: User | None, now: datetime
) -> tuple[Statement, bool]:
    """Make a statement of an answer in words, for everybody to vote on; or link it to one that says the same.

    The second value says whether it is new. The answer counts as accepted. Its author is the statement's, so that
    what she erases is erased there too.
    """
    body = tidy(body)
    answer = (
        SurveyAnswer.objects.select_for_update(of=("self",))
        .select_related("question__survey__record", "question__survey__consultation", "text", "participant")
        .get(pk=answer.pk)
    )
    if answer.text is None:
        raise Refused(_("Its author has erased this answer."))
    if answer.statement_id:
        raise Refused(_("A statement has been made of this answer already."))
    if not body:
        raise Refused(_("Write the statement: one idea, in the author’s words where possible."))
    if len(body) > MAX_LENGTH:
        raise Refused(_("A statement has at most %(count)s characters.") % {"count": MAX_LENGTH})
    survey = answer.question.survey
    consultation = survey.consultation
    same = queries.find_same_statement(consultation, None, body)
    statement = same
    if statement is None:
        new = NewStatement(
            body,
            answer.text.source_language,
            origin=Statement.Origin.PARTICIPANT,
            author=answer.participant,
        )
        statement = add_statements(consultation=consultation, statements=[new], by=by, now=now)[0]
    answer.statement = statement
    answer.moderation, answer.moderation_reason = SurveyAnswer.Moderation.ACCEPTED, ""
    answer.save(update_fields=["statement", "moderation", "moderation_reason"])
    changes = {"statement": [None, statement.reference]}
    write_event(record=survey.record, verb="made a statement of", by=by, now=now, changes=changes)
    return statement, same is None


@transaction.atomic
def tombstone_answers(*, participant: Participant) -> int:
    """Destroy what a participant wrote in surveys, in every revision; returns how many texts. Her choices
    count no more once she is marked as erased. Whoever erases a participant calls it inside the same transaction.
    """
    rows = SurveyAnswer.objects.filter(participant=participant).exclude(text=None)
    texts = list(Text.objects.filter(pk__in=rows.values("text")))
    rows.update(text=None, moderation="", moderation_reason="")
    for text in texts:
        destroy_text(text)
    return len(texts)


# The next cycle


@transaction.atomic
def copy_survey(*, survey: Survey, to: Consultation, by: User | None, now: datetime) -> Survey:
    """The same survey in another consultation: the next cycle. Every question stays the same question (``same_as``),
    with the numbers of its options, so that the cycles can be compared. Words and translations are shared.
    """
    known = Survey.objects.filter(consultation=to, repeats=survey).first()
    if known is not None:
        return known
    record = create_record(
        kind="survey",
        title=survey.record.title,
        visibility=Visibility.ORGANIZATION,
        by=by,
        now=now,
        changes={"consultation": [None, to.reference], "repeats": [None, survey.reference]},
    )
    copy = Survey.objects.create(
        record=record, consultation=to, introduction_id=survey.introduction_id, repeats=survey,
        series_id=survey.series_id or survey.pk,
    )  # fmt: skip
    made: dict[int, SurveyQuestion] = {}
    for question in queries.questions_of(survey).prefetch_related("options"):
        new = SurveyQuestion.objects.create(
            survey=copy, number=question.number, place=question.place, kind=question.kind,
            wording_id=question.wording_id, help_id=question.help_id, is_required=question.is_required,
            lowest=question.lowest, highest=question.highest, lowest_label_id=question.lowest_label_id,
            highest_label_id=question.highest_label_id, depends_on=made.get(question.depends_on_id or 0),
            depends_values=question.depends_values, same_as=question,
        )  # fmt: skip
        made[question.pk] = new
        SurveyOption.objects.bulk_create(
            [SurveyOption(question=new, number=o.number, words_id=o.words_id) for o in question.options.all()]
        )
    return copy


@transaction.atomic
def copy_surveys(*, consultation: Consultation, to: Consultation, by: User | None, now: datetime) -> int:
    """All published surveys of a consultation into the one that repeats it, published with it; returns how many."""
    found = Survey.objects.filter(consultation=consultation).exclude(published_at=None)
    surveys = list(found.select_related("record").order_by("record__number"))
    for survey in surveys:
        publish_survey(survey=copy_survey(survey=survey, to=to, by=by, now=now), by=by, now=now)
    return len(surveys)
