"""Reads of surveys and of what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce

from plenary.participation import survey_figures as figures
from plenary.participation.models import (
    Consultation,
    Participant,
    Survey,
    SurveyAnswer,
    SurveyOption,
    SurveyQuestion,
)
from plenary.participation.survey_figures import Figure
from plenary.records.models import Record
from plenary.records.queries import visible_to
from plenary.records.texts import load_texts, with_texts

from .ways_in import Keys, admits

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

WAITING = SurveyAnswer.Moderation.WAITING
Kind = SurveyQuestion.Kind
SURVEY_WORDS = {
    "title": "record.title_id",
    "introduction": "introduction_id",
    "consultation": "consultation.record.title_id",
}
QUESTION_WORDS = {
    "wording": "wording_id",
    "help": "help_id",
    "lowest": "lowest_label_id",
    "highest": "highest_label_id",
}


def get_survey_for(user: Viewer, reference: str, language: str, keys: Keys | None = None) -> Survey | None:
    """One survey with its words and its consultation, or None where there is none that she may see; ``keys`` as in
    ``get_consultation_for``."""
    by_role = visible_to(user) & Q(survey__consultation__record__in=Record.objects.filter(visible_to(user)))
    found = (
        Survey.objects.filter(record__reference=reference)
        .annotate(by_role=Exists(Record.objects.filter(by_role, pk=OuterRef("pk"))))
        .select_related("record__title", "introduction", "consultation__record", "repeats__record")
        .first()
    )
    if found is None:
        return None
    may_ask = keys is not None and not found.is_draft
    if not found.by_role and not (keys and may_ask and admits(user, found.consultation, keys)):
        return None
    with_texts([found], language, **SURVEY_WORDS)
    return found


def list_surveys_of(user: Viewer, consultation: Consultation, language: str) -> list[Survey]:
    """The surveys of a consultation that she is let into, oldest first, each with how many questions it ``asks``.

    Drafts are there for the desk.
    """
    shown = Q(published_at__isnull=False) | visible_to(user, "record")
    found: list[Any] = list(
        Survey.objects.filter(shown if visible_to(user, "record") else Q(), consultation=consultation)
        .select_related("record")
        .annotate(asks=Count("questions", filter=Q(questions__removed_at=None)))
        .order_by("record__number")
    )
    with_texts(found, language, title="record.title_id")
    return found


def list_surveys_for(user: Viewer, language: str) -> list[Survey]:
    """All surveys, newest first, with titles and their consultations."""
    found = list(
        Survey.objects.filter(visible_to(user, "record"), visible_to(user, "consultation__record"))
        .select_related("record", "consultation__record")
        .order_by("-record__number")
    )
    with_texts(found, language, title="record.title_id", consultation="consultation.record.title_id")
    return found


def questions_of(survey: Survey) -> QuerySet[SurveyQuestion]:
    """The questions that are asked, in their order."""
    return survey.questions.filter(removed_at=None).order_by("place", "number")


def load_questions(survey: Survey, language: str, *, removed: bool = False) -> list[SurveyQuestion]:
    """A survey's questions with their words and options; ``depends`` tells on what one depends. Four queries."""
    found = survey.questions.all() if removed else questions_of(survey)
    questions = list(found.order_by("place", "number").prefetch_related("options"))
    give_words(questions, language)
    by_pk = {question.pk: question for question in questions}
    for question in questions:
        target: Any = question
        target.depends = by_pk.get(question.depends_on_id or 0)
    return questions


def give_words(questions: Iterable[SurveyQuestion], language: str) -> None:
    """The words of questions and of their prefetched options. One query."""
    questions = list(questions)
    options: list[SurveyOption] = [option for question in questions for option in question.options.all()]
    ids = [getattr(question, path) for question in questions for path in QUESTION_WORDS.values()]
    texts = load_texts([*ids, *(option.words_id for option in options)], language)
    for question in questions:
        question.said = {name: texts.get(getattr(question, path)) for name, path in QUESTION_WORDS.items()}
    for option in options:
        option.said = {"words": texts.get(option.words_id)}


def get_question(survey: Survey, number: int) -> SurveyQuestion | None:
    return (
        survey.questions.filter(number=number, removed_at=None)
        .select_related(
            "survey__record", "survey__consultation", "wording", "help", "lowest_label", "highest_label", "depends_on"
        )
        .prefetch_related("options__words")
        .first()
    )  # fmt: skip


def latest(answers: QuerySet[SurveyAnswer]) -> QuerySet[SurveyAnswer]:
    """The answers that no later revision replaced, of those who were not erased."""
    newer = SurveyAnswer.objects.filter(
        participant=OuterRef("participant"), question=OuterRef("question"), n=OuterRef("n") + 1
    )
    return answers.filter(~Exists(newer), participant__erased_at=None)


