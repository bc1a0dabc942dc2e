from datetime import timedelta

import pytest

from plenary.kit.errors import Refused
from plenary.participation import actions
from plenary.participation.actions import AlreadySaid, BulkVote, NewStatement
from plenary.participation.models import Consultation, Participant, Statement, Vote
from plenary.participation.tokens import Voter
from plenary.records.models import Event, Translation, Visibility

from .factories import NOW, cast, make_consultation, make_statements, make_voter

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation():
    return make_consultation()


@pytest.fixture
def statement(consultation):
    return make_statements(consultation, "Ask first.")[0]


def vote(statement, voter, value=1, n=0, now=NOW, reference=None, consultation=None):
    return actions.take_vote(
        consultation=consultation or statement.consultation, voter=voter, n=n, value=value, language="en", now=now,
        statement=reference or statement.reference,
    )  # fmt: skip


# Opening


def test_opening_writes_words_seeds_and_one_event(alice):
    made = make_consultation(
        by=alice, seeds=["One.", "Two."], introduction="Why.", translations={"fr": {"title": "Écoles"}}
    )
    assert made.reference == "CON-1"
    assert Event.objects.filter(record=made.record).values_list("verb", "actor").get() == ("opened", alice.pk)
    assert [item.record.title.body for item in made.statements.order_by("pk")] == ["One.", "Two."]
    assert Translation.objects.get(text=made.record.title).body == "Écoles"


def test_it_must_close_after_it_opens():
    with pytest.raises(Refused):
        make_consultation(closes_at=NOW - timedelta(days=1))


def test_it_needs_a_question():
    with pytest.raises(Refused):
        make_consultation(question=" ")


# Voting


def test_the_first_vote_makes_the_participant_and_writes_no_event(statement):
    before = Event.objects.count()
    voter = make_voter(statement.consultation)
    taken = vote(statement, voter, value=-1)
    participant = Participant.objects.get()
    stored = Vote.objects.get()
    assert (taken.value, taken.n, taken.is_conflict) == (-1, 0, False)
    assert (bytes(participant.token_hash), participant.terms, len(participant.secret)) == (
        voter.token_hash,
        "1",
        32,
    )
    assert (stored.participant, stored.statement, stored.n, stored.value) == (participant, statement, 0, -1)
    assert (stored.language, stored.at) == ("en", NOW)
    assert Event.objects.count() == before


def test_a_retry_with_the_same_answer_is_a_success_and_one_vote(statement):
    voter = make_voter(statement.consultation)
    assert vote(statement, voter) == vote(statement, voter)
    assert Vote.objects.count() == 1


def test_of_two_different_taps_the_first_counts_and_the_second_is_told(statement):
    voter = make_voter(statement.consultation)
    vote(statement, voter, value=1)
    taken = vote(statement, voter, value=-1)
    assert taken.is_conflict
    assert (taken.value, taken.n) == (1, 0)
    assert Vote.objects.count() == 1


def test_changing_ones_mind_adds_a_revision_and_the_highest_counts(statement):
    voter = cast(statement, 1)
    assert vote(statement, voter, value=-1, n=1).is_conflict is False
    assert list(Vote.objects.order_by("n").values_list("n", "value")) == [(0, 1), (1, -1)]


def test_a_late_retry_of_an_answer_since_changed_changes_nothing(statement):
    voter = cast(statement, 1)
    vote(statement, voter, value=-1, n=1)
    taken = vote(statement, voter, value=1, n=0)
    assert (taken.value, taken.n, taken.is_conflict) == (-1, 1, False)
    assert Vote.objects.count() == 2


def test_revisions_leave_no_gap(statement):
    voter = cast(statement, 1)
    taken = vote(statement, voter, value=-1, n=7)
    assert (taken.is_conflict, taken.n, Vote.objects.count()) == (True, 0, 1)


def test_a_gap_before_any_vote_is_refused_and_leaves_nobody(statement):
    with pytest.raises(Refused):
        vote(statement, make_voter(statement.consultation), n=3)
    assert not Participant.objects.exists()


@pytest.mark.parametrize("reference", ["STM-999", "CON-1", ""])
def test_a_vote_on_what_does_not_exist_is_refused_and_leaves_nobody(statement, reference):
    with pytest.raises(Refused):
        vote(statement, make_voter(statement.consultation), reference=reference or "-")
    assert (Participant.objects.count(), Vote.objects.count()) == (0, 0)


def test_a_vote_on_a_statement_of_another_consultation_is_refused(statement):
    elsewhere = make_consultation()
    with pytest.raises(Refused):
        vote(statement, make_voter(elsewhere), consultation=elsewhere)
    assert not Vote.objects.exists()


@pytest.mark.parametrize("state", ["waiting", "rejected"])
def test_only_accepted_statements_take_votes(statement, state):
    Statement.objects.update(moderation=state, moderation_reason="why")
    with pytest.raises(Refused):
        vote(statement, make_voter(statement.consultation))


def test_no_vote_before_it_opens_or_after_it_closes():
    consultation = make_consultation(opens_at=NOW, closes_at=NOW + timedelta(days=1))
    statement = make_statements(consultation)[0]
    for now in (NOW - timedelta(seconds=1), NOW + timedelta(days=1)):
        with pytest.raises(Refused):
            vote(statement, make_voter(consultation), now=now)
    vote(statement, make_voter(consultation), now=NOW)


def test_a_value_that_is_no_answer_is_refused(statement):
    with pytest.raises(Refused):
        vote(statement, make_voter(statement.consultation), value=2)


def test_a_signed_in_person_is_one_participant_without_a_token(statement, bob):
    vote(statement, Voter(user=bob))
    vote(statement, Voter(user=bob), value=-1, n=1)
    participant = Participant.objects.get()
    assert (participant.user, participant.token_hash) == (bob, None)


