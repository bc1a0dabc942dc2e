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
import math
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

TOLERANCE = 1e-6
MOST_SAID = 20  # differences of one kind; the rest is counted
DESCRIPTION = "datapackage.json"
SLATE = 7  # statements on the short list, as many as are made now; a published one says how many it wanted
MOST_WANTED = 100
RECOMPUTED = ("parts/slate.json", "parts/shares.json", "parts/map.json", "parts/model.json")
VOTES_HEAD = b"participant_id,statement_id,vote"
PIECE = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)
_OTHER_FORM = (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError)


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


class Files:
    """What is in a folder or a ZIP file. The votes may be many, so nothing is read before it is needed."""

    def __init__(self, path: Path) -> None:
        self._path, self._zip = path, None
        try:
            if path.is_dir():
                found = {one.relative_to(path).as_posix(): one.stat().st_size for one in _files_in(path)}
                self.sizes = dict(sorted(found.items()))
                return
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise NoPackage(f"There is no {path}.") from error
        except _UNREADABLE as error:
            raise NoPackage(f"{path} is neither a folder nor a whole ZIP file: {error}.") from error
        entries = [one for one in self._zip.infolist() if not one.is_dir()]
        self.sizes = {one.filename: one.file_size for one in entries}
        if len(self.sizes) < len(entries):
            raise NoPackage(f"{path} holds two files of one name.")

    def __contains__(self, name: str) -> bool:
        return name in self.sizes

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(name) if self._zip else (self._path / name).open("rb") as file:
                yield file
        except _UNREADABLE as error:
            raise NoPackage(f"{name} cannot be read from {self._path}: {error}.") from error

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def hash(self, name: str) -> str:
        with self.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # it only reads

    @contextmanager
    def on_disk(self, name: str) -> Iterator[Path]:
        """The file itself, or a copy of it until the block is left."""
        if self._zip is None:
            yield self._path / name
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / PurePosixPath(name).name
            with self.open(name) as file, copy.open("wb") as to:
                shutil.copyfileobj(file, to, PIECE)
            yield copy


def _files_in(folder: Path) -> list[Path]:
    """All files of a folder; those that begin with a point are the computer's own notes."""
    return [one for one in folder.rglob("*") if one.is_file() and not one.name.startswith(".")]


def verify(path: Path) -> Report:
    """Check the package in a folder or a ZIP file. Raises `NoPackage` where there is none."""
    files = Files(path)
    if DESCRIPTION not in files:
        raise NoPackage(f"There is no {DESCRIPTION} in {path}: this is no package of an analysis.")
    report = Report(sha256=files.hash(DESCRIPTION))
    description = _json(files, DESCRIPTION)
    report.package = str(description.get("title") or description.get("name") or "")
    _guarded(report, DESCRIPTION, lambda: _check_files(files, description, report))
    for name in ("analysis.json", "result.json", "votes.csv", "statements.csv", "findings.csv"):
        if name not in files:
            raise NoPackage(
                f"{name} is missing, so that nothing can be made again. Download the package anew."
            )
    analysis, result = _json(files, "analysis.json"), _json(files, "result.json")
    _guarded(report, "result.json", lambda: _check_head(files, analysis, result, report))
    _guarded(report, "result.json", lambda: _check_figures(files, result, report))
    _guarded(report, "statements.csv or result.json", lambda: _check_statements(files, result, report))
    _guarded(report, "findings.csv or result.json", lambda: _check_findings(files, result, report))
    for name in sorted(name for name in files.sizes if name.startswith("parts/")):
        _guarded(report, name, partial(_check_attested, name, _json(files, name), result, report))
    return report


def _guarded(report: Report, name: str, check: Callable[[], None]) -> None:
    """A file of another form than it should have is a finding of the check, not its end."""
    try:
        check()
    except _OTHER_FORM as error:
        report.wrong.append(f"Form: {name} has not the form of a package ({type(error).__name__}: {error}).")


def make_slate(votes: Any, result: Any, wanted: int = SLATE) -> dict[str, Any] | None:
    """The short list of an analysis as it is published: recomputable from the votes and the groups."""
    from opinion.slate import slate

    if len(result.participants) < 2 or not len(result.statements):
        return None
    chosen = slate(votes, wanted, groups=result.participants.group, statements=result.marked())
    found: dict[str, Any] = result.with_sections(slate=chosen).to_dict()["slate"]
    return found


def make_map(result: Mapping[str, Any]) -> dict[str, Any]:
    """The map as it is published, from the rows of people of a result."""
    import numpy as np

    from opinion.picture import make_atlas

    people = result["participants"]
    group = np.array([-1 if one["group"] is None else one["group"] for one in people], dtype=np.int8)
    sure, x, y = (np.array([one[name] for one in people], dtype=float) for name in ("confidence", "x", "y"))
    return make_atlas(result["k"], group, sure, x, y).to_dict()


def make_model(votes: Any, result: Any) -> dict[str, Any]:
    """By which anybody's votes are placed on the map: what the analysis learned, as tables by statement."""
    from opinion.frozen import freeze

    return freeze(votes, result).to_dict()


