"""What the log says, and what it never says: no address, no e-mail, no token, no word that somebody typed.

One line per request names the route, not the address asked for, which may hold a reference or a token. Errors come
with their traceback, without the values of variables; what the request at hand carried is struck out of every message.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter

current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)

FIELDS = ("method", "route", "status", "milliseconds")
STRUCK = "‹removed›"
# In the order of striking: credentials and e-mail addresses, queries, IP addresses of both kinds.
_PERSONAL = re.compile(
    r"[^\s'\"<>]+@[^\s'\"<>]+"
    r"|(?<=\?)[^\s'\"<>?=]+=[^\s'\"<>]*"
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]\d)"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])"
    r"|(?<![\w:.])(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})(?![\w:])",
    re.IGNORECASE,
)
# PostgreSQL quotes the row that it refuses.
_ROWS = re.compile(r"^\s*(?:DETAIL|CONTEXT|HINT|LINE \d+):.*$\n?", re.MULTILINE)
# Quoted words are somebody's, quoted names («relation "x"») are the program's.
_QUOTED = re.compile(r"'[^'\n]*[^\w.\-'\n][^'\n]*'|\"[^\"\n]*[^\w.\-\"\n][^\"\n]*\"")
_SHORTEST = 3  # what is shorter tells nothing, and striking it would leave no message readable
_LONGEST_MESSAGE = 500


def scrub(text: str, request: HttpRequest | None = None) -> str:
    """The text without addresses, and without what the request carried."""
    for value in sorted(set(_values_of(request)), key=len, reverse=True) if request else ():
        for spelling in {value, repr(value)[1:-1], json.dumps(value)[1:-1]}:
            text = re.sub(re.escape(spelling), STRUCK, text, flags=re.IGNORECASE)
    return _PERSONAL.sub(STRUCK, text)


def _values_of(request: HttpRequest) -> Iterator[str]:
    """What came with a request and is not the program's own: in its path, query, form and cookies."""
    yield from (value for value in _carried(request) if len(value) >= _SHORTEST)


def _carried(request: HttpRequest) -> Iterator[str]:
    match = request.resolver_match
    yield from map(str, match.kwargs.values() if match else [])
    yield request.META.get("QUERY_STRING", "")
    yield request.META.get("HTTP_AUTHORIZATION", "").partition(" ")[2]
    yield request.META.get("REMOTE_ADDR", "")
    yield from request.COOKIES.values()
    for key in request.GET:
        yield from request.GET.getlist(key)
    # What was not read yet is not read for the log's sake: reading may be what failed.
    for form in filter(None, (getattr(request, "_post", None), getattr(request, "_files", None))):
        for key in form:
            for value in form.getlist(key):
                written = value if isinstance(value, str) else str(getattr(value, "name", ""))
                yield from {written, written.strip(), *map(str.strip, written.splitlines())}
    body = getattr(request, "_body", b"")
    if request.content_type == "application/json" and body:
        try:
            yield from _strings(json.loads(body))
        except ValueError:
            yield body.decode(errors="replace")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def describe_error(error: BaseException, request: HttpRequest | None = None) -> str:
    """Traceback and message: the program's lines as they are, messages without what is somebody's."""
    told = []
    for part in traceback.TracebackException.from_exception(error, capture_locals=False).format():
        if part.startswith('  File "'):
            told.append(part)
        else:
            message = _QUOTED.sub(f"'{STRUCK}'", _ROWS.sub("", scrub(part, request)))
            told.append(message if len(message) <= _LONGEST_MESSAGE else message[:_LONGEST_MESSAGE] + "…\n")
    return "".join(told).rstrip("\n")


class RequestFilter(logging.Filter):
    """Gives every line the number of the request that it belongs to, and takes the address asked for out of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = current_request.get()
        record.request_id = getattr(request, "request_id", "")
        given = record.__dict__.pop("request", None)  # Django hands over the whole request
        record.__dict__.pop("status_code", None)
        message = record.getMessage()
        if isinstance(given, HttpRequest):
            request = request or given
            for address in (given.get_full_path(), given.path):
                if len(address) > 1:
                    message = message.replace(address, route_of(given))
        record.msg, record.args = scrub(message, request), ()
        return True


class _Scrubbed(logging.Formatter):
    """Formats errors without values; both formats share it."""

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return describe_error(ei[1], current_request.get()) if ei[1] else ""


class PlainFormatter(_Scrubbed):
    """One line for people: time, level, logger, message, and the request's number."""

    def format(self, record: logging.LogRecord) -> str:
        request_id = getattr(record, "request_id", "")
        first, line, rest = super().format(record).partition("\n")
        return first + (f" [{request_id}]" if request_id else "") + line + rest


class StructuredFormatter(_Scrubbed, JsonFormatter):
    """One line of JSON: time, level, logger, message, request_id, what the request line knows, and the error."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message", "request_id"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "error"},
            timestamp="time",
            json_ensure_ascii=False,
        )

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Only fields that are known here: whatever else a library attaches to a line stays out."""
        super().add_fields(log_data, record, message_dict)
        known = {"time", "level", "logger", "message", "request_id", "error", *FIELDS}
        for name in set(log_data) - known:
            del log_data[name]


def route_of(request: HttpRequest) -> str:
    """The name of the route that answered, or what there was instead."""
    match = request.resolver_match
    if match is None:
        return "(no route)"
    return match.view_name or match.route


def configuration(*, level: str, structured: bool) -> dict[str, Any]:
    """Django's LOGGING."""
    plain = {
        "()": "plenary.site.logs.PlainFormatter",
        "format": "{asctime} {levelname} {name}: {message}",
        "style": "{",
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": "plenary.site.logs.RequestFilter"}},
        "formatters": {"line": {"()": "plenary.site.logs.StructuredFormatter"} if structured else plain},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]}
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            # Django's own handlers would write beside ours, past the filter.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # Refusals (4xx) have their line with the status already; crashes are wanted with their traceback.
            "django.request": {"level": "ERROR"},
            "django_tasks": {"level": level},
            "plenary": {"level": level},
        },
    }