def test_votes_without_an_account_are_never_joined_to_one(statement, bob):
    cast(statement)
    vote(statement, Voter(user=bob))
    assert Participant.objects.count() == 2


# Statements


def write(consultation, body, voter=None, now=NOW):
    return actions.write_statement(
        consultation=consultation, voter=voter or make_voter(consultation), body=body, language="en", now=now
    )


def test_a_statement_waits_where_it_is_read_before(consultation):
    made = write(consultation, "  Open   the schools ")
    assert (made.moderation, made.origin, made.record.visibility) == (
        "waiting",
        "participant",
        Visibility.STAFF,
    )
    assert made.record.title.body == "Open the schools"
    event = Event.objects.get(record=made.record)
    assert (event.verb, event.actor) == ("written", None)
    assert not Vote.objects.exists()


def test_a_statement_is_shown_at_once_where_it_is_read_afterwards():
    made = write(make_consultation(moderation="after"), "Open the schools")
    assert (made.moderation, made.record.visibility) == ("accepted", Visibility.PUBLIC)


@pytest.mark.parametrize("body", ["", "   ", "x" * 281])
def test_no_statement_without_words_or_too_long(consultation, body):
    with pytest.raises(Refused):
        write(consultation, body)
    assert (Participant.objects.count(), Statement.objects.count()) == (0, 0)


def test_a_closed_consultation_takes_no_statement(consultation):
    Consultation.objects.update(closes_at=NOW)
    consultation.refresh_from_db()
    with pytest.raises(Refused):
        write(consultation, "Too late")


@pytest.mark.parametrize("body", ["ask first", "Ask, first!", "ＡＳＫ  FIRST"])
def test_nearly_the_same_words_are_offered_instead(statement, body):
    with pytest.raises(AlreadySaid) as refusal:
        write(statement.consultation, body)
    assert refusal.value.statement == statement
    assert not Participant.objects.exists()


def test_the_same_words_in_a_translation_are_offered_too(consultation):
    seed = NewStatement("Demander d’abord.", "fr", translations={"en": "Ask first."})
    actions.add_seed_statements(consultation=consultation, statements=[seed], language="en", by=None, now=NOW)
    with pytest.raises(AlreadySaid):
        write(consultation, "Ask first")


def test_what_waits_from_others_is_not_given_away(consultation):
    write(consultation, "Open the schools")
    assert write(consultation, "Open the schools").moderation == "waiting"


def test_sending_the_same_twice_is_one_statement(consultation):
    voter = make_voter(consultation)
    assert write(consultation, "Open the schools", voter) == write(consultation, "open the schools", voter)
    assert Statement.objects.count() == 1


# Moderation


def test_accepting_shows_the_statement_and_writes_an_event(consultation, alice):
    made = write(consultation, "Open the schools")
    changed = actions.moderate_statements(
        statements=[made], decision="accepted", reason="", by=alice, now=NOW
    )
    made.refresh_from_db()
    assert (changed, made.moderation, made.record.visibility) == (1, "accepted", Visibility.PUBLIC)
    event = Event.objects.filter(record=made.record).latest("id")
    assert (event.verb, event.actor, event.changes) == (
        "accepted",
        alice,
        {"moderation": ["waiting", "accepted"]},
    )


def test_rejecting_hides_the_statement_and_keeps_its_votes(statement, alice):
    cast(statement)
    actions.moderate_statements(
        statements=[statement], decision="rejected", reason="personal", by=alice, now=NOW
    )
    statement.refresh_from_db()
    assert (statement.moderation_reason, statement.record.visibility) == ("personal", Visibility.STAFF)
    assert Vote.objects.count() == 1


def test_a_rejection_needs_a_reason(statement, alice):
    with pytest.raises(Refused):
        actions.moderate_statements(
            statements=[statement], decision="rejected", reason=" ", by=alice, now=NOW
        )


def test_a_decision_that_changes_nothing_writes_nothing(statement, alice):
    before = Event.objects.count()
    assert not actions.moderate_statements(
        statements=[statement], decision="accepted", reason="", by=alice, now=NOW
    )
    assert Event.objects.count() == before


# Many votes at once


def test_many_votes_at_once_number_their_revisions_and_write_one_event(statement, alice):
    before = Event.objects.count()
    votes = [
        BulkVote("ann", statement.pk, 1, NOW - timedelta(days=2)),
        BulkVote("bo", statement.pk, 0, NOW),
        BulkVote("ann", statement.pk, -1, NOW, "fr"),
    ]
    people = actions.record_votes(
        consultation=statement.consultation, votes=votes, others=["cy"], by=alice, now=NOW
    )
    assert list(people) == ["cy", "ann", "bo"]
    assert people["ann"].since == (NOW - timedelta(days=2)).date()
    assert {len(person.secret) for person in Participant.objects.all()} == {32}
    rows = Vote.objects.order_by("id").values_list("participant", "n", "value", "language")
    assert list(rows) == [
        (people["ann"].pk, 0, 1, ""),
        (people["bo"].pk, 0, 0, ""),
        (people["ann"].pk, 1, -1, "fr"),
    ]
    event = Event.objects.latest("id")
    assert Event.objects.count() == before + 1
    assert event.changes == {"participants": [None, 3], "votes": [None, 3]}


def test_one_bad_row_among_many_writes_none(statement):
    votes = [BulkVote("ann", statement.pk, 1, NOW), BulkVote("bo", statement.pk + 999, 1, NOW)]
    with pytest.raises(Refused):
        actions.record_votes(consultation=statement.consultation, votes=votes, by=None, now=NOW)
    assert (Participant.objects.count(), Vote.objects.count()) == (0, 0)
