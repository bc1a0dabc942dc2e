"""JSON Schemas of what the engine writes."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

__all__ = ["schema"]

VERSION = 1


def schema(name: str = "result") -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a result, its sections included, or of one section alone.

    Parameters
    ----------
    name : str
        ``"result"``, or the name of a section as it stands in the JSON: ``"lens"``, ``"slate"``, …

    Returns
    -------
    dict
        A new one at each call, complete in itself: the schemas of the sections are among its ``$defs``.

    Raises
    ------
    KeyError
        If there is no schema of that name.

    Examples
    --------
    >>> schema()["title"]
    'Result of an analysis of votes, version 1'
    """
    there = _names()
    if name not in there:
        raise KeyError(f"there is no schema of {name!r}, but of {', '.join(sorted(there))}")
    whole = _load(name)
    if name == "result":
        properties, definitions = whole["properties"], whole["$defs"]
        for section in sorted(there - {"result"}):
            file = _file(section)
            properties.setdefault(section, {"$ref": file})
            definitions[file] = _load(section) | {"$id": whole["$id"].rpartition("/")[0] + "/" + file}
    return whole


def _file(name: str) -> str:
    return f"{name}-{VERSION}.json"


def _names() -> set[str]:
    end = _file("")
    folder = files(__package__) / "schema"
    return {entry.name.removesuffix(end) for entry in folder.iterdir() if entry.name.endswith(end)}


def _load(name: str) -> dict[str, Any]:
    data = json.loads((files(__package__) / "schema" / _file(name)).read_text("utf-8"))
    assert isinstance(data, dict)
    return data
