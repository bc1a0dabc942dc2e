"""What is asked again and again, cycle beside cycle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from plenary.participation import survey_figures as figures
from plenary.participation.attributes import YOUTH
from plenary.participation.models import Consultation, Statement, Survey, SurveyQuestion
from plenary.participation.phases import Act
from plenary.participation.survey_figures import Difference, Figure
from plenary.participation.wording import Shares, same_words
from plenary.records.queries import visible_to
from plenary.records.texts import with_texts

from .counting import count_shares
from .surveys import Tally, count_participants, give_words, tally

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

LEAST = 5  # people of an audience, and people outside it, below which nothing is said of it
Kind = SurveyQuestion.Kind


@dataclass
class Cycle:
    """One time of asking. ``youth`` is None where its number is hidden."""

    survey: Survey
    people: int
    youth: int | None
    is_running: bool

    @property
    def rate_of(self) -> int:
        return self.people


@dataclass
class Point:
    """A figure in one cycle, beside it that of the young (None where hidden), and what changed since the last one."""

    cycle: Cycle
    asked: int
    answered: int
    figure: Figure
    youth: Figure | None = None
    change: Difference | None = None
    youth_change: Difference | None = None

    @property
    def rate(self) -> float | None:
        """Who answered, of all who took part."""
        return self.answered / self.cycle.people if self.cycle.people else None


@dataclass
class Series:
    """One thing measured over the cycles: the mean of a scale, the share of an answer, the mean place in a ranking."""

    label: Any
    """The option's words; None for a scale."""
    measure: str
    """``mean``, ``share`` or ``place``."""
    points: list[Point] = field(default_factory=list)


@dataclass
class Trend:
    question: SurveyQuestion
    """As it was asked last."""
    series: list[Series]


def list_repeated(user: Viewer, language: str) -> list[Survey]:
    """The latest survey of every series of two cycles or more, newest first, each with its number of ``rounds``."""
    visible = visible_to(user, "record") & visible_to(user, "consultation__record")
    rounds: dict[int, int] = dict(
        Survey.objects.filter(visible).exclude(series=None).values_list("series").annotate(Count("record"))
    )
    newest: dict[int, Survey] = {}
    found = (
        Survey.objects.filter(visible, series__in=rounds)
        .select_related("record", "consultation__record")
        .order_by("consultation__opens_at")
    )
    for survey in found:
        newest[survey.series_id or 0] = survey
    shown: list[Any] = sorted(newest.values(), key=lambda each: each.consultation.opens_at, reverse=True)
    for survey in shown:
        survey.rounds = rounds[survey.series_id or 0] + 1
    with_texts(shown, language, title="record.title_id", consultation="consultation.record.title_id")
    return shown


def list_cycles(user: Viewer, survey: Survey, now: datetime, language: str) -> list[Cycle]:
    """The surveys that repeat each other, oldest first, with how many people took part. Four queries."""
    root = survey.series_id or survey.pk
    found = list(
        Survey.objects.filter(
            Q(pk=root) | Q(series=root), visible_to(user, "record"), visible_to(user, "consultation__record")
        )
        .select_related("record", "consultation__record")
        .order_by("consultation__opens_at", "record__number")
    )
    with_texts(found, language, title="record.title_id", consultation="consultation.record.title_id")
    consultations = [each.consultation_id for each in found]
    people = count_participants(consultations)
    young = count_participants(consultations, Q(attributes__age=YOUTH[1]))
    return [
        Cycle(
            each,
            people.get(each.consultation_id, 0),
            _shown(young.get(each.consultation_id, 0), people.get(each.consultation_id, 0), running),
            running,
        )
        for each in found
        for running in [is_running(each.consultation, now)]
    ]


def is_running(consultation: Consultation, now: datetime) -> bool:
    """Whether its figures still move; until they stand, none of an audience are given (one change would tell of one
    person)."""
    return (
        consultation.allows(Act.ANSWER_SURVEY, now) or now < consultation.opens_at or _is_paused(consultation)
    )


def _is_paused(consultation: Consultation) -> bool:
    return consultation.paused_at is not None


def get_trends(cycles: Sequence[Cycle], language: str, only: int | None = None) -> list[Trend]:
    """Every question that was asked in the last cycle and before it, or the one of that number. Five queries."""
    surveys = [cycle.survey.pk for cycle in cycles]
    questions = list(
        SurveyQuestion.objects.filter(survey__in=surveys)
        .exclude(kind=Kind.TEXT)
        .order_by("place", "number")
        .prefetch_related("options")
    )
    give_words(questions, language)
    everybody = tally(surveys)
    youth = tally(surveys, Q(participant__attributes__age=YOUTH[1]))
    by_pk = {question.pk: question for question in questions}
    place = {cycle.survey.pk: cycle for cycle in cycles}
    found = []
    for last in (each for each in questions if surveys and each.survey_id == surveys[-1]):
        if only is not None and last.number != only:
            continue
        chain = _chain(last, by_pk)
        if len(chain) > 1 or only is not None:
            asked = [(question, place[question.survey_id]) for question in chain]
            found.append(Trend(last, _series(asked, everybody, youth)))
    return found


