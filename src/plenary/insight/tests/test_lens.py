"""Who said so: what is told, what is hidden, and when it is told again."""

from __future__ import annotations

import random
from datetime import timedelta

import numpy as np
import pytest
from scipy.optimize import linprog

from plenary.insight import lens, queries
from plenary.insight.lens import beside_earlier
from plenary.participation.models import Consultation, ParticipantAttributes, Statement
from plenary.records.models import Visibility
from plenary.records.tests.factories import NOW

from .factories import analyse, cast_votes, make_two_camps, make_votes

pytestmark = pytest.mark.django_db

SHARES = {
    "sector": (("government", 3), ("business", 4), ("civil-society", 5), ("technical", 1.5)),
    "gender": (("woman", 5), ("man", 5)),
}


def make_people(count=160, seed=3, said=0.9, lean=0.5, margins=None):
    """Two camps that part on eight statements and share two; the first camp is mostly women."""
    chance = random.Random(seed)
    rows = []
    for person in range(count):
        side = 1 if person % 2 else -1
        row = [1 if chance.random() < 0.9 else -1 for _ in range(2)]
        row += [side if chance.random() < 0.75 else -side for _ in range(4)]
        row += [-side if chance.random() < 0.75 else side for _ in range(4)]
        rows.append([value if chance.random() < 0.9 else None for value in row])
    consultation = make_votes(rows)
    consultation.margins = margins or {}
    consultation.save()
    say(consultation, seed, said, lean)
    return consultation


def say(consultation, seed=3, said=0.9, lean=0.5):
    chance = random.Random(seed)
    rows = []
    for number, person in enumerate(consultation.participants.filter(attributes=None).order_by("pk")):
        if chance.random() < said:
            values = {
                name: chance.choices([key for key, _ in own], [share for _, share in own])[0]
                for name, own in SHARES.items()
            }
            if chance.random() < lean:
                values["gender"] = "woman" if number % 2 else "man"
            rows.append(ParticipantAttributes(participant=person, given_on=NOW.date(), **values))
    ParticipantAttributes.objects.bulk_create(rows)


def part_of(consultation, name="lens"):
    return queries.get_part(queries.get_latest_analysis(None, consultation), name)


def attribute(part, name):
    return next(one for one in part["attributes"] if one["name"] == name)


def address(consultation, by=""):
    return f"/consultations/{consultation.reference}/results/people" + (f"?by={by}" if by else "")


def weighed(consultation):
    return f"/consultations/{consultation.reference}/results/compare?with=weights"


def read(client, path, status=200, **headers):
    response = client.get(path, headers=headers)
    assert response.status_code == status
    return response.content.decode()


def close(consultation):
    consultation.opens_at, consultation.closes_at = NOW - timedelta(days=9), NOW - timedelta(days=2)
    consultation.save()


def counts_by_hand(consultation, row, name, key):
    """Who voted on a finding's statement, and who took its side, straight from the rows."""
    statement = Statement.objects.get(record__reference=row["statement"])
    people = ParticipantAttributes.objects.filter(
        participant__consultation=consultation, **{name: key}
    ).values_list("participant", flat=True)
    values = list(statement.votes.filter(participant__in=people).values_list("value", flat=True))
    return len(values), sum(value == (1 if row["side"] == "agree" else -1) for value in values)


