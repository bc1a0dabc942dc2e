"""The code and the published page say the same: the vectors are read from docs/formats/vote-1.md."""

import hashlib
import json
import random
import re
from datetime import date
from pathlib import Path

import pytest

from plenary.participation import formats

PAGE = (Path(__file__).parents[4] / "docs" / "formats" / "vote-1.md").read_text("utf-8")
VECTORS = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["row"])
def test_the_code_makes_the_published_bytes(vector):
    vote = {"statement": vector["statement"], "n": vector["n"], "value": vector["value"]}
    day = date.fromisoformat(vector["day"])
    salt = formats.salt_of(
        secret=bytes.fromhex(vector["secret"]), statement=vector["statement"], n=vector["n"]
    )
    commitment = formats.commitment_of(salt=salt, consultation=vector["consultation"], day=day, **vote)
    leaf = formats.leaf_of(consultation=vector["consultation"], commitment=commitment)
    assert salt.hex() == vector["salt"]
    assert commitment.hex() == vector["commitment"]
    assert leaf.hex() == vector["leaf"]
    assert formats.leaf_hash(leaf).hex() == vector["leaf_hash"]
    assert formats.vote_row(participant=vector["participant"], day=day, **vote) == vector["row"]
    assert formats.opening_row(day=day, salt=salt, **vote) == vector["opening"]


def test_the_page_can_be_followed_without_our_code():
    """Written out from the page's words alone, for the first vector."""
    vector = VECTORS[0]

    def pack(*fields):
        return b"".join(bytes([len(field) // 256, len(field) % 256]) + field for field in fields)

    fields = [str(vector[name]).encode() for name in ("consultation", "statement", "n", "value", "day")]
    salt = bytes.fromhex(vector["salt"])
    commitment = hashlib.sha256(pack(b"plenary vote/1 commitment", salt, *fields)).digest()
    leaf = pack(b"plenary vote/1 leaf", fields[0], commitment)
    assert hashlib.sha256(b"\0" + leaf).hexdigest() == vector["leaf_hash"]


def test_the_page_states_the_headers_of_the_code():
    assert f"    {formats.ROW_HEADER}\n" in PAGE
    assert f"    {formats.OPENING_HEADER}\n" in PAGE


def test_packed_fields_cannot_run_into_one_another():
    assert formats.pack(b"ab", b"c") != formats.pack(b"a", b"bc") != formats.pack(b"abc")


def test_pseudonyms_are_dense_and_fresh():
    people = [907, 3, 55, 12]
    first = formats.pseudonyms(people, random.Random(1))
    assert sorted(first) == sorted(people)
    assert sorted(first.values()) == [1, 2, 3, 4]
    assert first != formats.pseudonyms(people, random.Random(2))
    assert people == [907, 3, 55, 12]


@pytest.mark.parametrize(("n", "value"), [(-1, 1), (0, 2), (40_000, 0)])
def test_what_is_no_vote_gets_no_bytes(n, value):
    with pytest.raises(ValueError, match="not a vote"):
        formats.vote_row(participant=1, statement="STM-1", n=n, value=value, day=date(2026, 3, 2))


def test_a_secret_has_its_full_length():
    with pytest.raises(ValueError, match="32 bytes"):
        formats.salt_of(secret=b"short", statement="STM-1", n=0)
