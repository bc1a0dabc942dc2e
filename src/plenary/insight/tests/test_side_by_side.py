"""Two results beside each other: which statements are the same, what is called a change, and who sees it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from plenary.insight import side_by_side
from plenary.insight.models import AnalysisPart, Comparison
from plenary.insight.parts import as_json
from plenary.insight.side_by_side import Readers, normalised
from plenary.participation.actions import duplicate_consultation
from plenary.participation.models import Consultation, Statement, Vote
from plenary.participation.tests.factories import make_consultation, make_statements
from plenary.records.actions import take_snapshot
from plenary.records.models import Visibility
from plenary.records.tests.factories import NOW

from .factories import CAMPS, analyse, cast_votes, make_two_camps, make_votes

pytestmark = pytest.mark.django_db

NOBODY = Readers(None)


def read(client, path, status=200, **headers):
    response = client.get(path, headers=headers)
    assert response.status_code == status
    return response.content.decode()


def vote_on(consultation, rows):
    statements = Statement.objects.filter(consultation=consultation).order_by("record__number")
    cast_votes(consultation, list(statements), rows)


def make_earlier_and_later(rows=None):
    """Two camps, then thirty more people who all disagree with what was shared."""
    consultation = make_two_camps()
    earlier = analyse(consultation)
    vote_on(consultation, [[-1, -1] + [None] * 8] * 30 if rows is None else rows)
    return consultation, earlier, analyse(consultation)


def page_of(consultation, other=""):
    return f"/consultations/{consultation.reference}/results/compare" + (f"?with={other}" if other else "")


class TestTwoAnalysesOfOneConsultation:
    def test_say_what_changed_beyond_chance_first(self, client):
        consultation, earlier, _ = make_earlier_and_later()
        page = read(client, page_of(consultation, earlier.reference))
        assert "2 of 10 statements." in page
        assert "Agree: from 100 % to 52 %" in page.replace("\xa0", " ")
        assert "new votes: 30" in page and "too few votes to test" in page
        assert page.index("What differs beyond chance") < page.index("All statements in both results")

    def test_stand_in_the_order_of_time_whatever_the_address_says(self, client):
        _, earlier, later = make_earlier_and_later()
        for a, b in ((earlier, later), (later, earlier)):
            page = read(client, f"/results/compare?a={a.reference}&b={b.reference}")
            assert page.index(f">{earlier.reference}<") < page.index(f">{later.reference}<")

    def test_say_that_the_votes_are_the_same(self, client):
        consultation = make_two_camps()
        earlier = analyse(consultation)
        analyse(consultation, seed=1)
        assert "rests on the same votes" in read(client, page_of(consultation, earlier.reference))

    def test_say_that_nothing_differs_and_what_that_means(self, client):
        consultation, earlier, _ = make_earlier_and_later(CAMPS)
        page = read(client, page_of(consultation, earlier.reference))
        assert "That does not prove that opinions are the same" in page

    def test_make_no_test_where_a_meaning_was_changed(self):
        consultation, earlier, later = make_earlier_and_later()
        later.finished_at = NOW + timedelta(days=2)
        later.save()
        first = Statement.objects.filter(consultation=consultation).order_by("record__number").first()
        Statement.objects.filter(pk=first.pk).update(asks_again_since=NOW + timedelta(days=1))
        pair = side_by_side.compare(earlier, later, NOBODY)
        untested = {each.first: each.untested for each in pair.compared.statements}
        assert untested[first.reference] == "reworded"

    def test_take_a_constant_number_of_queries(self, client, django_assert_max_num_queries):
        consultation, earlier, _ = make_earlier_and_later()
        with django_assert_max_num_queries(24):
            read(client, page_of(consultation, earlier.reference))


class TestTwoConsultations:
    def test_share_the_statements_that_a_next_cycle_took_over(self, client):
        first = make_votes([[1, 1, -1]] * 40)
        copy = duplicate_consultation(
            consultation=first, opens_at=first.opens_at + timedelta(days=9), closes_at=None, by=None, now=NOW
        )
        for record in (copy.record, *(each.record for each in copy.statements.all())):
            record.visibility = Visibility.PUBLIC
            record.save()
        type(copy).objects.filter(pk=copy.pk).update(is_draft=False)
        vote_on(copy, [[1, -1, -1]] * 40)
        analyse(first)
        second = analyse(copy)
        page = read(client, page_of(first))
        assert "3 statements are in both results." in page
        assert "1 of 3 statements." in page
        assert f'value="{second.reference}" selected' in page
        assert "The two are tested as different people." in page

    def test_match_equal_words_in_the_same_language_once(self):
        one, other = make_votes([[1] * 4] * 9), make_consultation()
        statements = make_statements(other, "IDEA  1", "Idea 2 !", "Idea 2.", "Another.")
        cast_votes(other, statements, [[1] * 4] * 9)
        pair = side_by_side.compare(analyse(one), analyse(other), NOBODY)
        names = [each.reference for each in one.statements.order_by("record__number")]
        found = {each.first: each.second for each in pair.compared.statements}
        assert found == {
            names[1]: statements[0].reference,
            names[2]: statements[1].reference,
        }
        assert (pair.compared.only_first, pair.compared.only_second) == (2, 2)

    def test_that_share_nothing_say_what_to_do(self, client):
        one, other = make_votes([[1]] * 9), make_consultation()
        cast_votes(other, make_statements(other, "Something else."), [[1]] * 9)
        analyse(one)
        page = read(client, page_of(one, analyse(other).reference))
        assert "No statement is in both results" in page and "Next cycle" in page

    def test_show_nothing_of_what_the_reader_may_not_see(self, client, alice):
        one, hidden = make_votes([[1]] * 9), make_votes([[1]] * 9)
        analyse(one)
        secret = analyse(hidden)
        for record in (hidden.record, secret.record):
            record.visibility = Visibility.STAFF
            record.save()
        assert secret.reference not in read(client, page_of(one))
        read(client, page_of(one, secret.reference), 404)
        read(client, f"/results/compare?a={secret.reference}&b={secret.reference}", 404)
        assert (
            client.get(f"/api/v1/analyses/{secret.reference}/compare/{secret.reference}").status_code == 404
        )

    def test_a_key_to_one_consultation_opens_no_other(self):
        one, hidden = make_votes([[1]] * 9), make_votes([[1]] * 9)
        mine, secret = analyse(one), analyse(hidden)
        hidden.record.visibility = secret.record.visibility = Visibility.STAFF
        hidden.record.save()
        secret.record.save()
        from django.contrib.auth.models import AnonymousUser

        readers = Readers(AnonymousUser(), one.pk, None)
        assert secret.reference not in side_by_side.list_choices(mine, readers, "en", []).values
        assert readers.of(mine) is None and readers.of(secret) is readers.user


class TestBadInput:
    @pytest.mark.parametrize("rows", [[], [[1]], [[1], [-1]], [[0]] * 9, [[1]] * 30])
    def test_of_few_or_of_one_mind_is_said_plainly(self, client, rows):
        consultation = make_votes(rows)
        earlier = analyse(consultation)
        vote_on(consultation, [[1]] * 2)
        analyse(consultation)
        page = read(client, page_of(consultation, earlier.reference))
        assert "No statement could be tested" in page or "No statement is in both results" in page

    def test_nothing_to_compare_with(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        assert "There is nothing to compare with yet." in read(client, page_of(consultation))

    def test_no_result_no_page(self, client):
        read(client, page_of(make_two_camps()), 404)

    def test_an_analysis_that_is_none_and_the_same_twice(self, client):
        consultation = make_two_camps()
        analysis = analyse(consultation)
        read(client, page_of(consultation, "ANA-99"), 404)
        assert "the same analysis twice" in read(client, page_of(consultation, analysis.reference))
        page = read(client, f"/results/compare?a={analysis.reference}&b=ANA-99", 404)
        assert "There is no finished analysis ANA-99 that you may see." in page
        assert "the same analysis twice" in read(client, "/results/compare?a=ANA-1&b=ana-1")
        assert "First analysis" in read(client, "/results/compare")


class TestWithinOneResult:
    def test_with_and_without_flags(self, client):
        consultation = make_two_camps()
        side = {"participants": 32, "votes": 320, "k": 2, "findings": {}}
        Comparison.objects.create(
            analysis=analyse(consultation),
            made_at=NOW,
            figures={
                "people": 3, "flags": [], "with": side, "without": side, "agreement": None, "appearing": [],
                "disappearing": [], "kept": 4, "changes": [],
            },
        )  # fmt: skip
        page = read(client, page_of(consultation))
        assert 'value="flagged" selected' in page and "With and without flagged participants" in page

    @pytest.mark.parametrize("way", ["weights", "languages", "flagged"])
    def test_what_was_not_told_is_said_and_no_missing_page(self, client, way):
        consultation = make_two_camps()
        analyse(consultation)
        assert "This result was not told in that way" in read(client, page_of(consultation, way))

    def test_by_the_language_of_reading(self, client):
        consultation = make_votes(CAMPS * 4)
        Consultation.objects.update(attributes_asked=[])  # the language of reading is known of everybody
        consultation.refresh_from_db()
        people = list(consultation.participants.order_by("pk").values_list("pk", flat=True))
        Vote.objects.filter(participant__in=people).update(language="en")
        # A small language from both camps, and one that is mostly of one camp.
        Vote.objects.filter(participant__in=people[::16][:6]).update(language="fr")
        Vote.objects.filter(participant__in=[pk for at, pk in enumerate(people) if at % 32 > 18]).update(
            language="ar"
        )
        analyse(consultation)
        page = read(client, page_of(consultation, "languages"))
        assert "العربية" in page and "English" in page
        assert re.search(
            r"Beyond chance, these differ from all others: [^.]*العربية \(\u2066[+−]\d+\u2069", page
        )
        assert '<td colspan="2" data-label="Share">hidden</td>' in page


def put_part(analysis, name, data):
    AnalysisPart.objects.filter(analysis=analysis, name=name).delete()
    AnalysisPart.objects.create(
        analysis=analysis, name=name, snapshot=take_snapshot(content=as_json(data), now=NOW)
    )


def test_programs_read_the_same_figures(client):
    _, earlier, later = make_earlier_and_later()
    found = client.get(f"/api/v1/analyses/{later.reference}/compare/{earlier.reference}").json()
    assert (found["first"], found["second"], found["people"]) == (earlier.reference, later.reference, "later")
    assert (found["matched"], found["changed"]) == (10, 2)
    move = found["statements"][0]["moves"][0]
    assert (move["first"]["count"], move["second"]["votes"], move["beyond_chance"]) == (32, 62, True)


@pytest.mark.parametrize(
    ("one", "other"), [("We  ask first.", "we ask FIRST"), ("Ｗｅ　问。", "we 问"), ("Why?", "Why")]
)
def test_words_are_equal_whatever_case_width_and_mark(one, other):
    assert normalised(one) == normalised(other)