def latest_answers_of(survey: Survey, participant: Participant | None) -> dict[int, Any]:
    """A participant's present answers by question, each with its ``body``. One query."""
    if participant is None:
        return {}
    rows = (
        SurveyAnswer.objects.filter(participant=participant, question__survey=survey)
        .annotate(body=Coalesce("text__body", Value(""), output_field=TextField()))
        .order_by("n")
    )
    return {row.question_id: row for row in rows}


def has_answers(survey: Survey) -> bool:
    return SurveyAnswer.objects.filter(question__survey=survey).exists()


def count_participants(consultation_ids: Sequence[int], audience: Q | None = None) -> dict[int, int]:
    """How many took part in consultations in any way: those whose answer could have been expected. One query."""
    people = Participant.objects.filter(consultation__in=consultation_ids, erased_at=None)
    if audience is not None:
        people = people.filter(audience)
    return dict(people.values_list("consultation").annotate(Count("id")))


# Answers in words


def texts_of(survey: Survey, state: str, question: int | None = None) -> QuerySet[SurveyAnswer]:
    """Present answers in words in one state, oldest first; a page of them goes through ``with_answer_words``."""
    found = latest(SurveyAnswer.objects.filter(question__survey=survey, moderation=state)).exclude(text=None)
    if question is not None:
        found = found.filter(question__number=question)
    return found.select_related("question", "statement__record").order_by("pk")


def with_answer_words(answers: Iterable[SurveyAnswer], language: str) -> list[SurveyAnswer]:
    found = list(answers)
    with_texts(found, language, text="text_id", question="question.wording_id")
    return found


def count_texts(survey: Survey) -> dict[str, int]:
    """How many answers in words wait, are accepted, are rejected."""
    rows = latest(SurveyAnswer.objects.filter(question__survey=survey)).exclude(text=None)
    counts = dict(rows.values_list("moderation").annotate(Count("id")))
    return {state: counts.get(state, 0) for state in SurveyAnswer.Moderation.values if state}


def get_text_answer(survey: Survey, pk: int, language: str) -> SurveyAnswer | None:
    found = (
        SurveyAnswer.objects.filter(pk=pk, question__survey=survey)
        .exclude(text=None)
        .select_related("question__survey__record", "text", "statement__record")
        .first()
    )
    if found is not None:
        with_texts([found], language, text="text_id", question="question.wording_id")
    return found


def list_answers_to_moderate(survey: Survey, ids: Sequence[int]) -> list[SurveyAnswer]:
    return list(
        SurveyAnswer.objects.filter(question__survey=survey, pk__in=ids).select_related(
            "question__survey__record"
        )
    )


def count_waiting_texts(consultation: Consultation) -> int:
    """How many answers in words wait in a consultation's surveys."""
    return latest(
        SurveyAnswer.objects.filter(question__survey__consultation=consultation, moderation=WAITING)
    ).count()


def list_waiting_texts(language: str) -> list[Survey]:
    """Surveys in which answers in words wait: ``waiting`` of them, the oldest from ``oldest``."""
    rows = (
        latest(SurveyAnswer.objects.filter(moderation=WAITING))
        .values("question__survey")
        .annotate(waiting=Count("id"), oldest=Min("at"))
    )
    waits = {row["question__survey"]: row for row in rows}
    found: list[Any] = list(Survey.objects.filter(pk__in=waits).select_related("record"))
    for survey in found:
        survey.waiting, survey.oldest = waits[survey.pk]["waiting"], waits[survey.pk]["oldest"]
    with_texts(found, language, title="record.title_id")
    return sorted(found, key=lambda survey: survey.oldest)


# Results


@dataclass
class Tally:
    """How one question was answered: by how many of whom, and how often each value was given."""

    asked: int = 0
    answered: int = 0
    values: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def count_of(self, option: int) -> int:
        """How many chose an option, alone or among several."""
        return sum(
            count
            for value, count in self.values.values()
            if value == option or (isinstance(value, list) and option in value)
        )

    def places_of(self, option: int) -> dict[int, int]:
        """How often an option was put in each place, from 1."""
        found: dict[int, int] = {}
        for value, count in self.values.values():
            if isinstance(value, list) and option in value:
                place = value.index(option) + 1
                found[place] = found.get(place, 0) + count
        return found

    @property
    def numbers(self) -> dict[int, int]:
        """How often each number of a scale was given."""
        return {value: count for value, count in self.values.values() if isinstance(value, int)}