class TestWhatIsTold:
    def test_the_counts_are_those_of_the_rows_and_the_small_are_hidden(self):
        consultation = make_people()
        analyse(consultation)
        part = part_of(consultation)
        checked = hidden = 0
        for one in part["attributes"]:
            if one["name"] == "read_in":
                continue
            for row in one["findings"]:
                for category, cast in zip(one["categories"], row["categories"], strict=True):
                    if category["kind"] != "category":
                        continue
                    voters, count = counts_by_hand(consultation, row, one["name"], category["key"])
                    assert cast["voters"] in (None, voters) and cast["count"] in (None, count)
                    hidden += cast["count"] is None
                    if cast["count"] is not None:
                        checked += 1
                        assert not 0 < count < 5 and not 0 < voters - count < 5
                        assert cast["rate"] == pytest.approx(count / voters, abs=1e-6)
        assert checked > 5 and hidden > 0

    def test_no_hidden_count_can_be_computed_from_what_the_api_and_the_page_show(self, client):
        """Somebody outside, with totals and all that is shown: the range of every small count stays wide."""
        consultation = make_people(seed=8)
        analysis = analyse(consultation)
        part = client.get(f"/api/v1/analyses/{analysis.reference}/lens").json()
        assert part == part_of(consultation)
        looked = 0
        for one in part["attributes"]:
            for row in one["findings"]:
                for at, category in enumerate(one["categories"]):
                    cast = row["categories"][at]
                    if (
                        category["kind"] != "category"
                        or cast["count"] is not None
                        or one["name"] == "read_in"
                    ):
                        continue
                    voters, count = counts_by_hand(consultation, row, one["name"], category["key"])
                    for column, truth in ((0, count), (1, voters - count)):
                        if 0 < truth < 5:
                            low, high = attack(consultation, one, row, at, column)
                            assert low - 1e-6 <= truth <= high + 1e-6
                            assert high - low >= 4 - 1e-6, (one["name"], row["statement"], category, truth)
                            looked += 1
        assert looked > 3

    def test_the_page_shows_nothing_that_the_part_hides(self, client):
        consultation = make_people(seed=8)
        analyse(consultation)
        one = attribute(part_of(consultation), "sector")
        page = read(client, address(consultation, "sector"))
        hidden = sum(cast["rate"] is None for row in one["findings"] for cast in row["categories"])
        assert hidden and page.count('data-label="Share">hidden</td>') == hidden

    def test_no_more_findings_than_one_for_twenty_people(self):
        consultation = make_people(count=59)
        analyse(consultation)
        part = part_of(consultation)
        assert {len(one["findings"]) for one in part["attributes"] if one["shown"]} == {2}

    def test_an_attribute_that_was_told_stands_alone_in_its_part(self):
        """No value of a single participant: neither ids nor rows."""
        consultation = make_people()
        analyse(consultation)
        ids = set(consultation.participants.values_list("pk", flat=True))
        assert "participant" not in str(part_of(consultation))
        assert len(ids) > 100


def attack(consultation, one, row, at, column):
    """Least and greatest value of a count: column 0 is the side, 1 all other votes, 2 no vote."""
    said = [i for i, category in enumerate(one["categories"]) if category["kind"] != "not said"]
    silent = [i for i, category in enumerate(one["categories"]) if category["kind"] == "not said"]
    statement = Statement.objects.get(record__reference=row["statement"])
    values = list(statement.votes.values_list("value", flat=True))
    side = sum(value == (1 if row["side"] == "agree" else -1) for value in values)
    totals = np.array([side, len(values) - side])
    for i in silent:
        cast = row["categories"][i]
        totals = totals - np.array([cast["count"], cast["voters"] - cast["count"]])
    size = len(said)
    left, right = [], []

    def know(cells, value):
        equation = np.zeros(3 * size)
        equation[[3 * r + c for r, c in cells]] = 1
        left.append(equation)
        right.append(value)

    for r, i in enumerate(said):
        know([(r, 0), (r, 1), (r, 2)], one["categories"][i]["people"])
        cast = row["categories"][i]
        if cast["voters"] is not None:
            know([(r, 0), (r, 1)], cast["voters"])
        if cast["count"] is not None:
            know([(r, 0)], cast["count"])
    for c in (0, 1):
        know([(r, c) for r in range(size)], totals[c])
    aim = np.zeros(3 * size)
    aim[3 * said.index(at) + column] = 1
    ends = [
        linprog(sign * aim, A_eq=np.array(left), b_eq=np.array(right), bounds=(0, None)) for sign in (1, -1)
    ]
    assert all(end.status == 0 for end in ends)
    return ends[0].fun, -ends[1].fun


