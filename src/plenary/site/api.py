"""The API: every module's operations under one address, and the schema that describes them."""

from __future__ import annotations

import json
from functools import cache
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from plenary import __version__
from plenary.kit import manifest
from plenary.kit.access import Access
from plenary.kit.api.door import behind_the_door
from plenary.kit.api.routers import Invalid, MissingScope, throttled
from plenary.kit.errors import Refused
from plenary.kit.problems import MEDIA_TYPE, problem

VERSION = "v1"
DESCRIPTION = """\
Every public record of this installation, to read without an account; what a person may do on the site, a program may do
for her with a token that she makes under `/account/tokens`. Errors are problem details (RFC 9457)."""

api = NinjaAPI(
    title="Plenary",
    version=__version__,
    description=DESCRIPTION,
    openapi_url=None,  # served below, with the rest of what holds for every answer
    docs_url=None,  # Ninja's pages load their scripts from elsewhere; ours is site/api_page
    urls_namespace="api",
    openapi_extra={"info": {"license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"}}},
)
for _module in manifest.modules():
    if _module.api:
        api.add_router("", _module.api)


# How the API says no


@api.exception_handler(ValidationError)
def _unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(422, _unreadable_words(), errors=[_place(entry) for entry in error.errors])


@api.exception_handler(Invalid)
def _invalid(request: HttpRequest, error: Invalid) -> HttpResponse:
    return problem(422, _unreadable_words(), errors=error.errors)


def _unreadable_words() -> str:
    return _("Some of what was sent could not be read. Nothing was changed.")


def _place(error: dict[str, Any]) -> dict[str, Any]:
    source, *steps = error["loc"]
    if source == "body":
        steps = [str(step).replace("~", "~0").replace("/", "~1") for step in steps[1:]]
        return {"pointer": "#" + "".join(f"/{step}" for step in steps), "detail": error["msg"]}
    return {"parameter": str(steps[-1]) if steps else source, "detail": error["msg"]}


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, _("There is nothing here that you may see."))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    sent = "Authorization" in request.headers
    response: HttpResponse = problem(
        401, str(error) if sent else _("This takes a token: see /account/tokens.")
    )
    response["WWW-Authenticate"] = 'Bearer realm="plenary"' + (', error="invalid_token"' if sent else "")
    return response


@api.exception_handler(MissingScope)
def _out_of_scope(request: HttpRequest, error: MissingScope) -> HttpResponse:
    response: HttpResponse = problem(
        403, _("This token may not do that: it lacks the scope “%(scope)s”.") % {"scope": error.scope}
    )
    response["WWW-Authenticate"] = (
        f'Bearer realm="plenary", error="insufficient_scope", scope="{error.scope}"'
    )
    return response


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, str(error) or _("Your roles do not include this."))


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return problem(409, str(error.message), code=error.code)


@api.exception_handler(Throttled)
def _too_much(request: HttpRequest, error: Throttled) -> HttpResponse:
    return problem(429, throttled(error))


@api.exception_handler(HttpError)
def _bad(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What Ninja raises of its own: a body that is no JSON."""
    return problem(error.status_code, _("The body could not be read as JSON in UTF-8."))


# The schema


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI 3.1 description, the same for everybody."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="")))
    components = found["components"]
    for operations in found["paths"].values():
        operations.pop("head", None)  # as GET, without the body
        for method, operation in operations.items():
            _describe(method, operation, components)
    found["servers"] = [{"url": f"/api/{VERSION}"}]
    components["parameters"] = {"lang": LANG}
    components["securitySchemes"] = {
        "Token": {"type": "http", "scheme": "bearer", "description": "Made under `/account/tokens`"}
    }
    each = (operation for operations in found["paths"].values() for operation in operations.values())
    found["tags"] = [{"name": tag} for tag in dict.fromkeys(tag for one in each for tag in one["tags"])]
    return found


LANG = {
    "in": "query",
    "name": "lang",
    "required": False,
    "schema": {"type": "string", "pattern": r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$"},
    "description": "Language in which texts are wanted (BCP 47); else `Accept-Language` decides",
}


def _describe(method: str, operation: dict[str, Any], components: dict[str, Any]) -> None:
    """What Ninja does not say: the media type of problems, scopes, the language, the answers that the door gives."""
    problems = components.setdefault("responses", {})
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            name = HTTPStatus(int(status)).phrase.replace(" ", "")
            response["content"] = (
                {MEDIA_TYPE: response["content"].popitem()[1]} if "content" in response else {}
            )
            problems[name] = response
            operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    for parameter in operation["parameters"]:
        parameter.pop("examples", None)  # those of the schema, which OpenAPI wants in another form here
        if "anyOf" in parameter["schema"]:  # nothing in an address is null: it is left out
            [given] = [one for one in parameter["schema"].pop("anyOf") if one != {"type": "null"}]
            parameter["schema"] |= given
        for repeated in ("title", "description"):
            parameter["schema"].pop(repeated, None)
    operation["parameters"].append({"$ref": "#/components/parameters/lang"})
    if operation["description"] == " ":
        del operation["description"]
    access: Access = operations_by_id()[operation["operationId"]].view_func.access
    is_open = method == "get" and not access.needs_account
    operation["security"] = [{"Token": ["read" if method == "get" else "write"]}]
    if is_open:
        operation["security"].insert(0, {})
    operation["x-access"] = str(access).replace("`", "")
    if method == "get":
        operation["responses"]["304"] = {"description": "Not Modified"}


@cache
def operations_by_id() -> dict[str, Any]:
    return {
        str(operation.operation_id): operation
        for router in api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
    }


# Addresses


def _openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(json.dumps(schema(), ensure_ascii=False), content_type="application/json")


def _nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    return problem(
        404, _("The API has no such address. /api/%(version)s/openapi.json lists all.") % {"version": VERSION}
    )


def _patterns() -> list[URLPattern]:
    found: dict[str, URLPattern] = {}
    for router in api._get_bound_routers():
        for entry, view in zip(router.urls_paths(router.prefix), _views(router), strict=True):
            methods = {method for operation in view.operations for method in operation.methods}
            entered = behind_the_door(entry.callback, methods)
            entered.operations = view.operations  # type: ignore[attr-defined]  # for the rule table
            found.setdefault(str(entry.pattern), path(str(entry.pattern), entered, name=f"api-{entry.name}"))
    return list(found.values())


def _views(router: Any) -> list[Any]:
    return [view for view in router.path_operations.values() for _operation in view.operations]


urlpatterns = [
    path("openapi.json", behind_the_door(_openapi, {"GET", "HEAD"}), name="api-schema"),
    *_patterns(),
    re_path("^(?P<rest>.*)$", behind_the_door(_nothing, {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})),
]
