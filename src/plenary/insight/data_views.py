"""The open data of a result: what is in the package, the package itself, and how anybody checks it."""

from __future__ import annotations

import hashlib
import zipfile
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.languages import content_language

from . import package, queries
from .models import Analysis
from .shell import open_result
from .verify import DESCRIPTION


@access.everyone
@require_safe
def data(request: HttpRequest, reference: str) -> HttpResponse:
    """What can be taken away of a result, what is in it, and how to check it."""
    found = open_result(request, reference)
    context = found.context(_("Open data"), "results-data")
    if queries.has_votes(found.analysis):
        path = package.kept(found.analysis)
        if path is None:
            return render(request, "insight/data.html", context | {"is_being_made": True})
        with zipfile.ZipFile(path) as whole:
            context |= {
                "size": path.stat().st_size,
                "description_sha256": hashlib.sha256(whole.read(DESCRIPTION)).hexdigest(),
                "files": [_file(entry) for entry in whole.infolist()],
            }
    return render(request, "insight/data.html", context)


def _file(entry: zipfile.ZipInfo) -> dict[str, Any]:
    about, fields = package.DICTIONARY.get(entry.filename, ("", ()))
    return {
        "name": entry.filename,
        "size": entry.file_size,
        "about": _(about) if about else _ABOUT.get(entry.filename, lambda: _("A section of the result."))(),
        "fields": [(name, kind, _(said)) for name, kind, said in fields],
    }


_ABOUT = {
    DESCRIPTION: lambda: _(
        "The list of the files, with their columns, sizes and SHA-256 (Data Package, version 2)."
    ),
    "analysis.json": lambda: _("How the result was made: engine, mode, seed and thresholds."),
    "result.json": lambda: _("The whole result, with the place of every person on the map."),
}


@access.everyone
@require_safe
def package_zip(request: HttpRequest, reference: str) -> HttpResponse | FileResponse:
    """The package of one analysis. Made once for every state of its texts and kept until the next."""
    found = queries.get_analysis_for(request.user, reference, content_language(request))
    if found is None or found.state != Analysis.State.DONE or not queries.has_votes(found):
        raise Http404
    path = package.kept(found)
    if path is None:
        return HttpResponse(
            _("The package is being made. It will be here in a few minutes."),
            content_type="text/plain; charset=utf-8",
            status=503,
            headers={"Retry-After": "60"},
        )
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{found.reference}.zip", content_type="application/zip"
    )
