from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plenary.strategy.wording import Segment, compare_wording, split_words


def before_and_after(segments: list[Segment]) -> tuple[str, str]:
    before = "".join(segment.text for segment in segments if segment.operation != "insert")
    after = "".join(segment.text for segment in segments if segment.operation != "delete")
    return before, after


def spelled(segments: list[Segment]) -> str:
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(marks[segment.operation].format(segment.text) for segment in segments)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("We train staff.", "We train all staff.", "We train{+ all+} staff."),
        ("We train staff.", "We hire staff.", "We[- train-]{+ hire+} staff."),
        ("We train staff", "We train staff.", "We train staff{+.+}"),
        ("don't stop", "do stop", "[-don't-]{+do+} stop"),
        ("我们培训工作人员。", "我们培训全体工作人员。", "我们培训{+全体+}工作人员。"),
        ("使用5G网络", "使用6G网络", "使用[-5G-]{+6G+}网络"),
        ("職員を育てます。", "職員を支えます。", "職員を[-育て-]{+支え+}ます。"),
        ("เราเปิดข้อมูล", "เราปิดข้อมูล", None),
        ("نحن ندرب الموظفين.", "نحن ندعم الموظفين.", "نحن[- ندرب-]{+ ندعم+} الموظفين."),
        ("", "New.", "{+New.+}"),
        ("Old.", "", "[-Old.-]"),
    ],
)
def test_words_and_characters(before: str, after: str, expected: str | None) -> None:
    segments = compare_wording(before, after)
    assert before_and_after(segments) == (before, after)
    if expected is not None:
        assert spelled(segments) == expected


def test_equal_texts_are_one_segment() -> None:
    assert compare_wording("Same text.", "Same text.") == [Segment("equal", "Same text.")]
    assert compare_wording("", "") == []


def test_a_lone_mark_between_two_changes_is_no_anchor() -> None:
    segments = compare_wording("red, green", "blue, white")
    assert spelled(segments) == "[-red, green-]{+blue, white+}"


def test_thai_marks_stay_with_their_letter() -> None:
    assert split_words("ที่นี่") == ["ที่", "นี่"]


@given(st.text("ab c.,é中文字\n"), st.text("ab c.,é中文字\n"))
def test_segments_spell_both_texts(before: str, after: str) -> None:
    segments = compare_wording(before, after)
    assert before_and_after(segments) == (before, after)
    assert all(segment.text for segment in segments)
    assert all(
        (one.operation, other.operation) not in {("equal", "equal"), ("insert", "delete")}
        for one, other in itertools.pairwise(segments)
    )


def test_long_and_repetitive_texts_stay_cheap() -> None:
    started = time.perf_counter()
    before, after = "a b " * 40_000, "b c " * 40_000
    assert before_and_after(compare_wording(before, after)) == (before, after)
    sentences = [f"Sentence number {n} says something about the plan." for n in range(3000)]
    changed = [*sentences[:1500], "One more sentence.", *sentences[1500:2900], "Another end."]
    assert before_and_after(compare_wording(" ".join(sentences), " ".join(changed)))[1] == " ".join(changed)
    assert time.perf_counter() - started < 10
