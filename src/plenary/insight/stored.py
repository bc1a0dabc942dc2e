"""Stored results, read without what a million people would make heavy. No database in here."""

from __future__ import annotations

import json
import re
from typing import Any

_LAST_PERSON = re.compile(r'"y":[-+.\deE]+\}\]')  # within a string the quotation marks would be escaped
_ONE_PERSON = '{"confidence":'


def read_head(content: bytes) -> dict[str, Any]:
    """A result without the rows of its people, of whom it says how many they are: ``{"length": 12}``.

    They are most of the bytes of a large result, and as Python's objects ten times as many.
    """
    text, decode = content.decode(), json.JSONDecoder().raw_decode
    found: dict[str, Any] = {}
    at = 1
    while text[at] != "}":
        name, at = decode(text, at)
        if name == "participants":
            end = text.index("]", at) if text.startswith("[]", at + 1) else _end_of_people(text, at + 1)
            found[name] = {"length": text.count(_ONE_PERSON, at, end)}
            at = end + 1
        else:
            found[name], at = decode(text, at + 1)
        at += text[at] == ","
    return found


def _end_of_people(text: str, start: int) -> int:
    last = _LAST_PERSON.search(text, start)
    assert last is not None, "no result of the engine"
    return last.end() - 1
