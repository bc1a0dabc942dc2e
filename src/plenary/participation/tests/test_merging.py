"""Merging loses no vote; other words ask again only where the meaning changed."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plenary.kit.errors import Refused
from plenary.participation import actions, queries
from plenary.participation.models import Participant, Rewording, Statement, Vote
from plenary.participation.wording import Shares
from plenary.records.actions import put_translation
from plenary.records.models import Event, Translation

from .factories import NOW, cast, make_consultation, make_statements, make_voter

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def consultation():
    return make_consultation()


@pytest.fixture
def pair(consultation):
    return make_statements(consultation, "More trees.", "We need more trees.")


def merge(statement, into):
    actions.merge_statement(statement=statement, into=into, by=None, now=NOW)


def shares_of(statement):
    return queries.count_shares([statement.pk]).get(statement.pk, Shares())


def analysed(consultation):
    people, statements, values, _ms = queries.list_votes_for_analysis(consultation)
    return list(zip(people.tolist(), statements.tolist(), values.tolist(), strict=True))


def numbers_of(consultation):
    queries.with_numbers([consultation])
    return consultation.people, consultation.answers, consultation.accepted


# Merging


def test_votes_on_a_merged_statement_count_for_the_other(consultation, pair):
    one, two = pair
    cast(one, 1), cast(one, -1), cast(two, 0)
    merge(one, two)
    assert shares_of(two) == Shares(1, 1, 1)
    assert numbers_of(consultation) == (3, 3, 1)
    assert {statement for _, statement, _ in analysed(consultation)} == {two.pk}
    assert Vote.objects.filter(statement=one).count() == 2  # nothing was moved


def test_who_voted_on_both_counts_once_by_her_latest_vote(consultation, pair):
    one, two = pair
    voter = cast(one, 1)
    cast(two, -1, voter)
    other = cast(two, -1)
    cast(one, 1, other)
    merge(one, two)
    assert shares_of(two) == Shares(1, 1, 0)
    assert numbers_of(consultation) == (2, 2, 1)
    assert sorted(value for *_, value in analysed(consultation)) == [-1, 1]
    assert Vote.objects.count() == 4


def test_separating_restores_what_was(consultation, pair):
    one, two = pair
    voter = cast(one, 1)
    cast(two, -1, voter), cast(one, 0)
    before = (shares_of(one), shares_of(two), analysed(consultation), numbers_of(consultation))
    merge(one, two)
    actions.separate_statement(statement=Statement.objects.get(pk=one.pk), by=None, now=NOW)
    assert (shares_of(one), shares_of(two), analysed(consultation), numbers_of(consultation)) == before
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.moderation, one.duplicate_of, one.counts_for, two.counts_for) == (
        "accepted",
        None,
        None,
        None,
    )
    verbs = Event.objects.filter(record=one.record).values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["merged", "separated"]


def test_a_family_is_merged_on_and_taken_apart_in_any_order(consultation):
    one, two, three = make_statements(consultation, "One.", "Two.", "Three.")
    cast(one), cast(two), cast(three)
    merge(one, two)
    merge(Statement.objects.get(pk=two.pk), three)
    assert shares_of(three) == Shares(3, 0, 0)
    actions.separate_statement(statement=Statement.objects.get(pk=two.pk), by=None, now=NOW)
    assert (shares_of(two), shares_of(three)) == (Shares(2, 0, 0), Shares(1, 0, 0))
    merge(Statement.objects.get(pk=two.pk), three)
    actions.separate_statement(statement=Statement.objects.get(pk=one.pk), by=None, now=NOW)
    assert (shares_of(one), shares_of(three)) == (Shares(1, 0, 0), Shares(2, 0, 0))


def test_it_leaves_the_pool_and_is_answered_for_who_answered_it(consultation, pair):
    one, two = pair
    voter = cast(one, -1)
    merge(one, two)
    card = queries.get_card(consultation, voter, "en")
    assert (card.statement, card.done, card.left) == (None, 1, 0)
    card = queries.get_card(consultation, voter, "en", again=two.reference)
    assert (card.statement, card.answer.value, card.n) == (two, -1, 0)
    cast(two, 1, voter)
    assert shares_of(two) == Shares(1, 0, 0)
    assert queries.get_card(consultation, make_voter(consultation), "en").total == 1


def test_a_vote_from_a_card_that_was_open_before_is_kept_and_counts(consultation, pair):
    one, two = pair
    merge(one, two)
    cast(one, 1)
    assert shares_of(two) == Shares(1, 0, 0)


def test_a_rejected_survivor_counts_for_nothing(consultation, pair):
    one, two = pair
    cast(one), cast(two)
    merge(one, two)
    actions.moderate_statements(
        statements=[Statement.objects.select_related("record").get(pk=two.pk)], decision="rejected",
        reason="off-topic", by=None, now=NOW,
    )  # fmt: skip
    assert analysed(consultation) == []
    assert numbers_of(consultation)[:2] == (0, 0)


def test_what_cannot_be_merged(consultation, pair):
    one, two = pair
    elsewhere = make_statements(make_consultation(), "Else.")[0]
    for statement, into in ((one, one), (one, elsewhere)):
        with pytest.raises(Refused):
            merge(statement, into)
    merge(one, two)
    for statement, into in ((one, two), (two, one)):
        with pytest.raises(Refused):
            merge(statement, into)
    with pytest.raises(Refused, match="not merged"):
        actions.separate_statement(statement=two, by=None, now=NOW)
    with pytest.raises(Refused, match="Separate them first"):
        actions.moderate_statements(statements=[one], decision="accepted", reason="", by=None, now=NOW)


def test_counting_costs_no_more_queries_for_merged_ones(consultation, django_assert_num_queries):
    statements = make_statements(consultation, *(f"Idea {number}." for number in range(12)))
    for statement in statements[:6]:
        cast(statement)
        merge(statement, statements[11])
    with django_assert_num_queries(2):
        queries.count_shares([statement.pk for statement in statements])
    with django_assert_num_queries(4):
        queries.list_votes_for_analysis(consultation)
    with django_assert_num_queries(5):
        queries.with_numbers([consultation])


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("vote"), st.integers(0, 3), st.integers(0, 4), st.sampled_from([-1, 0, 1])),
        st.tuples(st.just("merge"), st.integers(0, 4), st.integers(0, 4), st.just(0)),
        st.tuples(st.just("separate"), st.integers(0, 4), st.just(0), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(acts=ACTS)
def test_whatever_is_merged_every_person_counts_once_by_her_latest_vote(acts):
    """Against a model in ten lines: votes in order, and which statement each was merged into."""
    consultation = make_consultation()
    statements = make_statements(consultation, *(f"Idea {number}." for number in range(5)))
    voters = [make_voter(consultation) for _ in range(4)]
    votes, into, revisions = [], {}, {}
    for act, first, second, value in acts:
        if act == "vote":
            n = revisions[first, second] = revisions.get((first, second), -1) + 1
            cast(statements[second], value, voters[first], n=n)
            votes.append((first, second, value))
        elif act == "merge" and first != second and first not in into and second not in into:
            merge(
                *(
                    Statement.objects.select_related("record").get(pk=statements[i].pk)
                    for i in (first, second)
                )
            )
            into[first] = second
        elif act == "separate" and first in into:
            actions.separate_statement(
                statement=Statement.objects.select_related("record").get(pk=statements[first].pk),
                by=None,
                now=NOW,
            )
            del into[first]

    def top(place):
        return top(into[place]) if place in into else place

    expected = {(person, top(place)): value for person, place, value in votes}
    keys = {bytes(row.token_hash): row.pk for row in Participant.objects.filter(consultation=consultation)}
    wanted = sorted(
        (keys[voters[person].token_hash], statements[place].pk, value)
        for (person, place), value in expected.items()
    )
    assert sorted(analysed(consultation)) == wanted
    assert numbers_of(consultation)[1] == len(wanted)
    shares = queries.count_shares([statement.pk for statement in statements])
    assert sum(each.total for each in shares.values()) == len(wanted)
    assert Vote.objects.filter(statement__consultation=consultation).count() == len(votes)
    for person, voter in enumerate(voters):
        done = queries.get_card(consultation, voter, "en").done
        assert done == len({place for who, place in expected if who == person})


# Other words


def reword(statement, body="More old trees.", meaning=True, **more):
    return actions.reword_statement(
        statement=statement, body=body, changes_meaning=meaning, by=None, now=LATER, **more
    )


def again(statement):
    return Statement.objects.select_related("record__title", "consultation").get(pk=statement.pk)


def test_a_typo_keeps_the_votes_and_the_original(consultation, pair):
    cast(pair[0])
    made = reword(again(pair[0]), "More  Trees", meaning=False)
    found = again(pair[0])
    assert (found.record.title.body, made.before.body, found.asks_again_since) == (
        "More Trees",
        "More trees.",
        None,
    )
    assert shares_of(found) == Shares(1, 0, 0)
    event = Event.objects.filter(record=found.record, verb="reworded").get()
    assert event.changes["text"] == [made.before_id, made.after_id]


@pytest.mark.parametrize(("body", "stale"), [("More trees!", False), ("More old trees.", True)])
def test_translations_are_stale_only_where_the_words_changed(pair, body, stale):
    put_translation(text=pair[0].record.title, language="fr", body="Plus d'arbres.")
    made = reword(again(pair[0]), body, meaning=False)
    kept = Translation.objects.get(text=made.after)
    assert (kept.body, kept.source_hash != made.after.hash) == ("Plus d'arbres.", stale)


def test_a_changed_meaning_asks_again(consultation, pair):
    voter = cast(pair[0])
    cast(pair[1], 1, voter)
    reword(again(pair[0]))
    assert shares_of(pair[0]) == Shares()
    assert numbers_of(consultation) == (1, 1, 2)
    assert len(analysed(consultation)) == 1
    card = queries.get_card(consultation, voter, "en")
    assert (card.statement, card.n, card.left, card.done) == (pair[0], 1, 1, 1)
    assert (card.answer.is_outdated, card.answer.value) == (True, 1)
    actions.take_vote(
        consultation=consultation,
        voter=voter,
        statement=pair[0].reference,
        n=1,
        value=-1,
        language="en",
        now=LATER,
    )
    assert shares_of(pair[0]) == Shares(0, 1, 0)
    assert numbers_of(consultation) == (1, 2, 2)
    assert queries.get_card(consultation, voter, "en").done == 2
    assert Vote.objects.filter(statement=pair[0]).count() == 2


def test_a_change_after_a_merge_asks_again_about_both_and_ends_with_it(consultation, pair):
    one, two = pair
    cast(one)
    merge(one, two)
    reword(again(two))
    assert shares_of(two) == Shares()
    actions.separate_statement(statement=again(one), by=None, now=LATER)
    assert shares_of(one) == Shares(1, 0, 0)  # its own words never changed


@pytest.mark.parametrize("body", ["", "   ", "x" * 281, "More trees."])
def test_words_that_are_refused(pair, body):
    with pytest.raises(Refused):
        reword(again(pair[0]), body)
    assert not Rewording.objects.exists()


def test_a_language_is_corrected_with_the_same_words(pair):
    text = pair[0].record.title
    put_translation(text=text, language="fr", body="Plus d'arbres.")
    after = actions.correct_language(statement=again(pair[0]), language="de", by=None, now=NOW)
    assert (after.body, after.source_language) == (text.body, "de")
    assert Translation.objects.get(text=after).source_hash == after.hash
    assert actions.correct_language(statement=again(pair[0]), language="de", by=None, now=NOW) == after


def test_pairs_are_found_of_what_came_later_and_not_of_what_was_reworded():
    consultation = make_consultation()
    one, _other = make_statements(
        consultation, "Buses should be free for pupils.", "Hospitals need more nurses at night."
    )
    assert queries.list_pairs(consultation, "en") == []
    [late] = make_statements(consultation, "Buses should be free for all pupils.")
    [(older, newer, likeness)] = queries.list_pairs(consultation, "en")
    assert (older, newer) == (one.pk, late.pk) and likeness > 0.5
    actions.reword_statement(
        statement=late, body="Museums ask for too much money.", changes_meaning=True, by=None, now=NOW
    )
    assert queries.list_pairs(consultation, "en") == []
