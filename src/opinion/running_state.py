"""A running analysis as bytes, and its votes as one matrix again."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from .errors import InputError
from .frozen import FrozenModel
from .running_age import Since
from .votes import Votes, _natural

__all__ = ["merge", "pack", "unpack"]

Array = np.ndarray[Any, np.dtype[Any]]
MAGIC = b"opinion running "
VERSION = 1
TABLES = ("known", "shaping", "rate", "loadings", "shares", "chances")
NUMBERS = ("needed", "votes", "people", "agreement", "source")


def merge(
    base: Votes,
    people: Array,
    new: Mapping[str, int],
    touched: Mapping[int, bytes],
    statements: Sequence[str],
) -> tuple[Votes, Array]:
    """Votes of the start and those since as one matrix in canonical order, and the people in its rows.

    Parameters
    ----------
    base : Votes
    people : ndarray, shape (n,)
        A row for each person of `base`, then for each of `new`.
    new : dict
        Id and place of the people who came since.
    touched : dict
        The ballots that changed, by place of the person, as `Running` keeps them.
    statements : sequence of str
        By column; those of `base` first.

    Returns
    -------
    votes : Votes
        People without a vote are left out; statements without one are kept.
    people : ndarray, shape (people,)
        Rows of `people` in the order of `votes`.
    """
    n = people.size
    lengths = np.zeros(n, dtype=np.int64)
    lengths[: base.shape[0]] = np.diff(base.indptr)
    for person, ballot in touched.items():
        lengths[person] = len(ballot) // 4
    ids, order = _people_in_order(base.participant_ids, new)
    voted = lengths[order] > 0
    ids, order = ids[voted], order[voted]
    columns = np.array(sorted(range(len(statements)), key=lambda s: _natural(statements[s])), dtype=np.int64)
    place = np.empty(columns.size, dtype=np.int32)
    place[columns] = np.arange(columns.size, dtype=np.int32)
    indptr = np.zeros(order.size + 1, dtype=np.int64)
    np.cumsum(lengths[order], out=indptr[1:])
    start = np.zeros(n, dtype=np.int64)
    start[order] = indptr[:-1]
    indices, values = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1], dtype=np.int8)
    _copy_base(base, touched, start, place, indices, values)
    for person, ballot in touched.items():
        codes = np.frombuffer(ballot, dtype=np.int32)
        column = place[codes >> 2]
        rank = np.argsort(column)
        own = slice(int(start[person]), int(start[person]) + codes.size)
        indices[own], values[own] = column[rank], (codes[rank] & 3) - 1
    labels = np.array(statements, dtype=str)[columns] if columns.size else np.empty(0, dtype=str)
    for array in (ids, labels, indptr, indices, values):
        array.setflags(write=False)
    return Votes(ids, labels, indptr, indices, values, base.superseded), people[order]


def _people_in_order(base: Array, new: Mapping[str, int]) -> tuple[Array, Array]:
    """Ids in canonical order, and the place of each. Those of the start are in order already."""
    from bisect import bisect_left

    names = sorted(new, key=_natural)
    at = [bisect_left(base, _natural(name), key=lambda one: _natural(str(one))) for name in names]
    width = max([base.dtype.itemsize // 4, 1, *(len(name) for name in names)])
    ids = np.insert(base.astype(f"<U{width}"), at, names) if names else base.copy()
    order = np.insert(np.arange(base.size), at, [new[name] for name in names]) if names else None
    return ids, np.arange(base.size) if order is None else order


def _copy_base(
    base: Votes, touched: Mapping[int, bytes], start: Array, place: Array, indices: Array, values: Array
) -> None:
    """The ballots of the start that did not change, each to its new place; a piece at a time."""
    kept = np.ones(base.shape[0], dtype=bool)
    kept[[person for person in touched if person < base.shape[0]]] = False
    for first in range(0, base.shape[0], 1 << 16):
        part = np.arange(first, min(first + (1 << 16), base.shape[0]))
        span = slice(int(base.indptr[part[0]]), int(base.indptr[part[-1] + 1]))
        counts = np.diff(base.indptr[part[0] : part[-1] + 2])
        shift = np.repeat(start[part] - base.indptr[part], counts)
        own = np.repeat(kept[part], counts)
        target = (np.arange(span.start, span.stop) + shift)[own]
        indices[target] = place[base.indices[span][own]]
        values[target] = base.values[span][own]


def pack(
    votes: Votes, model: FrozenModel | None, people: Array, since: Since, left_out: Collection[str] = ()
) -> bytes:
    """State as bytes: a line that names kind, version and SHA-256, then arrays. Equal states give equal bytes."""
    arrays = {
        "participant_ids": votes.participant_ids,
        "statement_ids": votes.statement_ids,
        "lengths": np.diff(votes.indptr).astype(np.int32),
        "indices": votes.indices,
        "values": votes.values,
        "people": people,
    }
    head: dict[str, Any] = {"since": asdict(since), "superseded": votes.superseded, "model": None}
    head["left_out"] = sorted(left_out)
    if model is not None:
        head["model"] = {name: getattr(model, name) for name in NUMBERS}
        arrays |= {"model_ids": model.statement_ids} | {
            f"model_{name}": getattr(model, name) for name in TABLES
        }
    arrays["head"] = np.frombuffer(json.dumps(head, sort_keys=True).encode(), dtype=np.uint8)
    body = io.BytesIO()
    np.savez(body, allow_pickle=False, **arrays)
    data = body.getvalue()
    return MAGIC + f"{VERSION} {hashlib.sha256(data).hexdigest()}\n".encode() + data


def unpack(data: bytes) -> tuple[Votes, FrozenModel | None, Array, Since, tuple[str, ...]]:
    """What `pack` was given.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    votes : Votes
    model : FrozenModel or None
    people : ndarray, shape (people,)
    since : Since
    left_out : tuple of str
        None in states that were kept before they named any.

    Raises
    ------
    InputError
        Not such a state, another version, or damaged.
    """
    line, _, body = bytes(data).partition(b"\n")
    if not line.startswith(MAGIC):
        raise InputError("This is not the state of a running analysis. Start again from the votes.")
    version, _, digest = line[len(MAGIC) :].decode("ascii", "replace").partition(" ")
    if version != str(VERSION):
        raise InputError(
            f"The state of the running analysis is of version “{version}”; this engine reads {VERSION}. "
            "Start again from the votes."
        )
    if hashlib.sha256(body).hexdigest() != digest:
        raise InputError(
            "The state of the running analysis is damaged: its hash differs. Start again from the votes."
        )
    with np.load(io.BytesIO(body), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    head = json.loads(arrays["head"].tobytes())
    lengths = arrays["lengths"].astype(np.int64)
    arrays["indptr"] = np.concatenate([[0], np.cumsum(lengths)])
    parts = {
        name: arrays[name] for name in ("participant_ids", "statement_ids", "indptr", "indices", "values")
    }
    for array in parts.values():
        array.setflags(write=False)
    votes = Votes(**parts, superseded=head["superseded"])
    model = None
    if head["model"] is not None:
        tables = {name: arrays[f"model_{name}"] for name in TABLES}
        model = FrozenModel(statement_ids=arrays["model_ids"], **tables, **head["model"])
    return votes, model, arrays["people"], Since(**head["since"]), tuple(head.get("left_out", ()))
