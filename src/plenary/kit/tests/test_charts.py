from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

from django.utils import translation

from plenary.kit.charts import indicator_chart, part_bar, share_bar, sparkline

POINTS = [("2024", 1200), ("2025", 3900), ("2026", Decimal("6140.0"))]


def draw(points=POINTS, **changes):
    words = {"title": "Teachers trained", "description": "More each year."}
    return indicator_chart(points, **({"baseline": 800, "target": 10_000} | words | changes))


def words_of(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter("text")]


def test_a_chart_is_well_formed_and_says_what_it_shows():
    root = ElementTree.fromstring(draw())
    assert root.attrib["role"] == "img"
    assert [root.find("title").text, root.find("desc").text] == ["Teachers trained", "More each year."]


def test_a_chart_writes_its_figures_in_the_readers_language():
    assert "6,140" in words_of(draw())
    with translation.override("es"):
        assert "6\xa0140" in words_of(draw())


def test_a_chart_names_baseline_and_target_with_their_unit():
    words = words_of(draw(unit="teachers"))
    assert words[:4] == ["Target", "10,000 teachers", "Baseline", "800 teachers"]


def test_a_chart_escapes_what_people_wrote():
    svg = draw(points=[("<b>&", 3)], title="<script>")
    assert "<script>" not in svg
    assert "<b>&" in words_of(svg)


def test_a_chart_has_no_styles():
    assert "style" not in draw()


def test_nothing_to_draw_draws_nothing():
    assert indicator_chart([], title="t", description="d") == ""


def test_a_chart_of_zeros_or_of_one_value_stays_within_the_picture():
    for points in ([("a", 0)], [("a", 0), ("b", 0)], [("a", -5), ("b", 5)]):
        svg = draw(points=points, baseline=None, target=None)
        heights = [float(y) for y in re.findall(r'cy="([^"]+)"', svg)]
        assert all(0 <= y <= 216 for y in heights)


def test_time_runs_in_reading_direction():
    def first_and_last(svg):
        places = [float(x) for x in re.findall(r'cx="([^"]+)"', svg)]
        return places[0], places[-1]

    assert first_and_last(draw())[0] < first_and_last(draw())[1]
    with translation.override("ar"):
        assert first_and_last(draw())[0] > first_and_last(draw())[1]


def test_lines_close_together_keep_their_names_apart():
    svg = draw(baseline=9900, target=10_000)
    places = [float(element.attrib["y"]) for element in ElementTree.fromstring(svg).iter("text")][:4]
    assert places[2] - places[1] >= 12


def test_many_points_label_the_ends_only():
    words = words_of(
        draw(points=[(f"r{number}", number) for number in range(12)], baseline=None, target=None)
    )
    assert words == ["0", "r0", "11", "r11"]


def test_a_bar_of_votes_fills_its_width_and_says_its_figures():
    svg = share_bar(agree=6, disagree=3, passed=1)
    root = ElementTree.fromstring(svg)
    assert root.attrib["aria-label"] == "6 agree, 3 disagree, 1 pass"
    shares = [float(rect.attrib["width"].rstrip("%")) for rect in root.iter("rect")][1:]
    assert shares == [60, 10, 30]


def test_a_bar_without_votes_is_empty():
    assert share_bar(agree=0, disagree=0).count("<rect") == 1


def test_a_part_never_leaves_its_whole():
    assert 'width="100.00%"' in part_bar(30, 20, label="30 of 20")
    assert 'width="0.00%"' in part_bar(3, 0, label="none")


def test_a_sparkline_needs_two_values():
    assert sparkline([3], label="3") == ""
    assert 'aria-label="3 to 5"' in sparkline([3, 4, 5], label="3 to 5")
