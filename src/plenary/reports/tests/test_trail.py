"""The trail: both ways, through visible records only, ending in cycles, in a constant number of queries."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from django.contrib.auth.models import AnonymousUser

from plenary.insight.models import Analysis, Finding
from plenary.kit import manifest
from plenary.participation.models import Consultation, Statement
from plenary.records.actions import create_record, create_records, link_evidence, put_text, put_texts
from plenary.records.models import Visibility
from plenary.records.tests.factories import NOW, make_source
from plenary.reports.queries import get_trail, trail_as_data

pytestmark = pytest.mark.django_db


def make_record(kind="source", visibility=Visibility.PUBLIC):
    return create_record(
        kind=kind, title=put_text(f"A {kind}", "en"), by=None, now=NOW, visibility=visibility
    )


def make_chain(length=4):
    """Records of which each is evidence for the next."""
    chain = [make_record() for _ in range(length)]
    for source, target in pairwise(chain):
        link(source, target)
    return chain


def link(source, target, stance="supports"):
    return link_evidence(source=source, target=target, stance=stance, by=None, now=NOW)


def make_consultation():
    record = make_record("consultation")
    return Consultation.objects.create(record=record, question=put_text("What now?", "en"), opens_at=NOW)


def make_statements(consultation, count):
    texts = put_texts([f"Idea {number}" for number in range(count)], "en")
    records = create_records(
        kind="statement", titles=texts, by=None, now=NOW, visibility=[Visibility.PUBLIC] * count
    )
    return Statement.objects.bulk_create(
        [
            Statement(record=record, consultation=consultation, origin="import", moderation="accepted")
            for record in records
        ],
        batch_size=500,
    )


def make_finding(statement):
    analysis = Analysis.objects.create(
        record=make_record("analysis"), consultation=statement.consultation, last_vote=0
    )
    finding = Finding.objects.create(
        record=make_record("finding"), analysis=analysis, kind="consensus", order=0
    )
    finding.statements.add(statement)
    return finding.record


def listed(stations):
    return [node.record.reference for station in stations for node in station.nodes]


def test_leads_backwards_and_forwards():
    first, second, third, fourth = make_chain()
    trail = get_trail(second, None, "en")
    assert listed(trail.came_from) == [first.reference]
    assert listed(trail.led_to) == [third.reference, fourth.reference]
    assert {(link.source, link.target, link.stance) for link in trail.edges} == {
        (first.reference, second.reference, "supports"),
        (second.reference, third.reference, "supports"),
        (third.reference, fourth.reference, "supports"),
    }
    assert not trail.truncated


def test_follows_the_edges_that_modules_declare():
    consultation = make_consultation()
    statement = make_statements(consultation, 1)[0]
    trail = get_trail(statement.record, None, "en")
    assert listed(trail.came_from) == [consultation.reference]
    assert trail.edges[0].source == consultation.reference
    assert trail.edges[0].target == statement.reference
    assert trail.edges[0].stance == ""


def test_every_declared_edge_has_two_columns():
    for edge in manifest.edges():
        assert len(manifest.resolve(edge.rows)().query.values_select) == 2, edge.name


def test_is_not_shown_and_not_walked_through_what_is_hidden(alice, charlie):
    first, second, third, fourth = make_chain()
    second.visibility = Visibility.STAFF
    second.save()
    assert listed(get_trail(fourth, charlie, "en").came_from) == [third.reference]
    assert listed(get_trail(first, charlie, "en").led_to) == []
    assert listed(get_trail(fourth, alice, "en").came_from) == [
        third.reference,
        second.reference,
        first.reference,
    ]


def test_a_cycle_ends():
    chain = make_chain(3)
    link(chain[2], chain[0])
    trail = get_trail(chain[1], None, "en")
    assert (
        set(listed(trail.came_from)) == set(listed(trail.led_to)) == {chain[0].reference, chain[2].reference}
    )


def test_a_depth_limit_ends_the_walk():
    chain = make_chain(5)
    trail = get_trail(chain[0], None, "en", depth_limit=2)
    assert listed(trail.led_to) == [chain[1].reference, chain[2].reference]


def test_groups_along_the_line_whatever_the_order_of_linking():
    change, finding = make_record("change"), make_record("finding")
    source = make_record()
    link(source, change), link(finding, change), link(source, finding, "context")
    trail = get_trail(change, None, "en")
    assert [station.kind.name for station in trail.came_from] == ["source", "finding"]
    assert trail.came_from[0].nodes[0].depth == 1


def test_says_how_many_more_and_lists_first_what_leads_on():
    consultation = make_consultation()
    statements = make_statements(consultation, 30)
    finding = make_record("finding")
    link(statements[-1].record, finding)
    trail = get_trail(consultation.record, None, "en", node_limit=5)
    station = trail.led_to[0]
    assert (len(station.nodes), station.more, station.count) == (5, 25, 30)
    assert station.nodes[0].record.reference == statements[-1].reference
    assert trail.truncated


def test_a_record_title_comes_in_the_readers_language():
    source, target = make_record(), make_record()
    target.title = put_text("A change", "en", {"fr": "Un changement"})
    target.save()
    link(source, target)
    assert str(get_trail(source, None, "fr").led_to[0].nodes[0].title) == "Un changement"


def test_takes_the_same_number_of_queries_for_a_short_and_a_long_trail(django_assert_num_queries):
    short, long = make_chain(2)[0], make_chain(8)[0]
    for record in (short, long):
        with django_assert_num_queries(3):
            get_trail(record, None, "en")


def test_counts_many_statements_and_shows_a_few():
    consultation = make_consultation()
    make_statements(consultation, 300)
    station = get_trail(consultation.record, None, "en").led_to[0]
    assert (station.count, len(station.nodes)) == (300, 20)


class TestFindings:
    """Every analysis makes findings of its own: what an earlier one led to belongs to the statement behind both."""

    @pytest.fixture
    def told(self):
        statement = make_statements(make_consultation(), 1)[0]
        other = make_statements(make_consultation(), 1)[0]
        earlier, idle, newest = make_finding(statement), make_finding(statement), make_finding(statement)
        change, cited = make_record("change"), make_record("source")
        link(earlier, change), link(change, cited)
        link(make_finding(other), make_record("change"))
        return {"earlier": earlier, "idle": idle, "newest": newest, "change": change, "cited": cited}

    def test_the_newest_shows_what_came_of_its_statement_through_an_earlier_one(self, told):
        trail = get_trail(told["newest"], None, "en")
        assert trail.led_to == []
        assert listed(trail.through_statements) == [
            told[name].reference for name in ("cited", "earlier", "change")
        ]
        assert (told["change"].reference, told["cited"].reference, "supports") in {
            (edge.source, edge.target, edge.stance) for edge in trail.edges
        }

    def test_what_came_of_the_finding_itself_is_listed_once(self, told):
        trail = get_trail(told["earlier"], None, "en")
        assert listed(trail.led_to) == [told["cited"].reference, told["change"].reference]
        assert trail.through_statements == []

    def test_nothing_hidden_is_shown(self, told):
        told["earlier"].visibility = Visibility.STAFF
        told["earlier"].save()
        assert get_trail(told["newest"], AnonymousUser(), "en").through_statements == []

    def test_data_says_it_apart(self, told):
        data = trail_as_data(get_trail(told["newest"], None, "en"))
        assert data["led_to"] == []
        assert data["through_statements"] == [
            [told["earlier"].reference], [told["change"].reference], [told["cited"].reference],
        ]  # fmt: skip

    def test_the_pages_of_trail_and_finding_say_it(self, client, told):
        for address in (f"/trail/{told['newest'].reference}", f"/findings/{told['newest'].reference}"):
            page = client.get(address).content.decode()
            assert "The statements behind it led to this" in page
            assert f"/r/{told['change'].reference}" in page or told["change"].page_url in page
            assert "Nothing has come of it yet" not in page


class TestPage:
    def test_shows_both_sides(self, client):
        first, second, third = make_chain(3)
        page = client.get(f"/trail/{second.reference}").content.decode()
        assert page.index("Where this came from") < page.index(first.reference)
        assert page.index("What came of it") < page.rindex(third.reference)

    def test_takes_a_constant_number_of_queries(self, client, django_assert_max_num_queries):
        record = make_chain(8)[0]
        with django_assert_max_num_queries(6):
            client.get(f"/trail/{record.reference}")

    def test_says_what_would_come_where_nothing_is(self, client):
        page = client.get(f"/trail/{make_source().reference}").content.decode()
        assert "Nothing has come of it yet." in page

    def test_is_not_found_for_a_stranger_where_the_record_is_hidden(self, client, alice):
        record = make_record(visibility=Visibility.STAFF)
        assert client.get(f"/trail/{record.reference}").status_code == 404
        client.force_login(alice)
        assert client.get(f"/trail/{record.reference}").status_code == 200

    def test_is_not_found_for_a_reference_that_nobody_gave(self, client):
        assert client.get("/trail/STM-999").status_code == 404

    def test_is_for_reading_only(self, client):
        assert client.post(f"/trail/{make_source().reference}").status_code == 405

    @pytest.mark.parametrize(
        ("suffix", "headers"), [(".json", {}), ("?format=json", {}), ("", {"accept": "application/json"})]
    )
    def test_answers_programs_with_json(self, client, suffix, headers):
        first, second = make_chain(2)
        data = json.loads(client.get(f"/trail/{first.reference}{suffix}", headers=headers).content)
        assert data["record"] == first.reference
        assert data["led_to"] == [[second.reference]]
        assert data["came_from"] == []
        assert data["edges"] == [
            {"from": first.reference, "to": second.reference, "label": "supports", "stance": "supports"}
        ]
        assert [node["reference"] for node in data["nodes"]] == [first.reference, second.reference]


def test_data_lists_references_by_distance():
    chain = make_chain(4)
    data = trail_as_data(get_trail(chain[3], None, "en"))
    assert data["came_from"] == [[chain[2].reference], [chain[1].reference], [chain[0].reference]]


def test_every_page_of_a_record_ends_with_the_way_to_its_trail(client):
    source = make_source()
    page = client.get(f"/r/{source.reference}").content.decode()
    assert f"/trail/{source.reference}" in page
    assert f"http://testserver/r/{source.reference}" in page
