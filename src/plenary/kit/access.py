"""Who may use a view: declared beside it, enforced before it runs, listed in the rule table (docs/access.md).

A view that declares nothing is refused to everybody, so that nobody can forget. ``AccessMiddleware`` asks for the
account and the role; what depends on the thing at hand (whose report? in which phase?) the view asks its rule itself,
and names it here with ``on``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from . import manifest

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """Who may use a view. Used as a decorator, it declares so."""

    needs_account: bool = False
    roles: tuple[str, ...] = ()
    """Any of these, in any organization; empty means that none is needed."""
    rule: str = ""
    """Path below ``plenary`` of the rule that decides: ``rule(user) -> bool``; with ``on``, it looks at more."""
    on: str = ""
    """What the rule looks at besides the person; then the view or its action asks the rule."""
    why: str | _StrPromise = ""
    """What a person who is refused is told."""
    writing: Access | None = None
    """Who may send to it, where that is not who may read it."""

    def __call__(self, view: View) -> View:
        view.access = self  # type: ignore[attr-defined]
        return view

    def allows(self, user: Any) -> bool:
        """Whether a signed-in person passes, as far as it can be said without the thing at hand."""
        if self.roles and not user.has_role(*self.roles):
            return False
        return not self.rule or bool(self.on) or bool(manifest.resolve(f"plenary.{self.rule}")(user))

    def __str__(self) -> str:
        if self.rule:
            words = f"`{self.rule}`" + (f" on the {self.on}" if self.on else "")
        elif self.roles:
            words = ", ".join(self.roles)
        else:
            words = "whoever is signed in" if self.needs_account else "everyone"
        return f"{words}; to send: {self.writing}" if self.writing else words

    def for_method(self, method: str | None) -> Access:
        return self.writing if self.writing and method not in ("GET", "HEAD", "OPTIONS") else self


everyone = Access()
signed_in = Access(needs_account=True)


def holders(*roles: str, why: str | _StrPromise = "") -> Access:
    """Only who holds one of the roles, in whatever organization."""
    return Access(needs_account=True, roles=roles, why=why)


def ruled(rule: str, *, on: str = "", why: str | _StrPromise = "") -> Access:
    """Only whom a rule lets: ``ruled("strategy.rules.may_propose")``; with the thing it looks at, where there is one:
    ``ruled("delivery.rules.may_review", on="commitment")``.
    """
    return Access(needs_account=True, rule=rule, on=on, why=why)


def read_by(readers: Access, *, written_by: Access) -> Access:
    """A page that more people read than send its form."""
    return replace(readers, writing=written_by)


def of_view(view: Any, url_name: str | None) -> Access | None:
    """What a view declares, or what the module that mounts it declares for it."""
    declared: Access | None = getattr(view, "access", None)
    return declared or manifest.accesses().get(url_name or "")


def operations_of(view: Any) -> list[tuple[tuple[str, ...], Any]]:
    """The operations of an API address, as methods and function; empty where the view is none of the API's."""
    return [(tuple(each.methods), each.view_func) for each in getattr(view, "operations", ())]


class AccessMiddleware:
    """The door that every view stands behind."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if operations := operations_of(view):
            undeclared = [function for _, function in operations if of_view(function, None) is None]
            if undeclared:
                raise ImproperlyConfigured(f"{undeclared[0]!r} declares no access: see plenary.kit.access.")
            return None  # the API asks for a token, and says no in its own words
        match = request.resolver_match
        access = of_view(view, match.url_name if match else None)
        if access is None:
            raise ImproperlyConfigured(f"{view!r} declares no access: see plenary.kit.access.")
        access = access.for_method(request.method)
        if not access.needs_account:
            return None  # without a look at the session, so that the answer may be kept by caches
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not access.allows(request.user):
            raise PermissionDenied(access.why)
        return None


@dataclass(frozen=True)
class Row:
    """One address of the rule table."""

    address: str
    """As in the URL table: ``reports/<str:reference>/accept``."""
    name: str
    methods: tuple[str, ...]
    """Empty where the view takes any."""
    view: Any
    access: Access | None


def rule_table() -> list[Row]:
    """Every address of the site with who may use it, in the order of the addresses."""
    rows = {(row.address, row.methods): row for row in _rows(get_resolver().url_patterns, "")}
    return sorted(rows.values(), key=lambda row: (row.address, row.methods))


def _rows(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Row]:
    for entry in patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _rows(entry.url_patterns, address)
        else:
            view, name = entry.callback, entry.name or ""
            if operations := operations_of(view):
                for methods, function in operations:
                    yield Row(address, name, methods, function, of_view(function, None))
            else:
                yield Row(address, name, _methods(view), view, of_view(view, name))


def as_page() -> str:
    """The rule table as it stands in docs/access.md."""
    lines = ["| address | methods | who |", "| --- | --- | --- |"]
    for row in rule_table():
        methods = ", ".join(method for method in row.methods if method != "HEAD") or "any"
        lines.append(f"| `/{row.address}` | {methods} | {row.access or 'nobody: undeclared'} |")
    return "\n".join(lines) + "\n"


def _methods(view: Any) -> tuple[str, ...]:
    """The methods that ``require_http_methods`` lets through; its decorator keeps them in its closure."""
    while view is not None:
        names = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if "request_method_list" in names:
            return tuple(view.__closure__[names.index("request_method_list")].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return ()
