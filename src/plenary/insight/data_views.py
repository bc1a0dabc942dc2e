"""The open data of a result: what is in the package, the package itself, and how anybody checks it."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
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
        path = _package(found.analysis)
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
    path = _package(found)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{found.reference}.zip", content_type="application/zip"
    )


def _package(analysis: Analysis) -> Path:
    """The file of the package; a new one where a wording, a translation or an erasure came since the last."""
    stamp = queries.stamp_of_package(analysis)
    folder = package.folder()
    path = folder / f"{analysis.reference}-{stamp}.zip"
    if not path.is_file():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        package.forget([analysis.reference])
        address = urljoin(settings.PLENARY_URL + "/", reverse("analysis", args=[analysis.reference]))
        text = analysis.consultation.record.title
        title = f"{analysis.reference}: {text.body}" if text else analysis.reference
        # Two who ask at once write two files; whichever is ready last stays, and both are the same.
        handle, partial = tempfile.mkstemp(prefix=".", suffix=".partial", dir=folder)
        os.close(handle)
        try:
            package.write_package(analysis, Path(partial), address=address, title=title)
            Path(partial).replace(path)
        finally:
            Path(partial).unlink(missing_ok=True)
    return path