class TestBadInput:
    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ([], "Nobody had voted"),
            ([[1]], "from 20 people on"),
            ([[1]] * 2, "from 20 people on"),
            ([[1, 1, 1]] * 30, "None of 30 people said anything about themselves."),
            ([[0, 0, 0]] * 30, "None of 30 people"),
        ],
        ids=["nobody", "one", "two", "everybody agrees", "everybody passes"],
    )
    def test_says_plainly_what_cannot_be_said(self, client, rows, words):
        consultation = make_votes(rows)
        analyse(consultation)
        assert words in read(client, address(consultation))

    def test_waits_while_people_vote_and_few_have_said_something(self, client):
        consultation = make_people(count=60, said=0.1)
        analyse(consultation)
        assert part_of(consultation)["state"] == "waiting"
        assert "Told earlier and told again" in read(client, address(consultation))

    def test_all_statements_rejected(self, client):
        consultation = make_people(count=40)
        Statement.objects.filter(consultation=consultation).update(
            moderation=Statement.Moderation.REJECTED, moderation_reason="double"
        )
        analyse(consultation)
        assert "Nobody had voted" in read(client, address(consultation))

    def test_an_attribute_that_everybody_skipped_and_one_that_few_said(self, client):
        consultation = make_people(count=60)
        few = ParticipantAttributes.objects.order_by("pk")[:3].values_list("pk", flat=True)
        ParticipantAttributes.objects.filter(pk__in=list(few)).update(region="asia")
        analyse(consultation)
        page = read(client, address(consultation))
        assert "Age: nobody said it." in page
        assert "Region: fewer than five people said it, so nothing is shown of it." in page
        assert "region" not in {one["name"] for one in part_of(consultation)["attributes"]}

    def test_everybody_skipped_everything(self, client):
        consultation = make_people(count=40, said=0)
        close(consultation)
        analyse(consultation)
        page = read(client, address(consultation))
        assert "None of 40 people said anything about themselves." in page
        assert "Sector: nobody said it." in page

    def test_an_analysis_without_the_part_says_so(self, client):
        consultation = make_two_camps()
        analysis = analyse(consultation)
        analysis.parts.all().delete()
        assert "Analyse them again to see it." in read(client, address(consultation))
        assert client.get(f"/api/v1/analyses/{analysis.reference}/lens").status_code == 404

    def test_an_attribute_of_no_name(self, client):
        consultation = make_people(count=60)
        analyse(consultation)
        assert "Sector" in read(client, address(consultation, "shoe-size"))

    def test_strangers_see_nothing_of_what_is_for_staff(self, client, alice):
        consultation = make_people(count=40)
        analysis = analyse(consultation)
        consultation.record.visibility = Visibility.STAFF
        consultation.record.save()
        read(client, address(consultation), 404)
        assert client.get(f"/api/v1/analyses/{analysis.reference}/lens").status_code == 404
        client.force_login(alice)
        read(client, address(consultation))


