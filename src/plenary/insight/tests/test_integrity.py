"""Signs of coordination: found with every analysis, judged by a person, never deleting; results with and without."""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from plenary.insight import actions, queries
from plenary.insight.models import Comparison
from plenary.kit.errors import Refused
from plenary.participation.actions import Found, judge_flag, propose_flags
from plenary.participation.models import Flag, Participant, Vote
from plenary.participation.queries import (
    count_shares,
    count_waiting_flags,
    list_flagged_participants,
    list_votes_for_analysis,
)
from plenary.participation.tests.factories import make_consultation, make_statements
from plenary.records.tests.factories import NOW

from .factories import analyse

pytestmark = pytest.mark.django_db
CAMPAIGN = 30


@pytest.fixture
def consultation():
    """Two hundred people with opinions of their own, and thirty ballots alike, cast within two minutes."""
    chance = random.Random(8)
    consultation = make_consultation(opens_at=NOW - timedelta(days=30))
    statements = make_statements(consultation, *[f"Idea {number}." for number in range(24)])
    people = Participant.objects.bulk_create(
        Participant(consultation=consultation, terms="1", since=NOW.date()) for _ in range(200 + CAMPAIGN)
    )
    leaning = [[chance.choice((0.2, 0.5, 0.8)) for _ in statements] for _ in range(2)]
    copied = [chance.choice((1, -1)) for _ in statements]
    votes = []
    for place, person in enumerate(people):
        is_copy = place >= 200
        start = NOW - timedelta(days=2) if is_copy else NOW - timedelta(minutes=chance.randrange(40_000))
        at = start + timedelta(seconds=3 * (place - 200) if is_copy else 0)
        for number, statement in enumerate(statements):
            if not is_copy and chance.random() < 0.3:
                continue
            value = (
                copied[number] if is_copy else chance.choices((1, -1), (leaning[place % 2][number], 0.5))[0]
            )
            at += timedelta(seconds=1 if is_copy else chance.randint(4, 30))
            votes.append(Vote(participant=person, statement=statement, value=value, at=at))
    Vote.objects.bulk_create(sorted(votes, key=lambda vote: vote.at))
    return consultation


@pytest.fixture
def flag(consultation):
    analyse(consultation)
    return Flag.objects.get(signal="copies")


def judge(flag, by, verdict="confirmed", reason="The same ballot, within two minutes.", **changes):
    given = {"flag": flag, "verdict": verdict, "reason": reason, "seen": flag.state, "by": by, "now": NOW}
    return actions.judge(**given | changes)


class TestFinding:
    def test_a_planted_campaign_is_proposed_and_nothing_is_deleted(self, consultation):
        votes = Vote.objects.count()
        analysis = analyse(consultation)
        flag = Flag.objects.get(signal="copies")
        assert flag.state == "proposed"
        copies = set(Participant.objects.order_by("-pk").values_list("pk", flat=True)[:CAMPAIGN])
        assert set(flag.participants.values_list("pk", flat=True)) == copies
        assert flag.figures["span_seconds"] == 3 * (CAMPAIGN - 1)
        assert flag.statements.exists() and flag.found_by == analysis.record
        assert Vote.objects.count() == votes
        event = consultation.record.events.get(verb="coordination suspected")
        assert event.changes["flags"] == [None, [1]]
        assert analysis.summary["integrity"]["times"]

    def test_who_is_flagged_is_in_no_event_and_in_no_answer(self, client, consultation, flag):
        said = json.dumps([event.changes for event in consultation.record.events.all()])
        page = client.get("/consultations/CON-1/integrity").content.decode()
        told = client.get("/api/v1/consultations/CON-1/integrity").content.decode()
        assert set(json.loads(told)["flags"][0]) == {
            "number", "signal", "state", "participants", "figures", "statements", "found_at", "judged_at", "reason",
        }  # fmt: skip
        assert not {"participant_ids", "members"} & set(json.loads(told)["flags"][0]["figures"])
        assert "30 participants cast nearly identical ballots. They began within 2 minutes." in page
        assert str(list(flag.participants.values_list("pk", flat=True))) not in said + page + told

    def test_the_same_votes_again_propose_nothing_new(self, consultation, flag):
        analyse(consultation)
        assert Flag.objects.filter(signal="copies").count() == 1

    def test_an_error_of_the_search_costs_nobody_the_analysis(self, consultation, monkeypatch):
        def broken(*_args, **_more):
            raise RuntimeError

        monkeypatch.setattr("opinion.integrity.find_signals", broken)
        assert analyse(consultation).state == "done"
        assert not Flag.objects.exists()

    def test_times_come_from_the_database_to_the_millisecond(self, consultation):
        last = Vote.objects.order_by("-id").first()
        people, statements, _values, ms = list_votes_for_analysis(consultation, last.pk)
        known = {
            (person, statement): round(at.timestamp() * 1000)
            for person, statement, at in Vote.objects.order_by("id").values_list(
                "participant", "statement", "at"
            )
        }
        told = zip(people.tolist(), statements.tolist(), strict=True)
        assert len(ms) == len(known)
        assert max(abs(own - known[pair]) for own, pair in zip(ms.tolist(), told, strict=True)) <= 1


