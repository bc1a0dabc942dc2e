"""Pages of results: for everybody to read, for the desk to make."""

from __future__ import annotations

import hashlib
import json

import pytest

from plenary.insight.actions import BROKEN, start_analysis
from plenary.insight.models import Analysis, Finding
from plenary.participation.models import Consultation
from plenary.participation.tests.factories import make_consultation
from plenary.records.models import Visibility
from plenary.records.tests.factories import NOW

from .factories import analyse, make_two_camps, make_votes

pytestmark = pytest.mark.django_db


def read(client, path, status=200, **headers):
    response = client.get(path, headers=headers)
    assert response.status_code == status
    return response.content.decode()


def results_of(consultation):
    return f"/consultations/{consultation.reference}/results"


class TestResults:
    def test_say_what_is_shared_where_views_part_and_how_sure_that_is(self, client):
        consultation = make_two_camps()
        analysis = analyse(consultation)
        page = read(client, results_of(consultation))
        for words in (
            "32 people",
            "2 groups",
            "What people share",
            "Where they part",
            "Idea 0.",
            "89–100",
            "of 16",
        ):
            assert words in page, words
        assert analysis.input_sha256 in page
        assert analysis.result.sha256 in page
        assert "<svg" in page and "Group A, 16 people" in page
        assert "[[" not in page

    def test_stand_under_results_in_the_navigation(self, client):
        page = read(client, results_of(make_two_camps()))
        assert '<a href="/results" aria-current="true">Results</a>' in page
        assert '<a href="/consultations" aria-current' not in page

    def test_speak_the_readers_direction(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        assert 'direction="rtl"' in read(client, results_of(consultation), accept_language="ar")

    def test_carry_no_style_and_no_script_inline(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        page = read(client, results_of(consultation))
        assert " style=" not in page and "<style" not in page and " onclick=" not in page

    def test_take_a_constant_number_of_queries(self, client, django_assert_max_num_queries):
        for rows in ([[1]] * 12, [[1, 1] + [side] * 20 for side in (1, -1) for _ in range(16)]):
            consultation = make_votes(rows)
            analyse(consultation)
            with django_assert_max_num_queries(14):
                read(client, results_of(consultation))

    def test_say_plainly_that_there_are_no_distinct_groups(self, client):
        consultation = make_votes([[1, 1, 1]] * 20)
        analyse(consultation)
        page = read(client, results_of(consultation))
        assert "no distinct groups" in page
        assert "A clear majority votes the same way." in page

    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ([], "nobody had voted"),
            ([[1]], "One person has voted."),
            ([[1]] * 5, "They are too few to look for groups"),
        ],
        ids=["nobody", "one", "five"],
    )
    def test_say_what_can_and_cannot_be_said_of_few(self, client, rows, words):
        consultation = make_votes(rows)
        analyse(consultation)
        assert words in read(client, results_of(consultation))

    def test_say_that_nothing_was_analysed_yet(self, client):
        voted, empty = make_votes([[1]] * 3), make_consultation()
        assert "3 people have voted so far." in read(client, results_of(voted))
        assert "Nobody has voted yet" in read(client, results_of(empty))

    def test_are_not_found_where_the_consultation_is_not_public(self, client, alice):
        consultation = make_two_camps()
        analyse(consultation)
        consultation.record.visibility = Visibility.STAFF
        consultation.record.save()
        read(client, results_of(consultation), 404)
        client.force_login(alice)
        read(client, results_of(consultation))

    def test_are_not_found_for_a_consultation_that_is_none(self, client):
        read(client, "/consultations/CON-99/results", 404)
        read(client, "/consultations/CON-99/results/statements", 404)

    def test_weigh_little(self, client):
        consultation = make_votes([[side] * 40 for side in (1, -1) for _ in range(300)])
        analyse(consultation)
        page = read(client, results_of(consultation))
        picture = page[page.index("<svg xmlns") : page.index("</svg>", page.index("<svg xmlns"))]
        assert len(picture) <= 25_000
        assert len(page.encode()) < 70_000

    def test_invite_to_vote_only_while_that_is_possible(self, client):
        consultation = make_votes([[1, 1, 1, side] for side in [1] * 14 + [-1] * 6])
        analyse(consultation)
        invitation, statement = "More votes on these would teach most.", "On these the votes leave most open."
        page = read(client, results_of(consultation))
        assert invitation in page and statement not in page
        Consultation.objects.update(closes_at=NOW)
        page = read(client, results_of(consultation))
        assert invitation not in page and statement in page

    def test_warn_that_groups_come_from_the_votes_they_are_compared_on(self, client):
        grouped, alike = make_two_camps(), make_votes([[1, 1, 1]] * 20)
        for consultation in (grouped, alike):
            analyse(consultation)
        warning = "made from the same votes on which they are compared"
        assert warning in read(client, results_of(grouped))
        assert warning not in read(client, results_of(alike))
        assert "95 of 100 intervals made like it" in read(client, results_of(alike))

    def test_list_all_statements(self, client):
        consultation = make_two_camps()
        analyse(consultation)
        page = read(client, results_of(consultation) + "/statements")
        assert all(f"Idea {number}." in page for number in range(10))

    def test_are_listed(self, client):
        assert "No votes have been analysed yet." in read(client, "/results")
        consultation = make_two_camps()
        analyse(consultation)
        assert results_of(consultation) in read(client, "/results")

    def test_are_for_reading_only(self, client):
        assert client.post(results_of(make_two_camps())).status_code == 405


