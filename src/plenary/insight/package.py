"""The open data of an analysis: one ZIP that anybody can check with ``plenary verify`` (docs/formats/package-1.md)."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_noop

from plenary.kit.tables import guard

from . import queries
from .models import Analysis
from .stored import read_head
from .verify import DESCRIPTION, RECOMPUTED, finding_row

if TYPE_CHECKING:
    from .queries import PublishedStatement

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_LARGE = 1 << 30  # from here on a file in a ZIP needs the longer form
_DATE = (1980, 1, 1, 0, 0, 0)  # a file in a ZIP must have a time; ours tells nothing
RECOMPUTABLE = ("votes.csv", "result.json", "findings.csv", *RECOMPUTED)
MOST_AT_ONCE = 1_000_000  # votes; a package of more takes longer than anybody waits for a page
ASK_AGAIN = 600  # seconds after which a package that was asked for should be there
VOTES = "votes"  # the part of an analysis that holds the votes as they went into the engine, compressed

# Every file of rows: what it holds, and each of its columns with its type. The page and the package both read this.
DICTIONARY: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "votes.csv": (
        gettext_noop("Every vote that was analysed, one line for each person and statement."),
        (
            ("participant_id", "string", gettext_noop("Number of the person, made for this analysis alone.")),
            ("statement_id", "string", gettext_noop("Reference of the statement.")),
            ("vote", "integer", gettext_noop("1 agree, −1 disagree, 0 pass.")),
        ),
    ),
    "statements.csv": (
        gettext_noop("The statements that were voted on, in the words of their authors."),
        (
            ("id", "string", gettext_noop("Reference of the statement.")),
            (
                "state",
                "string",
                gettext_noop("Whether its words are published, erased by the author, or withheld by the desk."),
            ),
            ("language", "string", gettext_noop("Language of the original.")),
            ("text", "string", gettext_noop("The words; empty where they are erased or withheld.")),
            ("agree", "integer", gettext_noop("How many agree.")),
            ("disagree", "integer", gettext_noop("How many disagree.")),
            ("pass", "integer", gettext_noop("How many passed.")),
            ("is_meta", "boolean", gettext_noop("Whether it is about the person who votes, and no view.")),
        ),
    ),
    "translations.csv": (
        gettext_noop("The statements in other languages."),
        (
            ("id", "string", gettext_noop("Reference of the statement.")),
            ("language", "string", gettext_noop("Language of the translation.")),
            ("text", "string", gettext_noop("The words.")),
            ("provenance", "string", gettext_noop("Who or what made it, and whether somebody reviewed it.")),
            ("is_stale", "boolean", gettext_noop("Whether the original was changed since.")),
        ),
    ),
    "findings.csv": (
        gettext_noop("The findings that can be cited, with their figures."),
        (
            ("reference", "string", gettext_noop("Reference of the finding.")),
            ("kind", "string", gettext_noop("Consensus, division, bridge, position or uncertain.")),
            ("statements", "string", gettext_noop("References of the statements, separated by spaces.")),
            ("groups", "string", gettext_noop("Letters of the groups concerned, separated by spaces.")),
            ("side", "string", gettext_noop("The side that is spoken of; agree where it is empty.")),
            ("agree", "integer", gettext_noop("How many agree.")),
            ("disagree", "integer", gettext_noop("How many disagree.")),
            ("pass", "integer", gettext_noop("How many passed.")),
            ("rate", "number", gettext_noop("Share that takes the side, of all who voted on it.")),
            ("low", "number", gettext_noop("Lower end of its interval.")),
            ("high", "number", gettext_noop("Upper end of its interval.")),
            ("sentence", "string", gettext_noop("The finding in words, in English.")),
        ),
    ),
}  # fmt: skip


def freeze_votes(votes: Any) -> bytes:
    """The votes in the engine's canonical form, compressed; the same votes are the same bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6, mtime=0) as packed:
        for piece in votes.to_csv():
            packed.write(piece)
    return out.getvalue()


def make_files(analysis: Analysis, *, address: str) -> dict[str, bytes]:
    """All files of a package but the votes, which are read from where they are frozen. Deterministic bytes."""
    content = queries.get_result_bytes(analysis)
    result = read_head(content)
    statements = queries.list_published_statements(analysis, [one["id"] for one in result["statements"]])
    figures = {one["id"]: one for one in result["statements"]}
    files = {
        "result.json": content,
        "analysis.json": _pretty(_head(analysis, result, address)),
        "statements.csv": _csv("statements.csv", _statements(statements, figures)),
        "translations.csv": _csv("translations.csv", _translations(statements)),
        "findings.csv": _csv("findings.csv", _findings(analysis, result)),
    }
    for name, snapshot in queries.list_parts(analysis).items():
        if snapshot.media_type == "application/json":
            files[f"parts/{name}.json"] = queries.get_content(snapshot)
    return files


def write_package(analysis: Analysis, path: Path, *, address: str, title: str) -> None:
    """Write the package to a new file. The votes are passed on in pieces: there may be many millions."""
    files = make_files(analysis, address=address)
    packed = queries.get_votes(analysis)
    described = [_resource(name, len(content), _sha256([content])) for name, content in files.items()]
    size = sum(len(piece) for piece in _pieces(packed))
    described.append(_resource("votes.csv", size, _sha256(_pieces(packed))))
    files[DESCRIPTION] = describe(analysis, described, address=address, title=title)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for name in sorted([*files, "votes.csv"]):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with whole.open(entry, "w", force_zip64=name == "votes.csv" and size > _LARGE) as out:
                for piece in [files[name]] if name in files else _pieces(packed):
                    out.write(piece)


