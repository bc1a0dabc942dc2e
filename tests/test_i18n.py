"""Every string of the interface in all six languages: present, not fuzzy, with the same placeholders, compiled."""

from __future__ import annotations

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


def faults(catalogue) -> list[str]:
    """What is wrong with the messages of a catalogue, a line each."""
    found = ["the header is fuzzy"] if catalogue.fuzzy else []
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
            if given - wanted or (len(ids) == 1 and given != wanted):
                found.append(f"placeholders: {ids[0]} → {form}")
    return found


def has_words(module: Path) -> bool:
    """Whether a module says anything that is to be translated."""
    files = [*module.glob("templates/**/*.html"), *module.rglob("*.py")]
    marked = re.compile(r"gettext|{% (?:block)?translate ")
    return any(marked.search(path.read_text("utf-8")) for path in files if "tests" not in path.parts)


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
    assert faults(catalogue) == []
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


@pytest.mark.skipif(not shutil.which("xgettext"), reason="xgettext is not installed (Debian: gettext)")
def test_every_string_of_the_source_is_in_the_catalogues(tmp_path, monkeypatch):
    missing = {}
    for module in sorted({path.parents[3] for path in CATALOGUES}):
        copy = tmp_path / module.name
        shutil.copytree(
            module, copy, ignore=shutil.ignore_patterns("locale", "tests", "__pycache__", "migrations")
        )
        (copy / "locale").mkdir()
        monkeypatch.chdir(copy)
        call_command("makemessages", locale=["fr"], verbosity=0, no_location=True, no_wrap=True)
        wanted = set(words_of(read(copy / "locale/fr/LC_MESSAGES/django.po")))
        held = set(words_of(read(module / "locale/fr/LC_MESSAGES/django.po")))
        if wanted != held:
            missing[module.name] = {
                "to add": sorted(map(str, wanted - held)),
                "to remove": sorted(map(str, held - wanted)),
            }
    assert missing == {}
