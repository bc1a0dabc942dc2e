"""Filters of a list as its address says them: shareable, kept while paging, each one removable by a link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

LONGEST = 100  # signs of a search; what is longer is no search but a text


@dataclass(frozen=True)
class Search:
    """Words to look for."""

    label: Any
    name: str = "q"
    kind: str = "search"


@dataclass(frozen=True)
class Choice:
    """One of some values, or with ``many`` any of them. The first option of a list in an order is what an empty
    address means: give it an empty value, and it is never shown as applied."""

    name: str
    label: Any
    options: Sequence[tuple[str, Any]]
    many: bool = False

    @property
    def kind(self) -> str:
        return "many" if self.many else "one"


@dataclass(frozen=True)
class Applied:
    label: Any
    value: Any
    without: str
    """The address without it."""


class Filters:
    """What an address asks of a list. What it does not know it leaves out, and says nothing about it."""

    def __init__(self, query: QueryDict, *parts: Search | Choice) -> None:
        self.query = query
        self.parts = parts
        self._values = {part.name: list(self._read(part)) for part in parts}

    def _read(self, part: Search | Choice) -> Iterator[str]:
        given = self.query.getlist(part.name)
        if isinstance(part, Search):
            yield from [
                " ".join(value.split()) for value in given[-1:] if value.strip() and len(value) <= LONGEST
            ]
        else:
            known = {value for value, _ in part.options if value}
            chosen = [value for value in dict.fromkeys(given) if value in known]
            yield from chosen if part.many else chosen[-1:]

    def __getitem__(self, name: str) -> str:
        """The one value of a filter; empty where it is not set."""
        return next(iter(self._values[name]), "")

    def values(self, name: str) -> list[str]:
        return self._values[name]

    def __bool__(self) -> bool:
        return any(self._values.values())

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The parts of the form: what each is called, and what is chosen in it."""
        return [
            {
                "name": part.name,
                "label": part.label,
                "kind": part.kind,
                "value": self[part.name],
                "options": [
                    (value, label, value in self._values[part.name])
                    for value, label in getattr(part, "options", ())
                ],
            }
            for part in self.parts
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Other parameters of the address, which the form sends along; a new list begins at its first page."""
        names = {"page", *self._values}
        return [
            (name, value) for name in self.query if name not in names for value in self.query.getlist(name)
        ]

    @property
    def applied(self) -> list[Applied]:
        return [
            Applied(part.label, self._label(part, value), self._without(part.name, value))
            for part in self.parts
            for value in self._values[part.name]
        ]

    @property
    def cleared(self) -> str:
        """The address without any of them."""
        query = self.query.copy()
        for name in ("page", *self._values):
            query.pop(name, None)
        return f"?{query.urlencode()}"

    @staticmethod
    def _label(part: Search | Choice, value: str) -> Any:
        return value if isinstance(part, Search) else dict(part.options)[value]

    def _without(self, name: str, value: str) -> str:
        query = self.query.copy()
        query.pop("page", None)
        query.setlist(name, [other for other in self._values[name] if other != value])
        return f"?{query.urlencode()}"
