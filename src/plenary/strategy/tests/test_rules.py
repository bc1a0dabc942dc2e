"""Staff propose; desk and committee decide; nobody decides what she proposed herself."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from plenary.people.tests.factories import make_user
from plenary.strategy import rules
from plenary.strategy.models import Change

STATES = Change.State


def change_of(user, state=STATES.PROPOSED) -> Change:
    return Change(proposed_by=user, state=state)


def test_staff_may_propose_and_strangers_may_not(alice, bob, charlie):
    assert rules.may_propose(alice) and rules.may_propose(bob)
    assert not rules.may_propose(charlie) and not rules.may_propose(AnonymousUser())


def test_desk_and_committee_decide_and_contributors_do_not(alice, bob, charlie, unit):
    carol = make_user("carol", ("committee", unit))
    for user in (alice, carol):
        assert rules.may_review(user, change_of(bob))
        assert rules.may_accept(user, change_of(bob, STATES.REVIEWED))
        assert rules.may_reject(user, change_of(bob))
        assert rules.may_adopt(user, [change_of(bob, STATES.ACCEPTED)])
    for user in (bob, charlie, AnonymousUser()):
        assert not rules.may_review(user, change_of(alice))
        assert not rules.may_accept(user, change_of(alice, STATES.REVIEWED))
        assert not rules.may_reject(user, change_of(alice))
        assert not rules.may_adopt(user, [])


def test_nobody_decides_her_own(alice):
    assert not rules.may_review(alice, change_of(alice))
    assert not rules.may_accept(alice, change_of(alice, STATES.REVIEWED))
    assert not rules.may_reject(alice, change_of(alice))
    assert not rules.may_adopt(alice, [change_of(None), change_of(alice)])


def test_what_is_decided_is_not_decided_again(alice, bob):
    for state in (STATES.ACCEPTED, STATES.REJECTED):
        change = change_of(bob, state)
        assert not rules.may_review(alice, change) and not rules.may_accept(alice, change)
        assert not rules.may_reject(alice, change) and not rules.may_add_evidence(alice, change)
    assert not rules.may_accept(alice, change_of(bob))


def test_only_the_desk_imports(alice, bob, charlie):
    assert rules.may_import(alice)
    assert not rules.may_import(bob) and not rules.may_import(charlie)
