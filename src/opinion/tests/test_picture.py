from xml.etree import ElementTree

import pytest

from opinion import Votes, analyze
from opinion.picture import BarLabels, MapLabels, opinion_bar, opinion_map
from opinion.report import html_report, summary_lines

from .conftest import planted

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def result(two_groups):
    return analyze(two_groups)


def test_the_map_is_sound_and_named(result):
    labels = MapLabels("Karte <1>", 'Wer "gleich" stimmt', ("Gruppe A", "Gruppe B & C"))
    root = ElementTree.fromstring(opinion_map(result, labels, prefix="m1"))
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "Karte <1>"
    assert root.get("aria-labelledby") == "m1-title m1-desc"
    assert {element.get("id") for element in root.iter() if element.get("id")} == {"m1-title", "m1-desc"}
    assert "Gruppe B & C" in [text.text for text in root.iter(f"{SVG}text")]


def test_nothing_that_a_strict_policy_forbids(result):
    for picture in (opinion_map(result), opinion_bar(3, 1, 2)):
        root = ElementTree.fromstring(picture)
        for element in root.iter():
            assert element.tag not in (f"{SVG}style", f"{SVG}script")
            assert not any(name == "style" or name.startswith("on") for name in element.attrib)


def test_groups_have_marks_of_their_own(result):
    root = ElementTree.fromstring(opinion_map(result))
    shapes = {path.get("class"): path.get("d")[:40] for path in root.iter(f"{SVG}path")}
    assert "a" in shapes["mark g0"] and "a" not in shapes["mark g1"]


def test_many_people_stay_within_the_budget():
    result = analyze(planted(3000, 12, 2, fill=0.9, seed=2)[0])
    picture = opinion_map(result)
    assert len(picture.encode()) < 25_000
    assert len(list(ElementTree.fromstring(picture).iter())) < 40


def test_right_to_left_is_mirrored(result):
    labels = {way: MapLabels("t", "", ("ا", "ب"), direction=way) for way in ("ltr", "rtl")}
    places = {
        way: [
            float(t.get("x")) for t in ElementTree.fromstring(opinion_map(result, words)).iter(f"{SVG}text")
        ][-2:]
        for way, words in labels.items()
    }
    assert places["rtl"] == [640 - x for x in places["ltr"]]


def test_bars_add_up():
    root = ElementTree.fromstring(opinion_bar(6, 3, 1, BarLabels("60 %"), prefix="b", width=200))
    widths = {r.get("class"): float(r.get("width")) for r in root.iter(f"{SVG}rect")}
    assert (widths["agree"], widths["pass"], widths["disagree"]) == (120, 20, 60)
    assert ElementTree.fromstring(opinion_bar(0, 0, 0)).find(f"{SVG}title") is not None


def test_a_prefix_must_be_able_to_start_an_id(result):
    with pytest.raises(ValueError, match="cannot start an id"):
        opinion_map(result, prefix='x" onload="')


def test_no_votes_still_give_a_picture_and_a_report():
    empty = analyze(Votes.from_arrays([], [], []))
    ElementTree.fromstring(opinion_map(empty))
    assert "There are no votes." in html_report(empty)
    assert summary_lines(empty)


def test_the_report_escapes_every_text(result):
    evil = "<script>alert('x')</script>"
    page = html_report(result, texts={s.id: evil for s in result.statements}, title=evil, language='en" x="')
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 5
    assert 'lang="en" x=""' not in page


def test_the_report_has_its_parts(result):
    page = html_report(result, texts={"0": "نص"}, language="ar")
    assert page.startswith('<!doctype html>\n<html lang="en" dir="ltr">')
    assert 'lang="ar" dir="rtl"' in page or "0" not in {s for f in result.findings for s in f.statements}
    for part in (
        "What people share",
        "Where they part",
        "The groups",
        "How sure is this?",
        result.input_sha256,
    ):
        assert part in page
