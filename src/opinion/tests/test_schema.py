"""The JSON Schema describes what results are: every property, and nothing that is not there."""

import json
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import Statement, Votes, analyze, read_votes, schema

from .conftest import planted
from .test_analysis import DEGENERATE, MODES


def closed(part, *, here=True):
    """The same schema, in which a property that it does not describe is an error, wherever objects are used."""
    out = {}
    for key, value in part.items():
        if key in ("properties", "$defs"):
            out[key] = {name: closed(inner, here=key == "properties") for name, inner in value.items()}
        elif key in ("allOf", "anyOf", "oneOf", "prefixItems"):
            out[key] = [closed(inner, here=key != "allOf") for inner in value]
        elif key in ("items", "if", "then", "else", "additionalProperties") and isinstance(value, dict):
            out[key] = closed(value, here=key in ("items", "additionalProperties"))
        else:
            out[key] = value
    if here and {"properties", "$ref", "allOf"} & set(part):
        out.setdefault("unevaluatedProperties", False)
    return out


CHECK = jsonschema.Draft202012Validator(closed(schema()))


def faults(result):
    data = json.loads(result.to_json())
    return [f"{error.json_path}: {error.message[:200]}" for error in CHECK.iter_errors(data)]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_schema_can_be_had_by_its_name():
    names = [entry.name for entry in (files("opinion") / "schema").iterdir() if entry.name.endswith(".json")]
    for name in names:
        assert schema(name.removesuffix("-1.json"))["$schema"].endswith("2020-12/schema")
    with pytest.raises(KeyError, match="no schema of 'nothing'"):
        schema("nothing")


def test_every_section_stands_in_the_schema_of_the_result():
    folder = files("opinion") / "schema"
    sections = {entry.name for entry in folder.iterdir() if entry.name.endswith("-1.json")} - {
        "result-1.json"
    }
    properties = json.loads((folder / "result-1.json").read_text("utf-8"))["properties"]
    assert {
        one["$ref"] for one in properties.values() if not one.get("$ref", "#").startswith("#")
    } == sections


def described(part, path=""):
    """Places of properties without a description, those reached by reference included."""
    missing = []
    for name, inner in part.get("properties", {}).items():
        at = f"{path}.{name}"
        if isinstance(inner, dict):
            reference = inner.get("$ref", "")
            if "description" not in inner and not reference and "const" not in inner:
                missing.append(at)
            missing += described(inner, at)
    for key in ("items", "additionalProperties"):
        if isinstance(part.get(key), dict):
            missing += described(part[key], f"{path}.{key}")
    for name, inner in part.get("$defs", {}).items():
        missing += described(inner, f"{path}.$defs.{name}")
    return missing


def test_every_property_is_described():
    assert described(schema()) == []
    assert described({"properties": {"a": {"type": "string"}}}) == [".a"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", DEGENERATE)
def test_results_of_degenerate_votes_are_as_described(name, mode):
    assert faults(analyze(Votes.from_arrays(*DEGENERATE[name]), mode=mode)) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_results_are_as_described(groups, mode):
    votes, _ = planted(150, 25, groups, seed=3)
    out = [Statement("0", moderated=-1), Statement("1", is_meta=True)]
    first = analyze(votes, mode=mode, statements=out)
    assert faults(first) == []
    assert faults(analyze(votes, mode=mode, previous=first)) == []


def test_all_kinds_of_findings_are_looked_at():
    kinds = {finding.kind for mode in MODES for g in (1, 2, 3)
             for finding in analyze(planted(150, 25, g, seed=3)[0], mode=mode).findings}  # fmt: skip
    assert kinds >= {"consensus", "division", "position", "uncertain"}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 8), st.sampled_from([-1, 0, 1])), max_size=150),
    st.sampled_from(MODES),
)
def test_any_result_is_as_described(rows, mode):
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    assert faults(analyze(Votes.from_arrays(*map(list, columns)), mode=mode)) == []


@pytest.mark.parametrize("change", [{"k": -1}, {"mode": "other"}, {"input_sha256": "no"}, {"new": 1}])
def test_the_check_sees_what_is_wrong(two_groups, change):
    data = analyze(two_groups).to_dict() | change
    assert list(CHECK.iter_errors(data))


def test_the_check_sees_a_wrong_part(two_groups):
    for path, value in (
        (("participants", 0, "confidence"), 1.5),
        (("statements", 0, "agree"), -1),
        (("findings", 0, "figures", "unknown"), 1),
        (("statements", 0, "per_group", 0, "unknown"), 1),
    ):
        data = analyze(two_groups).to_dict()
        *way, last = path
        part = data
        for step in way:
            part = part[step]
        part[last] = value
        assert list(CHECK.iter_errors(data)), path


@pytest.mark.parametrize("mode", MODES)
def test_real_results_are_as_described(conversations, mode):
    votes = read_votes(conversations / "scoop-hivemind.freshwater" / "tidy" / "votes.csv").votes
    assert faults(analyze(votes, mode=mode)) == []
