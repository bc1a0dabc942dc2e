"""The API's page for people, made of the schema: so it cannot say anything else."""

from __future__ import annotations

import re
from typing import Any

from .api import schema


def described() -> dict[str, Any]:
    """Operations by tag, and the fields of what is told and sent."""
    found = schema()
    tags: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in found["tags"]}
    for address, operations in found["paths"].items():
        for method, operation in operations.items():
            tags[operation["tags"][0]].append(_operation(address, method, operation, found["components"]))
    schemas = [
        {
            "name": name,
            "description": entry.get("description", ""),
            "fields": [_field(each, field) for each, field in entry.get("properties", {}).items()],
        }
        for name, entry in sorted(found["components"]["schemas"].items())
        if "properties" in entry
    ]
    return {"tags": list(tags.items()), "schemas": schemas}


def _operation(
    address: str, method: str, operation: dict[str, Any], components: dict[str, Any]
) -> dict[str, Any]:
    parameters = [
        components["parameters"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for each in operation["parameters"]
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answer = (
        operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema")
    )
    needs = operation["security"][0]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "address": address,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "access": operation["x-access"],
        "scope": needs.get("Token", [""])[0],
        "answer": _type(answer)[0] if answer else "nothing (204)",
        "body": _type(body)[0] if body else "",
        "parameters": [each | {"type": _type(each["schema"])[0]} for each in parameters],
    }


def _field(name: str, field: dict[str, Any]) -> dict[str, str]:
    words, ref = _type(field)
    return {"name": name, "type": words, "ref": ref, "description": field.get("description", "")}


def _type(found: dict[str, Any]) -> tuple[str, str]:
    """A schema in a few words, and the name of the schema that it rests on, if any."""
    if "$ref" in found:
        name = found["$ref"].rpartition("/")[2]
        listed = re.fullmatch(r"Paged_(\w+?)_", name)
        return (f"pages of {listed[1]}", listed[1]) if listed else (name, name)
    for key in ("anyOf", "oneOf"):
        if key in found:
            parts = [_type(one) for one in found[key]]
            return " or ".join(words for words, _ in parts), next((ref for _, ref in parts if ref), "")
    if found.get("type") == "array":
        words, ref = _type(found["items"])
        return f"list of {words}", ref
    if "enum" in found:
        return " · ".join(str(one) for one in found["enum"]), ""
    if "const" in found:
        return str(found["const"]), ""
    return str(found.get("format") or found.get("type") or "anything"), ""
