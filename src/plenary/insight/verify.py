"""Checks a published package of an analysis against itself and against the engine. Needs no database and no settings.

What rests on votes alone is made again and compared: counts, labels and groups must be the same, floats within
``TOLERANCE``. What rests on attributes is attested by whoever published it: of that, the hashes are checked, and that
the tables add up with the votes where nothing in them is hidden. The format is docs/formats/package-1.md.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TOLERANCE = 1e-6
MOST_SAID = 20  # differences of one kind; the rest is counted
DESCRIPTION = "datapackage.json"
SLATE = 7  # statements on the short list


class NoPackage(Exception):
    """This is no package; the message says what is missing."""


@dataclass
class Report:
    """What was looked at. ``wrong`` empty means that the package holds what it says."""

    package: str = ""
    sha256: str = ""
    """Of ``datapackage.json``: the same as on the page of the analysis, or it is another package."""
    confirmed: list[str] = field(default_factory=list)
    attested: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def say(self, is_right: bool, right: str, wrong: str) -> bool:
        (self.confirmed if is_right else self.wrong).append(right if is_right else wrong)
        return is_right

    def differ(self, what: str, found: list[str], right: str) -> None:
        """Differences of one kind: the first ones in full, the rest as a number."""
        if not found:
            self.confirmed.append(right)
            return
        self.wrong += [f"{what}: {one}" for one in found[:MOST_SAID]]
        if len(found) > MOST_SAID:
            self.wrong.append(f"{what}: {len(found) - MOST_SAID:,} more differences.")


def verify(path: Path) -> Report:
    """Check the package in a folder or a ZIP file. Raises `NoPackage` where there is none."""
    files = _read(path)
    if DESCRIPTION not in files:
        raise NoPackage(f"There is no {DESCRIPTION} in {path}: this is no package of an analysis.")
    report = Report(sha256=hashlib.sha256(files[DESCRIPTION]).hexdigest())
    description = _json(files, DESCRIPTION)
    report.package = str(description.get("title") or description.get("name") or "")
    _check_files(files, description, report)
    for name in ("analysis.json", "result.json", "votes.csv", "statements.csv", "findings.csv"):
        if name not in files:
            raise NoPackage(
                f"{name} is missing, so that nothing can be made again. Download the package anew."
            )
    analysis, result = _json(files, "analysis.json"), _json(files, "result.json")
    _check_head(files, analysis, result, report)
    _check_figures(files, analysis, result, report)
    _check_statements(files, result, report)
    _check_findings(files, result, report)
    for name in sorted(name for name in files if name.startswith("parts/")):
        _check_attested(name, _json(files, name), result, report)
    return report


def make_slate(votes: Any, result: Any) -> dict[str, Any] | None:
    """The short list of an analysis as it is published: recomputable from the votes and the groups."""
    from opinion.slate import slate

    if len(result.participants) < 2 or not len(result.statements):
        return None
    chosen = slate(votes, SLATE, groups=result.participants.group)
    found: dict[str, Any] = result.with_sections(slate=chosen).to_dict()["slate"]
    return found


def _read(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        return {
            each.relative_to(path).as_posix(): each.read_bytes()
            for each in sorted(path.rglob("*"))
            if each.is_file() and not each.name.startswith(".")
        }
    try:
        with zipfile.ZipFile(path) as whole:
            return {entry.filename: whole.read(entry) for entry in whole.infolist() if not entry.is_dir()}
    except FileNotFoundError as error:
        raise NoPackage(f"There is no {path}.") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise NoPackage(f"{path} is neither a folder nor a whole ZIP file: {error}.") from error


def _json(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        data = json.loads(files[name])
    except ValueError as error:
        raise NoPackage(f"{name} is not JSON: {error}.") from error
    if not isinstance(data, dict):
        raise NoPackage(f"{name} holds no JSON object.")
    return data


def _rows(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoPackage(f"{name} is not a CSV file in UTF-8: {error}.") from error


def _check_files(files: Mapping[str, bytes], description: Mapping[str, Any], report: Report) -> None:
    listed = {str(one.get("path")): one for one in description.get("resources", [])}
    found = []
    for name, one in listed.items():
        if name not in files:
            found.append(f"{name} is missing.")
        elif f"sha256:{hashlib.sha256(files[name]).hexdigest()}" != one.get("hash"):
            found.append(f"{name} was altered: its SHA-256 is another than {DESCRIPTION} says.")
    found += [f"{name} is in no list." for name in files if name not in listed and name != DESCRIPTION]
    report.differ(
        "Files", found, f"All {len(listed)} files are there and unaltered since {DESCRIPTION} was written."
    )


def _check_head(
    files: Mapping[str, bytes], analysis: Mapping[str, Any], result: Mapping[str, Any], report: Report
) -> None:
    report.say(
        hashlib.sha256(files["result.json"]).hexdigest() == analysis.get("result_sha256"),
        "result.json is the result whose SHA-256 was published.",
        "result.json is not the result whose SHA-256 stands in analysis.json.",
    )
    found = [
        f"{name} is {result.get(name)!r} in the result and {analysis.get(name)!r} in analysis.json."
        for name in ("mode", "seed", "engine_version", "input_sha256", "settings")
        if result.get(name) != analysis.get(name)
    ]
    report.differ("Parameters", found, "The result was made with the parameters that were published.")
    report.say(
        hashlib.sha256(files["votes.csv"]).hexdigest() == result.get("input_sha256"),
        "votes.csv holds exactly the votes that were analysed.",
        "votes.csv does not hold the votes that were analysed: its SHA-256 is not the result's input_sha256.",
    )


def _check_figures(
    files: Mapping[str, bytes], analysis: Mapping[str, Any], result: Mapping[str, Any], report: Report
) -> None:
    from opinion import ENGINE_VERSION, InputError, Votes, analyze

    if result.get("engine_version") != ENGINE_VERSION:
        report.notes.append(
            f"The result was made by opinion {result.get('engine_version')}, it is checked by {ENGINE_VERSION}: "
            "figures may differ for that reason."
        )
    try:
        votes = _votes(files["votes.csv"], Votes)
        settings = dict(result["settings"])
        again = analyze(
            votes,
            mode=result["mode"],
            seed=result["seed"],
            max_groups=settings.pop("max_groups"),
            **settings,
        )
    except (InputError, KeyError, TypeError) as error:
        report.wrong.append(f"Figures: the analysis cannot be made again from these files: {error}")
        return
    found = list(_differences(result, again.to_dict(), "result"))
    report.differ(
        "Figures",
        found,
        f"The analysis was made again from {votes.size:,} votes of {votes.shape[0]:,} people: counts, groups and "
        "findings are the same.",
    )
    if "parts/slate.json" in files:
        slate = make_slate(votes, again) or {}
        differing = list(_differences(_json(files, "parts/slate.json"), slate, "slate"))
        report.differ("Short list", differing, "The short list was made again and is the same.")


def _votes(content: bytes, kind: Any) -> Any:
    """Votes of the canonical form, without the reader's guesses about columns."""
    import numpy as np

    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    head = next(rows, [])
    if head != ["participant_id", "statement_id", "vote"]:
        raise KeyError("votes.csv begins with other columns")
    people, statements, values = [], [], []
    for line, row in enumerate(rows, 2):
        if len(row) != 3 or row[2] not in ("1", "0", "-1"):
            raise KeyError(f"line {line} of votes.csv is no vote")
        people.append(row[0])
        statements.append(row[1])
        values.append(int(row[2]))
    return kind.from_arrays(
        np.array(people, dtype=str), np.array(statements, dtype=str), np.array(values, dtype=np.int8)
    )


