"""The report and the printed summary: what they say of each mode, and what every rate rests on."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion import Attributes, Votes, analyze, make_lens
from opinion.phrases import cut, rate_of
from opinion.picture import plot_rows
from opinion.report import english_plot, html_report, summary_in_sentences, summary_lines
from opinion.report_tables import lines_as_html

from .conftest import planted


@pytest.fixture(scope="module")
def disputed():
    """Two groups that part on twelve statements; all reject the thirteenth."""
    matrix = np.full((60, 13), -1.0)
    matrix[:30, :6] = matrix[30:, 6:12] = 1
    noise = np.random.default_rng(5).random(matrix.shape) < 0.05
    return Votes.from_dense(np.where(noise, 0, matrix))


@pytest.fixture(scope="module")
def compatible(disputed):
    return analyze(disputed, mode="polis")


def test_the_words_of_the_compatible_mode_claim_nothing_about_every_group(compatible):
    assert compatible.k == 2 and compatible.totals["consensus"] >= 1
    page, lines = html_report(compatible), "\n".join(summary_lines(compatible))
    for told in (page, lines, "\n".join(summary_in_sentences(compatible))):
        assert "every group" not in told
    assert "a majority of all" in lines and "a majority of all" in page
    assert "confidence –" in lines and "<td class='n'>1.00</td>" not in page


def test_what_all_reject_is_marked_as_rejected_in_the_plot(compatible):
    finding = next(f for f in compatible.findings_of("consensus") if f.figures["side"] == "disagree")
    row = next(row for row in plot_rows(compatible) if row.id == finding.statements[0])
    assert row.side == "disagree" and row.consensus < 0.1
    assert "Group-informed consensus (agree)" in english_plot(compatible)
    assert 'class="mark disagree"' in english_plot(compatible)


def test_every_rate_stands_with_its_number_and_interval():
    page = html_report(analyze(planted(60, 12, 2, fill=0.9, seed=2)[0]))
    sections = page.replace("<section class", "<section><section class").split("<section>")
    for heading in ("What people share", "Where they part", "What is still open"):
        part = next((one for one in sections if one.startswith(f"<h2>{heading}</h2>")), "")
        said = re.sub(r"<svg.*?</svg>|<p class=.note.>.*?</p>", "", part)
        assert len(re.findall(r"\d %", said)) == len(re.findall(r"\d % of [\d,]+ \[\d+–\d+\]", said))
    assert any("What is still open" in one or "What people share" in one for one in sections)


def test_a_rate_from_one_vote_says_so():
    one = {"agree": 1, "disagree": 0, "pass": 0, "rate": 1.0, "low": 0.2065, "high": 1.0}
    assert rate_of(one) == "100 % of 1 [21–100]"
    assert rate_of(one | {"agree": 0, "rate": None}) == "– of 0"


def test_one_vote_is_too_few_to_tell():
    assert "Too few" in "\n".join(summary_lines(analyze(Votes.from_arrays([1], [1], [1]))))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plant many trees", "plant many trees"),
        ("plant many more trees", "plant many more…"),
        ("plant many, more trees", "plant many…"),
        ("樹" * 30, "樹" * 15 + "…"),
    ],
)
def test_a_text_is_cut_at_a_word(text, kept):
    assert cut(text, 16) == kept


@given(st.text(), st.integers(2, 60))
def test_what_is_cut_is_never_too_long(text, most):
    assert len(cut(text, most)) <= most


def test_numbered_lines_become_a_list():
    made = lines_as_html(["Chosen:", "1. A <b>", "2. B", "End."])
    assert made == "<p>Chosen:</p><ol><li>A &lt;b&gt;</li><li>B</li></ol><p>End.</p>"
    themes = lines_as_html(["2 themes.", "Theme 1, bus.", "  Agreeing: A.", "Theme 2, rail."])
    assert themes == "<p>2 themes.</p><ul><li>Theme 1, bus.<br>Agreeing: A.</li><li>Theme 2, rail.</li></ul>"


def test_the_lens_is_a_table_that_marks_what_is_hidden(disputed):
    result = analyze(disputed)
    people = Attributes.from_columns({"place": ["a<b"] * 28 + ["c"] * 26 + ["d"] * 6})
    lens = make_lens(disputed, people, result)
    page = html_report(result.with_sections(lens=lens))
    assert "<h3>By place</h3>" in page and "a&lt;b<br>28" in page and "hidden</span>" in page
    one = lens.attributes[0]
    shown = next(c for f in one.findings for c in f.categories if c.rate is not None)
    assert f"<strong>{100 * shown.rate:.0f} %" in page


def test_no_picture_of_the_report_has_text_too_small_for_a_phone(disputed):
    """328 pixels are left of a screen of 360; less than 10 pixels cannot be read."""
    page = html_report(analyze(disputed))
    for width, drawing in re.findall(r'<svg [^>]*viewBox="0 0 (\d+) [^>]*>(.*?)</svg>', page, re.DOTALL):
        for size in re.findall(r'font-size="([\d.]+)"', drawing):
            assert float(size) * 328 / int(width) >= 10
    assert "<ul class='key'>" in page and "30 people" in page.split("<ul class='key'>")[1].split("</ul>")[0]


def test_no_name_in_the_plot_covers_another():
    rng = np.random.default_rng(2)
    matrix = np.where(rng.random((80, 40)) < 0.93, 1.0, -1.0)
    drawn = english_plot(analyze(Votes.from_dense(matrix)))
    names = re.findall(r'x="([\d.]+)" y="([\d.]+)" font-size="16" [^>]*font-weight="650"[^>]*>(\d+)<', drawn)
    places = [(float(x), float(y), 4.5 * len(name)) for x, y, name in names]
    assert len(places) > 1
    for i, (x, y, half) in enumerate(places):
        assert all(abs(x - a) >= half + own or abs(y - b) >= 16 for a, b, own in places[:i])
