"""Every string of the interface in all six languages: present, not fuzzy, with the same placeholders, compiled."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import to_locale

SOURCE = Path(__file__).parents[1] / "src" / "plenary"
LOCALES = [to_locale(code) for code, _ in settings.LANGUAGES if code != "en"]
CATALOGUES = sorted(SOURCE.glob("*/locale/*/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|%%")


def read(path: Path):
    return read_po(io.BytesIO(path.read_bytes()))


def forms(message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def words_of(catalogue) -> dict:
    """What a catalogue says, by context and msgid; of plurals, by the singular."""
    words = {}
    for message in catalogue:
        if message.id:
            # Babel gives the context of a compiled catalogue as bytes.
            context = message.context.decode() if isinstance(message.context, bytes) else message.context
            words[context, message.id if isinstance(message.id, str) else message.id[0]] = forms(message)
    return words


# How many plural forms each language's catalogues give, of those that CLDR and gettext know.
PLURALS = {"ar": 6, "zh_Hans": 1, "fr": 2, "ru": 4, "es": 3}
# A sign of one script beside a letter of another: the comma of English in Arabic, its full stop in Chinese; and in
# French a high sign without the space that does not break.
ODD_SIGNS = {
    "ar": re.compile(r"[\u0621-\u064a]\s?[,;?]"),
    "zh_Hans": re.compile(r"[\u4e00-\u9fff][,;:?!.](?!\w)|[\u4e00-\u9fff]\s[\u4e00-\u9fff]"),
    "fr": re.compile(r"[^\s\u00a0\u202f:/][;:?!](?=\s|$)| [;:?!»]|[\dx] %|« "),
}
ENDS = re.compile(r"(?<!\.)[.。]$")


def faults(catalogue, locale: str = "") -> list[str]:
    """What is wrong with the messages of a catalogue, a line each."""
    found = ["the header is fuzzy"] if catalogue.fuzzy else []
    if locale and catalogue.num_plurals != PLURALS[locale]:
        found.append(f"plural forms: {catalogue.num_plurals}")
    for message in catalogue:
        if not message.id:
            continue
        ids = list(message.id) if isinstance(message.id, tuple | list) else [message.id]
        if message.fuzzy:
            found.append(f"fuzzy: {ids[0]}")
        if not all(forms(message)):
            found.append(f"missing: {ids[0]}")
        wanted = set(PLACEHOLDER.findall(ids[-1]))
        for form in forms(message):
            # A form for exactly one or two may say the number in words; it may never invent a placeholder.
            given = set(PLACEHOLDER.findall(form))
            if given - wanted or (form and len(ids) == 1 and given != wanted):
                found.append(f"placeholders: {ids[0]} → {form}")
        if len(ids) > 1 and locale and len(forms(message)) != PLURALS[locale]:
            found.append(f"plural forms: {ids[0]}")
        found += [
            f"{fault}: {ids[0]} → {form}"
            for form in forms(message)
            if form
            for fault in odd(ids, form, locale)
        ]
    return found


def has_words(module: Path) -> bool:
    """Whether a module says anything that is to be translated."""
    files = [*module.glob("templates/**/*.html"), *module.rglob("*.py")]
    marked = re.compile(r"gettext|{% (?:block)?translate ")
    return any(marked.search(path.read_text("utf-8")) for path in files if "tests" not in path.parts)


def odd(ids: list[str], form: str, locale: str) -> list[str]:
    """What makes a translation look unlike its language."""
    plain = PLACEHOLDER.sub("x", re.sub(r"<[^>]*>|https?://\S+", "", form))
    found = []
    if form == ids[0] and len(re.findall(r"[A-Za-z]{2,}", PLACEHOLDER.sub("", form))) > 3:
        found.append("not translated")
    if locale in ODD_SIGNS and ODD_SIGNS[locale].search(plain):
        found.append("signs of another script")
    if bool(ENDS.search(ids[0])) != bool(ENDS.search(form)):
        found.append("full stop")
    return found


def test_every_module_with_words_has_all_languages():
    modules = [path.parent for path in SOURCE.glob("*/__init__.py") if has_words(path.parent)]
    assert len(modules) > 5
    for module in modules:
        present = {path.parents[1].name for path in module.glob("locale/*/LC_MESSAGES/django.po")}
        assert present == set(LOCALES), f"run: make messages MODULE={module.name}"


@pytest.mark.parametrize(
    "path", CATALOGUES, ids=lambda path: f"{path.parents[3].name}-{path.parents[1].name}"
)
def test_a_catalogue_is_whole_and_compiled(path):
    catalogue = read(path)
    assert faults(catalogue, path.parents[1].name) == []
    compiled = read_mo(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert words_of(compiled) == words_of(catalogue)


def test_the_check_sees_what_is_wrong():
    catalogue = read_po(
        io.BytesIO(
            b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
            b'msgid "one"\nmsgstr ""\n\n#, fuzzy\nmsgid "two"\nmsgstr "deux"\n\n'
            b'msgid "%(n)s votes"\nmsgstr "%(m)s voix"\n'
        )
    )
    assert [fault.split(":")[0] for fault in faults(catalogue)] == ["missing", "fuzzy", "placeholders"]


def test_the_check_sees_what_looks_foreign():
    assert odd(["Nobody has voted on it yet."], "Nobody has voted on it yet.", "fr") == ["not translated"]
    assert odd(["Yes, it is."], "نعم, هو كذلك.", "ar") == ["signs of another script"]
    assert odd(["It is done."], "已完成.", "zh_Hans") == ["signs of another script"]
    assert odd(["Reason:"], "Motif:", "fr") == ["signs of another script"]
    assert odd(["It is done."], "Сделано", "ru") == ["full stop"]
    good = [
        (["Reason:"], "Motif\u00a0:", "fr"),
        (["Yes, it is."], "نعم، هو كذلك.", "ar"),
        (["It is done."], "已完成。", "zh_Hans"),
        (["See %(page)s, or https://example.org/a."], "参见%(page)s或 https://example.org/a。", "zh_Hans"),
        (["SHA-256 of the file"], "SHA-256", "es"),
    ]
    assert [odd(*each) for each in good] == [[]] * len(good)


# Words in templates that stand outside every catalogue: names that are the same in all languages.
# Formats, and keys as they are printed on keyboards, are names too.
NAMES = {
    "Plenary", "SHA-256", "SHA", "JSON", "SVG", "API", "opinion", "OpenAPI", "XLSX", "CSV", "ZIP",
    "Ctrl", "Enter", "Alt",
}  # fmt: skip
ATTRIBUTES = re.compile(
    r"""\s(?:title|aria-label|alt|placeholder|data-label|label)\s*=\s*("[^"]*"|'[^']*')"""
)


