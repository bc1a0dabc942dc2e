from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from plenary.delivery import rules
from plenary.people.actions import grant_role
from plenary.people.tests.factories import make_user

from .factories import NOW, make_commitment, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(alice, bob, charlie, dora, erik):
    return {"alice": alice, "bob": bob, "charlie": charlie, "dora": dora, "erik": erik, "": AnonymousUser()}


def allowed(people, rule) -> set[str]:
    return {name for name, person in people.items() if rule(person)}


def test_only_the_desk_runs_rounds(people):
    assert allowed(people, rules.may_run_rounds) == {"alice"}
    assert rules.may_run_rounds(None), "the program itself"


def test_only_the_organizations_people_report_for_it(people, office):
    assert allowed(people, lambda person: rules.may_report_for(person, office)) == {"bob", "erik"}


def test_desk_and_approver_decide_on_a_report_but_not_on_their_own(people, round, commitment, erik):
    report = make_report(round, commitment, "submitted", by=erik)
    assert allowed(people, lambda person: rules.may_decide_on_report(person, report)) == {"alice", "erik"}
    assert allowed(people, lambda person: rules.may_accept_report(person, report)) == {"alice"}


def test_only_the_committee_reviews(people, commitment):
    assert allowed(people, lambda person: rules.may_review(person, commitment)) == {"dora"}


def test_who_reports_for_an_owner_does_not_review(office, commitment, dora, unit, committee):
    shared = make_commitment(unit, commitment.clause, co_owners=[office])
    both = make_user("both", ("committee", committee), ("contributor", office))
    assert not rules.may_review(both, commitment)
    assert not rules.may_review(both, shared)
    assert rules.may_review(dora, shared)


def test_who_once_wrote_a_report_does_not_review_it_after_changing_sides(round, commitment, bob, committee):
    make_report(round, commitment, by=bob)
    bob.memberships.all().delete()
    grant_role(user=bob, organization=committee, role="committee", by=None, now=NOW)
    assert not rules.may_review(bob, commitment)
