"""Votes of any size as a folder of parts, so that many processes or machines can each take some of the people.

A part is a Parquet file (`opinion.io`) with all votes of its people. Parts are ranges of people in canonical order
(whole numbers by size, then other ids by code point), each pair of participant and statement stands once, and
``manifest.json`` says what is where. Cutting reads the source twice and holds the votes of one part in memory.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from .batches import arrow
from .collecting import canonical_ids
from .dealing import batches, bounds, gather, scatter, survey
from .errors import InputError, Problem
from .io import read_votes, write_votes
from .passes import BLOCK
from .votes import Votes, _natural

__all__ = [
    "MANIFEST",
    "Manifest",
    "Part",
    "new_folder",
    "partition",
    "read_manifest",
    "read_part",
    "write_parts",
]

Array = np.ndarray[Any, np.dtype[Any]]
MANIFEST = "manifest.json"
FORMAT = "plenary-votes-parts-1"
PART_VOTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A range of people.

    Attributes
    ----------
    file : str
        Name in the folder.
    first, last : str
        Ids of the first and the last participant.
    participants, votes : int
    """

    file: str
    first: str
    last: str
    participants: int
    votes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of parts holds.

    Attributes
    ----------
    participants, votes : int
    superseded : int
        Votes of the source that a later one of the same participant on the same statement replaced.
    sha256 : str
        Of the canonical form of all votes, as `Votes.sha256`.
    statement_ids : tuple of str
        In canonical order.
    parts : tuple of Part
        In canonical order of their people.
    """

    participants: int
    votes: int
    superseded: int
    sha256: str
    statement_ids: tuple[str, ...]
    parts: tuple[Part, ...]


def partition(
    source: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    known: Collection[str] | None = None,
    skip_bad: bool = False,
    part_votes: int = PART_VOTES,
    block: int = BLOCK,
) -> tuple[Manifest, tuple[Problem, ...]]:
    """Cut votes into parts.

    Parameters
    ----------
    source : path
        CSV or Parquet file, or a folder of Parquet files, as for `opinion.read_votes` and `opinion.io.read_votes`.
    folder : path
        To be made; must not exist, or be empty. It takes its name only when it is complete.
    known : collection of str, optional
        Statement ids that exist; a vote on any other one is an error. Each gets a column.
    skip_bad : bool
        Leave bad lines out and return them instead of raising.
    part_votes : int
        About so many votes a part; memory and the space needed beside the result follow it.
    block : int
        A part holds a multiple of this many people (the last one what is left), so that sums over blocks do not
        depend on the parts.

    Returns
    -------
    manifest : Manifest
    skipped : tuple of Problem

    Raises
    ------
    InputError
        With every bad line or row; nothing is written then.
    """
    target = Path(folder)
    with new_folder(target) as made:
        found = survey(batches(source, known), skip_bad)
        every = arrow().array(sorted({*found.statements, *(known or ())}), type="string")
        names = tuple(canonical_ids(every)[0].tolist())
        edges = bounds(found.sample, math.ceil(found.rows / part_votes))
        buckets = scatter(batches(source, known), edges, found, made)
        pieces = (gather(bucket, found, names) for bucket in buckets)
        manifest = write_parts(pieces, made / "parts", part_votes=part_votes, block=block)
        for path in (made / "parts").iterdir():
            path.rename(made / path.name)
        (made / "parts").rmdir()
    return manifest, found.problems


def write_parts(
    pieces: Iterable[Votes],
    folder: str | os.PathLike[str],
    *,
    part_votes: int = PART_VOTES,
    block: int = BLOCK,
) -> Manifest:
    """Write pieces of votes, which come in canonical order of their people, as parts.

    Parameters
    ----------
    pieces : iterable of Votes
        All with the same statements; the people of each come after those of the one before.
    folder : path
        To be made; must not exist, or be empty. It takes its name only when it is complete.
    part_votes, block : int
        As for `partition`.

    Returns
    -------
    Manifest

    Raises
    ------
    ValueError
        Pieces that overlap, or differ in their statements.
    """
    digest = hashlib.sha256(b"participant_id,statement_id,vote\n")
    parts: list[Part] = []
    superseded, ids = 0, None
    with new_folder(folder) as made:
        for votes in _cut(pieces, part_votes, block):
            name = f"part-{len(parts):05}.parquet"
            write_votes(votes, made / name)
            for lines in islice(votes.to_csv(), 1, None):
                digest.update(lines)
            first, last = votes.participant_ids[[0, -1]].tolist()
            parts.append(Part(name, first, last, votes.shape[0], votes.size))
            superseded, ids = superseded + votes.superseded, votes.statement_ids
        manifest = Manifest(
            sum(part.participants for part in parts),
            sum(part.votes for part in parts),
            superseded,
            digest.hexdigest(),
            tuple(ids.tolist()) if ids is not None else (),
            tuple(parts),
        )
        text = json.dumps({"format": FORMAT} | asdict(manifest), ensure_ascii=False, indent=1)
        (made / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return manifest


@contextmanager
def new_folder(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """A folder to fill, which takes its name when all went well, and is gone otherwise.

    Parameters
    ----------
    folder : path

    Yields
    ------
    Path

    Raises
    ------
    InputError
        A folder of this name exists and is not empty, or there is no place for it.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(
            Problem(str(target), None, None, "exists already; name a folder that is new or empty.")
        )
    if not target.absolute().parent.is_dir():
        raise InputError(Problem(str(target), None, None, "its folder does not exist; make it first."))
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.absolute().parent))
    try:
        yield scratch
        umask = os.umask(0)
        os.umask(umask)
        scratch.chmod(0o777 & ~umask)
        if target.exists():
            target.rmdir()
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def read_manifest(folder: str | os.PathLike[str]) -> Manifest:
    """What a folder of parts holds.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Manifest

    Raises
    ------
    InputError
        No such folder, no manifest, or not one of this form.
    """
    path = Path(folder) / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("format") != FORMAT:
            raise ValueError("another format")
        parts = tuple(Part(**part) for part in data.pop("parts"))
        return Manifest(**data | {"statement_ids": tuple(data["statement_ids"]), "parts": parts})
    except FileNotFoundError:
        message = (
            "there is no manifest; opinion.parts.partition makes a folder of parts from a file of votes."
        )
        raise InputError(Problem(str(path), None, None, message)) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(Problem(str(path), None, None, f"is not a manifest of parts ({error}).")) from None


