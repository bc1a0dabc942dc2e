"""The local references of clauses in addresses: C3."""

from __future__ import annotations


class LocalReference:
    regex = "[GPCST][1-9][0-9]{0,8}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
