from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from plenary.participation import rules

from .factories import NOW, make_consultation

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_only_the_desk_opens_and_moderates(alice, bob, charlie):
    people = (alice, bob, charlie, AnonymousUser())
    assert [rules.may_open_consultation(user) for user in people] == [True, False, False, False]
    assert [rules.may_moderate(user) for user in people] == [True, False, False, False]


def test_votes_are_taken_from_the_opening_to_before_the_end():
    consultation = make_consultation(opens_at=NOW, closes_at=NOW + DAY)
    moments = (NOW - timedelta(seconds=1), NOW, NOW + DAY - timedelta(seconds=1), NOW + DAY)
    assert [rules.may_vote(consultation, now) for now in moments] == [False, True, True, False]


def test_statements_are_taken_where_they_are_wanted_and_while_it_is_open():
    assert rules.may_write(make_consultation(), NOW)
    assert not rules.may_write(make_consultation(takes_statements=False), NOW)
    assert not rules.may_write(make_consultation(closes_at=NOW), NOW)
