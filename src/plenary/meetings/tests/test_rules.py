from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from plenary.meetings.rules import may_run_meetings


@pytest.mark.django_db
def test_desk_and_committee_run_meetings_and_strangers_do_not(alice, bob, charlie, dora):
    people = {"alice": alice, "bob": bob, "charlie": charlie, "dora": dora, "": AnonymousUser()}
    assert {name for name, person in people.items() if may_run_meetings(person)} == {"alice", "dora"}
