"""The demonstration tells one whole story, and the trail runs through all of it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from plenary.insight.models import Analysis
from plenary.participation.models import Statement, Vote
from plenary.records.models import Record
from plenary.reports.queries import get_trail, trail_as_data
from plenary.site.demo.loader import Story, accounts
from plenary.strategy.models import Change, Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    told = Story(now=timezone.now(), password="only for this test")
    for chapter in told.chapters():
        chapter()
    return told


def test_the_story_is_whole(story, client):
    assert list(Version.objects.order_by("number").values_list("state", flat=True)) == ["adopted", "adopted"]
    assert sorted(Change.objects.values_list("state", flat=True)) == ["accepted", "accepted", "rejected"]
    assert {analysis.state for analysis in Analysis.objects.all()} == {"done"}
    groups = {
        analysis.consultation.reference: len(analysis.summary["groups"])
        for analysis in Analysis.objects.all()
    }
    assert sorted(groups.values()) == [1, 3], "one consultation divides, the other honestly does not"
    assert Vote.objects.count() > 4000
    assert set(Statement.objects.values_list("moderation", flat=True)) == {"accepted", "rejected", "waiting"}
    assert [review.completion for review in story.reviews.values()].count("no_evidence") == 1
    the_line_runs_from_a_sentence_to_a_decision_and_back()
    every_page_answers(client)


def the_line_runs_from_a_sentence_to_a_decision_and_back():
    statement = Statement.objects.filter(findings__record__evidence_for__isnull=False).first().record
    forward = trail_as_data(get_trail(statement, None, "en"))
    kinds = {node["kind"] for node in forward["nodes"]}
    assert {"statement", "finding", "change", "clause", "commitment", "report", "review", "decision"} <= kinds
    decision = Record.objects.get(kind="decision")
    back = {node["reference"] for node in trail_as_data(get_trail(decision, None, "en"))["nodes"]}
    assert {"STR-1.C2", "COM-2"} <= back
    assert any(reference.startswith("FND-") for reference in back)


def every_page_answers(client):
    pages = ["/", "/strategies", "/consultations", "/results", "/commitments", "/rounds", "/meetings"]
    for kind in Record.objects.filter(visibility="public").values_list("kind", flat=True).distinct():
        record = Record.objects.filter(kind=kind, visibility="public").first()
        pages += [record.page_url, f"/r/{record.reference}.json", f"/trail/{record.reference}"]
    for page in pages:
        assert client.get(page, headers={"accept-language": "ar"}).status_code == 200, page


def test_accounts_are_plainly_fictional():
    assert all(email.endswith("@demo.example") for email, _ in accounts())
    assert {"reader", "contributor", "approver", "desk", "committee", "adviser", "administrator"} == {
        role for _, role in accounts()
    }
