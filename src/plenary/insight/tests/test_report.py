"""The report: every figure of every sentence as it is in the frozen result, in every language; notes of the desk."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from django.conf import settings
from django.utils import translation

from plenary.insight import queries, report_making, report_sentences, reporting
from plenary.insight.actions import forget_erased
from plenary.insight.models import ReportNote
from plenary.insight.report_actions import write_note
from plenary.insight.report_making import load_documents, make_report, texts
from plenary.insight.report_sentences import (
    Mismatch,
    NoPlace,
    Sentence,
    Slot,
    Wording,
    check_report,
    read,
)
from plenary.kit.errors import Refused
from plenary.participation.actions import mark_meta
from plenary.participation.models import Consultation, Statement
from plenary.records.actions import set_visibility, write_event
from plenary.records.models import Event, Visibility
from plenary.records.tests.factories import NOW

from .factories import analyse, make_two_camps, make_votes

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _name in settings.LANGUAGES]


def fresh(analysis):
    return queries.get_analysis_for(None, analysis.reference, "en")


def made_of(consultation, language="en"):
    analysis = fresh(analyse(consultation))
    with translation.override(language):
        return make_report(analysis, None, language)


def said(made):
    return {part.name: [line.text for line in part.lines] for part in made.parts}


def report_of(consultation):
    return f"/consultations/{consultation.reference}/results/report"


class TestComposition:
    def test_says_what_was_found_with_its_figures(self):
        sections = said(made_of(make_two_camps()))
        assert sections["short"][0] == "32 people, 320 votes, 10 statements."
        assert "Their votes fall into 2 groups of people who vote alike." in sections["short"]
        assert any("In every group most people agree: “Idea 0.”" in text for text in sections["shared"])
        assert "Group A: 16 people, 50\u00a0% of those placed." in [
            text.replace("50 %", "50\u00a0%") for text in sections["who"]
        ]
        assert any("Views part:" in text and "of 16 agree" in text for text in sections["parting"])
        assert any(text.startswith("Group A") for text in sections["positions"])

    @pytest.mark.parametrize(
        "rows",
        [
            None,
            [],
            [[1, -1, 0]],
            [[1, 1], [1, -1]],
            [[1] * 4] * 30,
            [[0] * 4] * 30,
            [[-1] * 4] * 30,
            [[1, -1, 1, None]] * 9 + [[-1, 1, 1, 0]] * 3,
        ],
    )
    def test_every_figure_matches_in_every_language(self, rows):
        analysis = fresh(analyse(make_two_camps() if rows is None else make_votes(rows)))
        for language in LANGUAGES:
            with translation.override(language):
                made = make_report(analysis, None, language, anew=True)
            assert made.figures == sum(1 for each in made.report.sentences() for _slot in each.every_slot())
            assert {"short", "limits", "checking"} <= {part.name for part in made.parts}

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_tells_apart_what_people_say_of_themselves(self, language):
        consultation = make_two_camps()
        first = consultation.statements.order_by("record__number").first()
        mark_meta(statements=[first], is_meta=True, by=None, now=NOW)
        with translation.override(language):
            made = made_of(consultation, language)
            assert check_report(made.report) > 10
        lines = said(made)
        named = re.compile(rf"\b{first.reference}\b")
        assert any(named.search(line) for line in lines["who"])
        told = [line for name in ("short", "shared", "parting", "slate") for line in lines[name]]
        assert told and not any(named.search(line) for line in told)

    def test_says_plainly_when_there_is_little_to_say(self):
        assert said(made_of(make_votes([])))["short"] == [
            "When this was analysed, nobody had voted. Nothing can be said yet."
        ]
        one = said(made_of(make_votes([[1, -1]])))
        assert "One person has voted." in one["short"][0]
        assert "shared" not in one
        two = said(made_of(make_votes([[1, 1], [1, -1]])))
        assert "So few people voted that groups were not looked for: 2 people." in two["short"][1]
        assert "parting" not in two

    def test_calls_probable_what_is_probable_and_open_what_is_open(self):
        rows = [[1, 1 if n < 11 else -1, 1 if n < 8 else -1, 1] for n in range(16)]
        made = made_of(make_votes(rows))
        for line in (line for part in made.parts if part.name == "uncertain" for line in part.lines[1:]):
            everyone = made.report.documents["result"]["findings"][line.sentence.finding]["figures"][
                "everyone"
            ]
            if everyone["low"] < 0.5 < everyone["high"]:
                assert line.text.startswith("It cannot be said whether most agree")
            else:
                assert line.text.startswith("Probably")
        assert any(line.sentence.certainty == "open" for part in made.parts for line in part.lines)


class TestCheck:
    def test_finds_a_figure_that_is_another_in_the_frozen_result(self):
        report = made_of(make_two_camps()).report
        frozen = copy.deepcopy(dict(report.documents))
        frozen["result"]["findings"][0]["figures"]["everyone"]["agree"] -= 9
        with pytest.raises(Mismatch, match="in the analysis"):
            check_report(report, frozen)

    def test_finds_a_translation_that_lost_or_added_a_figure(self, monkeypatch):
        report = made_of(make_two_camps()).report
        for words in (
            "%(people)s, %(votes)s.",
            "%(people)s, %(votes)s, %(statements)s, 7.",
            "٧ %(people)s, %(votes)s, %(statements)s.",
        ):
            monkeypatch.setattr(
                report_sentences,
                "_",
                lambda text, w=words: w if text == "%(people)s, %(votes)s, %(statements)s." else text,
            )
            with pytest.raises(Mismatch):
                check_report(report)

    def test_finds_a_word_of_certainty_that_the_rules_do_not_allow(self):
        report = made_of(make_two_camps()).report
        frozen = copy.deepcopy(dict(report.documents))
        for share in frozen["result"]["findings"][0]["figures"]["per_group"]:
            share["low"] = 0.4
        with pytest.raises(Mismatch, match="is said though"):
            check_report(report, frozen)

    def test_words_of_people_may_hold_any_figure(self):
        report = made_of(make_two_camps()).report
        words = {name: Wording("Give 1,000 houses by 2030", "en", "ltr") for name in report.references}
        assert check_report(replace(report, wordings=words)) == check_report(report)

    def test_a_place_that_is_not_there_is_refused(self):
        with pytest.raises(NoPlace):
            read({"result": {"k": 2}}, "result.groups[0]")
        with pytest.raises(NoPlace):
            read({"result": {"k": 2}}, "result..k")
        rows = {"rows": [{"id": "STM-3", "agree": 4}, {"id": "STM-4", "agree": 5}]}
        assert read(rows, "rows[id=STM-4].agree") == [5]
        assert read(rows, "rows[*].agree") == [4, 5]
        assert read(rows, "rows.length") == [2]
        assert Slot("share", ("rows[0].agree",), among=("rows[*].agree",)).value(rows) == 4 / 9

    def test_altered_bytes_are_not_published(self, client, caplog):
        consultation = make_two_camps()
        analysis = analyse(consultation)
        snapshot = analysis.result
        altered = bytes(snapshot.content).replace(b'"votes":320', b'"votes":321')
        assert altered != bytes(snapshot.content)
        type(snapshot).objects.filter(pk=snapshot.pk).update(content=altered)
        report_making._result.cache_clear()
        response = client.get(report_of(consultation))
        assert response.status_code == 503
        assert "does not say what the analysis says" in response.content.decode()
        assert "was not published" in caplog.text

    def test_reads_the_stored_bytes(self):
        analysis = fresh(analyse(make_two_camps()))
        content = json.loads(queries.get_result_bytes(analysis))
        documents = load_documents(analysis)
        assert documents["result"]["participants"] == {"length": len(content["participants"])}
        assert documents["result"]["statements"] == content["statements"]

    def test_a_sentence_without_a_place_is_refused(self):
        report = made_of(make_two_camps()).report
        lost = Sentence("%(people)s", {"people": Slot("people", ("result.nobody",))})
        section = replace(report.sections[0], sentences=(lost,))
        with pytest.raises((Mismatch, NoPlace)):
            check_report(replace(report, sections=(section,)))


class TestComparison:
    def test_with_and_without_is_told_where_there_is_a_comparison(self):
        documents = {"comparison": {"people": 12, "kept": 3, "disappearing": ["a", "b"], "appearing": []}}
        (sentence,) = reporting._comparison(documents).sentences
        told = "".join(run.text for run in sentence.runs(documents, {}))
        assert "12 people" in told
        assert "stay: 3; that disappear: 2; that appear: 0." in told


class TestPage:
    def test_shows_the_sentences_the_map_and_the_ways_to_what_they_rest_on(self, client):
        consultation = make_two_camps()
        analysis = analyse(consultation)
        page = client.get(report_of(consultation)).content.decode()
        finding = analysis.findings.first()
        assert f"/findings/{finding.reference}" in page
        assert f"/statements/{finding.statements.get().reference}" in page
        assert 'href="#parting"' in page and 'id="parting"' in page
        assert "<svg" in page
        assert "report.pdf?lang=ar" in page
        assert analysis.result.sha256 in page

    @pytest.mark.parametrize("rows", [[], [[1, -1]], [[1, 1], [1, -1]], [[0] * 4] * 30])
    def test_is_there_where_there_is_little_to_say(self, client, rows):
        consultation = make_votes(rows)
        analyse(consultation)
        assert client.get(report_of(consultation)).status_code == 200

    def test_quotes_nothing_that_was_erased_or_is_not_public(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        hidden = Statement.objects.get(consultation=consultation, record__title__body="Idea 0.")
        hidden.record.visibility = Visibility.STAFF
        hidden.record.save()
        page = client.get(report_of(consultation)).content.decode()
        assert "Idea 0." not in page
        assert hidden.reference in page

    def test_is_not_found_without_a_result_or_for_strangers(self, client):
        assert client.get(report_of(make_two_camps())).status_code == 404
        closed = make_two_camps()
        set_visibility(record=closed.record, visibility=Visibility.STAFF)
        closed.record.refresh_from_db()
        analyse(closed)
        assert client.get(report_of(closed)).status_code == 404
        assert client.get(f"{report_of(closed)}.pdf").status_code == 404

    def test_words_in_another_language_keep_it(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        page = client.get(report_of(consultation), headers={"accept-language": "ar"}).content.decode()
        assert '<bdi lang="en" dir="ltr">Idea 0.</bdi>' in page


class TestPaper:
    @pytest.mark.parametrize("language", ["en", "ar", "zh"])
    def test_is_a_tagged_pdf_whose_bytes_do_not_change(self, client, language, tmp_path, settings):
        settings.PLENARY_HOME = tmp_path
        consultation = make_two_camps()
        analyse(consultation)
        path = f"{report_of(consultation)}.pdf?lang={language}"
        first = client.get(path)
        assert first["Content-Type"] == "application/pdf"
        (kept,) = (tmp_path / "exports").glob("*.pdf")
        kept.unlink()
        assert client.get(path).content == first.content
        assert b"/MarkInfo" in first.content or b"/StructTreeRoot" in first.content
        if shutil.which("pdfinfo"):
            file = tmp_path / "report.pdf"
            file.write_bytes(first.content)
            told = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
            assert "Tagged:" in told and "yes" in told.split("Tagged:")[1].splitlines()[0]

    def test_a_new_note_is_a_new_file(self, client, tmp_path, settings, alice):
        settings.PLENARY_HOME = tmp_path
        consultation = make_two_camps()
        analysis = analyse(consultation)
        before = client.get(f"{report_of(consultation)}.pdf").content
        write_note(analysis=analysis, section="short", body="Read this.", language="en", by=alice, now=NOW)
        assert client.get(f"{report_of(consultation)}.pdf").content != before
        assert len(list((tmp_path / "exports").glob("*.pdf"))) == 1

    def test_what_quotes_an_erased_statement_is_not_kept(self, client, tmp_path, settings):
        settings.PLENARY_HOME = tmp_path
        consultation = make_two_camps()
        analyse(consultation)
        client.get(f"{report_of(consultation)}.pdf")
        assert list((tmp_path / "exports").iterdir())
        statement = Statement.objects.filter(consultation=consultation).first()
        event = write_event(record=statement.record, verb="erased", by=None, now=NOW)
        forget_erased([event])
        assert not list((tmp_path / "exports").iterdir())


class TestNotes:
    def test_the_desk_writes_changes_and_removes_a_note(self, client, alice):
        consultation = make_two_camps()
        analysis = analyse(consultation)
        client.force_login(alice)
        path = report_of(consultation)
        sent = {"section": "shared", "seen": "0", "body": "Half of them came late.", "language": "en"}
        assert client.post(path, sent).status_code == 302
        page = client.get(path).content.decode()
        assert "Note of the desk" in page and "Half of them came late." in page
        note = ReportNote.objects.get()
        event = Event.objects.get(verb="note written")
        assert event.record_id == consultation.pk and event.actor == alice
        assert client.post(path, sent | {"body": "Another"}).status_code == 409
        sent |= {"seen": str(note.text_id)}
        assert client.post(path, sent | {"body": ""}).status_code == 302
        assert not ReportNote.objects.exists()
        assert Event.objects.filter(verb="note removed").exists()
        assert analysis.reference

    def test_nobody_else_writes_one(self, client, bob):
        consultation = make_two_camps()
        analyse(consultation)
        sent = {"section": "shared", "seen": "0", "body": "Mine.", "language": "en"}
        client.post(report_of(consultation), sent)
        client.force_login(bob)
        assert client.post(report_of(consultation), sent).status_code == 403
        assert not ReportNote.objects.exists()

    def test_stays_with_a_later_analysis_and_says_so(self, client, alice):
        consultation = make_two_camps()
        first = analyse(consultation)
        write_note(analysis=first, section="short", body="Read this.", language="en", by=alice, now=NOW)
        later = analyse(consultation)
        page = client.get(report_of(consultation)).content.decode()
        assert f"Written about the earlier analysis {first.reference}." in page
        data = client.get(f"/api/v1/analyses/{later.reference}/report").json()
        note = next(each["note"] for each in data["sections"] if each["name"] == "short")
        assert note["about"] == first.reference and note["text"] == "Read this."

    def test_translators_find_it_and_an_unknown_section_is_refused(self, alice):
        analysis = analyse(make_two_camps())
        with pytest.raises(Refused):
            write_note(analysis=analysis, section="gossip", body="x", language="en", by=alice, now=NOW)
        note = write_note(
            analysis=analysis, section="short", body="Read this.", language="en", by=alice, now=NOW
        )
        pieces = [piece for piece in texts(alice, NOW) if piece.part == "note"]
        assert [piece.text for piece in pieces] == [note.text_id]


class TestApi:
    def test_tells_every_sentence_with_its_figures_and_where_they_were_read(self, client):
        analysis = analyse(make_two_camps())
        data = client.get(f"/api/v1/analyses/{analysis.reference}/report?language=fr").json()
        assert data["language"] == "fr"
        assert data["checked"] > 50
        result = {"result": json.loads(queries.get_result_bytes(fresh(analysis)))}
        shared = next(each for each in data["sections"] if each["name"] == "shared")
        slots = {slot["name"]: slot for slot in shared["sentences"][1]["slots"]}
        percent = slots["figures.percent"]
        whole = sum(read(result, place)[0] for place in percent["among"])
        assert percent["value"] == read(result, percent["of"][0])[0] / whole
        assert shared["sentences"][1]["finding"].startswith("FND-")

    def test_is_not_found_where_there_is_none(self, client):
        assert client.get("/api/v1/analyses/ANA-99/report").status_code == 404
        assert Consultation.objects.count() == 0