def tally(surveys: Sequence[int], audience: Q | None = None) -> dict[int, Tally]:
    """The answers to all questions of surveys, by question, of everybody or of one audience. One query."""
    answers = latest(SurveyAnswer.objects.filter(question__survey__in=surveys, was_asked=True))
    if audience is not None:
        answers = answers.filter(audience)
    found: dict[int, Tally] = {}
    rows = answers.order_by().values_list("question", "value", "is_given").annotate(Count("id"))
    for question, value, is_given, count in rows:
        one = found.setdefault(question, Tally())
        one.asked += count
        if is_given:
            one.answered += count
            if value is not None:
                _value, before = one.values.get(repr(value), (value, 0))
                one.values[repr(value)] = (value, before + count)
    return found


@dataclass
class OptionResult:
    said: Any
    number: int
    count: int
    share: Figure
    place: Figure | None = None
    """Of a ranking: its mean place, where 1 is first."""
    firsts: int = 0

    @property
    def percent(self) -> float | None:
        return None if self.share.value is None else 100 * self.share.value


@dataclass
class QuestionResult:
    question: SurveyQuestion
    asked: int
    answered: int
    mean: Figure | None = None
    options: list[OptionResult] = field(default_factory=list)
    texts: list[SurveyAnswer] = field(default_factory=list)
    text_count: int = 0

    @property
    def has_more(self) -> bool:
        return self.text_count > len(self.texts)


def get_results(survey: Survey, language: str, *, texts: int = 5) -> list[QuestionResult]:
    """Every question with its answers counted, and the first accepted answers in words. Eight queries at most."""
    questions = load_questions(survey, language, removed=True)
    counted = tally([survey.pk])
    accepted = SurveyAnswer.Moderation.ACCEPTED
    words: dict[int, list[SurveyAnswer]] = {}
    counts: dict[int, int] = {}
    if texts and any(question.kind == Kind.TEXT for question in questions):
        rows = list(texts_of(survey, accepted)[:500])
        for row in rows:
            counts[row.question_id] = counts.get(row.question_id, 0) + 1
            if counts[row.question_id] <= texts:
                words.setdefault(row.question_id, []).append(row)
        with_answer_words([row for some in words.values() for row in some], language)
    found = []
    for question in questions:
        one = counted.get(question.pk, Tally())
        if question.removed_at and not one.asked:
            continue
        result = result_of(question, one)
        result.texts, result.text_count = words.get(question.pk, []), counts.get(question.pk, 0)
        found.append(result)
    return found


def result_of(question: SurveyQuestion, one: Tally) -> QuestionResult:
    result = QuestionResult(question, one.asked, one.answered)
    if question.kind == Kind.SCALE:
        assert question.lowest is not None and question.highest is not None
        result.mean = figures.mean(one.numbers, question.lowest, question.highest)
        for number in range(question.lowest, question.highest + 1):
            count = one.numbers.get(number, 0)
            result.options.append(
                OptionResult(str(number), number, count, figures.share(count, one.answered))
            )
    elif question.kind != Kind.TEXT:
        options = list(question.options.all())
        for option in options:
            ranked = question.kind == Kind.RANKING
            places = one.places_of(option.number) if ranked else {}
            count = one.count_of(option.number)
            result.options.append(
                OptionResult(
                    option.said["words"],
                    option.number,
                    count,
                    figures.share(places.get(1, 0) if ranked else count, one.answered),
                    figures.mean(places, 1, len(options)) if ranked else None,
                    places.get(1, 0),
                )
            )
        if question.kind == Kind.RANKING and one.answered:
            result.options.sort(key=lambda each: each.place.value if each.place and each.place.value else 0)
    return result


def list_rows(survey: Survey) -> list[tuple[int, int, Any, Any]]:
    """Present answers as (participant, question's number, value, moment), for an export that names nobody."""
    return list(
        latest(SurveyAnswer.objects.filter(question__survey=survey, is_given=True))
        .order_by("participant", "question__place")
        .values_list("participant", "question__number", "value", "at")
    )


def edges_consultation_to_survey() -> QuerySet[Any, Any]:
    """Pairs (consultation, survey) of record ids."""
    return Survey.objects.values_list("consultation_id", "record_id")


def edges_survey_to_survey() -> QuerySet[Any, Any]:
    """Pairs (survey, the one that repeats it) of record ids."""
    return Survey.objects.exclude(repeats=None).values_list("repeats_id", "record_id")


def edges_survey_to_statement() -> QuerySet[Any, Any]:
    """Pairs (survey, statement made of an answer to it) of record ids."""
    return (
        SurveyAnswer.objects.exclude(statement=None)
        .values_list("question__survey_id", "statement_id")
        .distinct()
        .order_by()
    )
