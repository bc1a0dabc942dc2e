"""The map from near, the reader's own place on it, and where the people of a category stand."""

from __future__ import annotations

import json
import re

import pytest

from plenary.insight import lens, queries
from plenary.insight.mapping import place_of
from plenary.insight.models import AnalysisPart
from plenary.insight.queries import get_atlas, get_part
from plenary.insight.verify import verify
from plenary.participation import tokens, voters
from plenary.participation.models import Participant
from plenary.participation.queries import OwnVotes, get_own_votes
from plenary.participation.tests.factories import cast, make_voter
from plenary.records.models import Event

from .factories import CAMPS, analyse, cast_votes, make_two_camps, make_votes
from .test_lens import make_people, say
from .test_package import rewrite_hashes, take

pytestmark = pytest.mark.django_db


def url(consultation, query=""):
    return f"/consultations/{consultation.reference}/results/map{query}"


def shown(client, consultation, query="", **headers):
    response = client.get(url(consultation, query), headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def view_box_marks(page):
    return len(re.findall(r"M[\d.-]+ [\d.-]+m", page))


def sign_in_as_voter(client, consultation, values):
    """Somebody without an account who has voted and whose browser keeps it."""
    token = tokens.mint(consultation.pk)
    voter = voters.of_token(token, consultation).voter
    for statement, value in zip(consultation.statements.order_by("pk"), values, strict=False):
        if value is not None:
            cast(statement, value, voter)
    client.cookies[voters.COOKIE] = token
    return voter


class TestZoom:
    def test_everything_is_seen_first_and_every_way_works_without_scripts(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        page = shown(client, consultation)
        assert page.count("<svg") >= 1 and "Group A" in page and "Group B" in page
        ways = set(re.findall(r'<a href="(\?[^"]*)" hx-get', page))
        assert len(ways) >= 4
        for way in ways:
            assert 'class="opinion-map' in shown(client, consultation, way.replace("&amp;", "&"))

    def test_from_near_fewer_people_are_seen(self, client):
        consultation = make_people()
        analyse(consultation)
        whole, near = shown(client, consultation), shown(client, consultation, "?zoom=4&x=0&y=0")
        assert view_box_marks(near) < view_box_marks(whole)
        assert "?zoom=8" in near and "?zoom=2" in near

    def test_where_nobody_stands_it_is_said(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        said = "Nobody stands in this part of the map."
        assert said in shown(client, consultation, "?zoom=8&x=0&y=0")
        assert said not in shown(client, consultation)
        assert said not in shown(client, consultation, "?group=0")

    @pytest.mark.parametrize(
        "query",
        [
            "?zoom=x",
            "?zoom=-3",
            "?zoom=99999999999",
            "?x=²&y=1e9",
            "?group=9",
            "?group=-1",
            "?me=1",
            "?by=<b>",
        ],
    )
    def test_an_address_that_means_nothing_shows_everything(self, client, query):
        consultation = make_two_camps()
        analyse(consultation)
        page = shown(client, consultation, query)
        assert 'aria-current="true">Everything' in page or "zoom=8" in query or "999" in query
        assert "<b>" not in page

    def test_a_script_fetches_the_picture_alone(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        piece = shown(client, consultation, "?group=1", **{"HX-Request": "true"})
        assert piece.lstrip().startswith('<div id="seen"') and "<html" not in piece

    def test_takes_few_queries_and_stays_light(self, client, django_assert_max_num_queries):
        consultation = make_people(400)
        analyse(consultation)
        with django_assert_max_num_queries(14):
            page = shown(client, consultation, "?by=gender")
        assert len(page.encode()) < 100_000

    def test_an_older_analysis_shows_its_picture(self, client):
        consultation = make_two_camps()
        analysis = analyse(consultation)
        AnalysisPart.objects.filter(analysis=analysis, name__in=["map", "model"]).delete()
        page = shown(client, consultation)
        assert "before maps were kept" in page and 'class="opinion-map"' in page
        assert (
            'class="opinion-map"'
            in client.get(f"/consultations/{consultation.reference}/results").content.decode()
        )


class TestOwnPlace:
    def test_is_that_of_the_result_for_the_same_votes(self):
        consultation = make_people(200)
        analysis = analyse(consultation)
        people = json.loads(queries.get_result_bytes(analysis))["participants"]
        atlas, model = get_atlas(analysis), get_part(analysis, "model")
        expected = [
            (*atlas.place_of(one["x"], one["y"]), -1 if one["group"] is None else one["group"])
            for one in people
        ]
        places = []
        for person in consultation.participants.all():
            own = place_of(get_own_votes(person), analysis.last_vote, model, atlas)
            assert own.newer == 0
            places.append((own.x, own.y, own.group))
        same = [
            any(abs(x - a) + abs(y - b) < 0.1 and group == g for a, b, g in expected)
            for x, y, group in places
        ]
        assert sum(same) >= 0.97 * len(same)

    def test_is_shown_to_whoever_voted_in_this_browser_and_kept_by_nobody(self, client, django_user_model):
        consultation = make_two_camps()
        analyse(consultation)
        before = Event.objects.count()
        nobody = client.get(url(consultation))
        assert "You" not in re.findall(r"<text[^>]*>(You)</text>", nobody.content.decode())
        assert "no-store" not in nobody.headers.get("Cache-Control", "")
        sign_in_as_voter(client, consultation, CAMPS[0])
        written = Event.objects.count()
        response = client.get(url(consultation))
        page = response.content.decode()
        assert re.findall(r"<text[^>]*>(You)</text>", page) == ["You"]
        assert "you belong to group" in page
        assert {"no-store", "private"} <= {
            part.strip() for part in response.headers["Cache-Control"].split(",")
        }
        assert Event.objects.count() == written >= before

    def test_is_the_place_of_her_camp(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        groups = []
        for row in (CAMPS[0], CAMPS[-1]):
            client.cookies.clear()
            sign_in_as_voter(client, consultation, row)
            groups += re.findall(r"you belong to group (\w)", shown(client, consultation))
        assert sorted(groups) == ["A", "B"]

    def test_newer_votes_are_said_to_be_newer_here_and_on_the_overview(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        sign_in_as_voter(client, consultation, CAMPS[0][:3])
        said = "3 of your votes are not in this analysis yet."
        assert said in shown(client, consultation)
        overview = client.get(f"/consultations/{consultation.reference}/results")
        assert said in overview.content.decode()
        assert "no-store" in overview.headers["Cache-Control"]
        analyse(consultation)
        assert said not in shown(client, consultation)

    def test_too_few_sides_are_told_with_what_is_missing(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        sign_in_as_voter(client, consultation, [1, 0])
        page = shown(client, consultation)
        assert re.search(r"To be placed, you would have to agree or disagree with \d more statement", page)
        assert not re.findall(r"<text[^>]*>(You)</text>", page)

    def test_another_consultations_cookie_is_nobodys(self, client):
        consultation, other = make_two_camps(), make_two_camps()
        analyse(consultation)
        sign_in_as_voter(client, other, CAMPS[0])
        assert "you belong to group" not in shown(client, consultation)

    def test_votes_on_what_was_rejected_since_do_not_count(self):
        consultation = make_two_camps()
        analyse(consultation)
        voter = make_voter(consultation)
        first, second = consultation.statements.order_by("pk")[:2]
        cast(first, 1, voter)
        cast(second, -1, voter)
        type(first).objects.filter(pk=first.pk).update(moderation="rejected", moderation_reason="why")
        own = get_own_votes(Participant.objects.order_by("pk").last())
        assert own.values == {second.reference: -1}

    def test_is_nothing_that_is_published(self, client):
        consultation = make_two_camps()
        analysis = analyse(consultation)
        names = set(AnalysisPart.objects.filter(analysis=analysis).values_list("name", flat=True))
        assert {"map", "model"} <= names
        model = get_part(analysis, "model")
        assert set(model["statements"]) == {one.reference for one in consultation.statements.all()}
        tables = {"known", "shaping", "rate", "loadings", "shares", "chances"}
        assert set(model) == {"statements", "needed", "votes", "people", "agreement", "source", *tables}

    def test_without_a_model_only_the_newer_votes_are_told(self):
        own = place_of(OwnVotes({"STM-1": 1}, {"STM-1": 9}), 8, None, None)
        assert (own.newer, own.is_placed, own.missing) == (1, False, 0)


class TestByAttribute:
    def test_averages_stand_on_the_map_with_their_numbers_in_words(self, client):
        consultation = make_people()
        analyse(consultation)
        page = shown(client, consultation, "?by=gender")
        assert page.count('class="pin mean"') == 2
        assert "Woman" in page and "yes, beyond chance" in page

    def test_a_category_of_fewer_than_twenty_is_not_shown(self):
        consultation = make_people()
        part = get_part(analyse(consultation), "lens")
        for attribute in part["attributes"]:
            if attribute["places"] is None:
                continue
            for category, row in zip(attribute["categories"], attribute["places"]["rows"], strict=True):
                assert row is None or category["people"] >= lens.PEOPLE_FOR_A_FINDING
                assert row is None or row["x"] % lens.STEP == row["y"] % lens.STEP == 0
                assert category["kind"] != "not said" or row is None

    def test_who_leans_to_no_side_is_not_said_to_differ(self):
        consultation = make_people(said=0)
        say(consultation, seed=77, lean=0)  # what is said has nothing to do with what is voted
        part = get_part(analyse(consultation), "lens")
        gender = next(one for one in part["attributes"] if one["name"] == "gender")
        assert [row["differs"] for row in gender["places"]["rows"] if row] == [False, False]

    def test_a_second_telling_leaves_the_places_as_they_were_told(self, client):
        consultation = make_people()
        first = analyse(consultation)
        told = {one["name"]: one["places"] for one in get_part(first, "lens")["attributes"]}
        cast_votes(consultation, list(consultation.statements.order_by("pk")), [[1] * 10, [-1] * 10] * 100)
        say(consultation, seed=9)
        later = get_part(analyse(consultation), "lens")
        assert later["people"] > get_part(first, "lens")["people"]
        assert {one["name"]: one["places"] for one in later["attributes"]} == told
        page = shown(client, consultation, "?by=gender")
        assert "on the map of that day" in page and page.count('class="pin mean"') == 2


class TestBadInput:
    @pytest.mark.parametrize("rows", [[], [[1, 1]], [[1, -1]] * 7])
    def test_too_few_have_no_map_and_the_page_says_why(self, client, rows):
        consultation = make_votes(rows)
        analyse(consultation)
        page = shown(client, consultation)
        assert "Too few people took sides for a map" in page or "nobody had voted" in page
        assert "opinion-map" not in page

    def test_all_alike_stand_in_one_place(self, client):
        consultation = make_votes([[1, 1, -1, 1, 1, 1, 1, 1]] * 30)
        analyse(consultation)
        page = shown(client, consultation)
        assert "None stood out" in page and "opinion-map" in page

    def test_all_passed(self, client):
        consultation = make_votes([[0] * 8] * 30)
        analyse(consultation)
        assert "Too few people" in shown(client, consultation) or "opinion-map" in shown(client, consultation)


class TestOpenData:
    def test_the_map_is_verified_with_the_result(self, client, tmp_path, settings):
        settings.PLENARY_HOME = tmp_path / "home"
        folder = take(client, analyse(make_two_camps()), tmp_path / "package")
        report = verify(folder)
        assert report.wrong == []
        assert [line for line in report.confirmed if "The map shows" in line]
        assert [line for line in report.confirmed if "places a reader" in line]
        content = json.loads((folder / "parts/map.json").read_bytes())
        content["cells"]["x"][0] += 50
        (folder / "parts/map.json").write_text(json.dumps(content))
        model = json.loads((folder / "parts/model.json").read_bytes())
        model["chances"][0][3] = 0.5
        (folder / "parts/model.json").write_text(json.dumps(model))
        rewrite_hashes(folder)
        wrong = " ".join(verify(folder).wrong)
        assert "Map:" in wrong and "Model:" in wrong

    def test_programs_get_the_map(self, client):
        analysis = analyse(make_two_camps())
        answer = client.get(f"/api/v1/analyses/{analysis.reference}/map").json()
        assert sum(answer["cells"]["people"]) == 32
        for name in ("themes", "short-list"):
            assert client.get(f"/api/v1/analyses/{analysis.reference}/{name}").status_code == 200
        few = analyse(make_votes([[1, -1]]))
        assert client.get(f"/api/v1/analyses/{few.reference}/map").status_code == 404


def test_a_vote_that_came_later_is_counted_where_it_was_changed(client):
    consultation = make_two_camps()
    analyse(consultation)
    voter = sign_in_as_voter(client, consultation, [1])
    cast(consultation.statements.order_by("pk").first(), -1, voter, n=1)
    assert "1 of your votes is not in this analysis yet." in shown(client, consultation)