def _chain(last: SurveyQuestion, by_pk: dict[int, SurveyQuestion]) -> list[SurveyQuestion]:
    chain: list[SurveyQuestion] = []
    step: SurveyQuestion | None = last
    while step is not None:
        chain.insert(0, step)
        step = by_pk.get(step.same_as_id or 0)
    return chain


def _series(
    asked: list[tuple[SurveyQuestion, Cycle]], everybody: dict[int, Tally], youth: dict[int, Tally]
) -> list[Series]:
    last = asked[-1][0]
    if last.kind == Kind.SCALE:
        made = [Series(None, "mean")]
    else:
        measure = "place" if last.kind == Kind.RANKING else "share"
        made = [Series(option.said["words"], measure) for option in last.options.all()]
    options = [None] if last.kind == Kind.SCALE else [option.number for option in last.options.all()]
    for question, cycle in asked:
        one, young = everybody.get(question.pk, Tally()), youth.get(question.pk, Tally())
        hidden = _hidden(options, one, young) if last.kind != Kind.SCALE else [False]
        says = not cycle.is_running and _shown(young.answered, one.answered, False) is not None
        for series, option, is_hidden in zip(made, options, hidden, strict=True):
            series.points.append(
                Point(
                    cycle,
                    one.asked,
                    one.answered,
                    _figure(question, one, option),
                    _figure(question, young, option) if says and not is_hidden else None,
                )
            )
    for series in made:
        compare = figures.difference_of_shares if series.measure == "share" else figures.difference_of_means
        for before, after in zip(series.points, series.points[1:], strict=False):
            after.change = compare(before.figure, after.figure)
            if before.youth is not None and after.youth is not None:
                after.youth_change = compare(before.youth, after.youth)
    return made


def _figure(question: SurveyQuestion, one: Tally, option: int | None) -> Figure:
    if option is None:
        assert question.lowest is not None and question.highest is not None
        return figures.mean(one.numbers, question.lowest, question.highest)
    if question.kind == Kind.RANKING:
        return figures.mean(one.places_of(option), 1, len(question.options.all()))
    return figures.share(one.count_of(option), one.answered)


def _hidden(options: list[Any], one: Tally, young: Tally) -> list[bool]:
    """Which answers of the young are hidden, so that no subtraction from those of all brings a small number back."""
    from opinion.suppression import suppress

    if young.answered == 0:
        return [True] * len(options)
    chosen = [young.count_of(option) for option in options]
    others = [one.count_of(option) - count for option, count in zip(options, chosen, strict=True)]
    return [bool(hidden) for hidden in suppress([chosen, others], threshold=LEAST).hidden[0]]


def _shown(some: int, everybody: int, is_running: bool) -> int | None:
    """The size of an audience, where neither it nor the rest is so small that it would tell who."""
    return None if is_running or some < LEAST or everybody - some < LEAST else some


# The same statements in two cycles


@dataclass
class StatementTrend:
    """One statement in the cycles in which it was put to people: (statement, how it was answered, agreement)."""

    said: Any
    points: list[tuple[Statement, Shares, Figure]]
    change: Difference | None


def list_statements_again(
    user: Viewer, consultations: Iterable[Consultation], language: str
) -> list[StatementTrend]:
    """Statements that stand in the same words in two consultations or more, with their agreement. Three queries."""
    order = [consultation.pk for consultation in consultations]
    if len(order) < 2:
        return []
    statements = list(
        Statement.objects.filter(
            visible_to(user, "record"), consultation__in=order, moderation=Statement.Moderation.ACCEPTED
        ).select_related("record__title", "consultation__record")
    )
    groups: dict[str, dict[int, Statement]] = {}
    for statement in statements:
        words = same_words(statement.record.title.body) if statement.record.title else ""
        groups.setdefault(words, {}).setdefault(order.index(statement.consultation_id), statement)
    again = [[group[key] for key in sorted(group)] for group in groups.values() if len(group) > 1]
    shown = [statement for group in again for statement in group]
    with_texts(shown, language, text="record.title_id")
    shares = count_shares([statement.pk for statement in shown])
    found = []
    for group in again:
        points = []
        for statement in group:
            votes = shares.get(statement.pk, Shares())
            points.append((statement, votes, figures.share(votes.agree, votes.total)))
        change = figures.difference_of_shares(points[-2][2], points[-1][2])
        found.append(StatementTrend(group[-1].said["text"], points, change))
    return sorted(found, key=lambda each: -abs(each.change.value) if each.change else 0)