def folder() -> Path:
    """Where packages are kept until their texts change."""
    return Path(settings.PLENARY_HOME) / "exports"


def kept(analysis: Analysis) -> Path | None:
    """The file of the package, or, while it is being made in the background, nothing.

    A new one is made where a wording, a translation or an erasure came since the last.
    """
    path = _path(analysis)
    if path.is_file():
        return path
    if analysis.summary.get("votes", 0) <= MOST_AT_ONCE:
        return make(analysis)
    if _ask_for(path):
        from .tasks import make_package

        make_package.enqueue(analysis.pk)
    return path if path.is_file() else None


def make(analysis: Analysis) -> Path:
    """Write the package as it is now, unless it is there."""
    path = _path(analysis)
    if path.is_file():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    forget([analysis.reference])
    address = urljoin(settings.PLENARY_URL + "/", reverse("analysis", args=[analysis.reference]))
    text = analysis.consultation.record.title
    title = f"{analysis.reference}: {text.body}" if text else analysis.reference
    # Two who ask at once write two files; whichever is ready last stays, and both are the same.
    handle, partial = tempfile.mkstemp(prefix=".", suffix=".partial", dir=path.parent)
    os.close(handle)
    try:
        write_package(analysis, Path(partial), address=address, title=title)
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
    return path


def _path(analysis: Analysis) -> Path:
    return folder() / f"{analysis.reference}-{queries.stamp_of_package(analysis)}.zip"


def _ask_for(path: Path) -> bool:
    """Whether to ask the worker for it now: many may look while it is being made."""
    mark = path.with_suffix(".asked")
    if mark.exists() and time.time() - mark.stat().st_mtime < ASK_AGAIN:
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.touch()
    return True


def forget(references: Iterable[str]) -> None:
    """Remove the kept packages and reports of analyses; whoever asks for one gets a new one."""
    for reference in references:
        for kept in folder().glob(f"{reference}-*"):
            kept.unlink(missing_ok=True)


def _pieces(packed: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        while piece := file.read(1 << 20):
            yield piece


def _sha256(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def describe(
    analysis: Analysis, resources: Iterable[Mapping[str, Any]], *, address: str, title: str
) -> bytes:
    """``datapackage.json``: what each file is, its columns, its size and its SHA-256."""
    licence = analysis.consultation.licence
    return _pretty(
        {
            "$schema": PROFILE,
            "name": analysis.reference.lower(),
            "title": title,
            "homepage": address,
            "created": analysis.finished_at.isoformat() if analysis.finished_at else None,
            "version": "1",
            "licenses": [{"name": licence}],
            "resources": sorted(resources, key=lambda one: str(one["path"])),
        }
    )


def _resource(name: str, size: int, sha256: str) -> dict[str, Any]:
    kind = name.rpartition(".")[2]
    made: dict[str, Any] = {
        "name": name.removesuffix(f".{kind}").replace("/", "-"),
        "path": name,
        "format": kind,
        "mediatype": "text/csv" if kind == "csv" else "application/json",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{sha256}",
    }
    if name in DICTIONARY:
        about, fields = DICTIONARY[name]
        made["description"] = about
        made["schema"] = {
            "fields": [{"name": column, "type": kind, "description": said} for column, kind, said in fields],
            "missingValues": [""],
        }
    return made


def _head(analysis: Analysis, result: Mapping[str, Any], address: str) -> dict[str, Any]:
    parts = [f"parts/{name}.json" for name in queries.list_parts(analysis)]
    return {
        "format": "package/1",
        "analysis": analysis.reference,
        "consultation": analysis.consultation.reference,
        "address": address,
        "result_sha256": analysis.result.sha256 if analysis.result else None,
        "recomputable": [name for name in RECOMPUTABLE if not name.startswith("parts/") or name in parts],
        "attested": [name for name in parts if name not in RECOMPUTABLE and name != f"parts/{VOTES}.json"],
        **{name: result[name] for name in ("mode", "seed", "engine_version", "input_sha256", "settings")},
    }


def _statements(
    statements: Sequence[PublishedStatement], figures: Mapping[str, Mapping[str, Any]]
) -> Iterable[Sequence[object]]:
    for each in statements:
        one = figures[each.reference]
        yield (
            each.reference,
            each.state,
            each.language,
            guard(each.text),
            one["agree"],
            one["disagree"],
            one["pass"],
            "true" if one.get("is_meta") else "false",
        )


def _translations(statements: Sequence[PublishedStatement]) -> Iterable[Sequence[object]]:
    for each in statements:
        for one in each.translations:
            stale = "true" if one.source_hash != each.text_hash else "false"
            yield each.reference, one.language, guard(one.body), one.provenance, stale


def _findings(analysis: Analysis, result: Mapping[str, Any]) -> Iterable[Sequence[object]]:
    said = queries.list_references_and_sentences(analysis)
    for (reference, sentence), finding in zip(said, result["findings"], strict=True):
        yield reference, *finding_row(finding).values(), guard(sentence)


def _csv(name: str, rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column for column, _kind, _said in DICTIONARY[name][1]])
    writer.writerows(rows)
    return out.getvalue().encode()


def _pretty(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()
