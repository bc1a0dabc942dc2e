"""Pages of results that look beyond the votes of one analysis: themes of texts, and results over time."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plenary.kit import access

from . import queries, rules
from .over_time import read_series
from .shell import open_result
from .themes import read_texts, read_themes

PAGE = 50  # texts
UNSPACED = ("zh", "ja", "th", "lo", "my", "km")  # languages that put no space between words


@access.everyone
@require_safe
def themes(request: HttpRequest, reference: str) -> HttpResponse:
    """What the texts are about; ``?theme=2`` lists all texts of one theme."""
    found = open_result(request, reference)
    data = found.part("themes")
    shown = read_themes(data, found.analysis, found.reader, found.language)
    context: dict[str, Any] = found.context(_("Themes"), "results-themes") | {
        "themes": shown,
        "data": data,
        "is_unspaced": any(tag.split("-")[0] in UNSPACED for theme in shown for _word, tag in theme.words),
    }
    if rules.may_cite(request.user):
        typical = {
            theme.number: [text.source.reference for text in theme.typical if text.source.kind == "statement"]
            for theme in shown
        }
        against = queries.map_against(
            request.user,
            found.analysis,
            {name for names in typical.values() for name in names},
            found.language,
        )
        for each in shown:
            each.evidence = typical[each.number]
            each.against = list(dict.fromkeys(one for name in each.evidence for one in against.get(name, [])))
    wanted = request.GET.get("theme", "")
    if wanted:
        theme = next((one for one in shown if str(one.number) == wanted), None)
        if theme is None:
            raise Http404
        page = Paginator(theme.texts, PAGE).get_page(request.GET.get("page", "1"))
        context |= {
            "theme": theme,
            "page": page,
            "texts": read_texts(theme, found.analysis, found.reader, found.language, list(page.object_list)),
        }
    return render(request, "insight/themes.html", context)


@access.everyone
@require_safe
def over_time(request: HttpRequest, reference: str) -> HttpResponse:
    """The results one after the other."""
    found = open_result(request, reference)
    context = found.context(_("Over time"), "results-time") | {"series": read_series(found)}
    return render(request, "insight/over_time.html", context)
