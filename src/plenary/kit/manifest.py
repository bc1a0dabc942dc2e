"""What a module declares about itself, and how the other modules meet it.

Every module has a ``module.py`` with one ``MODULE = Module(...)``. Lower modules never import upper ones: they
open *slots*, ask *guards*, and write events; upper modules fill, refuse and consume. Callables are named by dotted
path and imported on first use, so that a manifest can be read before the models are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from .access import Access


@dataclass(frozen=True)
class Kind:
    """One kind of record: its name in the database, the letters of its public reference, its name for people."""

    name: str
    prefix: str
    label: str | _StrPromise
    plural: str | _StrPromise
    page: str = ""
    """Dotted path of ``page(record) -> str``, the address of the page that shows a record of this kind."""
    data: str = ""
    """Dotted path of ``data(record, user, language) -> dict``: what the record's JSON says beyond the common fields;
    empty where the reader may not see what the record belongs to."""
    schema: str = ""
    """Dotted path of the pydantic model of the whole JSON, in the module's ``api``."""
    state: str = ""
    """Dotted path of ``state(record, number, user, language) -> (page, data) | None``: the record as it stood in one
    version, which ``/r/STR-1.C3@2`` asks for."""


@dataclass(frozen=True)
class Navigation:
    """One entry of the main navigation. ``order`` follows publish → listen → understand → deliver → account."""

    label: str | _StrPromise
    url_name: str
    order: int
    roles: tuple[str, ...] = ()
    """Roles that see the entry; empty means everybody."""
    pages: tuple[str, ...] = ()
    """Names of addresses that belong to this entry though they stand below that of another."""


@dataclass(frozen=True)
class Slot:
    """What an upper module shows in a place that a lower module's page opens with ``{% slot "place" subject %}``."""

    place: str
    template: str
    context: str
    """Dotted path of ``context(request, subject) -> dict | None``; None leaves the slot empty."""
    order: int = 50


@dataclass(frozen=True)
class Edge:
    """Structural links for the trail: rows of (from, to) record ids, where ``to`` came of ``from``."""

    name: str
    rows: str
    """Dotted path of a function that returns a queryset whose ``values_list`` has exactly two columns."""
    label: str | _StrPromise
    """Read forwards: «statement … *supports the finding* … finding»."""


@dataclass(frozen=True)
class Guard:
    """A function that may refuse a lower module's action by raising ``kit.errors.Refused``, inside its transaction."""

    action: str
    check: str


@dataclass(frozen=True)
class Consumer:
    """A reader of events with a cursor of its own: called with events in order, at least once, so idempotent."""

    name: str
    handle: str


class Piece(NamedTuple):
    """A text for translators, by database ids: whose it is, what it is there, and how much it matters."""

    text: int
    record: int
    whole: int
    """The record that it belongs to: the consultation of a statement, the strategy of a clause; 0 where its record
    stands for itself among others of its kind."""
    part: str = "title"
    """What it is of its record: a key of ``Module.parts``."""
    urgent: bool = False
    """People read it in order to answer now."""
    weight: int = 0
    """How often it is shown, against others of the same whole."""
    languages: tuple[str, ...] = ()
    """Into which it is wanted; empty for all."""
    earlier: int | None = None
    """The text that it took the place of: where nobody translated it anew, that one's translation is stale."""


