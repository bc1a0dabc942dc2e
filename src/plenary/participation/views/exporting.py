"""What everybody may take away of a consultation that she sees."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.languages import content_language
from plenary.kit.uploads import write_whole
from plenary.participation import exporting, queries
from plenary.participation.models import Consultation

from .shared import get_consultation


@access.everyone
@require_safe
def polis_export(request: HttpRequest, reference: str) -> HttpResponse:
    """The consultation as Polis exports it. Made once for every state of its votes and kept until the next."""
    found = get_consultation(request, reference)
    stamp = queries.stamp_of_export(found)
    unchanged = get_conditional_response(request, etag=f'"{stamp}"')
    if unchanged is not None and unchanged.status_code == 304:
        return unchanged
    path = Path(settings.PLENARY_HOME) / "exports" / f"{found.reference}-{stamp}.zip"
    if not path.is_file():
        _make(request, found, path)
    answer = HttpResponse(
        path.read_bytes(),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{found.reference}-polis.zip"',
            "ETag": f'"{stamp}"',
            "Cache-Control": "no-cache",  # asked again each time, answered 304 while nothing changed
        },
    )
    return answer


@access.everyone
@require_safe
def statements_export(request: HttpRequest, reference: str) -> HttpResponse:
    """The accepted statements in all their languages, with their votes."""
    found = get_consultation(request, reference)
    statements = queries.list_statements_for_export(found)
    content = exporting.statements_csv(
        statements,
        queries.list_translations_for_export(found),
        queries.count_shares([each.pk for each in statements]),
    )
    name = f"{found.reference}-statements.csv"
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _make(request: HttpRequest, found: Consultation, path: Path) -> None:
    queries.with_words(found, content_language(request))
    address = request.build_absolute_uri(reverse("consultation", args=[found.reference]))
    said = found.said
    content = exporting.polis_zip(
        exporting.Conversation(
            said["title"].original_body,
            said["introduction"].original_body if said["introduction"] else "",
            address,
        ),
        queries.list_statements_for_export(found),
        queries.list_counted_votes(found),
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in path.parent.glob(f"{found.reference}-*.zip"):
        old.unlink(missing_ok=True)
    write_whole(path, content)
