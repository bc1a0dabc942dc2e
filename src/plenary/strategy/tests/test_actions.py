"""Importing, proposing, the gate, adopting."""

from __future__ import annotations

from datetime import date

import pytest

from plenary.kit import manifest
from plenary.kit.errors import Refused
from plenary.people.tests.factories import make_user
from plenary.records.models import Event, Record, Source, Text, Translation
from plenary.strategy import actions, queries
from plenary.strategy.models import Change, Clause, ClauseState, Strategy, Version

from .factories import (
    ADOPTED,
    FRENCH,
    NOW,
    adopt,
    clause,
    make_accepted,
    make_change,
    make_ready,
    make_version,
    put_evidence,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def strategy():
    return make_version().strategy


@pytest.fixture
def carol(unit):
    """Sits on the committee."""
    return make_user("carol", ("committee", unit))


def locals_of(version: Version) -> list[str]:
    return [state.clause.local for state in queries.load_states(version)]


def numbers_of(version: Version, letter: str) -> dict[str, str]:
    return {
        state.clause.local: state.number
        for state in queries.load_states(version)
        if state.clause.local.startswith(letter)
    }


def verbs_of(record: Record) -> list[str]:
    return list(record.events.order_by("id").values_list("verb", flat=True))


# Importing


def test_import_writes_version_1_with_permanent_references(strategy):
    version = queries.get_version(strategy)
    assert (version.reference, version.state, version.adopted_on) == ("STR-1@1", "adopted", ADOPTED)
    assert locals_of(version) == ["G1", "S1", "P1", "P2", "S2", "C1", "C2", "C3", "S3", "T1"]
    assert clause(strategy, "C3").reference == "STR-1.C3"
    assert clause(strategy, "C3").record.title.body == "Common rules"
    state = queries.get_state(version, clause(strategy, "C3"))
    assert (state.number, state.parent.local, state.text.body) == (
        "3",
        "S2",
        "We will keep one register of all tools.",
    )
    assert strategy.source.sha256 and strategy.source.kind == Source.Kind.FILE


def test_import_writes_one_event_for_every_record(strategy):
    assert verbs_of(strategy.record) == ["imported"]
    assert verbs_of(queries.get_version(strategy).record) == ["adopted"]
    assert verbs_of(clause(strategy, "C1").record) == ["imported"]
    assert Event.objects.count() == Record.objects.count()


def test_import_takes_translations_along():
    strategy = make_version(translations=FRENCH).strategy
    assert set(Translation.objects.values_list("body", flat=True)) >= {
        "Des outils pour tous",
        "Demander avant",
    }
    states = queries.list_states(queries.get_version(strategy), "fr")
    assert {state.clause.local: str(state.said["title"]) for state in states}["C2"] == "Demander avant"


def test_the_same_file_is_not_imported_twice(strategy):
    records = Record.objects.count()
    with pytest.raises(actions.AlreadyImported, match="STR-1") as refusal:
        make_version()
    assert refusal.value.strategy == strategy
    assert (Strategy.objects.count(), Record.objects.count()) == (1, records)


def test_importing_a_long_text_takes_few_queries(django_assert_max_num_queries):
    sections = "\n\n".join(f"## Section {n}\n\nWords of section {n}." for n in range(150))
    commitments = (
        "# Text\n\n## Goal\n\nA goal.\n\n## Commitments\n\n### Commitment 1: One\n\nWe will do one thing.\n\n"
    )
    with django_assert_max_num_queries(90):
        make_version(commitments + sections)
    assert ClauseState.objects.count() > 300


def test_repeated_clauses_become_occurrences():
    markdown = (
        "# T\n\n## Goal\n\nA goal for all of us.\n\n## Summary\n\nWe make two commitments:\n\n"
        "1. Trained hands: we train people.\n2. Ask before: we ask people.\n\n"
        "## Commitments\n\n### Commitment 1: Trained hands\n\nWe will train all staff before a tool is introduced.\n\n"
        "### Commitment 2: Ask before\n\nWe will ask the people concerned before a tool is used.\n"
    )
    strategy = make_version(markdown).strategy
    found = queries.list_occurrences(clause(strategy, "C1"), "en")
    assert [occurrence.paragraph.kind for occurrence in found] == ["paragraph"]


# Proposing


def test_proposal_is_made_on_the_text_in_force(strategy, bob):
    change = make_change(strategy, bob)
    assert (change.reference, change.state, change.based_on.number) == ("CHG-1", "proposed", 1)
    assert change.record.title.body == "Ask before"
    assert verbs_of(change.record) == ["proposed"]


def test_proposal_can_bring_its_evidence(strategy, bob):
    from plenary.records.tests.factories import make_source

    change = make_change(strategy, bob, evidence=[make_source().record])
    assert queries.get_evidence(change).supporting == 1


def test_a_stranger_proposes_nothing(strategy, charlie):
    with pytest.raises(Refused, match="role"):
        make_change(strategy, charlie)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"text": "We will ask the people concerned before a tool is used.\r\n"}, "the same"),
        ({"rationale": " "}, "why"),
        ({"operation": "add", "kind": "law"}, "kind"),
        ({"operation": "add", "kind": "commitment"}, "Write the clause"),
        ({"operation": "burn"}, "edits, adds, moves or removes"),
        ({"operation": "remove", "of": "S2"}, "parts of its own"),
    ],
)
def test_a_proposal_that_makes_no_sense_is_refused(strategy, more, why):
    records = Record.objects.count()
    with pytest.raises(Refused, match=why):
        make_change(strategy, **more)
    assert (Change.objects.count(), Record.objects.count()) == (0, records)