class TestWeights:
    def test_raw_beside_weighted(self, client):
        consultation = make_people(count=400, margins={"gender": {"woman": 0.3, "man": 0.7}})
        analyse(consultation)
        part = part_of(consultation, "weights")
        shown = [one for one in part["statements"] if one["weighted"]]
        assert shown and part["by"] == ["gender"] and part["effective_size"] < part["people"]
        assert {one["weighted"]["rate"] != one["raw"]["rate"] for one in shown} == {True}
        page = read(client, weighed(consultation))
        assert "Raw and weighted" in page and "farther from the truth" in page and "orrected" not in page
        moved = [abs(one["weighted"]["rate"] - one["raw"]["rate"]) for one in shown]
        most = shown[moved.index(max(moved))]["statement"]
        table = page[page.index("<tbody>") :]
        assert table.index(most) == min(table.index(one["statement"]) for one in shown)
        assert "?with=weights" in read(client, address(consultation))

    def test_by_hand(self):
        consultation = make_people(count=400, said=1, margins={"gender": {"woman": 0.3, "man": 0.7}})
        analyse(consultation)
        table = attribute(part_of(consultation), "gender")
        one = next(one for one in part_of(consultation, "weights")["statements"] if one["weighted"])
        row = next(row for row in table["findings"] if row["statement"] == one["statement"])
        sizes = {each["key"]: each["people"] for each in table["categories"]}
        weight = {"woman": 0.3 * 400 / sizes["woman"], "man": 0.7 * 400 / sizes["man"]}
        parts = [
            (weight[category["key"]], cast)
            for category, cast in zip(table["categories"], row["categories"], strict=True)
        ]
        rate = sum(w * cast["count"] for w, cast in parts) / sum(w * cast["voters"] for w, cast in parts)
        assert one["weighted"]["rate"] == pytest.approx(rate, abs=1e-5)

    @pytest.mark.parametrize(
        ("margins", "words"),
        [
            ({"gender": {"woman": 0.3, "man": 0.3}}, "Gender: the shares wanted do not make 100 %."),
            (
                {"gender": {"woman": 0.4, "man": 0.4, "another": 0.2}},
                "fewer than five people for Another, and nobody can stand in for them",
            ),
            (
                {"gender": {"woman": 1.0}},
                "Gender: people answered Man, without a share in the audience wanted.",
            ),
            ({"age": {"15-24": 1.0}}, "Age: too few people said it."),
            ({"gender": {}}, "Gender: the shares wanted do not make 100 %."),
        ],
        ids=["do not add up", "empty cell", "without a share", "nobody said it", "no shares"],
    )
    def test_margins_that_cannot_be_used_are_named_with_what_to_do(self, client, margins, words):
        consultation = make_people(margins=margins)
        analyse(consultation)
        page = read(client, weighed(consultation))
        assert words in page.replace("\xa0", " ")
        assert "None of the shares wanted can be used" in page
        assert "None of the shares wanted can be used" in read(client, address(consultation))

    def test_a_margin_whose_tables_hide_numbers_is_left_out_and_the_others_are_used(self, client):
        shares = {"government": 0.25, "business": 0.25, "civil-society": 0.25, "technical": 0.25}
        consultation = make_people(
            count=160, said=0.8, margins={"gender": {"woman": 0.3, "man": 0.7}, "sector": shares}
        )
        analyse(consultation)
        part = part_of(consultation, "weights")
        assert part["by"] == ["gender"] and part["left_out"]["sector"]["why"] == "hidden"
        assert (
            2 * sum(one["weighted"] is not None for one in part["statements"]) >= len(part["statements"]) > 0
        )
        page = read(client, weighed(consultation))
        assert "Sector: for most findings its table hides a number" in page

    def test_where_every_table_hides_a_number_nothing_is_weighted_and_it_is_said(self, client):
        consultation = make_people(count=60, said=0.8, margins={"gender": {"woman": 0.3, "man": 0.7}})
        analyse(consultation)
        part = part_of(consultation, "weights")
        assert part["state"] == "failed" and part["failed"] == "hidden" and part["by"] == []
        assert "So nothing is weighted." in read(client, weighed(consultation))
        assert (
            client.get(
                f"/api/v1/analyses/{queries.get_latest_analysis(None, consultation).reference}/weights"
            ).json()["failed"]
            == "hidden"
        )

    def test_no_weighted_share_stands_beside_a_table_that_hides_a_number(self):
        """The weighted share and the shown counts together would tell it."""
        checked = 0
        for count in (60, 120, 240, 400):
            consultation = make_people(count=count, said=0.8, margins={"gender": {"woman": 0.3, "man": 0.7}})
            analyse(consultation)
            table = attribute(part_of(consultation), "gender")
            rows = {row["statement"]: row for row in table["findings"]}
            for one in part_of(consultation, "weights").get("statements", []):
                if one["weighted"]:
                    checked += 1
                    assert all(cast["count"] is not None for cast in rows[one["statement"]]["categories"])
        assert checked

    def test_an_audience_named_after_voting_ended_is_weighted_to_if_nothing_else_changed(self):
        consultation = make_people(count=400)
        close(consultation)
        analyse(consultation)
        assert part_of(consultation, "weights") is None
        Consultation.objects.update(margins={"gender": {"woman": 0.3, "man": 0.7}})
        before = part_of(consultation)
        analyse(Consultation.objects.get())
        assert part_of(consultation) == before
        assert part_of(consultation, "weights")["state"] == "told"

    def test_and_not_if_somebody_changed_her_answer(self, client):
        consultation = make_people(count=400)
        close(consultation)
        analyse(consultation)
        person = ParticipantAttributes.objects.filter(gender="woman").first()
        ParticipantAttributes.objects.filter(pk=person.pk).update(gender="man")
        Consultation.objects.update(margins={"gender": {"woman": 0.3, "man": 0.7}})
        analyse(Consultation.objects.get())
        assert part_of(consultation, "weights")["failed"] == "later"
        assert "They are weighted when they are told the next time." in read(client, address(consultation))


