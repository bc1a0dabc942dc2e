from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from plenary.kit.errors import Refused
from plenary.people import actions, queries
from plenary.people.models import Token
from plenary.people.tokens import MOST_TOKENS, hash_of

from .factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/account/tokens"


def make(user, now, **more):
    facts = {"name": "report", "scopes": ["read"], "expires_at": now + timedelta(days=30), "now": now}
    return actions.create_token(user=user, **facts | more)


def entered(**more):
    day = timezone.localdate() + timedelta(days=30)
    return {"name": "monthly report", "scopes": ["read", "write"], "last_day": day.isoformat()} | more


def test_only_the_hash_of_a_secret_is_kept(charlie, now):
    token, secret = make(charlie, now)
    kept = [str(value) for row in Token.objects.values_list() for value in row]
    assert secret.startswith("plenary_") and len(secret) > 40
    assert not [value for value in kept if secret in value]
    assert token.hash == hash_of(secret)
    assert queries.get_token(secret, now) == token
    assert queries.get_token(secret + "x", now) is None


def test_a_token_ends(charlie, now):
    token, secret = make(charlie, now)
    assert queries.get_token(secret, token.expires_at - timedelta(seconds=1))
    assert queries.get_token(secret, token.expires_at) is None
    actions.revoke_token(token=token)
    assert queries.get_token(secret, now) is None


def test_what_no_token_can_be_is_refused(charlie, now):
    for wrong in (
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at": now},
        {"expires_at": now + timedelta(days=400)},
    ):
        with pytest.raises(Refused):
            make(charlie, now, **wrong)
    for _ in range(MOST_TOKENS):
        make(charlie, now)
    with pytest.raises(Refused, match="as many tokens"):
        make(charlie, now)
    make(make_user("dora"), now)


def test_the_day_of_use_is_written_once_a_day(charlie, now, django_assert_num_queries):
    token, _secret = make(charlie, now)
    for used, writes in ((now, 1), (now, 0), (now + timedelta(days=1), 1)):
        token.refresh_from_db()
        with django_assert_num_queries(writes):
            actions.note_use_of_token(token=token, today=used.date())
    token.refresh_from_db()
    assert token.last_used_on == (now + timedelta(days=1)).date()


def test_a_person_makes_a_token_sees_its_secret_once_and_revokes_it(client, charlie):
    client.force_login(charlie)
    assert "You have no tokens" in client.get(ADDRESS).content.decode()
    made = client.post(ADDRESS, entered())
    token = charlie.tokens.get()
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert token.last_day == timezone.localdate() + timedelta(days=30)
    page = client.get(ADDRESS).content.decode()
    assert secret not in page and "monthly report" in page and "never" in page
    header = {"authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/account", headers=header).status_code == 200
    assert "never" not in client.get(ADDRESS).content.decode()
    assert client.post(f"{ADDRESS}/{token.pk}/revoke")["Location"] == ADDRESS
    assert client.get("/api/v1/account", headers=header).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"last_day": "soon"},
        {"last_day": "2020-01-01"},
        {"last_day": "2999-01-01"},
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field_and_kept(client, charlie, wrong):
    client.force_login(charlie)
    answer = client.post(ADDRESS, entered(**wrong))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not charlie.tokens.exists()


def test_too_many_is_refused_and_what_was_typed_stays(client, charlie):
    for _ in range(MOST_TOKENS):
        make(charlie, timezone.now())
    client.force_login(charlie)
    answer = client.post(ADDRESS, entered())
    assert answer.status_code == 409
    assert 'value="monthly report"' in answer.content.decode()


def test_tokens_are_ones_own(client, charlie, bob, now):
    token, _secret = make(bob, now)
    assert client.get(ADDRESS)["Location"].startswith("/account/sign-in")
    client.force_login(charlie)
    assert client.post(f"{ADDRESS}/{token.pk}/revoke").status_code == 404
    assert client.get(f"{ADDRESS}/{token.pk}/revoke").status_code == 405
    assert bob.tokens.count() == 1