class TestStart:
    def test_is_for_the_desk(self, client, alice, charlie):
        consultation = make_two_camps()
        path = f"/consultations/{consultation.reference}/analyses"
        assert client.post(path).status_code == 302
        client.force_login(charlie)
        assert client.post(path).status_code == 403
        client.force_login(alice)
        response = client.post(path)
        assert response.status_code == 302
        assert response["Location"] == f"/analyses/{Analysis.objects.get().reference}"

    def test_says_why_where_one_is_under_way(self, client, alice):
        consultation = make_two_camps()
        client.force_login(alice)
        path = f"/consultations/{consultation.reference}/analyses"
        client.post(path)
        response = client.post(path)
        assert response.status_code == 409
        assert "already under way" in response.content.decode()

    def test_needs_a_post_and_a_consultation(self, client, alice):
        client.force_login(alice)
        assert client.get(f"/consultations/{make_two_camps().reference}/analyses").status_code == 405
        assert client.post("/consultations/CON-99/analyses").status_code == 404


class TestAnalysis:
    def test_is_for_the_desk_until_it_is_done(self, client, alice):
        analysis = start_analysis(consultation=make_two_camps(), by=None, now=NOW)
        read(client, f"/analyses/{analysis.reference}", 404)
        client.force_login(alice)
        assert "waits for its turn" in read(client, f"/analyses/{analysis.reference}")

    def test_answers_htmx_with_its_state_alone_and_asks_again_while_under_way(self, client, alice):
        analysis = start_analysis(consultation=make_two_camps(), by=None, now=NOW)
        client.force_login(alice)
        piece = read(client, f"/analyses/{analysis.reference}", hx_request="true")
        assert "<html" not in piece
        assert "hx-trigger" in piece
        done = analyse(make_two_camps())
        piece = read(client, f"/analyses/{done.reference}", hx_request="true")
        assert "hx-trigger" not in piece
        assert results_of(done.consultation) in piece

    def test_says_that_it_failed_and_how_to_go_on(self, client, alice):
        analysis = start_analysis(consultation=make_two_camps(), by=None, now=NOW)
        Analysis.objects.update(state="failed", error=BROKEN)
        client.force_login(alice)
        page = read(client, f"/analyses/{analysis.reference}")
        assert BROKEN in page
        assert "Analyse now" in page

    def test_lists_every_finding(self, client):
        analysis = analyse(make_two_camps())
        page = read(client, f"/analyses/{analysis.reference}")
        for finding in analysis.findings.all():
            assert f"/findings/{finding.reference}" in page

    def test_gives_out_the_exact_bytes_of_its_result(self, client):
        analysis = analyse(make_two_camps())
        response = client.get(f"/analyses/{analysis.reference}/result.json")
        assert response["Content-Type"] == "application/json"
        assert hashlib.sha256(response.content).hexdigest() == analysis.result.sha256

    def test_gives_out_its_map(self, client):
        analysis = analyse(make_two_camps())
        response = client.get(f"/analyses/{analysis.reference}/map.svg")
        assert response["Content-Type"].startswith("image/svg+xml")
        assert b"Group B, 16 people" in response.content

    def test_has_no_map_and_no_result_where_there_is_none(self, client, alice):
        few = analyse(make_votes([[1]] * 3))
        assert client.get(f"/analyses/{few.reference}/map.svg").status_code == 404
        client.force_login(alice)
        waiting = start_analysis(consultation=make_two_camps(), by=None, now=NOW)
        assert client.get(f"/analyses/{waiting.reference}/result.json").status_code == 404

    def test_has_data(self, client):
        analysis = analyse(make_two_camps())
        data = json.loads(read(client, f"/r/{analysis.reference}.json"))
        assert data["result_sha256"] == analysis.result.sha256
        assert data["summary"]["k"] == 2