def make_shares(result: Mapping[str, Any]) -> dict[str, Any]:
    """Of every statement of a result: agree, disagree, pass, and the 95 % intervals of agreeing and disagreeing."""
    return {
        one["id"]: [
            one["agree"], one["disagree"], one["pass"],
            *(round(end, 6) for side in ("agree", "disagree") for end in one["intervals"][side]),
        ]
        for one in result["statements"]
    }  # fmt: skip


def _json(files: Files, name: str) -> dict[str, Any]:
    try:
        data = json.loads(files.read(name))
    except ValueError as error:
        raise NoPackage(f"{name} is not JSON: {error}.") from error
    if not isinstance(data, dict):
        raise NoPackage(f"{name} holds no JSON object.")
    return data


def _rows(files: Files, name: str) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(files.read(name).decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoPackage(f"{name} is not a CSV file in UTF-8: {error}.") from error


def _check_files(files: Files, description: Mapping[str, Any], report: Report) -> None:
    listed = {str(one.get("path")): one for one in description.get("resources", [])}
    found = []
    for name, one in listed.items():
        if name not in files:
            found.append(f"{name} is missing.")
        elif f"sha256:{files.hash(name)}" != one.get("hash"):
            found.append(f"{name} was altered: its SHA-256 is another than {DESCRIPTION} says.")
        elif files.sizes[name] != one.get("bytes"):
            found.append(f"{name} has {files.sizes[name]:,} bytes, {DESCRIPTION} says {one.get('bytes')!r}.")
    found += [f"{name} is in no list." for name in files.sizes if name not in listed and name != DESCRIPTION]
    report.differ(
        "Files", found, f"All {len(listed)} files are there and unaltered since {DESCRIPTION} was written."
    )


def _check_head(files: Files, analysis: Mapping[str, Any], result: Mapping[str, Any], report: Report) -> None:
    report.say(
        files.hash("result.json") == analysis.get("result_sha256"),
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
        files.hash("votes.csv") == result.get("input_sha256"),
        "votes.csv holds exactly the votes that were analysed.",
        "votes.csv does not hold the votes that were analysed: its SHA-256 is not the result's input_sha256.",
    )


def _check_figures(files: Files, result: Mapping[str, Any], report: Report) -> None:
    from opinion import ENGINE_VERSION, InputError, Statement, analyze

    if result.get("engine_version") != ENGINE_VERSION:
        report.notes.append(
            f"The result was made by opinion {result.get('engine_version')}, it is checked by {ENGINE_VERSION}: "
            "figures may differ for that reason."
        )
    try:
        votes = _votes(files)
        settings = dict(result["settings"])
        again = analyze(
            votes,
            mode=result["mode"],
            seed=result["seed"],
            statements=[
                Statement(one["id"], is_meta=one.get("is_meta") is True) for one in result["statements"]
            ],
            max_groups=settings.pop("max_groups"),
            **settings,
        )
    except (InputError, *_OTHER_FORM) as error:
        report.wrong.append(f"Figures: the analysis cannot be made again from these files: {error}")
        return
    found = sorted(_differences(result, again.to_dict(), "result"), key=_rank)
    report.differ(
        "Figures",
        found,
        f"The analysis was made again from {votes.size:,} votes of {votes.shape[0]:,} people: counts, groups and "
        "findings are the same.",
    )
    if "parts/slate.json" in files:
        published = _json(files, "parts/slate.json")
        wanted = published.get("wanted")
        if not isinstance(wanted, int) or not 0 < wanted <= MOST_WANTED:
            wanted = SLATE
        slate = make_slate(votes, again, wanted) or {}
        differing = list(_differences(published, slate, "slate"))
        report.differ("Short list", differing, "The short list was made again and is the same.")
    if "parts/shares.json" in files:
        differing = list(_differences(_json(files, "parts/shares.json"), make_shares(result), "shares"))
        report.differ("Shares", differing, "The shares of all statements are those of the result.")
    if "parts/map.json" in files:
        differing = list(_differences(_json(files, "parts/map.json"), make_map(result), "map"))
        report.differ("Map", differing, "The map shows the people where the result has them.")
    if "parts/model.json" in files:
        differing = list(_differences(_json(files, "parts/model.json"), make_model(votes, again), "model"))
        report.differ("Model", differing, "What places a reader on the map was made again and is the same.")


def _votes(files: Files) -> Any:
    """The votes, which must be in the columns of the canonical form and no others."""
    from opinion import Votes

    with files.open("votes.csv") as file:
        if file.readline(PIECE).rstrip(b"\r\n") != VOTES_HEAD:
            raise KeyError("votes.csv begins with other columns")
    with files.on_disk("votes.csv") as path:
        return Votes.from_csv(path)


def _rank(difference: str) -> int:
    """Counts of statements first, which say where a vote was altered; coordinates, which follow from all, last."""
    if re.match(r"result\.statements\[[^]]*\]\.(agree|disagree|pass|votes) ", difference):
        return 0
    return 2 if re.match(r"result\.(axes|participants)|.*\.[xy] is ", difference) else 1


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


def _check_statements(files: Files, result: Mapping[str, Any], report: Report) -> None:
    figures = {one["id"]: one for one in result.get("statements", [])}
    lines = _rows(files, "statements.csv")
    rows = {row.get("id", ""): row for row in lines}
    found = [f"{name} is in the result and not in statements.csv." for name in figures if name not in rows]
    if len(rows) < len(lines):
        found.append(f"{len(lines) - len(rows):,} lines of statements.csv repeat a reference.")
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
        if row.get("is_meta") != ("true" if one.get("is_meta") else "false"):
            found.append(
                f"{name}: is_meta is {row.get('is_meta')!r} in statements.csv, and not so in the result."
            )
        if row.get("state") not in ("published", "erased", "withheld"):
            found.append(f"{name}: its state {row.get('state')!r} is none of published, erased, withheld.")
        elif row["state"] != "published" and row.get("text"):
            found.append(f"{name} is said to be {row['state']}, and yet its words are there.")
        erased += row.get("state") == "erased"
    report.differ("Statements", found, f"The counts of all {len(rows):,} statements are those of the result.")
    if erased:
        report.notes.append(
            f"Erased by their authors: {erased:,} statements. Their words are gone, their votes count."
        )


def _check_findings(files: Files, result: Mapping[str, Any], report: Report) -> None:
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
        strange = sorted(_numbers_in(row) - _figures_of(one))
        if strange:
            found.append(
                f"finding {row.get('reference') or number}: its sentence says {', '.join(map(str, strange))}, "
                "which is none of its figures."
            )
    report.differ(
        "Findings",
        found,
        f"The figures of all {len(rows):,} findings, and those in their sentences, are those of the result.",
    )


def _numbers_in(row: Mapping[str, str]) -> set[int]:
    """The figures in the sentence of a finding; what it quotes and the references it names are not among them."""
    said = re.sub(r"“.*”|\b[A-Z]+-\d+", "", row["sentence"], flags=re.DOTALL)
    return {int(figure.replace(",", "")) for figure in re.findall(r"\d(?:[\d,]*\d)?", said)}


def _figures_of(finding: Mapping[str, Any]) -> set[int]:
    """What a sentence may say of a finding: counts, and shares in per cent, to the nearest or as a tie is rounded."""
    figures = finding["figures"]
    known = {95, len(finding["statements"])}
    for one in (figures, *figures.get("statements", ())):
        groups = one.get("per_group", ())
        for counts in (one.get("everyone"), *groups):
            if counts is None:
                continue
            known |= {counts[side] for side in ("agree", "disagree", "pass")}
            known.add(counts["agree"] + counts["disagree"] + counts["pass"])
            for name in ("rate", "low", "high"):
                known |= _in_percent(counts[name])
        side = one.get("side") or figures.get("side") or "agree"
        for group in groups:
            others = [each for each in groups if each is not group]
            voted = sum(each["agree"] + each["disagree"] + each["pass"] for each in others)
            if voted:
                known |= _in_percent(sum(each[side] for each in others) / voted)
    return known


def _in_percent(share: float | None) -> set[int]:
    return set() if share is None else {round(100 * share), math.floor(100 * share + 0.5)}


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
    if name in RECOMPUTED:
        return
    report.attested.append(
        f"{name} rests on what is not published; its hash is checked, its figures are attested."
    )
    if name == "parts/lens.json" and part.get("input_sha256") == result.get("input_sha256"):
        tables, found = _added_up(part, result)
        if tables:
            right = f"{name}: {tables:,} tables in which nothing is hidden add up to the votes."
            report.differ("Tables", [f"{name}: {one}" for one in found], right)


def _added_up(part: Mapping[str, Any], result: Mapping[str, Any]) -> tuple[int, list[str]]:
    """How many tables of who said so could be added up, and which of them do not give the counts of the result.

    A table that was told with an earlier analysis stands as it was told then: of another day, or of fewer people.
    """
    votes = {one["id"]: one for one in result["statements"]}
    tables, found = 0, []
    for attribute in part.get("attributes", ()):
        for row in attribute["findings"]:
            one = votes.get(row["statement"])
            if one is None:
                found.append(f"{row['statement']} is not in the result.")
                continue
            if row["on"] != part["on"]:
                continue
            voters = [category["voters"] for category in row["categories"]]
            counts = [category["count"] for category in row["categories"]]
            if None in voters or None in counts:
                continue
            wanted = one[row["side"]], one["agree"] + one["disagree"] + one["pass"]
            if sum(voters) < wanted[1]:
                continue
            tables += 1
            if (sum(counts), sum(voters)) != wanted:
                found.append(
                    f"by {attribute['name']}, {sum(counts):,} of {sum(voters):,} with {row['statement']}; "
                    f"{wanted[0]:,} of {wanted[1]:,} in the result."
                )
    return tables, found
