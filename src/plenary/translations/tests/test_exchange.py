"""Files to translators and back: what goes out comes in again, and what is wrong with one is said line by line."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from plenary.kit.errors import Refused
from plenary.participation.actions import add_seed_statements
from plenary.records.actions import carry_translations, put_text, put_translation, set_title
from plenary.records.models import FormerTranslation, Provenance, Snapshot, Translation
from plenary.records.tests.factories import NOW
from plenary.translations import actions, formats, queries
from plenary.translations.queries import Verdict
from plenary.translations.tests.factories import by_machine, make_pool

pytestmark = pytest.mark.django_db
XLIFF = "{urn:oasis:names:tc:xliff:document:2.0}"
WORDS = ["One & <only>.", "Two\n\nparagraphs “quoted”.", "أولاً اسألوا", "Four {name}."]


@pytest.fixture
def pool(db):
    found = make_pool(*WORDS)
    whole = put_text(WORDS[1], "en")  # statements have no paragraphs, other texts do
    found[1][1].record.title = whole
    set_title(record=found[1][1].record, title_id=whole.pk)
    return found


def exported(client, kind="xlf", more="") -> bytes:
    source = "&from=en" if kind == "xlf" else ""
    answer = client.get(f"/translations/fr/export?format={kind}{source}&of=CON-1{more}")
    assert answer.status_code == 200, answer.content
    return answer.content


def text_ids(pool) -> list[int]:
    return [each.record.title_id for each in pool[1]]


def translated(content: bytes, words: dict[int, str]) -> bytes:
    """The file as a translator's tool gives it back."""
    root = ElementTree.fromstring(content)
    for unit in root.iter(f"{XLIFF}unit"):
        body = words.get(int(unit.get("id")[1:]))
        if body is not None:
            segment = unit.find(f"{XLIFF}segment")
            target = segment.find(f"{XLIFF}target")
            target = ElementTree.SubElement(segment, f"{XLIFF}target") if target is None else target
            target.text = body
            segment.set("state", "translated")
            segment.attrib.pop("subState", None)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def check(user, content: bytes, language="fr") -> queries.Check:
    file = formats.read(content)
    queries.check_language(file, language)
    return queries.check_units(queries.load_work(user, NOW), file, language)


def test_xliff_says_what_a_translator_needs(client, pool, bob):
    by_machine(pool[1][0], "Une & <seule>.")
    client.force_login(bob)
    content = exported(client)
    root = ElementTree.fromstring(content)
    assert (root.get("version"), root.get("srcLang"), root.get("trgLang")) == ("2.1", "en", "fr")
    assert root.find(f"{XLIFF}file").get("id") == "CON-1"
    units = {unit.get("id"): unit for unit in root.iter(f"{XLIFF}unit")}
    unit = units[f"t{text_ids(pool)[0]}"]
    segment = unit.find(f"{XLIFF}segment")
    assert (segment.get("state"), segment.get("subState")) == ("translated", "plenary:machine")
    assert (
        segment.find(f"{XLIFF}source").text == WORDS[0]
        and segment.find(f"{XLIFF}target").text == "Une & <seule>."
    )
    notes = {note.get("category"): note.text for note in unit.iter(f"{XLIFF}note")}
    assert (
        notes["context"] == "Statement STM-1 · statement"
        and notes["source-hash"] == pool[1][0].record.title.hash
    )
    assert unit.get("name") == "STM-1.statement"


@pytest.mark.parametrize("kind", ["xlf", "po"])
def test_what_goes_out_comes_in_again_and_changes_nothing(client, pool, bob, kind):
    by_machine(pool[1][0], "Une & <only>.")
    put_translation(text=pool[1][1].record.title, language="fr", body="Deux\n\nparagraphes.")
    client.force_login(bob)
    content = exported(client, kind, "&state=all")
    found = check(bob, content)
    sources = {row.unit.source for row in found.rows}
    assert set(WORDS) <= sources and not found.taken and not found.wrong
    assert {row.verdict for row in found.rows} == {Verdict.SAME, Verdict.EMPTY}
    with pytest.raises(Refused, match="Nothing in this file can be taken"):
        actions.import_units(content=content, language="fr", by=bob, now=NOW)


@pytest.mark.parametrize("kind", ["xlf", "po"])
def test_a_round_trip_writes_what_the_translator_wrote(client, pool, bob, kind):
    client.force_login(bob)
    content = exported(client, kind)
    words = dict(
        zip(text_ids(pool), ["Une.", "Deux\n\n« paragraphes ».", "D’abord", "Quatre {name}."], strict=True)
    )
    if kind == "xlf":
        content = translated(content, words)
    else:
        for pk, body in words.items():
            escaped = body.replace("\n", "\\n")
            pattern = rf'(msgctxt "t{pk}"\nmsgid (?:".*"\n)+)msgstr ""'
            content = re.sub(pattern, lambda m, e=escaped: f'{m[1]}msgstr "{e}"', content.decode()).encode()
    upload = SimpleUploadedFile(f"back.{kind}", content)
    preview = client.post("/translations/fr/import", {"file": upload})
    page = preview.content.decode()
    assert (
        preview.status_code == 200
        and "Write the 4 that are right" in page
        and not Translation.objects.exists()
    )
    token = re.search(r'name="upload" value="([^"]+)"', page)[1]
    done = client.post("/translations/fr/import", {"upload": token})
    assert done.status_code == 302
    assert dict(Translation.objects.values_list("text_id", "body")) == words
    assert set(Translation.objects.values_list("provenance", "translator")) == {("human", bob.pk)}
    event = pool[0].record.events.get(verb="translations imported")
    assert event.actor == bob and event.changes["count"] == [None, 4]
    assert pool[1][0].record.events.filter(verb="translated").count() == 1
    assert not check(bob, exported(client, kind, "&state=all")).taken  # the same again


