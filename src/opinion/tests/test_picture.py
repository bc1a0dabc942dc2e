from xml.etree import ElementTree

import pytest

from opinion import Votes, analyze
from opinion.picture import (
    BarLabels,
    MapLabels,
    PlotLabels,
    ProfileLabels,
    division_consensus_plot,
    group_profile,
    opinion_bar,
    opinion_map,
    plot_rows,
    profile_rows,
)
from opinion.picture.svg import is_rtl, wide, wrapped
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


def every_picture(result):
    yield opinion_map(result)
    yield opinion_bar(3, 1, 2)
    yield division_consensus_plot(result)
    for group in range(result.k):
        yield group_profile(result, group)


def test_nothing_that_a_strict_policy_forbids(result):
    for picture in every_picture(result):
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


EVIL = "</text><script>alert('x')</script>\x00"


def test_every_picture_is_named_sound_and_always_the_same(result):
    for picture, again in zip(every_picture(result), every_picture(result), strict=True):
        root = ElementTree.fromstring(picture)
        assert picture == again
        assert root.get("role") == "img" and root.find(f"{SVG}title").text
        assert root.get("aria-labelledby").split()[0] == root.find(f"{SVG}title").get("id")


def test_words_and_ids_are_escaped(result):
    texts = dict.fromkeys((s.id for s in result.statements), EVIL)
    evil = ProfileLabels(EVIL, EVIL, texts, EVIL, EVIL, EVIL, EVIL, "{} " + EVIL)
    ElementTree.fromstring(group_profile(result, 0, evil))
    ElementTree.fromstring(
        division_consensus_plot(result, PlotLabels(EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, "{}" + EVIL))
    )
    named = Votes.from_arrays(["a", "b"], [EVIL[:-1], EVIL[:-1]], [1, 1])
    assert "<script" not in division_consensus_plot(analyze(named)) + analyze(named)._repr_html_()


def test_a_profile_shows_what_its_rows_say(result):
    rows = profile_rows(result, 0)
    assert rows
    by_id = {s.id: s for s in result.statements}
    for row in rows:
        own = by_id[row.id].per_group[0]
        assert (row.own.agree, row.own.disagree, row.own.pass_) == (own.agree, own.disagree, own.pass_)
        assert row.rest.agree == sum(rate.agree for rate in by_id[row.id].per_group[1:])
        assert row.agree == pytest.approx((own.low, own.high))
    root = ElementTree.fromstring(group_profile(result, 0, ProfileLabels("t", percent="{}%")))
    said = [text.text for text in root.iter(f"{SVG}text")]
    first = rows[0].own
    assert f"{100 * first.agree / first.total:.0f}%" in said
    assert len(profile_rows(result, 0, most=2)) == 2
    with pytest.raises(ValueError, match="no group 7"):
        profile_rows(result, 7)


def test_bars_of_a_profile_are_as_long_as_their_shares(result):
    row = profile_rows(result, 1, most=1)[0]
    root = ElementTree.fromstring(group_profile(result, 1, most=1))
    bars = [
        (r.get("class"), float(r.get("width"))) for r in root.iter(f"{SVG}rect") if r.get("height") == "18"
    ]
    lengths = dict(bars)
    agree, disagree = lengths.get("agree", 0.0), lengths.get("disagree", 0.0)
    assert agree / sum(lengths.values()) == pytest.approx(row.own.agree / row.own.total, abs=0.002)
    assert disagree / sum(lengths.values()) == pytest.approx(row.own.disagree / row.own.total, abs=0.002)


def test_profiles_and_plots_are_mirrored_from_right_to_left(result):
    for draw, labels in (
        (lambda words: group_profile(result, 0, words, most=1), ProfileLabels),
        (lambda words: division_consensus_plot(result, words), PlotLabels),
    ):
        left, right = (
            ElementTree.fromstring(draw(labels("t", direction=direction))) for direction in ("ltr", "rtl")
        )
        assert right.get("direction") == "rtl"
        places = [[float(text.get("x")) for text in root.iter(f"{SVG}text")] for root in (left, right)]
        assert places[0][1] == pytest.approx(480 - places[1][1], abs=0.2)


def test_a_plot_has_a_row_for_each_statement_with_votes(result):
    rows = plot_rows(result)
    assert {row.id for row in rows} == {s.id for s in result.statements}
    consensus = {f.statements[0] for f in result.findings_of("consensus")}
    assert {row.id for row in rows if "consensus" in row.findings} == consensus
    drawn = ElementTree.fromstring(division_consensus_plot(result))
    marks = [path for path in drawn.iter(f"{SVG}path") if "mark" in path.get("class", "")]
    assert sum(path.get("d").count("M") for path in marks) == len(rows) + 2  # and two in the legend


def test_without_groups_the_plot_shows_the_smaller_side():
    votes = Votes.from_arrays([0, 1, 2, 3] * 2, [0] * 4 + [1] * 4, [1, 1, 1, -1, 1, 1, 1, 1])
    result = analyze(votes)
    assert result.k == 1
    assert [row.division for row in plot_rows(result)] == [0.25, 0.0]
    assert division_consensus_plot(result)


def test_many_statements_stay_within_the_budget():
    votes = planted(150, 2000, 2, fill=0.3, seed=4)[0]
    picture = division_consensus_plot(analyze(votes))
    assert len(picture.encode()) < 45_000


def test_the_uncertain_are_lighter_and_the_core_is_behind(result):
    root = ElementTree.fromstring(opinion_map(result))
    kinds = [path.get("class") for path in root.iter(f"{SVG}path")]
    assert kinds.index("core g0") < kinds.index("mark g0")
    unsure = int(((result.participants.group >= 0) & (result.participants.confidence < 0.8)).sum())
    drawn = sum(
        path.get("d").count("M") for path in root.iter(f"{SVG}path") if "unsure" in path.get("class", "")
    )
    assert drawn == unsure


def test_a_notebook_shows_summary_map_and_findings(result):
    page = ElementTree.fromstring(result._repr_html_())
    assert page.find(f"{SVG}svg") is not None
    assert "groups of people who vote alike" in "".join(page.itertext())
    assert {row.find("th").text for row in page.iter("tr")} >= {finding.kind for finding in result.findings}
    assert "There are no votes." in analyze(Votes.from_arrays([], [], []))._repr_html_()


def test_lines_are_broken_by_width_and_end_in_an_ellipsis():
    lines = wrapped("one two three four five six seven eight nine ten", 10, 80, 2)
    assert len(lines) == 2 and lines[1].endswith("…") and all(wide(line, 10) <= 80 for line in lines)
    assert "".join(wrapped("計程車司機的收入比較好", 10, 40, 9)) == "計程車司機的收入比較好"
    assert all(wide(line, 10) <= 40 for line in wrapped("x" * 100, 10, 40, 3))
    assert wrapped("", 10, 40, 3) == [""]
    assert is_rtl("123 ماء") and not is_rtl("water ماء") and not is_rtl("")