def test_a_clause_is_not_moved_into_itself(strategy):
    with pytest.raises(Refused, match="into itself"):
        make_change(strategy, of="S2", operation="move", after_clause=clause(strategy, "C1"))


# Deciding


def test_gate_asks_for_supporting_evidence(strategy, alice):
    change = make_change(strategy)
    actions.record_counter_search(change=change, searched="Everywhere.", by=None, now=NOW)
    actions.review_change(change=change, by=None, now=NOW)
    with pytest.raises(Refused, match="Nothing supports"):
        actions.accept_change(change=change, by=alice, now=NOW)


def test_gate_asks_for_evidence_against_or_a_search(strategy, alice):
    change = make_change(strategy)
    put_evidence(change)
    actions.review_change(change=change, by=None, now=NOW)
    with pytest.raises(Refused, match="evidence against"):
        actions.accept_change(change=change, by=alice, now=NOW)
    put_evidence(change, "contradicts")
    actions.accept_change(change=change, by=alice, now=NOW, reason="It holds.")
    assert (change.state, change.reason.body, change.decided_at) == ("accepted", "It holds.", NOW)
    assert verbs_of(change.record)[-1] == "accepted"


def test_a_search_that_found_nothing_opens_the_gate(strategy, alice):
    change = make_ready(make_change(strategy))
    actions.accept_change(change=change, by=alice, now=NOW)
    assert change.state == "accepted"


def test_a_change_is_accepted_only_after_a_review(strategy, alice):
    change = make_change(strategy)
    put_evidence(change)
    put_evidence(change, "contradicts")
    with pytest.raises(Refused, match="review"):
        actions.accept_change(change=change, by=alice, now=NOW)


def test_nobody_reviews_accepts_or_rejects_her_own_proposal(strategy, alice):
    change = make_change(strategy, alice)
    with pytest.raises(Refused, match="somebody else"):
        actions.review_change(change=change, by=alice, now=NOW)
    make_ready(change)
    with pytest.raises(Refused, match="somebody else"):
        actions.accept_change(change=change, by=alice, now=NOW)
    with pytest.raises(Refused, match="somebody else"):
        actions.reject_change(change=change, by=alice, now=NOW, reason="No.")
    change.refresh_from_db()
    assert change.state == "reviewed"


def test_contributors_do_not_decide(strategy, bob):
    change = make_change(strategy)
    with pytest.raises(Refused, match="desk or the committee"):
        actions.review_change(change=change, by=bob, now=NOW)


def test_guards_may_refuse_inside_the_transaction(strategy, monkeypatch):
    def refuse(action, **facts):
        assert (action, facts["now"]) == ("strategy.accept_change", NOW)
        raise Refused("A commitment hangs on it.")

    change = make_ready(make_change(strategy))
    monkeypatch.setattr(manifest, "ask_guards", refuse)
    with pytest.raises(Refused, match="hangs"):
        actions.accept_change(change=change, by=None, now=NOW)
    change.refresh_from_db()
    assert change.state == "reviewed"


def test_rejecting_takes_a_reason(strategy, alice):
    change = make_change(strategy)
    with pytest.raises(Refused, match="reason"):
        actions.reject_change(change=change, reason="  ", by=alice, now=NOW)
    actions.reject_change(change=change, reason="Too costly.", by=alice, now=NOW)
    assert (change.state, change.reason.body) == ("rejected", "Too costly.")
    with pytest.raises(Refused, match="decided already"):
        actions.reject_change(change=change, reason="Again.", by=alice, now=NOW)


