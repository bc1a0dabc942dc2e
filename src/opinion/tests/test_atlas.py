import json
from xml.etree import ElementTree

import numpy as np
import pytest

from opinion import Votes, analyze
from opinion.frozen import FrozenModel, freeze, place_people, standing
from opinion.picture import Atlas, MapLabels, Pin, View, draw_view, make_atlas, opinion_map

from .conftest import planted

SVG = "{http://www.w3.org/2000/svg}"


def atlas_of(result):
    people = result.participants
    return make_atlas(result.k, people.group, people.confidence, people.x, people.y)


def crowd(n, seed=0):
    """Two groups of very many, as arrays."""
    rng = np.random.default_rng(seed)
    group = (rng.random(n) < 0.4).astype(np.int8)
    group[rng.random(n) < 0.05] = -1
    return 2, group, rng.random(n), rng.normal(group * 1.5, 0.5), rng.normal(0, 0.6, n)


@pytest.fixture(scope="module")
def result(two_groups):
    return analyze(two_groups)


@pytest.fixture(scope="module")
def many():
    return make_atlas(*crowd(120_000))


def marks(picture):
    paths = ElementTree.fromstring(picture).iter(f"{SVG}path")
    return sum(path.get("d").count("M") for path in paths if path.get("class").startswith("mark"))


def test_of_a_few_hundred_everybody_stands_alone(result):
    atlas = atlas_of(result)
    assert (atlas.cell, atlas.people.tolist()) == (0, [1] * len(result.participants))
    whole = draw_view(atlas)
    assert marks(whole) == marks(opinion_map(result, legend=False))


def test_nobody_is_lost_where_very_many_are_gathered(many):
    assert many.people.sum() == 120_000
    assert many.cell > 0 and len(many.people) <= 40_000
    assert len(json.dumps(many.to_dict(), separators=(",", ":"))) < 1_000_000


def test_what_is_kept_is_read_again(many):
    kept = json.loads(json.dumps(many.to_dict()))
    again = Atlas.from_dict(kept)
    assert again.to_dict() == kept == many.to_dict()
    assert draw_view(again, View.around(4, 300, 200)) == draw_view(many, View.around(4, 300, 200))


def test_the_json_of_a_result_gives_the_same(result):
    people = result.to_dict()["participants"]
    group = [-1 if one["group"] is None else one["group"] for one in people]
    columns = ([one[name] for one in people] for name in ("confidence", "x", "y"))
    assert make_atlas(result.k, group, *columns).to_dict() == atlas_of(result).to_dict()


@pytest.mark.parametrize("zoom", [1, 2, 4, 8])
@pytest.mark.parametrize("place", [(0, 0), (320, 200), (640, 400)])
def test_every_view_is_sound_and_small(many, zoom, place):
    picture = draw_view(
        many, View.around(zoom, *place), MapLabels("Map", "What it shows"), pins=[Pin(*place, "You")]
    )
    root = ElementTree.fromstring(picture)
    assert len(picture.encode()) < 25_000
    assert root.find(f"{SVG}title").text == "Map"
    assert not any(name == "style" or name.startswith("on") for each in root.iter() for name in each.attrib)


def test_from_near_people_stand_apart_who_were_one_mark(many):
    """The same place: at four times the size it is seen in more marks than a sixteenth of the whole."""
    near = View.around(4, *many.middles[0])
    assert marks(draw_view(many, near)) > 2 * marks(draw_view(many)) / 16
    assert draw_view(many, near) != draw_view(many, View.around(4, *many.middles[1]))


def test_people_are_counted_where_a_view_looks(many):
    everybody = many.people.sum()
    assert many.people_in(View()) == everybody > 0
    assert 0 < many.people_in(View(4, *many.middles[0])) < everybody
    assert sum(many.people_in(View(2, x, y)) for x in (160, 480) for y in (100, 300)) >= everybody


def test_a_view_stays_within_the_map():
    assert View.around(2, -50, 1000) == View(2, 160, 300)
    assert View.around(1, 3, 3) == View()
    assert View.around(3, 320, 200).zoom == 2
    assert View.around(99, 320, 200).zoom == 8


def test_a_group_is_looked_at_as_near_as_it_fits(many):
    for g in range(2):
        view = View.of_group(many, g)
        for x, y in many.cores[g]:
            assert abs(x - view.x) <= 320 / view.zoom
            assert abs(y - view.y) <= 200 / view.zoom


def test_pins_stand_where_they_are_and_are_escaped(result):
    atlas = atlas_of(result)
    pins = [Pin(100, 100, "<Du>"), Pin(330, 210, "2", "mean", (12, 9))]
    root = ElementTree.fromstring(draw_view(atlas, pins=pins, faint=True))
    assert [each.get("class") for each in root.iter(f"{SVG}g")] == ["pin you", "pin mean"]
    assert "<Du>" in [each.text for each in root.iter(f"{SVG}text")]
    assert "faint" in root.get("class")
    near = draw_view(atlas, View.around(8, 330, 210), pins=pins)
    assert [each.get("class") for each in ElementTree.fromstring(near).iter(f"{SVG}g")] == ["pin mean"]


@pytest.mark.parametrize("rows", [[], [(1, 1, 1)], [(p, s, 1) for p in range(9) for s in range(3)]])
def test_nobody_one_and_all_alike_are_drawn_too(rows):
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    atlas = atlas_of(analyze(Votes.from_arrays(*columns)))
    assert atlas.people.sum() == len({row[0] for row in rows})
    ElementTree.fromstring(draw_view(atlas))
    assert Atlas.from_dict(atlas.to_dict()).to_dict() == atlas.to_dict()


def test_a_kept_model_places_people_where_the_result_has_them():
    votes = planted(400, 30, 3, fill=0.6, seed=5)[0]
    result = analyze(votes)
    model = FrozenModel.from_dict(json.loads(json.dumps(freeze(votes, result).to_dict())))
    people = result.participants
    group, _sure, x, y = place_people(votes, model)
    assert np.abs(x - people.x).max() < 1e-4
    assert np.abs(y - people.y).max() < 1e-4
    assert np.mean(group == people.group) > 0.98
    assert model.agreement > 0.98
    for person in (0, 17, 399):
        span = slice(int(votes.indptr[person]), int(votes.indptr[person + 1]))
        one = standing(model, votes.indices[span], votes.values[span])
        assert (one.group, round(one.x, 4)) == (group[person], round(float(x[person]), 4))


def test_a_model_of_nobody_is_kept_too():
    votes = Votes.from_arrays([], [], [])
    model = FrozenModel.from_dict(freeze(votes, analyze(votes)).to_dict())
    assert standing(model, np.array([], dtype=np.int64), np.array([], dtype=np.int64)).group == -1