def bare_words(source: str) -> list[str]:
    """English words of a template that no translation reaches: between tags, or in attributes that are read out."""
    plain = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", source, flags=re.S)
    plain = re.sub(r"\{% blocktranslate.*?\{% endblocktranslate %\}", "", plain, flags=re.S)
    plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", plain, flags=re.S)
    # What is written in English for all, such as the reference of the API, and says so to whoever hears it.
    plain = re.sub(r'<(div|section) lang="en".*</\1>', "", plain, flags=re.S)
    plain = re.sub(r"<(script|style|code|pre)\b.*?</\1>|<!--.*?-->", "", plain, flags=re.S)
    said = [match[1:-1] for match in ATTRIBUTES.findall(plain)]
    said.append(re.sub(r"<[^>]*>", " ", plain))
    words = [
        word for part in said for word in re.findall(r"[A-Za-z][A-Za-z0-9-]+", re.sub(r"&\w+;", " ", part))
    ]
    return [word for word in words if word not in NAMES]


TEMPLATES = [
    path
    for path in sorted(SOURCE.glob("*/templates/**/*.html"))
    # Samples of the style guide, which is for those who build pages.
    if not path.name.startswith("style") and "style" not in path.parts
]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_template_says_a_word_outside_the_catalogues(path):
    assert bare_words(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Hello there</p>", ["Hello", "there"]),
        ('<div lang="en" dir="ltr"><div>Name</div></div><p>Name</p>', ["Name"]),
        ('<a href="/x" aria-label="Next">›</a>', ["Next"]),
        ("<td data-label='Value'>{{ value }}</td>", ["Value"]),
        ("<p>{% translate 'Hello' %} {{ name }}, again</p>", ["again"]),
        ("{% if a > b %}<p>{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}</p>{% endif %}", []),
        ('<p class="lede" id="top">{{ x }}</p><code>plenary serve</code>{# a note #}', []),
        ("<td data-label=\"{% translate 'Value' %}\">&nbsp;–</td> – Plenary", []),
    ],
)
def test_the_check_of_templates_sees_bare_words(source, words):
    assert bare_words(source) == words


