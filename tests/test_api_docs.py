"""What docs/api.md shows can be sent: every curl is an operation, with parameters and a body that it takes."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
import pytest

from plenary.site.api import schema

TEXT = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")
CALLS = re.findall(r"^ {4}curl (.+)$", TEXT.replace("\\\n", ""), re.MULTILINE)


def fault_of(call: str) -> str:
    """Why a call would not be taken; empty where it would."""
    words, method, headers, body = shlex.split(call), "get", [], None
    address = words[-1]
    for flag, value in itertools.pairwise(words):
        if flag == "-X":
            method = value.lower()
        elif flag == "-H":
            headers.append(value)
        elif flag == "-d":
            body = json.loads(value)
    parts = urlsplit(address)
    path = parts.path.removeprefix("/api/v1")
    found = next(
        (
            operations[method]
            for pattern, operations in schema()["paths"].items()
            if method in operations and re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path)
        ),
        None,
    )
    if found is None:
        return f"no operation {method} {path}"
    known = {each.get("name", "lang"): each.get("schema", {}) for each in found["parameters"]}
    for name, value in parse_qsl(parts.query):
        if name not in known:
            return f"no parameter {name}"
        if "enum" in known[name] and value not in known[name]["enum"]:
            return f"no value {value} of {name}"
    if {} not in found["security"] and not any(
        header.startswith("Authorization: Bearer ") for header in headers
    ):
        return "no token"
    return _fault_of_body(found, body)


def _fault_of_body(operation, body) -> str:
    if ("requestBody" in operation) != (body is not None):
        return "a body too many or too few"
    if body is None:
        return ""
    wanted = operation["requestBody"]["content"]["application/json"]["schema"]
    check = jsonschema_rs.validator_for({"components": schema()["components"], **wanted})
    return "; ".join(error.message for error in check.iter_errors(body))


@pytest.mark.parametrize("call", CALLS)
def test_what_the_documentation_shows_can_be_sent(call):
    assert fault_of(call) == ""


@pytest.mark.parametrize(
    "call",
    [
        "https://plenary.example.org/api/v1/nothing",
        "https://plenary.example.org/api/v1/records?page=2",
        "https://plenary.example.org/api/v1/records?sort=title",
        "-X PUT https://plenary.example.org/api/v1/records/STM-1/follow",
        "-X PUT -H 'Authorization: Bearer x' -d '{\"mood\": 1}' https://plenary.example.org/api/v1/reports/REP-1",
    ],
)
def test_the_check_sees_what_cannot_be_sent(call):
    assert fault_of(call)


def test_the_calls_are_found():
    assert len(CALLS) > 10
