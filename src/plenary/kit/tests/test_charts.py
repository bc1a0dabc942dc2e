from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

from django.template import engines
from django.utils import translation

from plenary.kit.charts import (
    bar_chart,
    dot_map,
    indicator_chart,
    line_chart,
    opinion_chart,
    part_bar,
    share_bar,
    sparkline,
)

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


# With words and figures


def shown(chart, table=""):
    source = "{% chart it %}" + table + "{% endchart %}"
    return engines["django"].from_string(source).render({"it": chart})


def test_a_chart_stands_with_its_title_its_words_and_its_figures():
    html = shown(line_chart(POINTS, title="Teachers <trained>", time="Year", target=10_000))
    assert "Teachers &lt;trained&gt;</figcaption>" in html.replace("</bdi>", "")
    assert "<desc>2024: 1,200; 2025: 3,900; 2026: 6,140; target: 10,000</desc>" in html
    assert (
        html.count("<tr>") == 4 and '<td class="num" data-label="Teachers &lt;trained&gt;">6,140</td>' in html
    )
    figure = ElementTree.fromstring(html.strip())
    assert figure.attrib["aria-labelledby"] == figure.find("figcaption").attrib["id"]


def test_a_better_table_takes_the_place_of_the_charts_own():
    html = shown(line_chart(POINTS, title="t", time="Year"), "<table id='mine'></table>")
    assert html.count("<table") == 1 and "mine" in html


def test_bars_share_a_whole_and_say_their_figures():
    chart = bar_chart([("A", 30), ("<B>", 0)], title="t", things="Group", figures="Agree", whole=60, unit="%")
    assert chart.rows == [("A", "30 %"), ("<B>", "0 %")]
    assert 'width="50.00%"' in chart.picture and "&lt;B&gt;" in chart.picture
    assert "aria-label" not in chart.picture, "the figure stands beside the bar"


def test_the_longest_bar_is_the_whole_where_none_is_given():
    picture = bar_chart([("A", 30), ("B", 15)], title="t", things="x", figures="y").picture
    assert 'width="100.00%"' in picture and 'width="50.00%"' in picture
    assert bar_chart([], title="t", things="x", figures="y").rows == []


def test_opinions_are_stacked_with_a_key_that_names_each_part_by_mark_and_word():
    chart = opinion_chart([("One.", 6, 3, 1), ("Two.", 0, 0, 0)], title="t", things="Statement")
    assert [word in chart.picture for word in ("✓ Agree", "– Pass or unsure", "✕ Disagree")] == [True] * 3
    assert chart.rows == [("One.", "6", "1", "3", "10"), ("Two.", "0", "0", "0", "0")]
    assert chart.picture.count('class="pass"') == 2, "in the key and in the first bar alone"


def test_a_map_gives_each_group_its_own_form_and_turns_with_the_reading_direction():
    def draw_map():
        points = [(-1, 0, 0, 4), (1, 0, 1, 1)]
        return dot_map(points, title="t", description="d", groups="Group", people="People")

    def places(chart):
        return [
            (mark.text, float(mark.attrib["x"]))
            for mark in ElementTree.fromstring(chart.picture).iter("text")
        ]

    chart = draw_map()
    assert [mark for mark, _ in places(chart)] == ["●", "▲"]
    assert chart.rows == [("● A", "4"), ("▲ B", "1")]
    with translation.override("ar"):
        assert [x for _, x in places(draw_map())] == [360 - x for _, x in places(chart)]


def test_a_map_of_nobody_or_of_one_place_stays_whole():
    for points in ([], [(0.0, 0.0, 0, 0)]):
        ElementTree.fromstring(dot_map(points, title="t", description="d", groups="G", people="P").picture)


def test_a_sparkline_needs_two_values():
    assert sparkline([3], label="3") == ""
    assert 'aria-label="3 to 5"' in sparkline([3, 4, 5], label="3 to 5")