class TestProposing:
    @pytest.fixture
    def people(self):
        consultation = make_consultation()
        return Participant.objects.bulk_create(
            Participant(consultation=consultation, terms="1", since=NOW.date()) for _ in range(20)
        )

    def propose(self, people, signal="copies"):
        found = [Found(signal, frozenset(person.pk for person in people))]
        return propose_flags(consultation=people[0].consultation, found=found, source=None, now=NOW)

    def test_a_group_that_waits_is_brought_up_to_date(self, people):
        self.propose(people[:8])
        assert self.propose(people[:10]) == []
        flag = Flag.objects.get()
        assert (flag.size, flag.participants.count()) == (10, 10)

    def test_a_judged_group_stays_as_it_was_judged(self, people, alice):
        flag = self.propose(people[:8])[0]
        judge_flag(flag=flag, verdict="confirmed", reason="So it is.", seen="proposed", by=alice, now=NOW)
        assert self.propose(people[:9]) == []
        new = self.propose(people[:12])[0]
        assert (new.number, new.size, new.state) == (2, 4, "proposed")
        assert Flag.objects.get(number=1).participants.count() == 8

    def test_what_was_dismissed_is_not_proposed_again(self, people, alice):
        flag = self.propose(people[:8])[0]
        judge_flag(
            flag=flag, verdict="dismissed", reason="A school class.", seen="proposed", by=alice, now=NOW
        )
        assert self.propose(people[:8]) == []

    def test_another_signal_is_another_flag(self, people):
        self.propose(people[:8])
        assert [flag.number for flag in self.propose(people[:8], "fast")] == [2]


class TestJudging:
    def test_a_verdict_stands_with_reason_person_and_event(self, consultation, flag, alice):
        judged = judge(flag, alice)
        assert (judged.state, judged.judged_by) == ("confirmed", alice)
        event = consultation.record.events.get(verb="flag judged")
        assert event.changes["verdict"] == ["proposed", "confirmed"]
        assert len(list_flagged_participants(consultation)) == CAMPAIGN

    def test_a_verdict_is_revised(self, consultation, flag, alice):
        judge(flag, alice)
        flag.refresh_from_db()
        assert judge(flag, alice, "dismissed", "It was a class.").state == "dismissed"
        assert list_flagged_participants(consultation) == frozenset()

    @pytest.mark.parametrize(
        "changes", [{"reason": " "}, {"verdict": "deleted"}, {"verdict": "proposed"}, {"seen": "confirmed"}]
    )
    def test_what_is_no_judgement_changes_nothing(self, flag, alice, changes):
        with pytest.raises(Refused):
            judge(flag, alice, **changes)
        flag.refresh_from_db()
        assert flag.state == "proposed"

    def test_others_do_not_judge(self, flag, charlie):
        with pytest.raises(PermissionDenied):
            judge(flag, charlie)


