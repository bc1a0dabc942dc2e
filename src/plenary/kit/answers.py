"""How a form that was sent is answered, the same way on every page.

Done: a word about it, and on to the page that shows it. Else the same page again, with what was typed and the reason
beside it: 409 where a rule refused, 422 where the form could not be read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from .errors import Refused

T = TypeVar("T")
REFUSED = "refused"


def submit(
    request: HttpRequest,
    form: Form,
    act: Callable[[datetime], T],
    *,
    to: str | Callable[[T], str | HttpResponse],
    done: str | Callable[[T], str] = "",
    field: str | None = None,
) -> HttpResponse | None:
    """Act on a form that was sent, and the answer to it; None where the page is to be shown with the form.

    ``to`` is the address to go on to, or the answer itself (a fragment for htmx), and ``done`` what to say there;
    each may depend on what the action made. A rule's refusal becomes an error of the form, or of its ``field``.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        made = act(timezone.now())
    except Refused as refusal:
        form.add_error(field, ValidationError(str(refusal.message), code=REFUSED))
        return None
    said = done(made) if callable(done) else done
    if said:
        messages.success(request, said)
    answer = to(made) if callable(to) else to
    return answer if isinstance(answer, HttpResponse) else redirect(answer)


def status_of(*forms: Form | None) -> int:
    """The status of a page that shows these forms."""
    errors = [
        error
        for form in forms
        if form is not None and form.is_bound
        for found in form.errors.as_data().values()
        for error in found
    ]
    if any(error.code == REFUSED for error in errors):
        return 409
    return 422 if errors else 200
