"""The sentence of every kind of finding, and that each kind the engine gives has one."""

from __future__ import annotations

import pytest
from django.utils import translation

from plenary.insight.models import Finding
from plenary.insight.wording import quotation, sentence


def share(agree, disagree, passed=0, group=None, side="agree"):
    votes = agree + disagree + passed
    taken = disagree if side == "disagree" else agree
    figures = {
        "agree": agree,
        "disagree": disagree,
        "pass": passed,
        "rate": taken / votes,
        "low": 0.61,
        "high": 0.87,
    }
    return figures if group is None else {**figures, "group": group}


def say(kind, figures, statements=("STM-1",), groups=(0, 1)):
    return sentence(kind, statements, groups, figures, lambda reference: reference).replace("\u00a0", " ")


GROUPS = [share(60, 20, group=0), share(30, 10, group=1)]
EVERYONE = {"everyone": share(90, 30), "per_group": GROUPS}


@pytest.mark.parametrize(
    ("kind", "figures", "words"),
    [
        (
            "consensus",
            EVERYONE,
            "In every group most people agree: STM-1 (75 %, 95 % interval 61–87 %, 120 votes)",
        ),
        (
            "consensus",
            {"everyone": share(1, 1199, side="disagree"), "per_group": [], "side": "disagree"},
            "Most people disagree: STM-1 (100 %, 95 % interval 61–87 %, 1,200 votes)",
        ),
        (
            "consensus",
            {"everyone": share(1, 0), "per_group": GROUPS[:1]},
            "Most people agree: STM-1 (100 %, 95 % interval 61–87 %, 1 vote)",
        ),
        (
            "division",
            {"everyone": share(50, 50), "per_group": [share(10, 90, group=0), share(40, 10, group=1)]},
            "Views part: STM-1 (group A: 10 % of 100 agree; group B: 80 % of 50 agree)",
        ),
        (
            "bridge",
            EVERYONE,
            "Every group agrees more than it usually does: STM-1 (75 %, 95 % interval 61–87 %, 120 votes)",
        ),
        (
            "uncertain",
            EVERYONE,
            "Not yet clear, more votes would tell: STM-1 (agree so far: 75 %, 95 % interval 61–87 %, 120 votes)",
        ),
    ],
)
def test_says_the_claim_with_its_figures(kind, figures, words):
    assert say(kind, figures) == words


def test_a_position_is_told_by_its_first_statement():
    marks = [
        {"id": "STM-4", "side": "disagree", "per_group": [
            share(8, 2, group=0, side="disagree"), share(1, 9, group=1, side="disagree")
        ]},
        {"id": "STM-5", "side": "agree", "per_group": GROUPS},
    ]  # fmt: skip
    assert say("position", {"statements": marks}, ("STM-4", "STM-5"), (1,)) == (
        "What sets group B apart, on 2 statements: above all it disagrees with STM-4 (90 %, all others 20 %)"
    )


def test_every_kind_has_a_sentence():
    assert set(Finding.Kind.values) == {"consensus", "division", "bridge", "position", "uncertain"}


def test_numbers_are_written_as_the_language_writes_them():
    with translation.override("fr"):
        assert "1 200" in say("bridge", {"everyone": share(1000, 200)})


def test_long_words_are_cut():
    assert len(quotation("a" * 1000)) <= 282
    assert quotation("Ask first.") == "“Ask first.”"