class TestComparison:
    def test_both_sides_are_kept_and_go_when_nobody_is_flagged_any_more(self, consultation, flag, alice):
        analysis = queries.get_latest_analysis(alice, consultation)
        assert actions.run_comparison(analysis=analysis, now=NOW) is None
        judge(flag, alice)
        made = actions.run_comparison(analysis=analysis, now=NOW)
        assert made.figures["with"]["participants"] == 230
        assert made.figures["without"]["participants"] == 200
        assert made.figures["changes"] and made.flags == [1]
        assert analysis.record.events.filter(verb="compared").count() == 1
        flag.refresh_from_db()
        judge(flag, alice, "dismissed", "It was a class.")
        assert actions.run_comparison(analysis=analysis, now=NOW) is None
        assert not Comparison.objects.exists()

    def test_the_next_analysis_brings_its_own(self, consultation, flag, alice):
        judge(flag, alice)
        assert analyse(consultation).comparison.figures["people"] == CAMPAIGN

    def test_a_verdict_starts_it(self, flag, alice, settings, django_capture_on_commit_callbacks):
        settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
        with django_capture_on_commit_callbacks(execute=True):
            judge(flag, alice)
        assert Comparison.objects.get().flags == [1]


class TestPages:
    def test_the_desk_is_told_and_judges(self, client, alice, consultation, flag):
        client.force_login(alice)
        assert "sign of coordination in" in client.get("/desk").content.decode()
        assert count_waiting_flags(consultation) == Flag.objects.count()
        sent = {"flag": flag.number, "seen": "proposed", "verdict": "confirmed", "reason": "One ballot."}
        url = "/consultations/CON-1/integrity"
        assert client.post(url, sent | {"reason": ""}).status_code == 422
        assert client.post(url, sent | {"verdict": "x"}).status_code == 422
        assert client.post(url, sent | {"flag": 99}).status_code == 404
        assert client.post(url, sent | {"seen": "dismissed"}).status_code == 409
        assert client.post(url, sent).status_code == 302
        client.logout()
        page = client.get(url).content.decode()
        assert "One ballot." in page and "Confirmed by the desk" in page and "alice" not in page

    def test_results_with_and_without_stand_beside_each_other(self, client, alice, consultation, flag):
        assert "Whose votes" not in client.get("/consultations/CON-1/results").content.decode()
        judge(flag, alice)
        analyse(consultation)
        page = client.get("/consultations/CON-1/results").content.decode()
        assert "Without 30 people that vote as one" in page
        without = client.get("/consultations/CON-1/results?without=flagged").content.decode()
        assert "With and without flagged participants" in without
        assert '<td class="num">230</td><td class="num"><strong>200</strong></td>' in without

    def test_the_list_of_statements_counts_with_and_without(self, client, alice, consultation, flag):
        url = "/consultations/CON-1/statements"
        assert "Whose votes are counted here" not in client.get(url).content.decode()
        judge(flag, alice)
        statement = consultation.statements.first()
        everybody = count_shares([statement.pk])[statement.pk].total
        without = count_shares([statement.pk], without_flagged=True)[statement.pk].total
        assert everybody - without == CAMPAIGN
        assert f">{everybody}</td>" in client.get(url).content.decode()
        page = client.get(f"{url}?without=flagged").content.decode()
        assert f">{without}</td>" in page and "Without 30 flagged participants" in page
        assert Vote.objects.filter(statement=statement).count() == everybody

    def test_before_a_search_and_where_nothing_is_found_it_says_so(self, client):
        make_consultation()
        assert "not been searched yet" in client.get("/consultations/CON-1/integrity").content.decode()
        analyse(make_consultation())
        page = client.get("/consultations/CON-2/integrity")
        assert page.status_code == 200

    def test_the_results_lead_to_what_nobody_has_judged(self, client, consultation, flag, alice):
        pages = [f"/consultations/{consultation.reference}/results{end}" for end in ("", "/report")]
        words = "Some of these votes look as if people acted as one, and nobody has judged it yet."
        assert all(words in client.get(page).content.decode() for page in pages)
        judge(flag, alice, "dismissed", "It was a class.")
        assert not any(words in client.get(page).content.decode() for page in pages)

    def test_strangers_read_and_do_not_judge(self, client, charlie, flag):
        client.force_login(charlie)
        assert client.get("/consultations/CON-1/integrity").status_code == 200
        assert client.post("/consultations/CON-1/integrity", {"flag": 1}).status_code == 403
        assert client.get("/consultations/CON-9/integrity").status_code == 404

    def test_a_page_costs_the_same_whatever_there_is(self, client, flag, django_assert_max_num_queries):
        with django_assert_max_num_queries(15):
            client.get("/consultations/CON-1/integrity")
