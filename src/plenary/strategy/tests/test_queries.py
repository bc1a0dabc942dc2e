"""Reading the text and its changes: what is found, for whom, and in how many queries."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from plenary.records.actions import set_visibility
from plenary.records.models import Visibility
from plenary.records.tests.factories import make_source
from plenary.strategy import queries
from plenary.strategy.models import Change

from .factories import (
    ADOPTED,
    FRENCH,
    MARKDOWN,
    adopt,
    clause,
    make_accepted,
    make_change,
    make_ready,
    make_version,
    put_evidence,
)

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


@pytest.fixture
def strategy():
    return make_version(translations=FRENCH).strategy


@pytest.fixture
def revised(strategy):
    """Version 2: C2 with other words, C1 after C2, C3 gone, C4 new."""
    make_accepted(strategy)
    make_accepted(strategy, of="C1", operation="move", after_clause=clause(strategy, "C2"))
    make_accepted(strategy, of="C3", operation="remove")
    make_accepted(
        strategy, operation="add", kind="commitment", title="Own up", after_clause=clause(strategy, "C2")
    )
    return adopt(strategy)


def test_the_text_in_force_on_a_day_is_the_one_adopted_last_before(strategy, revised):
    def number(day: date) -> int | None:
        version = queries.get_version(strategy, on=day)
        return version.number if version else None

    assert number(date(2025, 12, 31)) is None
    assert number(ADOPTED) == number(date(2026, 2, 28)) == 1
    assert number(date(2026, 3, 1)) == 2
    assert queries.get_version(strategy).number == 2
    assert queries.get_version(strategy, number=1).number == 1
    assert queries.get_version(strategy, number=3) is None
    assert queries.get_current_version(strategy, date(2020, 1, 1)).number == 2


def test_states_come_as_a_tree_in_reading_order_with_their_texts(strategy):
    states = queries.list_states(queries.get_version(strategy), "fr")
    assert [(state.clause.local, state.depth) for state in states][:4] == [
        ("G1", 1),
        ("S1", 1),
        ("P1", 2),
        ("P2", 2),
    ]
    commitments = next(state for state in states if state.clause.local == "S2")
    assert [str(child.said["title"]) for child in commitments.children] == [
        "Trained hands",
        "Demander avant",
        "Common rules",
    ]
    assert commitments.children[1].said["title"].original_language == "en"


def test_reading_takes_the_same_number_of_queries_however_long_the_text_is(
    strategy, django_assert_num_queries
):
    long = make_version(MARKDOWN + "\n\n".join(f"## More {n}\n\nWords {n}." for n in range(40))).strategy
    for version in (queries.get_version(strategy), queries.get_version(long)):
        with django_assert_num_queries(4):
            queries.list_states(version, "en")


def test_states_know_the_changes_that_made_them(strategy, revised):
    by_local = {state.clause.local: state for state in queries.list_states(revised, "en")}
    assert [change.reference for change in by_local["C2"].changed_by] == ["CHG-1"]
    assert by_local["P1"].changed_by == []


def test_comparing_two_versions_says_what_became_of_every_clause(strategy, revised):
    differences = {
        difference.clause.local: difference
        for difference in queries.compare(queries.get_version(strategy, number=1), revised, "en")
    }
    assert list(differences) == ["G1", "S1", "P1", "P2", "S2", "C2", "C3", "C1", "C4", "S3", "T1"]
    edited = differences["C2"]
    assert edited.is_edited and not edited.is_moved and edited.is_renumbered
    assert [(segment.operation, segment.text.strip()) for segment in edited.text.segments] == [
        ("equal", "We will ask"),
        ("delete", "the people concerned"),
        ("insert", "everybody"),
        ("equal", "before a tool is used."),
    ]
    assert [change.reference for change in edited.changes] == ["CHG-1"]
    assert differences["C1"].is_moved and not differences["C1"].is_edited
    assert differences["C3"].is_removed and differences["C4"].is_added
    assert not differences["P1"].differs


def test_comparing_takes_a_constant_number_of_queries(strategy, revised, django_assert_num_queries):
    first = queries.get_version(strategy, number=1)
    with django_assert_num_queries(4):
        queries.compare(first, revised, "en")


def test_translations_are_compared_only_with_translations(strategy, revised):
    difference = next(
        found
        for found in queries.compare(queries.get_version(strategy, number=1), revised, "fr")
        if found.clause.local == "C2"
    )
    assert difference.text.language == "en"
    assert difference.title.language == "fr"


def test_the_history_of_a_clause_lists_the_versions_in_which_something_happened(strategy, revised):
    history = queries.list_history(clause(strategy, "C2"), "en")
    assert [(chapter.version.number, chapter.difference.is_added) for chapter in history] == [
        (2, False),
        (1, True),
    ]
    assert [change.reference for change in history[0].changes] == ["CHG-1"]
    gone = queries.list_history(clause(strategy, "C3"), "en")
    assert gone[0].difference.is_removed
    assert len(queries.list_history(clause(strategy, "P1"), "en")) == 1


def test_a_clause_that_is_gone_is_shown_as_it_stood_last(strategy, revised):
    state = queries.get_shown_state(clause(strategy, "C3"), revised, "en")
    assert state.version.number == 1


def test_evidence_of_a_clause_is_counted_over_its_changes_and_only_what_may_be_seen(strategy, alice):
    change = make_change(strategy)
    put_evidence(change)
    hidden = make_source("Withdrawn later").record
    put_evidence(change, "contradicts", hidden)
    assert queries.get_evidence(change).contradicting == 1
    set_visibility(record=hidden, visibility=Visibility.STAFF)
    assert queries.count_evidence(NOBODY, clause(strategy, "C2")) == {
        "supports": 1,
        "contradicts": 0,
        "context": 0,
    }
    assert queries.count_evidence(alice, clause(strategy, "C2"))["contradicts"] == 1
    assert queries.get_evidence(change).contradicting == 0, "the gate counts what everybody can see"


def test_hidden_records_are_not_found(strategy, alice, charlie):
    change = make_change(strategy)
    for record in (strategy.record, clause(strategy, "C1").record, change.record):
        set_visibility(record=record, visibility=Visibility.STAFF)
    for user in (NOBODY, charlie):
        assert queries.get_strategy_for(user, "STR-1") is None
        assert queries.get_clause_for(user, "STR-1.C1") is None
        assert queries.get_change_for(user, "CHG-1") is None
        assert queries.list_strategies_for(user, "en") == []
        assert queries.list_changes_for(user, "en") == []
        assert queries.get_overview(user, "en", ADOPTED) is None
    assert queries.get_change_for(alice, "CHG-1") == change


def test_changes_are_described_in_a_constant_number_of_queries(strategy, django_assert_num_queries):
    make_change(strategy)
    with django_assert_num_queries(3):
        queries.list_changes_for(NOBODY, "en", strategy=strategy)
    for number in range(5):
        make_change(strategy, text=f"Words {number}.")
    with django_assert_num_queries(3):
        found = queries.list_changes_for(NOBODY, "en", strategy=strategy)
    assert [change.reference for change in found] == [f"CHG-{number}" for number in range(6, 0, -1)]
    assert found[0].wording.text.differs


def test_changes_are_sorted_into_tabs(strategy, revised):
    make_change(strategy, of="P1", text="A person decides.")
    assert queries.count_changes_for(NOBODY, strategy) == {
        "open": 1,
        "accepted": 0,
        "incorporated": 4,
        "rejected": 0,
        "withdrawn": 0,
    }
    assert len(queries.list_changes_for(NOBODY, "en", which="incorporated", limit=3)) == 3


def test_work_is_what_others_have_proposed(strategy, alice):
    own, others = make_change(strategy, alice), make_change(strategy, of="C1", text="We will train all.")
    ready = make_ready(make_change(strategy, of="C3", text="We will keep two registers."))
    work = queries.list_work_for(alice, "en", soon=date(2026, 4, 1))
    assert work.to_review == [others] and work.to_decide == [ready] and own not in work.to_review
    assert work.to_adopt == [] and work.reviews == []


def test_reviews_due_concern_the_latest_version_only(strategy):
    make_accepted(strategy)
    adopt(strategy, review_by=date(2026, 6, 1))
    assert queries.list_due_reviews(date(2026, 5, 31)) == []
    assert [version.number for version in queries.list_due_reviews(date(2026, 6, 1))] == [2]


def test_home_says_what_a_strategy_holds(strategy):
    overview = queries.get_overview(NOBODY, "en", ADOPTED)
    assert str(overview.goals[0].said["text"]) == "Everybody understands the tools that are used for them."
    assert (len(overview.principles), overview.commitments) == (2, 3)
    assert [found.counts["commitment"] for found in queries.list_shelf(NOBODY, "en", ADOPTED)] == [3]


def test_edges_lead_from_changes_to_clauses_and_versions(strategy, revised):
    assert len(queries.edges_change_to_clause()) == len(queries.edges_change_to_version()) == 4
    added = Change.objects.get(operation="add")
    assert (added.pk, clause(strategy, "C4").pk) in set(queries.edges_change_to_clause())
    assert (added.pk, revised.pk) in set(queries.edges_change_to_version())
