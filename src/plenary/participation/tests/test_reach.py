"""Who takes part against the audience wanted, with small numbers hidden."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion.suppression import audit
from plenary.participation import queries
from plenary.participation.models import GapStep, Participant, ParticipantAttributes, Vote
from plenary.participation.reach import FEWEST, hide, make_table

from .factories import NOW, make_consultation, make_statements

VALUES = [("a", "A"), ("b", "B"), ("c", "C")]


def table(counts, **changes):
    given = {"people": sum(counts.values()) + 10, "wanted": None}
    return make_table("x", "X", VALUES, counts, **given | changes)


class TestHiding:
    @settings(deadline=None)
    @given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
    def test_nobody_can_tell_a_small_number_from_what_is_shown(self, counts):
        total = sum(counts)
        if total < FEWEST:  # then nothing is shown at all
            return
        hidden = hide(counts)
        assert all(is_hidden for count, is_hidden in zip(counts, hidden, strict=True) if 0 < count < FEWEST)
        for place, (count, is_hidden) in enumerate(zip(counts, hidden, strict=True)):
            if is_hidden and 0 < count < FEWEST:
                # A second row, unknown and large, stands for not knowing the totals of columns.
                world = np.full(len(counts), total + 50)
                mask = np.array([hidden, [True] * len(counts)])
                low, high = audit(np.vstack([counts, world]), mask)
                assert high[0, place] - low[0, place] >= min(FEWEST, total)

    def test_a_small_number_takes_another_with_it(self):
        assert hide([3, 40, 12]) == [True, False, True]
        assert hide([30, 40, 0]) == [False, False, False]

    def test_what_is_hidden_comes_out_as_a_greatest_value(self):
        cells = {cell.key: cell for cell in table({"a": 3, "b": 40, "c": 12}).cells}
        assert (cells["a"].count, cells["a"].at_most) == (None, 15)
        assert cells["a"].share is None and cells["a"].interval[0] == 0
        assert (cells["b"].count, cells["b"].share) == (40, pytest.approx(40 / 55))

    def test_fewer_than_five_answers_are_not_even_counted(self):
        found = table({"a": 2, "b": 2})
        assert found.is_hidden and not found.cells and found.said == 0

    def test_what_nobody_said_is_empty_and_not_hidden(self):
        assert table({}).is_empty and not table({}).is_hidden


class TestGaps:
    def test_shares_are_of_those_who_said_it_and_of_all(self):
        cell = table({"a": 20, "b": 60}, people=200).cells[0]
        assert (cell.share, cell.share_of_all) == (0.25, 0.1)
        assert table({"a": 20, "b": 60}, people=200).not_said == 120

    def test_what_is_missing_beyond_doubt_is_a_gap(self):
        found = table({"a": 20, "b": 180}, wanted={"a": 0.5, "b": 0.5})
        assert [cell.key for cell in found.gaps] == ["a"]
        assert found.cells[0].gap == pytest.approx(-0.4)
        assert [cell.verdict for cell in found.cells] == ["missing", "many", "open"]

    def test_chance_alone_is_no_gap(self):
        assert not table({"a": 45, "b": 55}, wanted={"a": 0.5, "b": 0.5}).gaps

    def test_a_hidden_number_is_a_gap_where_its_greatest_value_is_one(self):
        found = table({"a": 2, "b": 180, "c": 9}, wanted={"a": 0.5, "b": 0.5})
        assert found.cells[0].count is None
        assert [cell.key for cell in found.gaps] == ["a"]

    def test_without_an_audience_there_is_no_verdict(self):
        assert {cell.verdict for cell in table({"a": 20, "b": 60}).cells} == {""}

    def test_values_that_are_no_answer_any_more_stand_together(self):
        found = table({"a": 20, "old": 6}, others="Others")
        assert (found.cells[-1].label, found.cells[-1].count) == ("Others", 6)


@pytest.mark.django_db
class TestQuery:
    def make(self, *said, voters=0, **changes):
        """A consultation with a participant for every entry, who said so much, and others who said nothing."""
        consultation = make_consultation()
        for name, value in changes.items():
            setattr(consultation, name, value)
        consultation.save()
        statement = make_statements(consultation)[0]
        people = Participant.objects.bulk_create(
            Participant(
                consultation=consultation, token_hash=bytes([number] * 32), terms="1", since=NOW.date()
            )
            for number in range(len(said) + voters)
        )
        Vote.objects.bulk_create(
            Vote(participant=each, statement=statement, value=1, at=NOW, language="en") for each in people
        )
        for each, values in zip(people, said, strict=False):
            ParticipantAttributes.objects.create(
                participant=each, given_on=NOW, has_declined=not values, **values
            )
        return consultation

    def test_counts_with_denominators(self):
        consultation = self.make(*[{"age": "15-24"}] * 10, *[{"gender": "woman"}] * 5, {}, voters=4)
        found = queries.get_reach(consultation)
        assert (found.people, found.answered, found.waiting) == (20, 15, 0)
        age = next(table for table in found.attributes if table.name == "age")
        assert (age.said, age.not_said) == (10, 10)
        assert {cell.key: cell.count for cell in age.cells}["15-24"] == 10

    def test_answers_enter_five_at_a_time(self):
        consultation = self.make(*[{"age": "15-24"}] * 9)
        found = queries.get_reach(consultation)
        age = next(table for table in found.attributes if table.name == "age")
        assert (age.said, found.waiting, age.people) == (5, 4, 5)

    def test_language_and_origin_are_told_of_everybody(self):
        found = queries.get_reach(self.make(voters=8))
        assert [(cell.key, cell.count) for cell in found.by_language.cells] == [("en", 8)]
        assert {cell.key: cell.count for cell in found.by_origin.cells} == {
            "online": 8,
            "paper": 0,
            "import": 0,
        }

    def test_the_erased_are_in_no_table(self):
        consultation = self.make(*[{"age": "15-24"}] * 10)
        Participant.objects.filter(pk__in=Participant.objects.values("pk")[:5]).update(erased_at=NOW)
        assert queries.get_reach(consultation).people == 5

    def test_an_audience_for_something_that_is_not_asked_is_shown_all_the_same(self):
        consultation = self.make(
            voters=6, attributes_asked=["gender"], margins={"age": {"15-24": 0.3, "25-34": 0.7}}
        )
        age = next(table for table in queries.get_reach(consultation).attributes if table.name == "age")
        assert age.is_empty and not age.gaps

    def test_costs_the_same_whatever_there_is(self, django_assert_max_num_queries):
        consultation = self.make(*[{"age": "15-24"}] * 20)
        with django_assert_max_num_queries(11):
            queries.get_reach(consultation)


@pytest.mark.django_db
class TestPages:
    AUDIENCE = {"age": {"15-24": 0.5, "25-34": 0.5}}

    @pytest.fixture
    def consultation(self):
        said = [{"age": "25-34"}] * 40 + [{"age": "15-24"}] * 10
        return TestQuery().make(*said, voters=50, margins=self.AUDIENCE)

    def test_everybody_sees_who_is_missing(self, client, consultation):
        page = client.get("/consultations/CON-1/reach").content.decode().replace("\u00a0", " ")
        assert "100 people take part. 50 of them have said something about themselves." in page
        assert "15 to 24: 20 % of those who said it, 50 % wanted." in page
        assert "50 of 100 people said it (50 %). 50 did not." in page
        assert "−30 (−39 to −17)" in page
        assert "/gaps" not in page

    def test_without_an_audience_it_says_so(self, client):
        TestQuery().make(voters=6)
        page = client.get("/consultations/CON-1/reach").content.decode()
        assert "Nobody has said whom this consultation wants to hear" in page
        assert "Nobody said it, of 6 people." in page

    def test_before_anybody_came_it_says_so(self, client):
        make_consultation()
        page = client.get("/consultations/CON-1/reach")
        assert page.status_code == 200
        assert "0 people take part" in page.content.decode()

    def test_small_numbers_are_in_no_answer(self, client):
        TestQuery().make(*[{"age": "25-34"}] * 27, *[{"age": "15-24"}] * 3)
        for address in ("/consultations/CON-1/reach.csv", "/api/v1/consultations/CON-1/reach"):
            assert client.get(address).status_code == 200
        rows = client.get("/api/v1/consultations/CON-1/reach").json()["rows"]
        found = {row["value"]: row["count"] for row in rows if row["attribute"] == "age"}
        assert found["15-24"] is None and found["25-34"] is None and found["65+"] == 0
        assert "age,15-24,,30,30,30" in client.get("/consultations/CON-1/reach.csv").content.decode()

    def test_the_desk_records_what_it_does(self, client, alice, office, consultation):
        client.force_login(alice)
        page = client.get("/consultations/CON-1/gaps").content.decode()
        assert "Age: 15 to 24" in page and "/consultations/CON-1" in page
        sent = {"gap": "age:15-24", "by_way_of": "organization", "organization": office.reference}
        assert client.post("/consultations/CON-1/gaps", sent | {"organization": ""}).status_code == 409
        assert client.post("/consultations/CON-1/gaps", sent | {"organization": "ORG-99"}).status_code == 422
        assert client.post("/consultations/CON-1/gaps", sent | {"gap": "age:99"}).status_code == 404
        assert not GapStep.objects.exists()
        assert client.post("/consultations/CON-1/gaps", sent).status_code == 302
        step = GapStep.objects.get()
        assert (step.value, step.share_then, step.wanted_then) == ("15-24", 0.2, 0.5)
        event = consultation.record.events.get(verb="reached out to who is missing")
        assert event.changes["missing"] == [None, "age: 15-24"]
        pack = consultation.packs.get()
        assert f"/o/{pack.code}" in pack.words and office.reference in pack.place
        client.logout()
        page = client.get("/consultations/CON-1/reach").content.decode()
        assert "What was done about it" in page and "asked an organization" in page

    def test_strangers_record_nothing(self, client, charlie, consultation):
        client.force_login(charlie)
        assert client.get("/consultations/CON-1/gaps").status_code == 403
        assert client.get("/consultations/CON-9/reach").status_code == 404
        assert client.post("/consultations/CON-1/reach").status_code == 405

    def test_a_page_costs_the_same_whatever_there_is(
        self, client, consultation, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(20):
            client.get("/consultations/CON-1/reach")
