"""The map of opinions from near, with the reader's own place on it and where groups of people stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plenary.kit import access

from . import queries
from .drawing import draw_map, draw_seen, own_place, pins_of
from .figures import Overview
from .lens_words import Labels, day_of
from .mapping import OwnPlace, Stand, stands_of
from .models import Analysis
from .shell import Result, open_result

if TYPE_CHECKING:
    from opinion.picture import Atlas, Pin, View

STEP = 0.5  # of what is seen, to one side


@dataclass(frozen=True)
class Way:
    """A link that changes what is seen; without an address where it would change nothing."""

    label: str
    sign: str
    url: str
    is_current: bool = False
    colour: str = ""


@access.everyone
@require_safe
def results_map(request: HttpRequest, reference: str) -> HttpResponse:
    found = open_result(request, reference)
    atlas = queries.get_atlas(found.analysis)
    own = own_place(request, found.consultation, found.analysis, atlas)
    part = queries.get_part(found.analysis, "lens")
    labels = Labels(found.consultation)
    tabs = _attributes(part, labels)
    by = request.GET.get("by", "")
    by = by if by in tabs else ""
    context = found.context(_("The map of opinions"), "results-map") | {
        "own": own,
        "by": by,
        "tabs": [("", _("Everybody")), *((name, labels.attribute(name)) for name in tabs)],
        "is_open": found.consultation.is_open(timezone.now()),
        "has_lens": part is not None and part["state"] == "told",
    }
    if atlas is None:
        context["old"] = _old_map(found)
    else:
        context |= _seen(request, found, atlas, own, tabs.get(by), labels)
    is_piece = bool(getattr(request, "htmx", False))
    response = render(request, "insight/_map.html" if is_piece else "insight/map.html", context)
    if own is not None:
        add_never_cache_headers(response)
    return response


def _seen(
    request: HttpRequest,
    found: Result,
    atlas: Atlas,
    own: OwnPlace | None,
    attribute: Mapping[str, Any] | None,
    labels: Labels,
) -> dict[str, Any]:
    """The map with all that is drawn on it, and the ways to other views of it."""
    from opinion.picture import Pin

    overview, told_of, stands = found.overview, found.analysis, list[Stand]()
    pins: list[Pin] = []
    if attribute is not None:
        told_of, atlas, stands = _told(found, atlas, attribute, labels)
        overview = Overview.read(told_of.summary)
        pins = [Pin(one.x, one.y, one.sign, "mean", one.reach) for one in stands if one.sign]
    elif own is not None:
        pins = pins_of(own)
    view = _view(request, atlas, own if attribute is None else None)
    return {
        "map": draw_seen(atlas, overview, view=view, pins=pins),
        "is_empty": not atlas.people_in(view),
        "ways": _ways(request, atlas, view, overview, own if attribute is None else None),
        "shown": overview,
        "stands": stands,
        "attribute": labels.attribute(attribute["name"]) if attribute else "",
        "told_on": day_of(attribute["on"]) if attribute and told_of.pk != found.analysis.pk else "",
    }


# What is seen


def _view(request: HttpRequest, atlas: Atlas, own: OwnPlace | None) -> View:
    """As the address says: a group, the reader's own place, or a zoom and a place; everything else is the whole."""
    from opinion.picture import View

    asked = request.GET
    group = _number(asked.get("group"), -1)
    if 0 <= group < len(atlas.middles):
        return View.of_group(atlas, group)
    if asked.get("me") and own is not None and own.is_placed:
        return View.around(4, own.x, own.y)
    zoom = _number(asked.get("zoom"), 1)
    middle = atlas.scale.width // 2, atlas.scale.height // 2
    return View.around(zoom, _number(asked.get("x"), middle[0]), _number(asked.get("y"), middle[1]))


def _number(given: str | None, otherwise: int) -> int:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 6 else otherwise


def _ways(
    request: HttpRequest, atlas: Atlas, view: View, overview: Overview, own: OwnPlace | None
) -> dict[str, list[Way]]:
    """Links to other views: places to look at, and steps from here."""
    from opinion.picture.atlas import ZOOMS, View

    kept = {"by": request.GET["by"]} if request.GET.get("by") else {}

    def to(seen: View | None, **named: object) -> str:
        if seen is not None and seen == view:
            return ""
        place = {"zoom": seen.zoom, "x": round(seen.x), "y": round(seen.y)} if seen and seen.zoom > 1 else {}
        query = urlencode(kept | place | named)
        return f"?{query}" if query else "?"

    group = _number(request.GET.get("group"), -1)
    group = group if group < len(atlas.middles) else -1
    places = [Way(_("Everything"), "", "?" + urlencode(kept), view.zoom == 1 and group < 0)]
    places += [
        Way(
            _("Group %(letter)s") % {"letter": one.letter},
            one.mark,
            "?" + urlencode(kept | {"group": one.index}),
            group == one.index,
            one.colour,
        )
        for one in overview.groups
        if one.index < len(atlas.middles)
    ]
    if own is not None and own.is_placed:
        places.append(
            Way(_("Where I stand"), "", "?" + urlencode(kept | {"me": 1}), bool(request.GET.get("me")))
        )
    at = ZOOMS.index(view.zoom)
    across, down = (STEP * side / view.zoom for side in (atlas.scale.width, atlas.scale.height))

    def moved(zoom: int, right: float = 0, lower: float = 0) -> str:
        return to(View.around(zoom, round(view.x + right), round(view.y + lower)))

    steps = [
        Way(_("Nearer"), "+", moved(ZOOMS[at + 1]) if at + 1 < len(ZOOMS) else ""),
        Way(_("Farther"), "−", moved(ZOOMS[at - 1]) if at else ""),
        Way(_("To the left"), "←", moved(view.zoom, -across)),
        Way(_("To the right"), "→", moved(view.zoom, across)),
        Way(_("Up"), "↑", moved(view.zoom, 0, -down)),
        Way(_("Down"), "↓", moved(view.zoom, 0, down)),
    ]
    return {"places": places, "steps": steps}


# By what people said about themselves


def _attributes(part: Mapping[str, Any] | None, labels: Labels) -> dict[str, Mapping[str, Any]]:
    """The attributes of whose people it is told where they stand, in their usual order."""
    if part is None or part["state"] != "told":
        return {}
    found = {
        one["name"]: one for one in part["attributes"] if one.get("places") and any(one["places"]["rows"])
    }
    return {name: found[name] for name in labels.names_in_order(list(found))}


def _told(
    found: Result, atlas: Atlas, attribute: Mapping[str, Any], labels: Labels
) -> tuple[Analysis, Atlas, list[Stand]]:
    """The analysis on whose map the places were told, its map, and the places."""
    told_of = found.analysis
    if attribute["places"]["input_sha256"] != told_of.input_sha256:
        earlier = queries.get_analysis_of(
            found.consultation, attribute["places"]["input_sha256"], found.reader
        )
        earlier_atlas = queries.get_atlas(earlier) if earlier is not None else None
        if earlier is None or earlier_atlas is None:
            return told_of, atlas, []
        told_of, atlas = earlier, earlier_atlas
    return told_of, atlas, stands_of(attribute, labels)


def _old_map(found: Result) -> SafeString:
    """Of an analysis that was made before maps were kept: the picture as it was drawn then."""
    return draw_map(found.analysis, found.overview)
