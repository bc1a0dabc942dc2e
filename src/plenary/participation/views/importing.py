"""Conversations and proposals of other platforms, from the files that these export."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from opinion.errors import InputError
from opinion.polis import PolisExport, read_export
from plenary.kit import access, tables
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.kit.tables import Problems
from plenary.participation import actions, decidim, queries
from plenary.participation.actions import ProposalsImported
from plenary.participation.models import Consultation
from plenary.participation.paper_forms import DecidimForm, PolisForm

from .shared import get_consultation

SHOWN = 20
# What of an export is read; whatever else a ZIP holds is left alone.
POLIS_FILES = frozenset(
    {"comments.csv", "votes.csv", "participant-votes.csv", "participants-votes.csv", "summary.csv"}
)
MOST_UNPACKED = 300_000_000


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def import_polis(request: HttpRequest) -> HttpResponse:
    """A Polis export becomes a closed consultation, whole or not at all; the same files again write nothing."""
    form = PolisForm(request.POST or None, request.FILES or None, reading=content_language(request))
    answer = submit(
        request,
        form,
        lambda now: _import(request, form, now),
        to=lambda made: reverse("consultation", args=[made.consultation.reference]),
        done=lambda made: (
            _("Imported.")
            if made.is_new
            else _("These files were imported before; this is what they became.")
        ),
        field="export",
    )
    too_large = form.is_bound and form.has_error("export", "too-large")
    status = 413 if too_large else status_of(form)
    return answer or render(request, "participation/import_polis.html", {"form": form}, status=status)


@access.ruled("participation.rules.may_enter")
@require_http_methods(["GET", "HEAD", "POST"])
def import_decidim(request: HttpRequest, reference: str) -> HttpResponse:
    """Proposals of a Decidim site become statements that wait to be read."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    form = DecidimForm(request.POST or None, request.FILES or None, reading=language)
    answer = submit(
        request,
        form,
        lambda now: _import_proposals(request, found, form, now),
        to=reverse("moderation", args=[found.reference]),
        done=_proposals_imported,
        field="file",
    )
    too_large = form.is_bound and form.has_error("file", "too-large")
    context = {"consultation": queries.with_words(found, language), "form": form}
    status = 413 if too_large else status_of(form)
    return answer or render(request, "participation/import_decidim.html", context, status=status)


def _import(request: HttpRequest, form: PolisForm, now: datetime) -> Any:
    contents = _polis_files(form.cleaned_data["export"])
    export = _read(contents, form.cleaned_data["sign"] or None)
    return actions.import_conversation(
        export=export,
        sha256=_hash_of(contents, export.files),
        name=_("Imported conversation"),
        language=form.cleaned_data["language"],
        licence=form.cleaned_data["licence"] or "NOASSERTION",
        strict=form.cleaned_data["strict"],
        by=request.user,  # type: ignore[arg-type]
        now=now,
    )


def _polis_files(files: list[Any]) -> dict[str, bytes]:
    """The files of an export by name, from a ZIP or one by one. Raises ``Refused``."""
    found: dict[str, bytes] = {}
    for file in files:
        content = file.read()
        if content.startswith(b"PK\x03\x04"):
            found |= _unpacked(content)
            continue
        # Downloads are often called «… comments.csv» or «comments (1).csv». The longest first: «participants-votes.csv»
        # ends with «votes.csv» too, which is another file.
        name = re.sub(r" ?\(\d+\)(?=\.csv$)", "", Path(file.name).name.lower())
        known = next(
            (each for each in sorted(POLIS_FILES, key=len, reverse=True) if name.endswith(each)), name
        )
        found[known] = content
    return found


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as whole:
            parts = {Path(part.filename).name: part for part in whole.infolist() if not part.is_dir()}
            wanted = {name: part for name, part in parts.items() if name in POLIS_FILES}
            if sum(part.file_size for part in wanted.values()) > MOST_UNPACKED:
                raise Refused(_("Unpacked, this file is far too large. It was not read."))
            return {name: whole.read(part) for name, part in wanted.items()}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError) as error:
        raise Refused(
            _("This ZIP file is damaged or has a password. Unpack it and send the files themselves.")
        ) from error


def _read(contents: dict[str, bytes], sign: str | None) -> PolisExport:
    with tempfile.TemporaryDirectory(prefix="plenary-import-") as place:
        folder = Path(place)
        for name in POLIS_FILES & contents.keys():
            (folder / name).write_bytes(contents[name])
        try:
            return read_export(folder, sign=sign)
        except InputError as error:
            words = error.describe(SHOWN).replace(str(folder), _("The files"))
            raise Refused(
                _("Nothing was imported. %(problems)s") % {"problems": words}, code="unreadable"
            ) from error


def _hash_of(contents: dict[str, bytes], names: tuple[str, ...]) -> str:
    """As ``plenary import-polis`` computes it, so that either knows what the other imported."""
    whole = hashlib.sha256()
    for name in sorted(names):
        whole.update(f"{name}\0{len(contents[name])}\0".encode() + contents[name])
    return whole.hexdigest()


def _import_proposals(
    request: HttpRequest, found: Consultation, form: DecidimForm, now: datetime
) -> ProposalsImported:
    file = form.cleaned_data["file"]
    content = file.read()
    workbook = tables.read(content)
    table = workbook.tables[0]
    if not decidim.is_proposals(table):
        raise Refused(
            _(
                "These are no proposals as Decidim exports them: they have a column “id” and one “title” or “title/en”."
            )
        )
    problems = Problems()
    proposals = decidim.read_proposals(table, problems, language=form.cleaned_data["language"])
    if problems:
        listed = " ".join(problems.listed(workbook, SHOWN))
        raise Refused(_("Nothing was imported. %(problems)s") % {"problems": listed}, code="unreadable")
    return actions.import_proposals(
        consultation=found,
        proposals=proposals,
        sha256=hashlib.sha256(content).hexdigest(),
        name=Path(file.name).name[:100],
        language=form.cleaned_data["language"],
        by=request.user,  # type: ignore[arg-type]
        now=now,
    )


def _proposals_imported(made: ProposalsImported) -> str:
    words = _("Imported: %(added)s. They wait to be read.") % {
        "added": number_format(len(made.added), force_grouping=True)
    }
    if not made.known:
        return words
    known = _("%(known)s were here already and were left out.") % {
        "known": number_format(made.known, force_grouping=True)
    }
    return f"{words} {known}"
