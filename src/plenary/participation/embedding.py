"""Where a card may be shown in a frame, and the line that shows it: pure but for the response's headers."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from django.utils.html import escape
from django.utils.translation import gettext as _

from .models import Consultation

# What a browser compares: scheme, host and port. A list entry of any other form never reaches a header.
ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


def origins_of(consultation: Consultation) -> list[str]:
    """The sites whose pages may show the card."""
    return [
        origin
        for origin in consultation.embed_origins
        if isinstance(origin, str) and ORIGIN.fullmatch(origin)
    ]


def why_not(consultation: Consultation) -> str:
    """Why the card cannot stand in a frame; empty where it can."""
    if consultation.is_draft:
        return _("This consultation is a draft: it is not published yet.")
    if consultation.access != Consultation.Access.OPEN or (
        consultation.voting_by != Consultation.TakingPart.ANYBODY
    ):
        return _(
            "Not everybody may take part here, and who somebody is can only be asked on the page itself."
        )
    if not origins_of(consultation):
        return _("Whoever runs this consultation has allowed no other site to show its card.")
    return ""


def let_frame(response: HttpResponse, consultation: Consultation) -> HttpResponse:
    """Allow the listed sites, and ourselves for the preview, to show this response in a frame; nobody else."""
    response.xframe_options_exempt = True  # it knows no list; this does:
    response._csp_replace = {  # type: ignore[attr-defined]
        "frame-ancestors": ["'self'", *([] if why_not(consultation) else origins_of(consultation))]
    }
    return response


def interface_language(asked: str) -> str:
    """The interface's language for a tag in the address: «zh» and «zh-CN» are «zh-hans»; empty where it is none."""
    known = dict(settings.LANGUAGES)
    asked = asked.lower()
    if asked in known:
        return asked
    short = asked.split("-")[0]
    return next((code for code in known if code.split("-")[0] == short), "")


def line(consultation: Consultation, address: str, language: str) -> str:
    """The one line to paste into another page: text, to be escaped where it is shown."""
    said = consultation.said["title"]
    title = escape(said.body if said else consultation.reference)
    source = escape(f"{address}?lang={quote(language)}")
    return f'<iframe src="{source}" title="{title}" loading="lazy" width="100%" height="640"></iframe>'
