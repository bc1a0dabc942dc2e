"""What waits is sorted by urgency and day, counted, and said in one way."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import engines
from django.utils import translation

from plenary.kit.desk import SHOWN, Task, Urgency, by_day, lay_out
from plenary.kit.templatetags.kit import task_day, task_words

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def task(urgency=Urgency.WAITING, label="Read it", day=None, **more):
    return Task(urgency, label, "/somewhere", day=day, **more)


def render(desk):
    return engines["django"].from_string('{% include "kit/_desk.html" %}').render({"desk": desk})


def test_the_most_urgent_stands_first_and_in_a_section_the_earliest():
    late = task(Urgency.OVERDUE, day=date(2026, 2, 1))
    later, soon, some_day = (
        task(Urgency.DUE, day=date(2026, 4, 1)), task(Urgency.DUE, day=date(2026, 3, 3)), task(Urgency.WAITING),
    )  # fmt: skip
    desk = lay_out([some_day, later, soon, late], NOW)
    assert [section.tasks for section in desk.sections] == [[late], [soon, later], [some_day]]


def test_of_things_of_one_day_the_larger_stands_first():
    few, many = task(count=2), task(count=12)
    assert lay_out([few, many], NOW).sections[0].tasks == [many, few]


def test_only_what_is_hers_to_do_waits_for_her():
    desk = lay_out([task(urgency) for urgency in Urgency], NOW)
    assert (desk.waiting, desk.overdue) == (3, 1)


@pytest.mark.parametrize(
    ("day", "urgency"),
    [
        (None, Urgency.WAITING),
        (date(2026, 3, 1), Urgency.OVERDUE),
        (TODAY, Urgency.DUE),
        (date(2026, 5, 1), Urgency.DUE),
    ],
)
def test_a_day_makes_the_urgency(day, urgency):
    assert by_day(day, TODAY) == urgency


@pytest.mark.parametrize(
    ("urgency", "day", "words"),
    [
        (Urgency.OVERDUE, date(2026, 3, 1), "due on 1 March 2026, 1 day ago"),
        (Urgency.DUE, TODAY, "due today"),
        (Urgency.DUE, date(2026, 3, 7), "due on 7 March 2026, in 5 days"),
        (Urgency.WAITING, date(2026, 2, 1), "since 1 February 2026"),
        (Urgency.AHEAD, date(2026, 3, 11), "on 11 March 2026, in 9 days"),
        (Urgency.WAITING, None, ""),
    ],
)
def test_a_day_is_said_as_its_urgency_asks(urgency, day, words):
    assert task_day(task(urgency, day=day), TODAY) == words


def test_the_subject_stands_in_the_sentence_apart_from_its_direction():
    assert task_words(task(label="Report on {about}", about="<b>")) == "Report on <bdi>&lt;b&gt;</bdi>"


def test_what_is_beyond_the_first_few_is_folded_away():
    page = render(lay_out([task() for _ in range(SHOWN + 2)], NOW))
    assert page.count("<li>") == SHOWN + 2
    assert page.index("<details>") < page.index("2 more")
    assert "<details>" not in render(lay_out([task() for _ in range(SHOWN)], NOW))


def test_what_may_be_begun_is_not_counted_in_its_heading():
    assert "Begin something</h2>" in render(lay_out([task(Urgency.BEGIN)], NOW))


def test_the_desk_is_said_in_the_readers_language():
    with translation.override("ar"):
        assert "2026" in task_day(task(Urgency.AHEAD, day=date(2026, 3, 11)), TODAY)
