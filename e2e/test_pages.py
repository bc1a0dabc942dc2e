"""Every kind of page once, as those see it who may: accessible, nothing blocked, not too wide, in one language."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from tests import test_i18n

from plenary.kit import access
from plenary.site.demo.loader import _data

from .pages import NO_PAGES, PAGES

# What is Latin on a page in another script, and right so: names, codes, formats.
NAMES = {
    "Plenary", "GNU", "Affero", "General", "Public", "License", "JSON", "SHA", "CSV", "SVG", "opinion", "Markdown",
    "English", "Français", "Español", "Português", "Русский", "JavaScript", "OpenAPI", "XLIFF", "Polis", "Decidim",
    "LibreTranslate", "Atom", "WebP", "Letter",
    "age",  # as it is typed in the lines of an audience
}  # fmt: skip
# Names of fictional people stand in lists to choose from, where no mark-up can say so.
NAMES |= {word for person in _data("story.json")["people"] for word in person["name"].split()}
LATIN = re.compile(r"(?<![\w.@/-])[A-Za-zÀ-ÿ]{3,}(?![\w@/.-]*[\d@/])")
# Addresses and names of files, which a sentence may hold in any language.
ADDRESSES = re.compile(r"https?://[^\s»”\"]+|\b[\w-]+\.(?:csv|pdf|xlsx|zip)\b")
# Words of the interface: not those with a language of their own, nor what people wrote, nor codes and addresses.
WORDS = """(language) => {
  const others = `[lang]:not(html):not([lang="${language}"]), [dir=auto], bdi, code, kbd, textarea[dir=ltr], `
    + "script, style, template, svg";
  const found = new Set();
  const take = (words, element) => {
    if (words && !element.closest(others)) found.add(words.trim());
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) take(walker.currentNode.data, walker.currentNode.parentElement);
  for (const name of ["aria-label", "title", "alt", "placeholder", "data-label", "data-announce"])
    for (const element of document.querySelectorAll(`[${name}]`)) take(element.getAttribute(name), element);
  return [...found];
}"""


def is_latin(words: str) -> bool:
    """Whether it holds a word in Latin letters that is neither a name nor an abbreviation."""
    return any(not word.isupper() for word in set(LATIN.findall(ADDRESSES.sub(" ", words))) - NAMES)


def untranslated(page, language: str) -> list[str]:
    """What the interface says in Latin letters on a page in another script."""
    return [words for words in page.evaluate(WORDS, language) if is_latin(words)]


def test_no_kind_of_page_is_forgotten():
    """A page that is added to the URL table gets a line in pages.py, and with it a crawl, a weight and a picture."""
    looked_at = {resolve(urlsplit(kind.path).path).route for kind in PAGES if kind.status != 404}
    readable = [
        row
        for row in access.rule_table()
        if not row.address.startswith("api/") and (not row.methods or "GET" in row.methods)
    ]
    forgotten = {row.name for row in readable if row.address not in looked_at}
    assert forgotten == NO_PAGES


def waiting_for_translators(folder) -> list[str]:
    """What is marked in the source and not yet in the Arabic catalogues: tests/test_i18n.py says so, not this test.

    In pieces between their placeholders, the longest first: a page may set each placeholder in an element of its own.
    """
    pieces = set()
    for module in sorted({path.parents[3] for path in test_i18n.CATALOGUES}):
        arabic = test_i18n.words_of(test_i18n.read(module / "locale/ar/LC_MESSAGES/django.po"))
        for message in test_i18n.catalogue_of_the_source(module, folder):
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            if ids[0] and not all(arabic.get((message.context, ids[0]), [""])):
                for each in ids:
                    pieces |= {piece.strip() for piece in test_i18n.PLACEHOLDER.split(each)}
    return sorted(filter(None, pieces), key=len, reverse=True)


def without(words: str, known: list[str]) -> str:
    for each in known:
        words = words.replace(each, "")
    return words


@pytest.mark.parametrize(("language", "width"), [("ar", 360), ("en", 1280)])
@pytest.mark.parametrize("part", range(4))
def test_pages_are_in_order(arrive, language, width, part, tmp_path):
    """In four parts, for the processes of a run to share. Those in Arabic speak Arabic."""
    windows = {}
    wrong = []
    left = {}
    for kind in PAGES[part::4]:
        if kind.role not in windows:
            windows[kind.role] = arrive(language, width, role=kind.role)
        window = windows[kind.role]
        try:
            window.go(kind.path, status=kind.status)
        except AssertionError as error:
            wrong.append(f"{kind.name}: {error}")
        # The pages of the style guide are for builders, in English.
        if language == "ar" and kind.status == 200 and not kind.name.startswith("style"):
            for words in untranslated(window.page, "ar"):
                left.setdefault(words, kind.name)
    if left:
        waiting = waiting_for_translators(tmp_path)
        left = {words: name for words, name in left.items() if is_latin(without(words, waiting))}
    assert (wrong, left) == ([], {})


def test_the_look_at_words_sees_what_is_left(browser):
    page = browser.new_page()
    page.set_content(
        '<html lang="ar"><body><p>Not translated</p><p lang="en">A text in English</p><p>النص JSON</p>'
        '<p dir="auto">Somebody wrote this</p><p aria-label="Left too">نص</p><p>STM-12, who@demo.example</p>'
        "<p>مثل https://www.example.org/any وملف votes.csv</p><p>votes.csv is left</p>"
        '<textarea dir="ltr">age: 15-24 = 30 %, typed</textarea></body>'
    )
    assert untranslated(page, "ar") == ["Not translated", "votes.csv is left", "Left too"]
    page.close()