# The glossaries

GLOSSARIES = {"ar": "ar", "zh": "zh_Hans", "fr": "fr", "ru": "ru", "es": "es"}
# What the interface calls its things: each glossary names them all.
KEY_TERMS = """
    strategy clause goal principle commitment section paragraph version change evidence supports
    contradicts consultation statement participant vote agree disagree pass moderation analysis finding
    group interval uncertain indicator baseline target round report self-rating owner co-owner review
    silent due overdue draft adopted superseded accepted rejected open closed decision meeting agenda
    trail desk contributor approver committee adviser administrator organization record reference source
"""
# Where a label of the interface is one term, the catalogues use the glossary's word for it.
LABELS = """
    Strategy Clause Version Consultation Statement Analysis Finding Commitment Indicator Report Meeting
    Decision Organization Source Trail Group Baseline Reference Owner Agenda
"""


def glossary(code: str) -> dict[str, list[str]]:
    """The terms of a glossary, by the English word: what it calls each, in the order of the row."""
    terms: dict[str, list[str]] = {}
    path = SOURCE.parents[1] / "docs" / "glossary" / f"{code}.md"
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("| ") or line.startswith(("| English", "| ---")):
            continue
        english, word = (cell.strip() for cell in line.strip("|").split("|")[:2])
        names = [re.sub(r"\(.*?\)", "", name).strip() for name in re.split(r"[,;/]", english)]
        words = [re.sub(r"\(.*?\)", "", part).strip() for part in re.split(r"[,;/،؛、；]", word)]
        for at, name in enumerate(names):
            terms.setdefault(name, []).extend([words[at]] if len(names) == len(words) else words)
    return terms


@pytest.mark.parametrize("code", GLOSSARIES)
def test_a_glossary_names_every_key_term(code):
    assert [term for term in KEY_TERMS.split() if term not in glossary(code)] == []


@pytest.mark.parametrize("code", GLOSSARIES)
def test_the_catalogues_use_the_words_of_the_glossary(code):
    terms, held = glossary(code), {}
    for path in CATALOGUES:
        if path.parents[1].name == GLOSSARIES[code]:
            held |= {
                msgid: words[0] for (context, msgid), words in words_of(read(path)).items() if not context
            }
    differing = {
        label: (held[label], terms[label.lower()])
        for label in LABELS.split()
        # Arabic labels stand with their article.
        if label in held
        and not {held[label].casefold(), held[label].casefold().removeprefix("ال")}
        & {word.casefold() for word in terms[label.lower()]}
    }
    assert differing == {} and len(set(LABELS.split()) & set(held)) > 15


def catalogue_of_the_source(module: Path, folder: Path):
    """A fresh catalogue of a module, made of its source as it stands."""
    copy = folder / module.name
    shutil.copytree(
        module, copy, ignore=shutil.ignore_patterns("locale", "tests", "__pycache__", "migrations")
    )
    (copy / "locale").mkdir()
    with contextlib.chdir(copy):
        call_command("makemessages", locale=["fr"], verbosity=0, no_location=True, no_wrap=True)
    return read(copy / "locale/fr/LC_MESSAGES/django.po")


@pytest.mark.skipif(not shutil.which("xgettext"), reason="xgettext is not installed (Debian: gettext)")
def test_every_string_of_the_source_is_in_the_catalogues(tmp_path):
    missing = {}
    for module in sorted({path.parents[3] for path in CATALOGUES}):
        wanted = set(words_of(catalogue_of_the_source(module, tmp_path)))
        held = set(words_of(read(module / "locale/fr/LC_MESSAGES/django.po")))
        if wanted != held:
            missing[module.name] = {
                "to add": sorted(map(str, wanted - held)),
                "to remove": sorted(map(str, held - wanted)),
            }
    assert missing == {}
