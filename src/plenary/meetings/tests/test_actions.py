from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from plenary.kit.errors import Refused
from plenary.meetings import actions
from plenary.meetings.models import Decision, Meeting
from plenary.records.actions import create_record
from plenary.records.tests.factories import make_source

from .factories import make_decision, make_item, make_meeting

pytestmark = pytest.mark.django_db


def verbs(thing) -> list[str]:
    return list(thing.record.events.order_by("id").values_list("verb", flat=True))


def test_desk_and_committee_hold_meetings(alice, dora, bob, charlie):
    for person in (alice, dora):
        assert verbs(make_meeting(by=person)) == ["called"]
    for person in (bob, charlie):
        with pytest.raises(PermissionDenied):
            make_meeting(by=person)
    assert Meeting.objects.count() == 2


def test_items_keep_the_order_in_which_they_came_and_stand_once(alice, now):
    meeting, study = make_meeting(), make_source().record
    first, second = make_item(meeting, study), make_item(meeting)
    assert (first.order, second.order) == (1, 2)
    assert actions.put_on_agenda(meeting=meeting, record=study, by=alice, now=now) == first
    assert verbs(meeting) == ["called", "put on the agenda", "put on the agenda"]


def test_only_what_a_person_may_see_goes_on_an_agenda(dora, office, now):
    draft = create_record(
        kind="source", title=None, by=None, now=now, visibility="organization", organization=office
    )
    with pytest.raises(PermissionDenied):
        actions.put_on_agenda(meeting=make_meeting(), record=draft, by=dora, now=now)


def test_a_meeting_does_not_look_at_itself(alice, now):
    meeting = make_meeting()
    with pytest.raises(Refused):
        actions.put_on_agenda(meeting=meeting, record=meeting.record, by=alice, now=now)


def test_a_decision_has_a_day_or_says_what_it_waits_for(office):
    with pytest.raises(Refused, match="needs a day"):
        make_decision(office, due=None)
    decision = make_decision(office, due=None, trigger="The register is public.")
    assert (decision.reference, decision.state, verbs(decision)) == ("DEC-1", "open", ["decided"])


def test_nothing_is_decided_for_a_day_that_has_passed(office, now):
    today = now.date()
    with pytest.raises(Refused, match="has passed"):
        make_decision(office, due=today - timedelta(days=1))
    assert not Decision.objects.exists()
    assert make_decision(office, due=today).due == today


def test_a_decision_is_as_public_as_its_meeting(office):
    item = make_item(make_meeting(visibility="staff"))
    assert make_decision(office, item).record.visibility == "staff"
    assert make_decision(office).record.visibility == "public"


def test_a_meeting_that_lies_ahead_decides_nothing(office, now):
    today = now.date()
    item = make_item(make_meeting(held_on=today + timedelta(days=1)))
    with pytest.raises(Refused, match="takes place on 11 March 2026"):
        make_decision(office, item)
    make_decision(office, item, now=now + timedelta(days=1))
    ended = {"decision": Decision.objects.get(), "state": "done", "outcome": "Done.", "language": "en"}
    with pytest.raises(Refused, match="takes place"):
        actions.close_decision(**ended, by=None, now=now)
    actions.close_decision(**ended, by=None, now=now + timedelta(days=1))


def test_strangers_decide_nothing(office, bob, charlie):
    item = make_item()
    for person in (bob, charlie):
        with pytest.raises(PermissionDenied):
            make_decision(office, item, by=person)


def test_a_decision_ends_once_with_what_came_of_it(office, dora, bob, now):
    decision = make_decision(office)
    ended = {"decision": decision, "state": "done", "language": "en", "now": now}
    with pytest.raises(PermissionDenied):
        actions.close_decision(**ended, outcome="Published.", by=bob)
    with pytest.raises(Refused, match="what came of it"):
        actions.close_decision(**ended, outcome=" ", by=dora)
    with pytest.raises(Refused, match="done or as dropped"):
        actions.close_decision(**ended | {"state": "open"}, outcome="Published.", by=dora)
    actions.close_decision(**ended, outcome="Published.", by=dora)
    decision = Decision.objects.get()
    assert (decision.state, decision.outcome.body, verbs(decision)) == (
        "done",
        "Published.",
        ["decided", "closed"],
    )
    with pytest.raises(Refused, match="already"):
        actions.close_decision(**ended, outcome="Again.", by=dora)