def test_a_proposer_withdraws_her_open_proposal_and_it_stays(strategy, bob):
    change = make_change(strategy, bob)
    actions.withdraw_change(change=change, reason="The tram says it better.", by=bob, now=NOW)
    change.refresh_from_db()
    assert (change.state, change.reason.body) == ("withdrawn", "The tram says it better.")
    event = change.record.events.latest("id")
    assert (event.verb, event.actor, event.changes) == (
        "withdrawn",
        bob,
        {"state": ["proposed", "withdrawn"]},
    )
    with pytest.raises(Refused, match="decided already"):
        put_evidence(change, "context")


def test_nobody_withdraws_the_proposal_of_another_or_a_decided_one(strategy, alice, bob):
    change = make_change(strategy, bob)
    with pytest.raises(Refused, match="Only whoever proposed"):
        actions.withdraw_change(change=change, by=alice, now=NOW)
    actions.reject_change(change=change, reason="Too costly.", by=alice, now=NOW)
    with pytest.raises(Refused, match="decided already"):
        actions.withdraw_change(change=change, by=bob, now=NOW)
    change.refresh_from_db()
    assert (change.state, change.reason.body) == ("rejected", "Too costly.")


def test_decided_changes_take_no_more_evidence(strategy):
    change = make_accepted(strategy)
    with pytest.raises(Refused, match="decided already"):
        put_evidence(change, "context")


def test_two_accepted_changes_of_one_clause_are_refused_by_name(strategy):
    second = make_ready(make_change(strategy, title="Ask first", text=""))
    third = make_change(strategy, title="Ask early", text="")
    make_accepted(strategy)
    with pytest.raises(Refused, match=r"CHG-1 and CHG-3 both change STR-1\.C2"):
        actions.accept_change(change=second, by=None, now=NOW)
    with pytest.raises(Refused, match=r"CHG-2 and CHG-3 both change STR-1\.C2"):
        actions.review_change(change=third, by=None, now=NOW)


def test_proposing_again_helps_only_where_the_text_has_moved_on(strategy, django_assert_num_queries):
    late = [make_change(strategy, title=f"Ask {number}", text="") for number in range(3)]
    elsewhere = make_change(strategy, of="C1", text="Other words.")
    assert queries.find_conflicts([*late, elsewhere]) == {}
    make_accepted(strategy)
    with django_assert_num_queries(4):
        waiting = queries.find_conflicts([*late, elsewhere])
    assert [found.is_outdated for found in waiting.values()] == [False] * 3
    adopt(strategy)
    moved_on = queries.find_conflicts([*late, elsewhere])
    assert {pk: found.is_outdated for pk, found in moved_on.items()} == {each.pk: True for each in late}


def test_a_change_of_words_that_have_changed_since_is_refused(strategy):
    stale = make_ready(make_change(strategy, title="Ask first", text=""))
    make_accepted(strategy)
    adopt(strategy)
    with pytest.raises(Refused, match="changed since CHG-1"):
        actions.accept_change(change=stale, by=None, now=NOW)


def test_a_change_of_a_clause_that_is_gone_is_refused(strategy):
    late = make_ready(make_change(strategy))
    make_accepted(strategy, operation="remove")
    with pytest.raises(Refused, match=r"CHG-1 concerns STR-1\.C2, which CHG-2 removes"):
        actions.accept_change(change=late, by=None, now=NOW)
    adopt(strategy)
    with pytest.raises(Refused, match="no longer part"):
        actions.accept_change(change=late, by=None, now=NOW)


# Adopting


def test_adoption_makes_the_next_version_and_shares_unchanged_texts(strategy):
    change = make_accepted(strategy)
    texts = Text.objects.count()
    version = adopt(strategy, review_by=date(2026, 9, 1))
    old, new = queries.get_version(strategy, number=1), queries.get_version(strategy, number=2)
    assert (version, version.reference, version.review_by) == (new, "STR-1@2", date(2026, 9, 1))
    before = {state.clause_id: state for state in queries.load_states(old)}
    after = {state.clause_id: state for state in queries.load_states(new)}
    assert Text.objects.count() == texts
    edited = clause(strategy, "C2").pk
    assert after[edited].text_id == change.text_id != before[edited].text_id
    assert after[edited].title_id == before[edited].title_id
    assert all(after[key].text_id == before[key].text_id for key in before if key != edited)
    change.refresh_from_db()
    assert change.incorporated_in == version
    assert verbs_of(change.record)[-1] == "incorporated"
    assert verbs_of(clause(strategy, "C2").record) == ["imported", "edited"]


def test_new_titles_become_the_titles_of_their_records(strategy):
    make_accepted(strategy, title="Ask first", text="")
    adopt(strategy)
    assert clause(strategy, "C2").record.title.body == "Ask first"


