"""Analyses: asked for once, run once, all or nothing, the same again from the same votes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db.models import Max
from django.utils import translation

from plenary.insight import actions, parts, queries, wording
from plenary.insight.actions import run_analysis, start_analysis
from plenary.insight.models import Analysis, Finding
from plenary.kit.errors import Refused
from plenary.participation.models import Participant, Statement, Vote
from plenary.records.models import Event, Provenance, Record, Translation, Visibility
from plenary.records.tests.factories import NOW

from .factories import CAMPS, analyse, cast_votes, make_two_camps, make_votes

pytestmark = pytest.mark.django_db
State = Analysis.State


class TestStart:
    def test_waits_with_its_input_fixed_and_one_event(self, alice):
        consultation = make_two_camps()
        analysis = start_analysis(consultation=consultation, by=alice, now=NOW, seed=7)
        assert analysis.state == State.WAITING
        assert analysis.last_vote == Vote.objects.aggregate(last=Max("id"))["last"]
        assert (analysis.seed, analysis.parameters) == (7, {"mode": "plenary"})
        assert analysis.record.visibility == Visibility.STAFF
        event = Event.objects.get(record=analysis.record)
        assert (event.verb, event.actor) == ("analysis asked for", alice)

    def test_is_refused_while_one_is_under_way(self, alice):
        consultation = make_two_camps()
        start_analysis(consultation=consultation, by=alice, now=NOW)
        with pytest.raises(Refused):
            start_analysis(consultation=consultation, by=alice, now=NOW + timedelta(minutes=5))
        assert Analysis.objects.count() == 1

    def test_where_nobody_has_voted_a_person_is_refused_and_told_why(self, alice, client):
        consultation = make_votes([])
        with pytest.raises(Refused, match="Nobody has voted yet"):
            start_analysis(consultation=consultation, by=alice, now=NOW)
        client.force_login(alice)
        sent = client.post(f"/consultations/{consultation.reference}/analyses", follow=True)
        assert "Nobody has voted yet" in sent.content.decode() and not Analysis.objects.exists()

    def test_gives_up_one_that_was_interrupted(self, alice):
        consultation = make_two_camps()
        lost = start_analysis(consultation=consultation, by=alice, now=NOW)
        start_analysis(consultation=consultation, by=alice, now=NOW + timedelta(hours=2))
        lost.refresh_from_db()
        assert (lost.state, lost.error) == (State.FAILED, actions.INTERRUPTED)

    def test_hands_the_work_to_the_queue_once_it_is_committed(
        self, alice, settings, django_capture_on_commit_callbacks
    ):
        settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
        with django_capture_on_commit_callbacks(execute=True):
            analysis = start_analysis(consultation=make_two_camps(), by=alice, now=NOW)
            assert not analysis.result_id
        analysis.refresh_from_db()
        assert analysis.state == State.DONE


class TestRun:
    def test_stores_result_map_and_findings_for_everybody_to_see(self):
        analysis = analyse(make_two_camps())
        assert analysis.state == State.DONE
        assert analysis.progress == 1.0
        assert analysis.engine_version and analysis.input_sha256
        assert analysis.summary["k"] == 2
        assert analysis.summary["participants"] == 32
        assert analysis.record.visibility == Visibility.PUBLIC
        assert set(json.loads(bytes(analysis.picture.content))) == {"ltr", "rtl"}
        kinds = set(analysis.findings.values_list("kind", flat=True))
        assert kinds >= {Finding.Kind.CONSENSUS, Finding.Kind.DIVISION, Finding.Kind.POSITION}
        for finding in analysis.findings.select_related("record"):
            assert finding.record.visibility == Visibility.PUBLIC
            assert finding.statements.exists()
            assert [event.verb for event in finding.record.events.all()] == ["found"]

    def test_writes_an_event_for_each_of_its_steps(self):
        analysis = analyse(make_two_camps())
        verbs = [event.verb for event in analysis.record.events.order_by("id")]
        assert verbs == ["analysis asked for", "analysis started", "analysis done"]

    def test_says_the_claim_with_its_figures(self):
        analysis = analyse(make_two_camps())
        titles = [finding.record.title.body.replace("\u00a0", " ") for finding in analysis.findings.all()]
        agreed = [title for title in titles if title.startswith("In every group most people agree")]
        assert len(agreed) == 2
        assert (
            "In every group most people agree: “Idea 0.” (100 %, 95 % interval 89–100 %, 32 votes)" in agreed
        )

    def test_gives_the_same_bytes_for_the_same_votes_and_seed(self):
        consultation = make_two_camps()
        first, second = analyse(consultation, seed=3), analyse(consultation, seed=3)
        assert first.result.sha256 == second.result.sha256
        assert first.input_sha256 == second.input_sha256

    def test_takes_no_vote_that_came_after_it_was_asked_for(self):
        consultation = make_two_camps()
        analysis = start_analysis(consultation=consultation, by=None, now=NOW)
        statements = list(Statement.objects.filter(consultation=consultation).order_by("record__number"))
        cast_votes(consultation, statements, CAMPS[:4])
        assert run_analysis(analysis=analysis, now=NOW).summary["participants"] == 32

    def test_publishes_no_participants_number(self):
        Participant.objects.bulk_create(
            [
                Participant(pk=900_000 + n, consultation=make_votes([]), terms="1", since=NOW.date())
                for n in range(1)
            ]
        )
        analysis = analyse(make_two_camps())
        data = json.loads(bytes(analysis.result.content))
        assert sorted(int(person["id"]) for person in data["participants"]) == list(range(32))
        assert (
            min(Participant.objects.filter(consultation=analysis.consultation).values_list("pk", flat=True))
            > 32
        )
        assert all(row["id"].startswith("STM-") for row in data["statements"])

    def test_runs_once_though_handed_out_twice(self):
        analysis = start_analysis(consultation=make_two_camps(), by=None, now=NOW)
        run_analysis(analysis=analysis, now=NOW)
        findings = Finding.objects.count()
        again = run_analysis(analysis=analysis, now=NOW + timedelta(days=1))
        assert again.finished_at == NOW
        assert Finding.objects.count() == findings

    def test_leaves_one_alone_that_another_worker_has_claimed(self):
        analysis = start_analysis(consultation=make_two_camps(), by=None, now=NOW)
        Analysis.objects.update(state=State.RUNNING)
        assert run_analysis(analysis=analysis, now=NOW).state == State.RUNNING

    def test_fails_with_a_plain_sentence_and_no_findings(self, monkeypatch, caplog):
        analysis = start_analysis(consultation=make_two_camps(), by=None, now=NOW)

        def broken(*args, **kwargs):
            raise ZeroDivisionError("in the middle")

        monkeypatch.setattr(actions, "_put_titles", broken)
        analysis = run_analysis(analysis=analysis, now=NOW)
        assert (analysis.state, analysis.error) == (State.FAILED, actions.BROKEN)
        assert analysis.result is None
        assert not Finding.objects.exists()
        assert not Record.objects.filter(kind="finding").exists()
        assert analysis.record.visibility == Visibility.STAFF
        assert "in the middle" in caplog.text

    def test_reports_how_far_it_is(self):
        seen = []
        analysis = start_analysis(consultation=make_two_camps(), by=None, now=NOW)
        run_analysis(analysis=analysis, now=NOW, progress=seen.append)
        assert seen == sorted(seen)
        assert seen[-1] == 1.0

    def test_an_unpublished_consultations_findings_stay_unpublished(self, charlie):
        consultation = make_two_camps()
        consultation.record.visibility = Visibility.STAFF
        consultation.record.save()
        analysis = analyse(consultation)
        assert set(analysis.findings.values_list("record__visibility", flat=True)) == {Visibility.STAFF}
        assert queries.get_finding_for(charlie, analysis.findings.first().reference, "en") is None

    @pytest.mark.parametrize(
        "rows", [[], [[1]], [[1], [-1]], [[1, 0]] * 5], ids=["nobody", "one", "two", "five"]
    )
    def test_is_done_with_hardly_any_votes(self, rows):
        analysis = analyse(make_votes(rows))
        assert analysis.state == State.DONE
        assert analysis.picture is None
        assert analysis.summary["k"] <= 1


class TestTitles:
    def test_are_written_in_every_language_that_has_the_sentences(self, monkeypatch):
        def spoken():
            return translation.get_language() in ("en", "fr", "zh-hans")

        monkeypatch.setattr(actions, "is_spoken", spoken)
        finding = analyse(make_two_camps()).findings.first()
        written = Translation.objects.filter(text=finding.record.title)
        assert sorted(written.values_list("language", "provenance")) == [
            ("fr", Provenance.GENERATED),
            ("zh", Provenance.GENERATED),
        ]

    def test_name_a_statement_whose_words_are_in_another_language(self, monkeypatch):
        monkeypatch.setattr(actions, "is_spoken", lambda: translation.get_language() in ("en", "fr"))
        finding = analyse(make_two_camps()).findings.get(order=0)
        reference = finding.statements.get().reference
        assert "Idea" in finding.record.title.body
        french = Translation.objects.get(text=finding.record.title, language="fr").body
        assert reference in french
        assert "Idea" not in french

    def test_are_english_alone_where_nothing_is_translated(self):
        with translation.override("tlh"):
            assert not wording.is_spoken()


class TestParts:
    def test_are_frozen_beside_the_result(self):
        analysis = analyse(make_two_camps())
        assert "slate" in queries.list_parts(analysis)
        chosen = queries.get_part(analysis, "slate")
        assert [one["id"] for one in chosen["statements"]]
        assert queries.get_part(analysis, "nothing") is None

    def test_one_that_fails_costs_nobody_the_analysis(self, monkeypatch, caplog):
        def fail(job):
            raise ZeroDivisionError

        monkeypatch.setattr(parts, "PARTS", (parts.Part("broken", fail), *parts.PARTS))
        analysis = analyse(make_two_camps())
        assert analysis.state == State.DONE
        nobody_to_weigh_by = {"weights"}
        made = {part.name for part in parts.PARTS} - {"broken"} - nobody_to_weigh_by
        assert set(queries.list_parts(analysis)) == made
        assert "part broken" in caplog.text