@dataclass(frozen=True)
class Module:
    name: str
    urls: str = ""
    api: str = ""
    """Dotted path of the ``kit.api.Router`` with the module's operations."""
    bearer: str = ""
    """Dotted path of ``bearer(secret) -> kit.api.Bearer | None``: for whom a token speaks. One module has it."""
    kinds: tuple[Kind, ...] = ()
    navigation: tuple[Navigation, ...] = ()
    slots: tuple[Slot, ...] = ()
    edges: tuple[Edge, ...] = ()
    guards: tuple[Guard, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    verbs: Mapping[str, str | _StrPromise] = field(default_factory=dict)
    """What the module's events are called by people, as past participles in a list: «created»."""
    erasers: tuple[str, ...] = ()
    """Dotted paths of ``erase(user, now)``: what the module destroys with an account, in the same transaction."""
    access: Mapping[str, Access] = field(default_factory=dict)
    """Who may use the views of other packages that the module mounts, by the name of their address."""
    desk: str = ""
    """Dotted path of ``desk(request, now) -> Iterable[kit.desk.Task]``: what waits in this module for the person."""
    texts: str = ""
    """Dotted path of ``texts(user, now) -> Iterable[Piece]``: what translators find of this module, as far as the
    person sees it, in a constant number of queries."""
    parts: Mapping[str, str | _StrPromise] = field(default_factory=dict)
    """What its pieces are called by people: «question»."""
    translators: str = ""
    """Path below ``plenary`` of the rule that says who translates them, where it is stricter than that of the desk of
    translations."""
    ticks: tuple[str, ...] = ()
    """Dotted paths of ``tick(now)``: what the worker does about once a minute because time has passed. Several workers
    may do it at once, so each makes sure that a thing is done once."""


@cache
def modules() -> tuple[Module, ...]:
    """The installed modules' manifests, in the order of ``settings.PLENARY_MODULES``."""
    return tuple(_read(name) for name in settings.PLENARY_MODULES)


def _read(name: str) -> Module:
    """A module's manifest; one that is missing, or speaks for another module, is an error of the program."""
    path = f"plenary.{name}.module"
    try:
        found = getattr(import_module(path), "MODULE", None)
    except ModuleNotFoundError as error:
        if error.name != path:  # what the manifest imports is missing, which Python says best itself
            raise
        found = None
    if not isinstance(found, Module) or found.name != name:
        raise ImproperlyConfigured(
            f"Module «{name}» has no manifest: {path.replace('.', '/')}.py declares MODULE = Module(name={name!r}, …)."
        )
    return found


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of record by its name; a name or a prefix declared twice is an error of the program."""
    found: dict[str, Kind] = {}
    for module in modules():
        for kind in module.kinds:
            if kind.name in found or kind.prefix in {known.prefix for known in found.values()}:
                raise ImproperlyConfigured(f"record kind {kind.name} ({kind.prefix}) is declared twice")
            found[kind.name] = kind
    return found


@cache
def verbs() -> Mapping[str, str | _StrPromise]:
    """The names of all events, by the verb that is stored."""
    return {verb: label for module in modules() for verb, label in module.verbs.items()}


@cache
def accesses() -> Mapping[str, Access]:
    """What modules declare for views of other packages, by the name of the address."""
    return {name: access for module in modules() for name, access in module.access.items()}


@cache
def bearer() -> str:
    """The one function that knows the API's tokens."""
    return next(module.bearer for module in modules() if module.bearer)


@cache
def _slots() -> Mapping[str, tuple[Slot, ...]]:
    by_place: dict[str, list[Slot]] = {}
    for module in modules():
        for slot in module.slots:
            by_place.setdefault(slot.place, []).append(slot)
    return {place: tuple(sorted(slots, key=lambda slot: slot.order)) for place, slots in by_place.items()}


def slots(place: str) -> tuple[Slot, ...]:
    """What fills a place, in order."""
    return _slots().get(place, ())


def edges() -> Iterator[Edge]:
    for module in modules():
        yield from module.edges


def consumers() -> Iterator[Consumer]:
    for module in modules():
        yield from module.consumers


def ticks() -> Iterator[str]:
    for module in modules():
        yield from module.ticks


def navigation() -> list[Navigation]:
    return sorted((item for module in modules() for item in module.navigation), key=lambda item: item.order)


def ask_guards(action: str, **facts: Any) -> None:
    """Let every guard of an action look at its facts. Raises whatever ``Refused`` a guard raises."""
    for module in modules():
        for guard in module.guards:
            if guard.action == action:
                resolve(guard.check)(**facts)


def erase_with_account(user: Any, now: Any) -> None:
    """Let every module destroy what it keeps of a person whose account is erased; the upper ones first."""
    for module in reversed(modules()):
        for path in module.erasers:
            resolve(path)(user, now)


@cache
def resolve(path: str) -> Callable[..., Any]:
    """The function behind a dotted path."""
    function: Callable[..., Any] = import_string(path)
    return function