def _differences(published: Any, made: Any, place: str) -> Iterator[str]:
    """Where two values of JSON differ, floats by more than the tolerance."""
    if isinstance(published, dict) and isinstance(made, dict):
        for key in sorted(published.keys() | made.keys()):
            if place == "result" and key in ("engine_version", "previous_sha256"):
                continue
            if key not in published or key not in made:
                yield f"{place}.{key} is only in what was {'made again' if key in made else 'published'}."
            else:
                yield from _differences(published[key], made[key], f"{place}.{key}")
    elif isinstance(published, list) and isinstance(made, list):
        if len(published) != len(made):
            yield f"{place} has {len(published):,} entries where {len(made):,} were found again."
        for number, (one, other) in enumerate(zip(published, made, strict=False)):
            name = one.get("id", number) if isinstance(one, dict) else number
            yield from _differences(one, other, f"{place}[{name}]")
    elif isinstance(published, float) or isinstance(made, float):
        numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (published, made))
        if not numbers or abs(published - made) > TOLERANCE:
            yield f"{place} is {published!r}, and {made!r} was found again."
    elif published != made or isinstance(published, bool) != isinstance(made, bool):
        yield f"{place} is {published!r}, and {made!r} was found again."


def _check_statements(files: Mapping[str, bytes], result: Mapping[str, Any], report: Report) -> None:
    figures = {one["id"]: one for one in result.get("statements", [])}
    rows = {row.get("id", ""): row for row in _rows(files, "statements.csv")}
    found = [f"{name} is in the result and not in statements.csv." for name in figures if name not in rows]
    erased = 0
    for name, row in rows.items():
        one = figures.get(name)
        if one is None:
            found.append(f"{name} is in statements.csv and not in the result.")
            continue
        found += [
            f"{name}: {row.get(side)} {side} in statements.csv, {one[side]} in the result."
            for side in ("agree", "disagree", "pass")
            if row.get(side) != str(one[side])
        ]
        erased += row.get("state") == "erased"
    report.differ("Statements", found, f"The counts of all {len(rows):,} statements are those of the result.")
    if erased:
        report.notes.append(
            f"Erased by their authors: {erased:,} statements. Their words are gone, their votes count."
        )


