"""The map of opinions in the words of the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from plenary.participation.models import Consultation
from plenary.participation.queries import get_own_votes, get_participant_of

from . import queries
from .figures import Overview
from .mapping import MODEL, OwnPlace, place_of
from .models import Analysis
from .picture import draw

if TYPE_CHECKING:
    from opinion.picture import Atlas, Pin, View


def describe_map(overview: Overview) -> str:
    """What the map shows, in words."""
    names = [group.name for group in overview.groups]
    if names:
        return _("Every mark stands for people; people who vote alike stand close together. %(groups)s.") % {
            "groups": "; ".join(names)
        }
    return _(
        "Every mark stands for people; people who vote alike stand close together. There are no distinct groups."
    )


def draw_map(analysis: Analysis, overview: Overview) -> SafeString:
    """The map in the reader's language; nothing where too few voted for one."""
    if analysis.picture is None:
        return SafeString("")
    names = [group.name for group in overview.groups]
    picture = draw(
        queries.get_content(analysis.picture),
        "rtl" if get_language_bidi() else "ltr",
        title=_("Map of opinions"),
        description=describe_map(overview),
        groups=names,
        none=_("In no group"),
    )
    return mark_safe(picture)  # the engine drew it, and its words are escaped


def draw_seen(
    atlas: Atlas, overview: Overview, *, view: View | None = None, pins: Sequence[Pin] = ()
) -> SafeString:
    """What is seen of the kept map, without a legend: the page has one in letters that do not shrink."""
    from opinion.picture import MapLabels, draw_view

    labels = MapLabels(
        _("Map of opinions"), describe_map(overview), direction="rtl" if get_language_bidi() else "ltr"
    )
    faint = any(pin.kind == "mean" for pin in pins)
    return mark_safe(draw_view(atlas, view, labels, pins=pins, faint=faint))  # the engine escapes its words


def own_place(
    request: HttpRequest, consultation: Consultation, analysis: Analysis, atlas: Atlas | None
) -> OwnPlace | None:
    """Where the reader stands; None for whoever has not voted here. For her eyes: no answer with it may be kept."""
    participant = get_participant_of(request, consultation)
    votes = get_own_votes(participant) if participant else None
    if votes is None or not votes.values:
        return None
    model = queries.get_part(analysis, MODEL) if atlas is not None else None
    return place_of(votes, analysis.last_vote, model, atlas)


def pins_of(own: OwnPlace | None) -> list[Pin]:
    """The reader on the map, where she can be placed."""
    from opinion.picture import Pin

    return [Pin(own.x, own.y, _("You"))] if own is not None and own.is_placed else []
