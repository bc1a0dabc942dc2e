"""The style sheets: pages read from right to left as well, stay small, and can be read in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "plenary"
SHEETS = sorted(SOURCE.glob("*/static/**/*.css"))
KIT = (SOURCE / "kit" / "static" / "kit" / "plenary.css").read_text("utf-8")

PHYSICAL = re.compile(
    r"""(?x)
    (?<![-\w]) (?:
        (?:scroll-)?(?:margin|padding) - (?:left|right|top|bottom)
      | border-(?:left|right|top|bottom) (?:-\w+)*
      | (?:left|right|top|bottom)
      | (?:min-|max-)? (?:width|height)
    ) \s* :
    | (?:text-align|float|clear) \s* : \s* (?:left|right)
    | (?<![-\w]) (?:margin|padding|inset) \s* : (?: \s* (?<=[\s:]) [^\s;{}()]+ (?:\([^()]*\))? ){4} \s* [;}]
    """
)


def physical_lines(css: str) -> list[str]:
    """Declarations that name a side of the screen. Conditions of media queries are about the screen and may."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"@media[^{]*\{", "{", css)
    return [found.group().strip() for found in PHYSICAL.finditer(css)]


@pytest.mark.parametrize(
    "line",
    [
        "a { margin-left: 1rem; }",
        "a { padding-right: 0 }",
        "a{left:0}",
        "a { text-align: right; }",
        "a { float: left; }",
        "a { border-left: 1px solid; }",
        "a { border-top-left-radius: 4px; }",
        "a { width: 3rem; }",
        "a { max-height: 3rem; }",
        "a { margin: 0 1rem 0 2rem; }",
        "a { padding: var(--s1) 0 var(--s2) 1px }",
    ],
)
def test_the_check_finds_physical_properties(line):
    assert physical_lines(line)


@pytest.mark.parametrize(
    "line",
    [
        "a { margin-inline-start: 1rem; }",
        "a { inset-block-start: 0; }",
        "a { text-align: start; }",
        "@media (min-width: 60em) { a { inline-size: 3rem; } }",
        "a { margin: 0 1rem; }",
        "a { margin: 0 0 var(--s3); }",
        "a { stroke-width: 2px; }",
        "/* left: 0 */ a { color: red; }",
    ],
)
def test_the_check_lets_logical_properties_pass(line):
    assert physical_lines(line) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_style_sheets_use_logical_properties_only(sheet):
    assert physical_lines(sheet.read_text("utf-8")) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_style_sheets_of_modules_stay_in_their_layer(sheet):
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL).strip()
    if sheet.name == "plenary.css":
        assert css.startswith("@layer tokens, base, components, modules;")
    else:
        assert css.startswith("@layer modules {")


def test_style_sheets_fetch_nothing():
    for sheet in SHEETS:
        css = sheet.read_text("utf-8")
        assert "@import" not in css
        assert set(re.findall(r"url\(\"?([^\")]*)", css)) <= {"#hatch", "#hatch-light", "#hatch-dark"}


def test_the_kit_stays_small():
    """As it is written; compressed it is a fifth of it. What it weighs on the way is measured by test_weight.py."""
    assert len(KIT.encode()) <= 29_000


# Contrast


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, WCAG 2.2."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def tokens() -> dict[str, dict[str, str]]:
    layer = KIT[KIT.index("@layer tokens {") : KIT.index("@layer base {")]
    light, dark = layer.split("@media screen and (prefers-color-scheme: dark)")
    pattern = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")
    found = dict(pattern.findall(light))
    return {"light": found, "dark": found | dict(pattern.findall(dark))}


TEXT = [
    "ink", "muted", "action", "pressed", "agree", "disagree", "pass", "done", "risk", "late", "silent",
    "group-a", "group-b", "group-c", "group-d", "group-e",
]  # fmt: skip


def test_contrast_is_computed_as_the_standard_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#0b57a4", "#0b57a4") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "surface"])
@pytest.mark.parametrize("name", TEXT)
def test_words_stand_out_from_their_ground(scheme, ground, name):
    colours = tokens()[scheme]
    assert contrast(colours[name], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_stands_out_from_the_ink_around_it(scheme):
    colours = tokens()[scheme]
    ring = max(contrast(colours["focus"], colours["paper"]), contrast(colours["ink"], colours["paper"]))
    assert ring >= 3
    assert contrast("#1b1f24", colours["focus"]) >= 4.5  # marked words


def test_dark_has_a_colour_of_its_own_for_all_but_the_focus():
    both = tokens()
    same = {name for name in both["light"] if both["light"][name] == both["dark"][name]}
    assert same == {"focus"}
