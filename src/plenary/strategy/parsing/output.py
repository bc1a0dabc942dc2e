"""Prints a parsed strategy as plain data for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .model import ParsedClause, ParsedStrategy


def to_json(parsed: ParsedStrategy) -> dict[str, Any]:
    """The tree and everything that was doubtful as dictionaries, lists, strings and numbers."""
    return {
        "title": parsed.title,
        "edition": parsed.edition,
        "language": parsed.language,
        "clauses": [_clause(clause) for clause in parsed.clauses],
        "occurrences": [asdict(occurrence) for occurrence in parsed.occurrences],
        "doubts": [{**asdict(doubt), "refs": list(doubt.refs)} for doubt in parsed.doubts],
        "counts": asdict(parsed.statistics),
    }


def _clause(clause: ParsedClause) -> dict[str, Any]:
    return {
        "kind": clause.kind,
        "ref": clause.ref,
        "number": clause.number,
        "title": clause.title,
        "text": clause.text,
        "line": clause.line,
        "children": [_clause(child) for child in clause.children],
    }
