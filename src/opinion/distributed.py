"""The analysis on many processes or machines, from a folder of parts (`opinion.parts`).

Needs dask.distributed, which is imported only here: ``pip install "plenary[distributed]"``. Each worker holds the
votes of some parts and does with them what `opinion.analyze` does with its blocks (`opinion.passes`); what comes back
is sums, small samples, and where people stand. The sums are added in the order of the blocks, so that the result
depends neither on how many workers there are nor on which is first. The votes of a worker that dies are read again
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .analysis import Question, conclude
from .batches import arrow
from .errors import InputError
from .groups import MAX_GROUPS
from .mixture import Ballots, make_ballots, smoothed_rate
from .parts import Manifest, Part, new_folder, read_manifest, read_part
from .passes import Model, Sums, blocks_of, find_places, learn, place_blocks
from .placement import Placement
from .result import Participants, Result
from .votes import Statement, Votes

if TYPE_CHECKING:
    import os

    from scipy.sparse import csr_array

__all__ = ["analyze", "local_client"]

Array = np.ndarray[Any, np.dtype[Any]]
Progress = Callable[[float], None]


def analyze(
    folder: str | os.PathLike[str],
    client: Any = None,
    *,
    seed: int = 0,
    statements: Iterable[Statement] | None = None,
    previous: Result | bytes | None = None,
    people: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    max_groups: int = MAX_GROUPS,
    **settings: Any,
) -> Result:
    """Find groups, what they share and what divides them, as `opinion.analyze` does in its default mode.

    Parameters
    ----------
    folder : path
        Parts, as `opinion.parts.partition` makes them; every worker must see it under this name.
    client : dask.distributed.Client, optional
        Default: that of `local_client`, for the time of the analysis.
    seed, statements, previous, progress, max_groups, **settings
        As for `opinion.analyze`.
    people : path, optional
        Folder to be made for where people stand: a Parquet file for each part, with the columns ``participant_id``,
        ``group`` (0 is the largest; null for none), ``confidence``, ``x`` and ``y``. The result then names nobody.

    Returns
    -------
    Result
        Counts and labels as on one machine; floats within 1e-6.

    Raises
    ------
    InputError
        As `opinion.analyze`; no manifest in the folder, a part that is not what it says, or dask is missing.

    Notes
    -----
    A script must call this under ``if __name__ == "__main__":``, since the workers are processes that read it too.
    Workers of a client of one's own should have one thread each, as those of `local_client`.
    """
    manifest = read_manifest(folder)
    ids = np.array(manifest.statement_ids, dtype=str)
    ask = Question(ids, "plenary", seed, statements or (), previous, max_groups, settings)
    report = progress or (lambda share: None)
    least = ask.settings["min_votes"]
    with ExitStack() as stack:
        made = None if people is None else stack.enter_context(new_folder(people))
        if client is None:
            client = stack.enter_context(local_client())
        crowd = _Elsewhere(client, Path(folder).absolute(), manifest, ask.shaping)
        found = find_places(crowd, ask.rng, least, max_groups=max_groups, progress=lambda s: report(0.9 * s))
        names = crowd.names() if made is None else np.empty(0, dtype=str)
        result = conclude(ask, found, crowd.everyone, names, manifest.sha256)
        if made is not None:
            for part, own in crowd.standing(result.participants):
                _write_people(own, made / part.file)
            result = replace(result, participants=_some(result.participants, names, slice(0)))
    report(1.0)
    return result


def local_client(workers: int | None = None) -> Any:
    """A client of a cluster on this machine: processes of one thread each, in the linear algebra too.

    Parameters
    ----------
    workers : int, optional
        Default: as many as the machine has processors.

    Returns
    -------
    distributed.Client

    Raises
    ------
    InputError
        If dask.distributed is missing.
    """
    try:
        import dask
        from distributed import Client
    except ImportError:
        message = 'This needs dask.distributed, which is not installed: pip install "plenary[distributed]"'
        raise InputError(message) from None
    config: dict[str, Any] = {
        f"distributed.nanny.pre-spawn-environ.{kind}_NUM_THREADS": 1 for kind in ("OPENBLAS", "OMP", "MKL")
    }
    config["distributed.worker.profile.enabled"] = False  # it looks at every thread a hundred times a second
    with dask.config.set(config):
        start: Any = Client  # which has no types
        return start(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0")


class _Elsewhere:
    """Everybody's votes in the memory of workers, a `Crowd`."""

    def __init__(self, client: Any, folder: Path, manifest: Manifest, shaping: Array) -> None:
        self._client, self._manifest, self._shaping = client, manifest, shaping
        self._starts = np.cumsum([0] + [part.participants for part in manifest.parts])
        self._held = self._each(_hold, manifest.parts, folder=str(folder), ids=manifest.statement_ids)
        self.everyone = np.zeros((shaping.size, 3), dtype=np.int64)
        sides = [np.empty(0, dtype=np.int32)]
        for votes, own in self._results(_count, self._held):
            self.everyone += votes
            sides.append(own)
        self.sides = np.concatenate(sides)
        self.counts = (self.everyone[:, ::2] * shaping[:, None]).ravel()

    def _each(self, work: Callable[..., Any], *parts: Any, **shared: Any) -> list[Any]:
        """One task for each part, given what belongs to it; what all share is sent once."""
        common = self._client.submit(_same, shared, pure=False)
        return list(self._client.map(work, *parts, [common] * len(parts[0]), pure=False))

    def _results(self, work: Callable[..., Any], *parts: Any, **shared: Any) -> Iterator[Any]:
        """What the tasks return, in the order of the parts, whichever is done first."""
        futures = self._each(work, *parts, shaping=self._shaping, **shared)
        for i in range(len(futures)):
            result = futures[i].result()
            futures[i] = None  # let the workers forget it
            yield result

    def _slices(self, values: Array) -> list[Array]:
        """Values of all people, by part."""
        return [values[first:last] for first, last in zip(self._starts, self._starts[1:], strict=False)]

    def take(self, rows: Array) -> Ballots:
        """Ballots of the people at given places, in that order."""
        from scipy.sparse import vstack

        order = np.argsort(rows, kind="stable")
        wanted = np.split(rows[order], np.searchsorted(rows[order], self._starts[1:-1]))
        wanted = [own - start for own, start in zip(wanted, self._starts, strict=False)]
        some = [i for i, own in enumerate(wanted) if own.size]
        held, wanted = [self._held[i] for i in some], [wanted[i] for i in some]
        sides = vstack(list(self._results(_take, held, wanted)), format="csr")
        back = np.empty_like(order)
        back[order] = np.arange(order.size)
        return Ballots(sides if np.array_equal(back, order) else sides[back], smoothed_rate(self.counts))

    def learn(self, least: int, shares: Array, chances: Array) -> Sums:
        """The sum over all blocks, in their order."""
        total: Sums | None = None
        for blocks in self._results(_learn, self._held, least=least, shares=shares, chances=chances):
            for one in blocks:
                total = one if total is None else total + one
        assert total is not None
        return total

    def place(self, unseen: Array, model: Model) -> Placement:
        """Where everybody stands."""
        found = list(self._results(_place, self._held, self._slices(unseen), model=model))
        if not found:
            none = np.empty(0)
            counts = np.zeros((model.k, self._shaping.size, 3), dtype=np.int64)
            return Placement(
                model.k, none.astype(np.int8), none, none, none, model.loadings, counts, counts, ()
            )
        return replace(
            found[0],
            group=np.concatenate([own.group for own in found]),
            confidence=np.concatenate([own.confidence for own in found]),
            x=np.concatenate([own.x for own in found]),
            y=np.concatenate([own.y for own in found]),
            shown=sum(own.shown for own in found),
            blind=sum(own.blind for own in found),
        )

    def names(self) -> Array:
        """Ids of all participants."""
        return np.concatenate([np.empty(0, dtype=str), *self._results(_names, self._held)])

    def standing(self, people: Participants) -> Iterator[tuple[Part, Participants]]:
        """Each part with where its people stand, from arrays of all people without their ids."""
        names = self._results(_names, self._held)
        for part, own, first in zip(self._manifest.parts, names, self._starts, strict=False):
            yield part, _some(people, own, slice(first, first + own.size))