def _check_findings(files: Mapping[str, bytes], result: Mapping[str, Any], report: Report) -> None:
    rows = _rows(files, "findings.csv")
    made = result.get("findings", [])
    found = []
    if len(rows) != len(made):
        found.append(f"findings.csv has {len(rows):,} findings, the result {len(made):,}.")
    for number, (row, one) in enumerate(zip(rows, made, strict=False), 1):
        for name, value in finding_row(one).items():
            if row.get(name) != value:
                found.append(
                    f"finding {row.get('reference') or number}: {name} is {row.get(name)!r}, the result says {value!r}."
                )
    report.differ("Findings", found, f"The figures of all {len(rows):,} findings are those of the result.")


def finding_row(finding: Mapping[str, Any]) -> dict[str, str]:
    """What ``findings.csv`` says of a finding of a result, its reference and its sentence apart."""
    everyone = finding["figures"].get("everyone", {})
    counts = {name: str(everyone[name]) if name in everyone else "" for name in ("agree", "disagree", "pass")}
    shares = {
        name: f"{everyone[name]:.6f}" if everyone.get(name) is not None else ""
        for name in ("rate", "low", "high")
    }
    return {
        "kind": finding["kind"],
        "statements": " ".join(finding["statements"]),
        "groups": " ".join("ABCDEFGH"[group] for group in finding["groups"]),
        "side": finding["figures"].get("side", ""),
        **counts,
        **shares,
    }


def _check_attested(name: str, part: Mapping[str, Any], result: Mapping[str, Any], report: Report) -> None:
    if name == "parts/slate.json":
        return
    report.attested.append(
        f"{name} rests on what is not published; its hash is checked, its figures are attested."
    )
    votes = {one["id"]: one for one in result.get("statements", [])}
    found = []
    for attribute in part.get("attributes", []) if name == "parts/lens.json" else []:
        for statement in attribute.get("statements", []):
            one = votes.get(statement.get("id"))
            if one is None:
                found.append(f"{name}: {statement.get('id')} is not in the result.")
                continue
            for side in ("agree", "disagree", "pass"):
                cells = [category.get(side) for category in statement.get("categories", [])]
                if None not in cells and sum(cells) != one[side]:
                    found.append(
                        f"{name}: by {attribute.get('name')}, {sum(cells)} {side} with {statement['id']}, "
                        f"{one[side]} in the result."
                    )
    if part.get("attributes"):
        report.differ("Tables", found, f"{name}: wherever nothing is hidden, the tables add up to the votes.")