class TestToldRarely:
    def test_a_few_newcomers_change_nothing(self, client):
        consultation = make_people(count=100)
        analyse(consultation)
        before = part_of(consultation)
        cast_votes(consultation, list(consultation.statements.order_by("pk")), [[1] * 10] * 15)
        say(consultation)
        analyse(consultation)
        assert part_of(consultation) == before
        assert "Since then too few have come to tell it again" in read(client, address(consultation))

    def test_as_many_again_are_told_where_no_newcomer_can_be_found_by_subtraction(self):
        consultation = make_people(count=100, seed=1)
        analyse(consultation)
        before = part_of(consultation)
        chance = random.Random(5)
        rows = [[chance.choice((1, -1)) for _ in range(10)] for _ in range(150)]
        cast_votes(consultation, list(consultation.statements.order_by("pk")), rows)
        say(consultation, seed=9)
        analyse(consultation)
        after = part_of(consultation)
        assert after["people"] == 250
        compared = 0
        for one in after["attributes"]:
            was = attribute(before, one["name"])
            if one == was:
                continue
            assert one["composition"] is None
            for row in one["findings"]:
                earlier = next((e for e in was["findings"] if e["statement"] == row["statement"]), None)
                compared += earlier is not None
                if earlier is None or earlier == row:
                    continue
                for category, old, new in zip(
                    one["categories"], earlier["categories"], row["categories"], strict=True
                ):
                    if category["kind"] == "category":
                        voters, count = new["voters"] - old["voters"], new["count"] - old["count"]
                        assert all(step == 0 or step >= 5 for step in (voters, count, voters - count))
        assert compared

    def table(self, *rows, people=(40, 40), side="agree"):
        kinds = [("woman", "category"), ("man", "category")]
        return {
            "name": "gender",
            "on": "2026-01-01",
            "shown": True,
            "categories": [
                {"key": key, "kind": kind, "people": count, "members": []}
                for (key, kind), count in zip(kinds, people, strict=True)
            ],
            "composition": [],
            "findings": [
                {
                    "statement": f"STM-{number}",
                    "side": side,
                    "categories": [{"voters": voters, "count": count} for voters, count in row],
                }
                for number, row in enumerate(rows)
            ],
        }

    @pytest.mark.parametrize(
        ("later", "is_told"),
        [
            ([(60, 30), (60, 40)], True),
            ([(32, 12), (60, 40)], False),  # two newcomers
            ([(60, 13), (60, 40)], False),  # three on the side
            ([(60, 38), (60, 40)], False),  # two on the other
            ([(40, 20), (60, 40)], False),  # ten newcomers of one mind
            ([(None, None), (60, 40)], False),
            ([(30, 10), (30, 20)], True),  # nobody new
            ([(20, 10), (60, 40)], False),  # fewer than before
        ],
    )
    def test_a_table_follows_only_where_the_newcomers_own_could_be_shown(self, later, is_told):
        before = self.table([(30, 10), (30, 20)])
        now = self.table(later, people=(80, 80))
        told, fresh = beside_earlier([before], [now])
        assert (("gender", "STM-0") in fresh) is is_told
        assert told[0]["findings"] == (now if is_told else before)["findings"]
        assert told[0]["composition"] is None

    def test_an_attribute_stands_where_a_few_of_a_kind_are_new(self):
        before, now = self.table([(30, 10), (30, 20)]), self.table([(60, 30), (60, 40)], people=(80, 42))
        assert beside_earlier([before], [now]) == ([before], set())

    def test_voting_that_ended_is_told_once_more(self):
        consultation = make_people(count=100)
        analyse(consultation)
        cast_votes(consultation, list(consultation.statements.order_by("pk")), [[1] * 10] * 40)
        close(consultation)
        analyse(Consultation.objects.get())
        part = part_of(consultation)
        assert part["people"] == 140 and part["final"]
        cast_votes(consultation, list(consultation.statements.order_by("pk")), [[1] * 10] * 40)
        analyse(Consultation.objects.get())
        assert part_of(consultation) == part


class TestPages:
    def test_speak_the_readers_direction_and_name_every_attribute(self, client):
        consultation = make_people()
        analyse(consultation)
        page = read(client, address(consultation, "gender"), accept_language="ar")
        assert 'dir="rtl"' in page
        english = read(client, address(consultation, "gender"))
        assert 'href="?by=sector"' in english and "Woman" in english
        assert " style=" not in english

    def test_a_finding_has_its_table_and_the_overview_its_answer(self, client):
        consultation = make_people()
        analysis = analyse(consultation)
        row = attribute(part_of(consultation), "gender")["findings"][0]
        finding = analysis.findings.get(kind=row["kind"], statements__record__reference=row["statement"])
        page = read(client, f"/findings/{finding.reference}")
        assert "Who said so" in page and "Civil society" in page
        overview = read(client, f"/consultations/{consultation.reference}/results")
        assert "Who said so: by sector, region, age and more" in overview

    def test_take_a_constant_number_of_queries(self, client, django_assert_max_num_queries):
        for count in (60, 300):
            consultation = make_people(count=count)
            analyse(consultation)
            with django_assert_max_num_queries(16):
                read(client, address(consultation))

    def test_weigh_little(self, client):
        consultation = make_people(count=500)
        analyse(consultation)
        assert len(read(client, address(consultation, "sector")).encode()) < 70_000

    def test_a_part_that_could_not_be_made_costs_nobody_the_analysis(self, client, monkeypatch):
        def fail(*_args, **_kwargs):
            raise RuntimeError("the audit found a hidden count")

        monkeypatch.setattr(lens, "_look", fail)
        consultation = make_people(count=40)
        analysis = analyse(consultation)
        assert analysis.state == "done"
        assert "Analyse them again to see it." in read(client, address(consultation))