class TestFinding:
    @pytest.mark.parametrize("kind", [Finding.Kind.CONSENSUS, Finding.Kind.DIVISION, Finding.Kind.POSITION])
    def test_shows_its_claim_its_figures_and_what_it_rests_on(self, client, kind):
        analysis = analyse(make_two_camps())
        finding = analysis.findings.filter(kind=kind).first()
        page = read(client, f"/findings/{finding.reference}")
        assert "Group A" in page
        assert "95\u00a0% interval" in page or "95 % interval" in page
        assert all(f"/statements/{statement.reference}" in page for statement in finding.statements.all())
        assert f"/trail/{finding.reference}" in page
        assert "Propose a change" not in page

    def test_can_be_cited_by_those_who_work_here(self, client, bob, charlie):
        finding = analyse(make_two_camps()).findings.first()
        client.force_login(charlie)
        assert "Propose a change" not in read(client, f"/findings/{finding.reference}")
        client.force_login(bob)
        page = read(client, f"/findings/{finding.reference}")
        assert 'action="/changes/new"' in page
        assert f'name="evidence" value="{finding.reference}"' in page

    def test_says_that_the_votes_were_analysed_again(self, client):
        consultation = make_two_camps()
        old = analyse(consultation).findings.first()
        assert "analysed again since" not in read(client, f"/findings/{old.reference}")
        analyse(consultation)
        assert "analysed again since" in read(client, f"/findings/{old.reference}")

    def test_is_not_found_where_there_is_none(self, client):
        read(client, "/findings/FND-99", 404)

    def test_has_data(self, client):
        finding = analyse(make_two_camps()).findings.first()
        data = json.loads(read(client, f"/r/{finding.reference}.json"))
        assert data["finding_kind"] == finding.kind
        assert data["figures"] == finding.figures
        assert data["statements"] == [finding.statements.get().reference]


class TestElsewhere:
    def test_the_consultation_leads_to_its_results_and_gives_the_desk_the_button(self, client, alice):
        consultation = make_two_camps()
        path = f"/consultations/{consultation.reference}"
        assert "Analyse now" not in read(client, path)
        client.force_login(alice)
        assert "Analyse now" in read(client, path)
        analyse(consultation)
        client.logout()
        assert results_of(consultation) in read(client, path)

    def test_the_statement_names_the_findings_that_rest_on_it(self, client):
        finding = analyse(make_two_camps()).findings.first()
        statement = finding.statements.get()
        assert f"/findings/{finding.reference}" in read(client, f"/statements/{statement.reference}")

    def test_the_desk_sees_what_failed(self, client, alice):
        analysis = start_analysis(consultation=make_two_camps(), by=None, now=NOW)
        Analysis.objects.update(state="failed", error=BROKEN)
        client.force_login(alice)
        assert f"/analyses/{analysis.reference}" in read(client, "/desk")

    def test_home_shows_the_latest_findings(self, client):
        finding = analyse(make_two_camps()).findings.first()
        assert f"/findings/{finding.reference}" in read(client, "/")