def test_additions_get_the_next_local_reference_and_numbers_stay_in_sequence(strategy):
    make_accepted(
        strategy,
        operation="add",
        kind="commitment",
        title="Say when we fail",
        text="We will say so.",
        after_clause=clause(strategy, "C1"),
    )
    make_accepted(
        strategy,
        operation="add",
        kind="paragraph",
        text="In short.",
        after_clause=clause(strategy, "S2"),
        inside=True,
    )
    version = adopt(strategy)
    assert locals_of(version) == ["G1", "S1", "P1", "P2", "S2", "T2", "C1", "C4", "C2", "C3", "S3", "T1"]
    assert numbers_of(version, "C") == {"C1": "1", "C4": "2", "C2": "3", "C3": "4"}
    added = Change.objects.get(operation="add", kind="commitment")
    assert added.clause == clause(strategy, "C4")
    assert [state.order for state in queries.load_states(version)] == list(range(12))


def test_references_are_never_given_again(strategy):
    make_accepted(strategy, of="C3", operation="remove")
    adopt(strategy)
    make_accepted(
        strategy, operation="add", kind="commitment", text="New.", after_clause=clause(strategy, "C2")
    )
    version = adopt(strategy, date(2026, 4, 1))
    assert numbers_of(version, "C") == {"C1": "1", "C2": "2", "C4": "3"}


def test_a_moved_clause_takes_its_parts_along(strategy):
    make_accepted(strategy, of="S2", operation="move", after_clause=clause(strategy, "G1"))
    version = adopt(strategy)
    assert locals_of(version) == ["G1", "S2", "C1", "C2", "C3", "S1", "P1", "P2", "S3", "T1"]
    assert numbers_of(version, "S") == {"S2": "1", "S1": "2", "S3": "3"}
    assert queries.get_state(version, clause(strategy, "C1")).parent == clause(strategy, "S2")


def test_a_removed_clause_stays_in_the_versions_that_had_it(strategy):
    make_accepted(strategy, operation="remove")
    version = adopt(strategy)
    assert "C2" not in locals_of(version)
    assert queries.get_state(queries.get_version(strategy, number=1), clause(strategy, "C2")) is not None
    assert verbs_of(clause(strategy, "C2").record)[-1] == "removed"


def test_nothing_to_adopt_is_refused(strategy):
    make_change(strategy)
    with pytest.raises(Refused, match="No accepted change"):
        adopt(strategy)
    assert Version.objects.count() == 1


def test_whoever_proposed_leaves_the_adoption_to_somebody_else(strategy, alice, carol):
    make_accepted(strategy, by=alice)
    with pytest.raises(Refused, match="CHG-1"):
        actions.adopt_version(strategy=strategy, by=alice, now=NOW, adopted_on=date(2026, 3, 1))
    assert (
        actions.adopt_version(strategy=strategy, by=carol, now=NOW, adopted_on=date(2026, 3, 1)).number == 2
    )


def test_a_later_version_does_not_come_before_an_earlier_one(strategy):
    make_accepted(strategy)
    with pytest.raises(Refused, match="cannot come before"):
        adopt(strategy, date(2025, 12, 31))
    with pytest.raises(Refused, match="review"):
        adopt(strategy, date(2026, 3, 1), review_by=date(2026, 3, 1))


def test_a_review_may_end_without_a_change(strategy, alice):
    version = queries.get_version(strategy)
    actions.set_review_date(
        version=version, review_by=date(2027, 1, 1), reason="Nothing has happened.", by=alice, now=NOW
    )
    version.refresh_from_db()
    assert version.review_by == date(2027, 1, 1)
    assert verbs_of(version.record) == ["adopted", "reviewed without a change"]


def test_clauses_of_two_strategies_count_apart(strategy):
    markdown = "# Other\n\n## Goal\n\nAnother.\n\n## Commitments\n\n### Commitment 1: One\n\nWe will.\n"
    other = make_version(markdown).strategy
    assert clause(other, "C1").reference == "STR-2.C1"
    make_accepted(
        strategy, operation="add", kind="commitment", text="New.", after_clause=clause(strategy, "C1")
    )
    adopt(strategy)
    assert Clause.objects.filter(strategy=strategy, local="C4").exists()


def test_only_what_everybody_can_see_and_is_evidence_speaks_for_a_change(strategy):
    from plenary.records.actions import set_visibility
    from plenary.records.tests.factories import make_source

    change, other = make_change(strategy), make_change(strategy, text="Other words.")
    hidden = make_source("Internal note").record
    set_visibility(record=hidden, visibility="staff")
    for record in (clause(strategy, "C2").record, other.record, hidden):
        with pytest.raises(Refused, match="cannot speak for or against"):
            put_evidence(change, "supports", record)
    put_evidence(change, "context", other.record)
    assert queries.get_evidence(change).supporting == 0
    for itself in (change.record, change.clause.record):
        with pytest.raises(Refused, match="is what is being decided"):
            put_evidence(change, "context", itself)
