"""Axes and groups in the manner of scikit-learn: constructors store, `fit` learns, learned names end in ``_``.

The matrices are participants × statements with 1 for agree, −1 for disagree and 0 for a pass. A vote that was not cast
is missing, which is not a pass: in a sparse matrix it is an entry that is not stored, in a dense one it is NaN. So a
pass must be a *stored* zero; ``eliminate_zeros()``, arithmetic, and slicing of some formats drop stored zeros, and
passes with them, without a word. Scikit-learn is never imported here, but its ``clone`` and ``Pipeline`` take these
estimators, as long as no other step before them changes what is stored.
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any, Self

import numpy as np

from .analysis import _Here, analyze
from .axes import fit_axes, project
from .errors import InputError
from .groups import MAX_GROUPS
from .matrices import as_votes
from .mixture import Ballots, log_table, make_ballots, normalise
from .passes import Model, find_places, place
from .placement import Placement
from .votes import Votes

__all__ = ["OpinionAxes", "OpinionGroups", "PolisGroups"]

Array = np.ndarray[Any, np.dtype[Any]]


class _Estimator:
    """Parameters as scikit-learn asks for them."""

    _kind: str | None = None

    @classmethod
    def _names(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters of the constructor by name.

        Parameters
        ----------
        deep : bool
            Without effect: no parameter is an estimator.

        Returns
        -------
        dict
        """
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Parameters
        ----------
        **params
            As the constructor takes them.

        Returns
        -------
        self

        Raises
        ------
        InputError
            For a name that is none of the parameters.
        """
        for name, value in params.items():
            if name not in self._names():
                known = ", ".join(self._names())
                raise InputError(f"{name} is not a parameter of {type(self).__name__}; these are: {known}.")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({given})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags  # whoever calls this has it

        return Tags(
            estimator_type=self._kind,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags() if hasattr(self, "transform") else None,
            input_tags=InputTags(sparse=True, allow_nan=True),
        )

    def _known(self, x: Any) -> Votes:
        """Votes on the statements that were there when this was fitted."""
        if not self.__sklearn_is_fitted__():
            raise InputError(f"This {type(self).__name__} is not fitted yet; call fit first.")
        votes = as_votes(x)
        learned: Votes = self._votes
        if np.array_equal(votes.statement_ids, learned.statement_ids):
            return votes
        if isinstance(x, Votes):
            return _onto(votes, learned.statement_ids)
        raise InputError(
            f"The matrix has {votes.shape[1]} columns, but {learned.shape[1]} statements were there when this was "
            "fitted. Give Votes, which name their statements, if these may differ."
        )

    _votes: Votes


def _onto(votes: Votes, statement_ids: Array) -> Votes:
    """The votes on some statements, in their columns; votes on others are left out."""
    place = {name: i for i, name in enumerate(statement_ids.tolist())}
    column = np.array([place.get(name, -1) for name in votes.statement_ids.tolist()], dtype=np.int32)
    column = column[votes.indices]
    known = column >= 0
    counted = np.append(0, np.cumsum(known))
    return Votes(
        votes.participant_ids, statement_ids, counted[votes.indptr], column[known], votes.values[known]
    )


class OpinionAxes(_Estimator):
    """Axes of opinion from the votes that were cast; missing votes are missing.

    Parameters
    ----------
    n_components : int
        Axes wanted, at least 1.
    min_votes : int
        Sides that a person must have taken for the axes to be learned from her; if there are fewer statements, all.

    Attributes
    ----------
    components_ : ndarray, shape (r, m)
        Loadings of the statements, r ≤ n_components: only directions in which votes go together. Unit length, the
        largest loading positive.
    strengths_ : ndarray, shape (r,)
        Eigenvalues, falling.
    rate_ : ndarray, shape (m,)
        Rate of agreement among those who took a side, smoothed; votes are centred on it.
    n_components_ : int
        r.
    n_features_in_ : int
        m.

    See Also
    --------
    opinion.axes.fit_axes : how they are found.

    Examples
    --------
    >>> import numpy as np
    >>> votes = np.array([[1, 1, -1], [1, 1, np.nan], [-1, -1, 1], [-1, np.nan, 1]])
    >>> OpinionAxes(n_components=1).fit_transform(votes).shape
    (4, 1)
    """

    def __init__(self, n_components: int = 2, *, min_votes: int = 7) -> None:
        self.n_components = n_components
        self.min_votes = min_votes

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the axes.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)
        y
            Not used.

        Returns
        -------
        self

        Raises
        ------
        InputError
            As `as_votes`, or for parameters outside their range.
        """
        _check_whole("n_components", self.n_components, 1)
        _check_whole("min_votes", self.min_votes, 0)
        votes = as_votes(X)
        ballots = make_ballots(votes)
        sides = np.diff(ballots.sides.indptr)
        answered = np.unique(ballots.sides.indices >> 1).size
        kept = ballots.take(np.flatnonzero(sides >= max(1, min(self.min_votes, answered))))
        m = votes.shape[1]
        self.components_, self.strengths_ = np.zeros((0, m)), np.zeros(0)
        if kept.shape[0] > 1:
            self.components_, self.strengths_ = fit_axes(kept.sides, ballots.rate, min(self.n_components, m))
        self.rate_ = ballots.rate
        self.n_components_ = len(self.components_)
        self.n_features_in_ = m
        self._votes = votes
        return self

    def transform(self, X: Any) -> Array:
        """Place of each person on the axes, by a ridge regression of her own votes.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)

        Returns
        -------
        ndarray, shape (n, r)
            1 is the pull of one whole side on every statement; 0 for people without sides.

        Raises
        ------
        InputError
            As `as_votes`; if this is not fitted; if the matrix has another number of columns.
        """
        ballots = make_ballots(self._known(X), rate=self.rate_)
        return np.asarray(project(ballots.sides, self.rate_, self.components_))

    def fit_transform(self, X: Any, y: Any = None) -> Array:
        """`fit`, then `transform` of the same votes.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)
        y
            Not used.

        Returns
        -------
        ndarray, shape (n, r)
        """
        return self.fit(X).transform(X)


