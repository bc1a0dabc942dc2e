"""From a finding to a change and on to the clause, with what speaks against it; and the way back."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from plenary.insight.models import Finding
from plenary.people.tests.factories import make_user
from plenary.records.models import EvidenceLink, Stance
from plenary.records.tests.factories import NOW
from plenary.strategy import actions as strategy
from plenary.strategy.models import Change
from plenary.strategy.tests.factories import clause, make_version

from .factories import analyse, make_two_camps, make_votes

pytestmark = pytest.mark.django_db


def read(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


@pytest.fixture
def found(db):
    """Two camps voted on statements about a clause; what was found of the first two ideas and of the others."""
    text = make_version().strategy
    about = clause(text, "C2")
    analysis = analyse(make_two_camps(about=about.record))
    return analysis, about


def first(analysis, kind):
    return analysis.findings.filter(kind=kind).order_by("order").first()


class TestProposing:
    def test_begins_at_the_clause_with_what_speaks_against_it(self, client, found, bob):
        analysis, about = found
        division = first(analysis, Finding.Kind.DIVISION)
        client.force_login(bob)
        page = read(client, f"/findings/{division.reference}")
        assert f'name="clause" value="{about.reference}"' in page
        boxes = re.findall(r'name="against" value="(FND-\d+)"( checked)?', page)
        on_the_same = {reference for reference, checked in boxes if checked}
        against = Finding.objects.filter(record__reference__in=on_the_same)
        assert on_the_same and all(each.kind == Finding.Kind.POSITION for each in against)
        assert all(set(each.statements.all()) & set(division.statements.all()) for each in against)

    def test_lets_who_agrees_with_everybody_see_where_they_part(self, client, found, bob):
        analysis, _about = found
        consensus = first(analysis, Finding.Kind.CONSENSUS)
        client.force_login(bob)
        page = read(client, f"/findings/{consensus.reference}")
        boxes = re.findall(r'name="against" value="(FND-\d+)"( checked)?', page)
        assert boxes and not any(checked for _reference, checked in boxes)
        assert "on another statement" in page

    def test_says_where_nothing_speaks_against_it(self, client, bob):
        finding = analyse(make_votes([[1]] * 30)).findings.get()
        client.force_login(bob)
        assert "No finding of this analysis speaks against it." in read(
            client, f"/findings/{finding.reference}"
        )

    def test_links_both_sides_and_asks_for_no_other_clause(self, client, found, bob):
        analysis, about = found
        one, other = (first(analysis, kind) for kind in (Finding.Kind.CONSENSUS, Finding.Kind.DIVISION))
        chosen = [("evidence", one.reference), ("clause", about.reference), ("against", other.reference)]
        client.force_login(bob)
        address = f"/changes/new?{urlencode(chosen)}"
        page = read(client, address)
        assert page.index("What supports it") < page.index("What speaks against it")
        assert page.count(one.record.title.body) == page.count(other.record.title.body) == 1
        assert f'name="against" value="{other.reference}"' in page
        sent = {"title": "Ask first", "text": "We ask.", "rationale": "Heard."}
        client.post(address, sent | {"evidence": one.reference, "against": other.reference})
        change = Change.objects.get()
        links = EvidenceLink.objects.filter(target=change.record).values_list("source", "stance")
        assert set(links) == {(one.pk, Stance.SUPPORTS), (other.pk, Stance.CONTRADICTS)}
        assert change.clause == about

    def test_carries_several_and_both_sides_to_the_choice_of_a_clause(self, client, found, bob):
        client.force_login(bob)
        page = read(client, "/changes/new?evidence=FND-1&against=FND-2&against=FND-3")
        assert "FND-2, FND-3 will be linked as what speaks against it." in page
        assert "evidence=FND-1&amp;against=FND-2%2C+FND-3" in page

    def test_one_finding_speaks_for_one_side_only(self, client, found, bob):
        analysis, about = found
        reference = first(analysis, Finding.Kind.CONSENSUS).reference
        client.force_login(bob)
        response = client.post(
            f"/changes/new?clause={about.reference}",
            {"text": "We ask.", "rationale": "Heard.", "evidence": reference, "against": reference},
        )
        assert response.status_code == 422
        assert f"{reference} stands on both sides." in response.content.decode()
        assert not Change.objects.exists()


class TestTheWay:
    @pytest.fixture
    def changed(self, found, unit, bob, alice):
        """A change on two findings, reviewed, accepted and in force."""
        analysis, about = found
        one, other = (first(analysis, kind) for kind in (Finding.Kind.CONSENSUS, Finding.Kind.DIVISION))
        change = strategy.propose_change(
            strategy=about.strategy, operation="edit", clause=about, text="We ask.", rationale="Heard.",
            language="en", evidence=[one.record], against=[other.record], by=bob, now=NOW,
        )  # fmt: skip
        strategy.review_change(change=change, by=alice, now=NOW)
        strategy.accept_change(change=change, by=make_user("carol", ("committee", unit)), now=NOW)
        strategy.adopt_version(
            strategy=about.strategy, by=alice, now=NOW + timedelta(days=1), adopted_on=NOW.date()
        )
        return one, other, change, about

    def test_leads_from_statement_to_clause_and_back(self, client, changed):
        one, other, change, about = changed
        for finding in (one, other):
            statement = finding.statements.first()
            forth = client.get(f"/trail/{statement.reference}.json").json()
            steps = [station for station in forth["led_to"] if station]
            assert finding.reference in steps[0]
            assert change.reference in steps[1] and about.reference in steps[2]
            back = client.get(f"/trail/{about.reference}.json").json()
            came = [set(station) for station in back["came_from"]]
            place = {
                reference: next(i for i, station in enumerate(came) if reference in station)
                for reference in (change.reference, finding.reference, statement.reference)
            }
            assert place[change.reference] < place[finding.reference] < place[statement.reference]

    def test_everybody_sees_which_changes_cite_a_finding(self, client, changed):
        one, other, change, about = changed
        for finding, stance in ((one, "supported by this finding"), (other, "contradicted by this finding")):
            page = read(client, f"/findings/{finding.reference}")
            assert "Changes that cite this finding" in page and stance in page
            assert f"/changes/{change.reference}" in page and about.reference in page and "in force" in page
            assert "Propose a change" not in page