def read_part(folder: str | os.PathLike[str], part: Part, statement_ids: Collection[str]) -> Votes:
    """The votes of a part, with a column for each statement of the whole.

    Parameters
    ----------
    folder : path
    part : int
        From 0.
    statement_ids : sequence of str
        Columns of the whole.

    Returns
    -------
    Votes

    Raises
    ------
    InputError
        If the file is missing, damaged, or not what the manifest says.
    """
    path = Path(folder) / part.file
    votes = read_votes(path, known=statement_ids).votes
    ends = votes.participant_ids[[0, -1]].tolist() if votes.shape[0] else ["", ""]
    if Part(part.file, ends[0], ends[1], votes.shape[0], votes.size) != part or votes.superseded:
        said = f"{part.participants} participants from {part.first} to {part.last}, {part.votes} votes"
        message = f"is not what {MANIFEST} says ({said}); make the parts anew."
        raise InputError(Problem(str(path), None, None, message))
    return votes


def _cut(pieces: Iterable[Votes], part_votes: int, block: int) -> Iterator[Votes]:
    """The same people in pieces of a multiple of `block`, with about `part_votes` votes or more."""
    waiting: list[Votes] = []
    before = None
    for piece in pieces:
        if piece.shape[0] == 0:
            continue
        if before is not None and not _natural(before) < _natural(str(piece.participant_ids[0])):
            raise ValueError("the people of each piece must come after those of the one before")
        before = str(piece.participant_ids[-1])
        waiting.append(piece)
        while (
            sum(one.size for one in waiting) >= part_votes and sum(one.shape[0] for one in waiting) >= block
        ):
            whole = _joined(waiting)
            enough = int(np.searchsorted(whole.indptr, part_votes))
            cut = min(max(1, round(enough / block)), whole.shape[0] // block) * block
            yield replace(whole.people(0, cut), superseded=whole.superseded)
            waiting = [whole.people(cut, whole.shape[0])] if cut < whole.shape[0] else []
    if waiting:
        yield _joined(waiting)


def _joined(pieces: list[Votes]) -> Votes:
    if len(pieces) == 1:
        return pieces[0]
    if any(not np.array_equal(piece.statement_ids, pieces[0].statement_ids) for piece in pieces):
        raise ValueError("the pieces must have the same statements")
    starts = np.cumsum([0] + [piece.size for piece in pieces])
    return Votes(
        np.concatenate([piece.participant_ids for piece in pieces]),
        pieces[0].statement_ids,
        np.concatenate(
            [[0], *(piece.indptr[1:] + start for piece, start in zip(pieces, starts, strict=False))]
        ),
        np.concatenate([piece.indices for piece in pieces]),
        np.concatenate([piece.values for piece in pieces]),
        sum(piece.superseded for piece in pieces),
    )
