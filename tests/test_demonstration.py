"""The demonstration tells one whole story, and the trail runs through all of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.test import RequestFactory
from django.utils import timezone

from plenary.insight.models import Analysis
from plenary.kit import desk
from plenary.kit.desk import Urgency
from plenary.participation.models import Flag, GapStep, Statement, Vote
from plenary.records.models import Event, EvidenceLink, Record
from plenary.reports.queries import get_trail, trail_as_data
from plenary.site.demo.loader import Story, accounts
from plenary.strategy.models import Change, Version

pytestmark = pytest.mark.django_db


NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def tell() -> Story:
    told = Story(now=NOW, password="only for this test")
    for chapter in told.chapters():
        chapter()
    return told


def what_is_told() -> dict[str, list]:
    """Everything but secrets and the numbers that a database gives its rows."""
    return {
        "records": list(
            Record.objects.order_by("reference").values_list(
                "reference", "visibility", "title__body", "created_at"
            )
        ),
        "events": list(
            Event.objects.order_by("id").values_list("record__reference", "verb", "at", "actor__email")
        ),
        "votes": sorted(
            Vote.objects.values_list("statement__record__reference", "value", "at", "language", "n")
        ),
        "evidence": list(
            EvidenceLink.objects.order_by("id").values_list(
                "source__reference", "target__reference", "stance"
            )
        ),
    }


def test_the_story_is_whole_and_told_alike_every_time(client, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with transaction.atomic():
        tell()
        first = what_is_told()
        transaction.set_rollback(True)
    assert not Record.objects.exists()
    story = tell()
    second = what_is_told()
    assert len(first["votes"]) > 4000 and len(first["events"]) > 100
    for kind in first:
        assert first[kind] == second[kind], kind
    it_holds_what_a_visitor_looks_for(story, client)


def it_holds_what_a_visitor_looks_for(story, client):
    assert list(Version.objects.order_by("number").values_list("state", flat=True)) == ["adopted", "adopted"]
    states = sorted(Change.objects.values_list("state", flat=True))
    assert states == ["accepted", "accepted", "proposed", "rejected"]
    assert {analysis.state for analysis in Analysis.objects.all()} == {"done"}
    groups = {
        analysis.consultation.reference: len(analysis.summary["groups"])
        for analysis in Analysis.objects.all()
    }
    assert sorted(groups.values()) == [1, 4], "one consultation divides, the other honestly does not"
    # Three groups, and a campaign that stands as a fourth until the desk has judged it.
    flag = Flag.objects.get()
    assert (flag.signal, flag.state, flag.size) == ("copies", "proposed", 30)
    assert GapStep.objects.exists()
    assert Vote.objects.count() > 4000
    assert set(Vote.objects.values_list("language", flat=True)) == {"ar", "en", "es", "fr", "ru", "zh"}
    written = Statement.objects.values_list("record__title__source_language", flat=True)
    assert set(written) == {"ar", "en", "es", "fr", "ru", "zh"}
    everybody_has_something_to_do(story)
    assert set(Statement.objects.values_list("moderation", flat=True)) == {
        "accepted",
        "merged",
        "rejected",
        "waiting",
    }
    assert [review.completion for review in story.reviews.values()].count("no_evidence") == 1
    the_line_runs_from_a_sentence_to_a_decision_and_back()
    every_page_answers(client)


def everybody_has_something_to_do(story):
    found: dict[str, set[Urgency]] = {}
    for person in story.story["people"]:
        request = RequestFactory().get("/desk")
        request.user = story.users[person["email"].split("@")[0]]
        sections = {section.urgency for section in desk.gather(request, NOW).sections}
        found.setdefault(person["role"], set()).update(sections - {Urgency.BEGIN})
    assert len(found) == 7 and [role for role, urgencies in found.items() if not urgencies] == []
    assert set().union(*found.values()) == set(Urgency) - {Urgency.BEGIN}


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
