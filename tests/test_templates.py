"""The templates: nothing inline that the content security policy would block, every form safe, every one compiles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

SOURCE = Path(__file__).parents[1] / "src" / "plenary"
TEMPLATES = sorted(SOURCE.glob("*/templates/**/*.html"))
NAMES = [path.as_posix().split("/templates/", 1)[1] for path in TEMPLATES]
PROGRAMS = sorted(path for path in SOURCE.rglob("*.py") if "tests" not in path.parts)

# What stands inside a tag of HTML; template tags and comments are taken out before.
INLINE = re.compile(
    r"""(?xi)
    <style[\s>]
    | <script (?![^>]*\ssrc=) [^>]* >
    | <[a-z][^<>]* \s (?: style | on[a-z]+ | hx-on[:\w-]* ) \s* = [^<>]* >
    | (?:href|src|action) \s* = \s* ["']? \s* javascript:
    """
)
POST_FORM = re.compile(r"<form\b[^>]*method=[\"']?post.*?</form>", re.DOTALL | re.IGNORECASE)


def inline_things(html: str) -> list[str]:
    html = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", html)
    return [found.group() for found in INLINE.finditer(html)]


@pytest.mark.parametrize(
    "line",
    [
        '<p style="color: red">',
        "<style>p{}</style>",
        "<script>alert(1)</script>",
        '<script type="module">x</script>',
        '<button type="button" onclick="go()">',
        '<div hx-on:click="x()">',
        '<a href="javascript:go()">',
        '<p {% if a > b %}class="x"{% endif %} style="color:red">',
    ],
)
def test_the_check_finds_inline_things(line):
    assert inline_things(line)


@pytest.mark.parametrize(
    "line",
    [
        '<script src="/static/kit/plenary.js" defer></script>',
        '<p class="style">on = off</p>',
        '<input name="one" value="style=1">'.replace("style=1", "style"),
        '<svg><rect width="3" fill="none"/></svg>',
        '<link rel="stylesheet" href="/static/kit/plenary.css">',
    ],
)
def test_the_check_lets_clean_lines_pass(line):
    assert inline_things(line) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_templates_have_nothing_inline(path):
    assert inline_things(path.read_text("utf-8")) == []


def test_programs_write_nothing_inline():
    inline = re.compile(r"<[a-z][^<>]*\sstyle=|<script|<style")
    assert [path.name for path in PROGRAMS if inline.search(path.read_text("utf-8"))] == []


def test_comments_end_where_they_begin():
    """Django shows a comment of two lines to everybody."""
    open_ended = re.compile(r"\{#(?!.*#\})")
    assert open_ended.search("{# one\ntwo #}") and not open_ended.search("{# one #}\n<p>{# two #}</p>")
    assert [path.name for path in TEMPLATES if open_ended.search(path.read_text("utf-8"))] == []


# What they do is allowed by a secret in their address, or by the code that is typed into them; no cookie counts there.
BY_A_SECRET = {"participation/join.html", "participation/resume.html"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BY_A_SECRET])
def test_forms_that_write_carry_a_token(name):
    """Django's, or the participant's own, which is signed for the consultation and works without a cookie."""
    path = TEMPLATES[NAMES.index(name)]
    for form in POST_FORM.findall(path.read_text("utf-8")):
        assert "{% csrf_token %}" in form or 'name="token"' in form


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_forms_are_answered_by_us(path):
    """A browser's own refusal speaks its language instead of the page's, goes away, and is not among the errors on top.

    A passkey is made before its form is sent, so there the browser looks first whether anything is missing.
    """
    for form in POST_FORM.findall(path.read_text("utf-8")):
        assert "kit/_field.html" not in form or "novalidate" in form or "data-passkey" in form


@pytest.mark.parametrize("name", NAMES)
def test_templates_compile(name):
    get_template(name)


STANDALONE = {"kit/base.html", "kit/broken.html", "participation/embed_base.html"}


PAGES = [name for name in NAMES if "/_" not in name and name not in STANDALONE]


@pytest.mark.parametrize("name", PAGES)
def test_pages_stand_in_the_base(name):
    html = TEMPLATES[NAMES.index(name)].read_text("utf-8")
    assert html.startswith("{% extends ")
    assert "{% block title %}" in html