def test_a_reader_of_another_make_finds_the_same_in_it(client, pool, bob):
    """Not our writer's twin: the standard library's parser, and gettext's own compiler by way of Babel."""
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    put_translation(text=pool[1][3].record.title, language="fr", body="Quatre {name}.")
    client.force_login(bob)
    catalog = read_po(BytesIO(exported(client, "po", "&state=all")))
    write_mo(BytesIO(), catalog)
    assert catalog.get(WORDS[3], context=f"t{text_ids(pool)[3]}").string == "Quatre {name}."
    assert catalog.get(WORDS[1], context=f"t{text_ids(pool)[1]}").string == ""


def test_confirming_a_machine_reviews_it_and_leaving_it_fuzzy_does_not(client, pool, bob):
    by_machine(pool[1][0], "Une.")
    client.force_login(bob)
    content = exported(client, "po")
    assert b"#, fuzzy" in content and not check(bob, content).taken
    actions.import_units(content=content.replace(b"#, fuzzy\n", b""), language="fr", by=bob, now=NOW)
    assert Translation.objects.get().provenance == Provenance.REVIEWED


def test_every_kind_of_error_is_said_and_the_right_ones_can_still_be_taken(client, pool, bob, alice):
    client.force_login(bob)
    ids = text_ids(pool)
    other = put_text("Elsewhere.", "en")
    content = exported(client).decode()
    good = translated(content.encode(), {ids[0]: "Une."}).decode()
    unit = '<unit id="{}"><segment><source>{}</source><target>{}</target></segment></unit>'
    wrong = [
        ("", "One.", "Sans."),  # the id is missing
        ("t999999", "One.", "Inconnu."),
        ("t١", "One.", "Chiffre."),
        (f"t{other.pk}", "Elsewhere.", "Ailleurs."),  # there, but not among what waits
        (f"t{ids[1]}", "Other words.", "Autre."),
        (f"t{ids[3]}", "Four {name}.", "Quatre."),
    ]
    broken = "".join(unit.format(*each) for each in wrong)
    twice = unit.format(f"t{ids[2]}", WORDS[2], "A") * 2
    plain = re.sub(rf'(?s)<ns0:unit id="t(?!{ids[0]}\b).*?</ns0:unit>', "", good)
    assert plain.count("<ns0:unit") == 1
    namespace = 'xmlns="urn:oasis:names:tc:xliff:document:2.0"'
    content = plain.replace(
        "</ns0:file>", (broken + twice).replace("<unit", f"<unit {namespace}") + "</ns0:file>"
    )
    found = check(bob, content.encode())
    assert [row.unit.id for row in found.taken] == [f"t{ids[0]}"]
    problems = [row.problem for row in found.wrong]
    for part in (
        "id is missing", "no text with this id", "were replaced or withdrawn", "original in the file is not ours",
        "placeholder {name}", "stands in the file 2 times",
    ):  # fmt: skip
        assert any(part in problem for problem in problems), (part, problems)
    assert len(found.wrong) == 8 and all(row.unit.line for row in found.rows)
    done = actions.import_units(content=content.encode(), language="fr", by=bob, now=NOW)
    assert (done.written, done.wrong) == (1, 8)
    assert Translation.objects.get().body == "Une."


def test_what_was_written_since_the_export_is_not_overwritten(client, pool, bob, alice):
    client.force_login(bob)
    content = translated(exported(client), {text_ids(pool)[0]: "Une."})
    put_translation(text=pool[1][0].record.title, language="fr", body="Un.", by=alice, now=NOW)
    [row] = check(bob, content).wrong
    assert "since the export" in row.problem
    assert Translation.objects.get().body == "Un." and not FormerTranslation.objects.exists()


def test_words_that_were_replaced_since_the_export_are_told_apart(client, pool, bob):
    client.force_login(bob)
    content = translated(exported(client), {text_ids(pool)[0]: "Une."})
    after = put_text("One and more.", "en")
    carry_translations(before=pool[1][0].record.title, after=after)
    set_title(record=pool[1][0].record, title_id=after.pk)
    [row] = check(bob, content).wrong
    assert "replaced or withdrawn since the export" in row.problem