class _Watched(_Here):
    """Everybody's votes, and the model by which they were placed last."""

    model: Model

    def place(self, unseen: Array, model: Model) -> Placement:
        self.model = model
        return super().place(unseen, model)


class OpinionGroups(_Estimator):
    """Groups of people who vote alike, or one if there are no distinct groups, as in the default mode of `analyze`.

    Parameters
    ----------
    max_groups : int
        At most this many, 1 to 8.
    min_votes : int
        Sides that a person must have taken to stand in a group; if there are fewer statements, all.
    random_state : int
        Not negative. The same votes and number give the same groups.

    Attributes
    ----------
    n_groups_ : int
        Groups: 0 without anyone who could be placed, 1 for "no distinct groups".
    labels_ : ndarray of int, shape (n,)
        Group of each person, 0 the largest; −1 for those with too few votes, or one side throughout.
    membership_ : ndarray, shape (n, k)
        Probability of each group for each person, k = max(n_groups_, 1); rows sum to 1.
    confidence_ : ndarray, shape (n,)
        Probability of the own group, averaged with the models of random halves; 0 where there is none.
    embedding_ : ndarray, shape (n, 2)
        Place of each person on the map.
    evidence_ : tuple of dict
        For each number of groups looked at, what speaks for it; see `opinion.groups.KEvidence`.
    shares_, chances_ : ndarray, shapes (k,) and (k, m)
        Share of each group, and the chance that a member who takes a side agrees with each statement.
    components_ : ndarray, shape (r, m)
        Axes of the map, r ≤ 2.
    n_features_in_ : int
        m.

    See Also
    --------
    opinion.analyze : the same groups with findings, counts and intervals.

    Examples
    --------
    >>> import numpy as np
    >>> votes = np.array([[1.0] * 4 + [-1.0] * 4, [-1.0] * 4 + [1.0] * 4] * 20)
    >>> groups = OpinionGroups().fit(votes)
    >>> groups.n_groups_, groups.predict(votes[:2]).tolist()
    (2, [0, 1])
    """

    _kind = "clusterer"

    def __init__(self, max_groups: int = MAX_GROUPS, *, min_votes: int = 7, random_state: int = 0) -> None:
        self.max_groups = max_groups
        self.min_votes = min_votes
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the groups.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)
        y
            Not used.

        Returns
        -------
        self

        Raises
        ------
        InputError
            As `as_votes`, or for parameters outside their range.
        """
        _check_whole("max_groups", self.max_groups, 1, MAX_GROUPS)
        _check_whole("min_votes", self.min_votes, 0)
        _check_whole("random_state", self.random_state, 0)
        votes = as_votes(X)
        crowd = _Watched(votes, np.ones(votes.shape[1], dtype=bool))
        found = find_places(
            crowd,
            np.random.default_rng(self.random_state),
            self.min_votes,
            max_groups=self.max_groups,
            progress=lambda share: None,
        )
        self._model, label = _by_size(crowd.model, found.group)
        self.n_groups_ = found.k
        self.labels_ = label
        self.confidence_ = found.confidence.astype(float)
        self.embedding_ = np.stack([found.x, found.y], axis=1)
        self.evidence_ = found.evidence
        self.shares_, self.chances_ = self._model.shares, self._model.chances
        self.components_ = self._model.loadings
        self.n_features_in_ = votes.shape[1]
        self._votes = votes
        self.membership_ = self.predict_proba(votes)
        return self

    def _ballots(self, X: Any) -> Ballots:
        votes = self._known(X)
        return make_ballots(votes, rate=self._model.rate)

    def predict(self, X: Any) -> Array:
        """Group of each person, by the groups as they were fitted.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)
            People who were there, or new ones.

        Returns
        -------
        ndarray of int, shape (n,)
            −1 for those with too few votes, or on one side throughout as no group would be.

        Raises
        ------
        InputError
            As `as_votes`; if this is not fitted; if the matrix has another number of columns.
        """
        ballots = self._ballots(X)
        unseen = np.zeros((ballots.shape[0], 1), dtype=np.int8)
        return place(ballots, unseen, self._model).group.astype(int)

    def predict_proba(self, X: Any) -> Array:
        """Probability of each group for each person, also for those with too few votes to stand in one.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)

        Returns
        -------
        ndarray of float, shape (n, k)
            Rows sum to 1; without votes a row has the shares of the groups.

        Raises
        ------
        InputError
            As `predict`.
        """
        sides = self._ballots(X).sides
        score = sides @ log_table(self._model.chances) + np.log(self._model.shares).astype(np.float32)
        return np.asarray(normalise(score)[0], dtype=float)

    def transform(self, X: Any) -> Array:
        """Place of each person on the map.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)

        Returns
        -------
        ndarray, shape (n, 2)
            0 on an axis that was not found.

        Raises
        ------
        InputError
            As `predict`.
        """
        ballots = self._ballots(X)
        found = place(ballots, np.zeros(ballots.shape[0], dtype=np.int8), self._model)
        return np.stack([found.x, found.y], axis=1)

    def fit_predict(self, X: Any, y: Any = None) -> Array:
        """`fit`, then `labels_`.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)
        y
            Not used.

        Returns
        -------
        ndarray of int, shape (n,)
        """
        return self.fit(X).labels_

    def fit_transform(self, X: Any, y: Any = None) -> Array:
        """`fit`, then `embedding_`.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)
        y
            Not used.

        Returns
        -------
        ndarray, shape (n, 2)
        """
        return self.fit(X).embedding_


def _by_size(model: Model, group: Array) -> tuple[Model, Array]:
    """Groups from the largest to the smallest, as `analyze` letters them."""
    if model.k == 1:
        return model, group.astype(int)
    size = np.bincount(group[group >= 0], minlength=model.k)
    first = [int(np.argmax(group == g)) for g in range(model.k)]
    order = sorted(range(model.k), key=lambda g: (-size[g], first[g]))

    def turned(pairs: tuple[tuple[Array, Array], ...]) -> tuple[tuple[Array, Array], ...]:
        return tuple((shares[order], chances[order]) for shares, chances in pairs)

    new = np.append(np.argsort(order), -1)  # the last place is that of −1
    fresh = replace(
        model,
        shares=model.shares[order],
        chances=model.chances[order],
        halves=turned(model.halves),
        apart=turned(model.apart),
    )
    return fresh, new[group]


class PolisGroups(_Estimator):
    """Groups as Polis finds them, for comparison: the compatible mode of `analyze`.

    Polis knows no probabilities, and puts nobody into a group who was not there; so there is no `predict`.

    Parameters
    ----------
    max_groups : int
        At most this many, 2 to 5.

    Attributes
    ----------
    n_groups_ : int
    labels_ : ndarray of int, shape (n,)
        Group of each person, 0 the largest; −1 for those with too few votes.
    embedding_ : ndarray, shape (n, 2)
        Projection of each person.
    components_ : ndarray, shape (r, m)
        Principal axes, r ≤ 2.
    evidence_ : tuple of dict
        Silhouette of each number of groups.
    n_features_in_ : int
        m.

    Examples
    --------
    >>> import numpy as np
    >>> votes = np.array([[1.0] * 4 + [-1.0] * 4, [-1.0] * 4 + [1.0] * 4] * 20)
    >>> PolisGroups().fit_predict(votes)[:2].tolist()
    [0, 1]
    """

    _kind = "clusterer"

    def __init__(self, max_groups: int = 5) -> None:
        self.max_groups = max_groups

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the groups.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)
        y
            Not used.

        Returns
        -------
        self

        Raises
        ------
        InputError
            As `as_votes`, or for a number of groups outside the range.
        """
        _check_whole("max_groups", self.max_groups, 2, 5)
        votes = as_votes(X)
        result = analyze(votes, mode="polis", max_groups=self.max_groups)
        people = result.participants
        self.n_groups_ = result.k
        self.labels_ = people.group.astype(int)
        self.embedding_ = np.stack([people.x, people.y], axis=1)
        self.components_ = np.array([axis.loadings for axis in result.axes]).reshape(
            len(result.axes), votes.shape[1]
        )
        self.evidence_ = result.evidence
        self.n_features_in_ = votes.shape[1]
        self._votes = votes
        return self

    def fit_predict(self, X: Any, y: Any = None) -> Array:
        """`fit`, then `labels_`.

        Parameters
        ----------
        X : Votes, sparse array, or array_like, shape (n, m)
        y
            Not used.

        Returns
        -------
        ndarray of int, shape (n,)
        """
        return self.fit(X).labels_


def _check_whole(name: str, value: Any, low: int, high: int | None = None) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < low or (high is not None and value > high):
        span = f"{low} to {high}" if high is not None else f"{low} or more"
        raise InputError(f"{name} must be a whole number, {span}, not {value!r}.")