# What the workers do. Each takes the votes of a part, perhaps something of its own, and what all parts share.


def _same(shared: dict[str, Any]) -> dict[str, Any]:
    return shared


def _hold(part: Part, shared: dict[str, Any]) -> Votes:
    return read_part(shared["folder"], part, shared["ids"])


def _ballots(votes: Votes, shared: dict[str, Any]) -> Ballots:
    # Made anew in each pass, not kept: they take more than twice the memory of the votes and little time.
    return make_ballots(votes, shared["shaping"])


def _count(votes: Votes, shared: dict[str, Any]) -> tuple[Array, Array]:
    everyone = np.bincount(votes.indices * 3 + (votes.values + 1), minlength=3 * votes.shape[1])
    sides = np.diff(_ballots(votes, shared).sides.indptr)
    return everyone.reshape(-1, 3), sides.astype(np.int32)


def _take(votes: Votes, rows: Array, shared: dict[str, Any]) -> csr_array:
    some = votes.matrix(dtype=np.int8)[rows]
    few = Votes(votes.participant_ids[rows], votes.statement_ids, some.indptr, some.indices, some.data)
    return _ballots(few, shared).sides


def _learn(votes: Votes, shared: dict[str, Any]) -> list[Sums]:
    blocks = blocks_of(_ballots(votes, shared))
    return [learn(block, shared["least"], shared["shares"], shared["chances"]) for _, block in blocks]


def _place(votes: Votes, unseen: Array, shared: dict[str, Any]) -> Placement:
    return place_blocks(votes, _ballots(votes, shared), unseen, shared["model"])


def _names(votes: Votes, shared: dict[str, Any]) -> Array:
    return votes.participant_ids


def _some(people: Participants, ids: Array, part: slice) -> Participants:
    return Participants(ids, people.group[part], people.confidence[part], people.x[part], people.y[part])


def _write_people(people: Participants, path: Path) -> None:
    pa = arrow()
    group = pa.array(people.group, mask=people.group < 0)
    columns = {"participant_id": people.ids, "group": group}
    columns |= {name: getattr(people, name) for name in ("confidence", "x", "y")}
    pa.parquet.write_table(pa.table(columns), path, compression="zstd")