def test_a_stale_one_goes_out_with_what_it_was_made_from_and_comes_back_confirmed(client, pool, bob):
    before = pool[1][0].record.title
    put_translation(text=before, language="fr", body="Une.")
    after = put_text("One & <only> more.", "en")
    carry_translations(before=before, after=after)
    set_title(record=pool[1][0].record, title_id=after.pk)
    client.force_login(bob)
    content = exported(client, more="&state=stale")
    assert b"plenary:stale" in content and b'category="earlier-source"' in content
    assert not check(bob, content).taken
    actions.import_units(content=translated(content, {after.pk: "Une."}), language="fr", by=bob, now=NOW)
    assert Translation.objects.get(text=after).source_hash == after.hash


def send(client, content: bytes, name="file.xlf", language="fr"):
    answer = client.post(f"/translations/{language}/import", {"file": SimpleUploadedFile(name, content)})
    return answer.status_code, " ".join(answer.content.decode().split())


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="en" trgLang="fr">&b;</xliff>"""
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><xliff/>'
HEAD = b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="en" trgLang="%s">'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (HEAD % b"fr" + b"<file><unit>", "Line 1: The XML breaks off or is not well-formed"),
        (HEAD % b"es" + b"</xliff>", "translates into Español, but this is the page for Français"),
        (HEAD % b"" + b"</xliff>", "does not say into which language"),
        (HEAD % b"fr" + b"</xliff>", "holds no texts"),
        (b'<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"/>', "This is XLIFF 1.2"),
        (b"<html></html>", "not XLIFF"),
        (HEAD % b"fr" + b"<file id='\xff\xfe'/></xliff>", "not well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><xliff/>', "The XML"),
        (b"hello", "neither XLIFF nor PO"),
        (
            b'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "a\xff"\nmsgstr ""\n',
            "not “UTF-8”",
        ),
        (
            b'msgid ""\nmsgstr "Content-Type: text/plain; charset=klingon\\n"\n\nmsgid "a"\nmsgstr ""\n',
            "nobody knows",
        ),
        (b'msgid ""\nmsgstr ""\n"Language: fr\\n"\n\nmsgid "a\nmsgstr "b"\n', "The PO file cannot be read"),
        (b"", "empty"),
        (b"\x00\x01\x02", "neither XLIFF nor PO"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(client, pool, bob, content, why):
    client.force_login(bob)
    status, page = send(client, content)
    assert status == 422 and why in page, page[page.find("notice bad") : page.find("notice bad") + 600]
    assert not Translation.objects.exists()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(client, pool, bob):
    client.force_login(bob)
    status, page = send(client, b"<" + b" " * 10_000_000)
    assert status == 413 and "larger than" in page


def test_a_preview_is_for_whoever_made_it_and_expires(client, pool, bob, alice):
    client.force_login(bob)
    content = translated(exported(client), {text_ids(pool)[0]: "Une."})
    token = re.search(r'name="upload" value="([^"]+)"', send(client, content)[1])[1]
    for sent in ("forged", token[:-1]):
        assert (
            client.post("/translations/fr/import", {"upload": sent})["location"] == "/translations/fr/import"
        )
    client.force_login(alice)
    client.post("/translations/fr/import", {"upload": token})
    assert not Translation.objects.exists()
    actions.keep_file(content=b"another", now=timezone.now() + timedelta(hours=2))
    client.force_login(bob)
    answer = client.post("/translations/fr/import", {"upload": token}, follow=True)
    assert "The preview has expired" in answer.content.decode() and not Translation.objects.exists()
    assert Snapshot.objects.count() == 1  # words that may be erased are not kept in files


def test_utf_16_is_read_too(client, pool, bob):
    client.force_login(bob)
    content = translated(exported(client), {text_ids(pool)[0]: "Une."}).decode().replace("utf-8", "utf-16")
    assert len(check(bob, content.encode("utf-16")).taken) == 1


def test_xliff_of_one_language_holds_no_other(client, pool, bob):
    add_seed_statements(consultation=pool[0], statements=["Uno."], language="es", by=None, now=NOW)
    client.force_login(bob)
    assert b"Uno." not in exported(client)
    assert b"Uno." in exported(client, "po")


def test_a_tool_that_knows_no_states_leaves_them_as_they_were(client, pool, bob):
    """So words that were written count, whatever the state says; words that went out so and came back do not."""
    client.force_login(bob)
    content = translated(exported(client), {text_ids(pool)[0]: "Une."}).replace(
        b'state="translated"', b'state="initial"'
    )
    assert [row.body for row in check(bob, content).taken] == ["Une."]


def test_what_went_out_of_earlier_words_and_came_back_untouched_is_not_taken(client, alice):
    from plenary.strategy.tests.factories import FRENCH, adopt, make_accepted, make_version

    strategy = make_version(translations=FRENCH).strategy
    make_accepted(strategy)
    adopt(strategy)
    client.force_login(alice)
    content = client.get("/translations/fr/export?format=xlf&from=en&of=STR-1&state=stale").content
    assert b"<target" in content and not check(alice, content).taken
    pk = int(re.search(rb'unit id="t(\d+)"', content)[1])
    assert len(check(alice, translated(content, {pk: "Nous demanderons à chacun."})).taken) == 1
