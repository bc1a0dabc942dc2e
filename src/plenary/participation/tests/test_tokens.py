import hashlib

import pytest
from django.core import signing

from plenary.participation import tokens
from plenary.participation.tokens import Voter


def test_a_token_is_read_back_as_the_hash_of_its_random_part():
    first, second = tokens.mint(1), tokens.mint(1)
    assert first != second
    assert tokens.read(first, 1) == tokens.read(first, 1) != tokens.read(second, 1)
    assert len(tokens.read(first, 1)) == 32


def test_only_the_hash_can_be_stored():
    random = first_part = tokens.mint(1).split(":")[0]
    import base64

    random = base64.urlsafe_b64decode(first_part + "=")
    assert len(random) == 32
    signed = signing.Signer(
        key=__import__("django.conf").conf.settings.PLENARY_TOKEN_KEY,
        salt="plenary.participation.token.1",
        fallback_keys=[],
    ).sign(first_part)
    assert tokens.read(signed, 1) == hashlib.sha256(random).digest()


@pytest.mark.parametrize("token", ["", "x", "a:b", "ünsinn:ü", ":" * 500])
def test_what_we_did_not_sign_is_nobody(token):
    assert tokens.read(token, 1) is None


def test_a_token_is_bound_to_its_consultation():
    assert tokens.read(tokens.mint(1), 2) is None


def test_a_token_survives_a_change_of_the_secret_key_only(settings):
    token = tokens.mint(1)
    settings.SECRET_KEY = "another"
    assert tokens.read(token, 1)
    settings.SECRET_KEY_FALLBACKS = [settings.PLENARY_TOKEN_KEY]
    settings.PLENARY_TOKEN_KEY = "another"
    assert tokens.read(token, 1) is None


def test_a_voter_is_an_account_or_a_token():
    with pytest.raises(ValueError, match="either"):
        Voter()
