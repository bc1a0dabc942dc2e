"""Who agrees with what, by statement: the input of the rules that choose for everyone in proportion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import InputError
from .votes import AGREE, Statement, Votes

__all__ = ["Approvals", "eligible_statements"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False, slots=True)
class Approvals:
    """Approvals in compressed columns: the supporters of each statement.

    Attributes
    ----------
    statement_ids : ndarray of str, shape (m,)
        In canonical order: where nothing else decides, the earlier one is chosen.
    rows : int
        People, those who agree with nothing included; supporters are numbers below it.
    people : int
        Those who share the slate: whoever agrees with at least one statement, unless told otherwise.
    indptr : ndarray of int64, shape (m + 1,)
        Supporters of statement c are ``supporters[indptr[c]:indptr[c + 1]]``.
    supporters : ndarray of int32, shape (approvals,)
    """

    statement_ids: Array
    rows: int
    people: int
    indptr: Array
    supporters: Array

    @classmethod
    def from_votes(cls, votes: Votes, eligible: Array | None = None) -> Approvals:
        """Approvals as cast: an agree is one, everything else is none, and nothing is filled in.

        Parameters
        ----------
        votes : Votes
        eligible : ndarray of bool, shape (m,), optional
            Statements to keep; the others have no column.

        Returns
        -------
        Approvals
        """
        from scipy.sparse import csr_array

        keep = np.ones(votes.shape[1], dtype=bool) if eligible is None else np.asarray(eligible, dtype=bool)
        agreed = votes.values == AGREE
        if not keep.all():
            agreed &= keep[votes.indices]
        column = votes.indices[agreed]
        if not keep.all():
            column = (np.cumsum(keep) - 1).astype(np.int32)[column]
        # Agrees before each place: differences at the row borders are the agrees of each person.
        before = np.zeros(agreed.size + 1, dtype=np.int32 if agreed.size < 2**31 else np.int64)
        np.cumsum(agreed, out=before[1:])
        indptr = before[votes.indptr]
        shape = (votes.shape[0], int(keep.sum()))
        by_column = csr_array((np.ones(column.size, dtype=np.int8), column, indptr), shape=shape).tocsc()
        return cls(
            statement_ids=votes.statement_ids[keep],
            rows=votes.shape[0],
            people=int(np.count_nonzero(np.diff(indptr))),
            indptr=by_column.indptr.astype(np.int64),
            supporters=by_column.indices.astype(np.int32, copy=False),
        )

    @classmethod
    def from_ballots(
        cls, ballots: Sequence[Iterable[int]], statement_ids: Sequence[Any], *, everyone: bool = False
    ) -> Approvals:
        """Approvals from a list of ballots.

        Parameters
        ----------
        ballots : sequence of iterables of int
            For each person the places in `statement_ids` that she approves of; naming one twice changes nothing.
        statement_ids : sequence
            In the order that decides ties.
        everyone : bool
            Empty ballots have a share too. By default they have none, as for `from_votes`.

        Returns
        -------
        Approvals

        Raises
        ------
        InputError
            A place that is not in `statement_ids`.

        Examples
        --------
        >>> Approvals.from_ballots([[0, 1], [1], []], ["a", "b"]).of(1).tolist()
        [0, 1]
        """
        m = len(statement_ids)
        sets = [sorted(set(ballot)) for ballot in ballots]
        if any(ballot and (ballot[0] < 0 or ballot[-1] >= m) for ballot in sets):
            raise InputError(f"A ballot names a place outside 0 to {m - 1}.")
        column = np.array([c for ballot in sets for c in ballot], dtype=np.int64)
        row = np.repeat(np.arange(len(sets), dtype=np.int32), [len(ballot) for ballot in sets])
        order = np.argsort(column, kind="stable")
        indptr = np.zeros(m + 1, dtype=np.int64)
        np.cumsum(np.bincount(column, minlength=m), out=indptr[1:])
        people = len(sets) if everyone else sum(1 for ballot in sets if ballot)
        return cls(
            np.array([str(name) for name in statement_ids], dtype=str), len(sets), people, indptr, row[order]
        )

    def of(self, statement: int) -> Array:
        """The supporters of a statement, in canonical order."""
        return self.supporters[self.indptr[statement] : self.indptr[statement + 1]]

    @property
    def counts(self) -> Array:
        """Supporters of each statement, shape (m,)."""
        return np.diff(self.indptr)

    def satisfaction(self, chosen: Iterable[int]) -> Array:
        """For each person how many of the chosen statements she agrees with, shape (rows,)."""
        happy = np.zeros(self.rows, dtype=np.int32)
        for statement in chosen:
            happy[self.of(statement)] += 1
        return happy


def eligible_statements(votes: Votes, statements: Iterable[Statement] | None) -> Array:
    """Which statements may be chosen: all but those moderated out or about the people; boolean, shape (m,)."""
    out = {one.id for one in statements or () if one.moderated < 0 or one.is_meta}
    return np.array([name not in out for name in votes.statement_ids.tolist()], dtype=bool)
