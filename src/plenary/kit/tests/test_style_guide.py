"""The style guide shows all there is: no part of the kit is missing, and every part says how to use it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

from plenary.kit import style_guide
from plenary.kit.templatetags.kit import register

pytestmark = pytest.mark.django_db
KIT = Path(__file__).parents[1]
TEMPLATES = {f"kit/{path.name}" for path in (KIT / "templates" / "kit").glob("_*.html")}
SAMPLES = {path.stem[1:] for path in (KIT / "templates" / "kit" / "style").glob("_*.html")}
# Tags that bring no look of their own: words, addresses, and what other modules show.
PLAIN = {"said", "address", "slot", "piece"}


def included(code):
    return set(re.findall(r'include "(kit/_\w+\.html)"', code))


def shown():
    """The kit's templates that samples and the frame use, and what those use in turn."""
    found, open_ended = (
        set(),
        {"kit/base.html", *(f"kit/style/_{slug}.html" for slug in style_guide.COMPONENTS)},
    )
    while open_ended:
        name = open_ended.pop()
        new = included(style_guide.source_of(name)) - found
        found |= new
        open_ended |= new
    return found | {"kit/_chart.html"}  # by its tag


def test_every_template_of_the_kit_is_shown():
    assert len(TEMPLATES) > 15
    assert TEMPLATES - shown() == set()


def test_every_tag_of_the_kit_is_shown():
    used = set()
    for slug in style_guide.COMPONENTS:
        used |= set(re.findall(r"\{% (\w+)", style_guide.source_of(f"kit/style/_{slug}.html")))
    assert set(register.tags) - used - PLAIN == set()


def test_every_sample_is_on_the_page(client):
    assert set(style_guide.COMPONENTS) == SAMPLES
    page = client.get(reverse("style")).content.decode()
    for slug in style_guide.COMPONENTS:
        assert f'<h2 id="{slug}">' in page
    assert page.count('class="pane"') == 2 * len(SAMPLES)


def test_every_sample_and_every_part_says_how_to_use_it():
    for slug in style_guide.COMPONENTS:
        code = style_guide.source_of(f"kit/style/_{slug}.html")
        assert re.match(r"\{# [A-Z][^.]+\. .+\. #\}\n", code), slug
        for name, contract in style_guide.contracts_of(code):
            assert len(contract) > 20, name


def panes(client, **query):
    page = client.get(reverse("style"), query).content.decode()
    return set(re.findall(r'<div class="pane" lang="([\w-]+)" dir="(\w+)" data-scheme="(\w+)">', page))


def test_both_directions_and_schemes_are_on_one_page_and_can_be_turned(client):
    assert panes(client) == {("en", "ltr", "light"), ("ar", "rtl", "dark")}
    assert panes(client, schemes="turned") == {("en", "ltr", "dark"), ("ar", "rtl", "light")}


@pytest.mark.parametrize("language", ["zh-hans", "fr", "ru", "es"])
def test_any_language_can_stand_beside_english(client, language):
    assert (language, "ltr", "dark") in panes(client, beside=language)
    assert ("ar", "rtl", "dark") in panes(client, beside="tlh")


def test_samples_speak_the_language_of_their_side(client):
    page = client.get(reverse("style")).content.decode()
    assert "Page 3 of 7" in page and "التقنية للجميع" in page
    assert page.index("Disagree") < page.index("لا أوافق")


def test_the_schemes_of_the_guide_are_those_of_the_kit():
    token = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")
    kit = (KIT / "static/kit/plenary.css").read_text("utf-8")
    light, dark = kit[: kit.index("@layer base {")].split("@media screen and (prefers-color-scheme: dark)")
    guide = (KIT / "static/kit/style.css").read_text("utf-8")
    _, forced_light, forced_dark = re.split(r'\[data-scheme="(?:light|dark)"\] \{\n', guide, maxsplit=2)
    assert dict(token.findall(forced_light)) == dict(token.findall(light))
    assert dict(token.findall(forced_dark.split("}")[0])) == dict(token.findall(dark))


def test_the_dialogs_page_stands_by_itself(client):
    page = client.get(reverse("style-question")).content.decode()
    assert "Close this commitment?" in page and "<form" in page
