"""Estimators: the same groups as `analyze`, on every kind of matrix, in the manner of scikit-learn."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from opinion import InputError, OpinionAxes, OpinionGroups, PolisGroups, Votes, analyze
from opinion.matrices import as_votes

from .conftest import planted

KINDS = [OpinionAxes, OpinionGroups, PolisGroups]


def dense_of(votes):
    matrix = np.full(votes.shape, np.nan)
    matrix[votes.rows, votes.indices] = votes.values
    return matrix


@pytest.fixture(scope="module")
def matrix():
    return dense_of(planted(200, 30, 3, seed=5)[0])


def sparse_of(matrix, kind="csr"):
    row, column = np.nonzero(~np.isnan(matrix))
    whole = sparse.coo_array((matrix[row, column], (row, column)), shape=matrix.shape)
    return whole.asformat(kind)


def test_a_stored_zero_is_a_pass_and_nothing_is_missing():
    matrix = np.array([[1, 0, np.nan], [np.nan, -1, 1], [np.nan] * 3])
    for x in (matrix, sparse_of(matrix), sparse_of(matrix, "csc"), sparse_of(matrix, "lil")):
        votes = as_votes(x)
        assert votes.shape == (3, 3)
        assert votes.indptr.tolist() == [0, 2, 4, 4]
        assert votes.indices.tolist() == [0, 1, 1, 2]
        assert votes.values.tolist() == [1, 0, -1, 1]


def test_the_trap_is_what_the_documentation_says():
    with_passes = sparse_of(np.array([[1, 0, np.nan], [0, -1, 1]]))
    assert as_votes(with_passes).size == 5
    with_passes.eliminate_zeros()
    assert as_votes(with_passes).size == 3


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([-1.0, 0.0, 1.0, np.nan]), min_size=4, max_size=4), min_size=1, max_size=8
    ),
    st.sampled_from(["csr", "csc", "coo"]),
)
def test_sparse_equals_dense_and_inputs_stay_untouched(rows, kind):
    matrix = np.array(rows)
    x = sparse_of(matrix, kind)
    before = (x.toarray(), x.nnz, np.array(x.data))
    one, other = as_votes(x), as_votes(matrix)
    assert one.sha256 == other.sha256 and np.array_equal(one.indptr, other.indptr)
    assert x.nnz == before[1] and np.array_equal(x.toarray(), before[0]) and np.array_equal(x.data, before[2])
    x.data[:] = 0  # the votes do not change with the matrix that they came from
    assert one.sha256 == as_votes(matrix).sha256


@pytest.mark.parametrize("kind", ["bsr", "dia"])
def test_formats_that_know_no_pass_are_refused(kind):
    with pytest.raises(InputError, match=kind.upper()):
        as_votes(sparse.csr_array(np.eye(4)).asformat(kind))


def test_what_is_no_vote_is_named_with_its_place():
    with pytest.raises(InputError) as caught:
        as_votes(np.array([[1, 5], [0.5, np.inf]]))
    assert [str(problem).split(":")[0] for problem in caught.value.problems] == [
        "row 0, column 1",
        "row 1, column 0",
        "row 1, column 1",
    ]
    twice = sparse.coo_array(([1.0, -1.0], ([0, 0], [1, 1])), shape=(2, 2))
    with pytest.raises(InputError, match="stored twice"):
        as_votes(twice)
    with pytest.raises(InputError, match="participants × statements"):
        as_votes(np.array([1.0, -1.0]))


def test_groups_are_those_of_the_analysis(matrix):
    votes = as_votes(matrix)
    result = analyze(votes)
    groups = OpinionGroups().fit(sparse_of(matrix))
    assert groups.n_groups_ == result.k == 3
    assert groups.labels_.tolist() == result.participants.group.tolist()
    assert np.allclose(groups.confidence_, result.participants.confidence)
    assert np.allclose(groups.embedding_[:, 0], result.participants.x)
    assert np.allclose(groups.components_, [axis.loadings for axis in result.axes])
    assert [one["k"] for one in groups.evidence_] == [one["k"] for one in result.evidence]


def test_people_are_placed_by_the_groups_as_fitted(matrix):
    groups = OpinionGroups()
    labels = groups.fit_predict(matrix)
    assert groups.predict(matrix).tolist() == labels.tolist()
    assert groups.predict(matrix[50:60]).tolist() == labels[50:60].tolist()
    assert np.allclose(groups.transform(matrix), groups.embedding_)
    proba = groups.predict_proba(matrix)
    assert proba.shape == (200, 3) and np.allclose(proba.sum(axis=1), 1)
    placed = labels >= 0
    assert np.array_equal(proba[placed].argmax(axis=1), labels[placed])
    nobody = np.full((1, 30), np.nan)
    assert groups.predict(nobody).tolist() == [-1]
    assert np.allclose(groups.predict_proba(nobody), groups.shares_, atol=1e-6)


def test_votes_name_their_statements_so_others_may_be_there(matrix):
    groups = OpinionGroups().fit(as_votes(matrix))
    row, column = np.nonzero(~np.isnan(matrix[:40]))
    with_more = Votes.from_arrays(
        np.append(row, [0, 1]), np.append(column, [77, 77]), np.append(matrix[row, column], [1, -1])
    )
    assert groups.predict(with_more).tolist() == groups.labels_[:40].tolist()
    with pytest.raises(InputError, match="29 columns, but 30 statements"):
        groups.predict(matrix[:, :29])


def test_axes_are_unit_vectors_and_place_everybody(matrix):
    axes = OpinionAxes(n_components=3)
    places = axes.fit_transform(sparse_of(matrix))
    assert places.shape == (200, axes.n_components_) == (200, 3)
    assert np.allclose(axes.components_ @ axes.components_.T, np.eye(3), atol=1e-4)
    assert np.all(np.diff(axes.strengths_) <= 0)
    assert np.allclose(axes.transform(matrix[:5]), places[:5], atol=1e-6)
    result = analyze(as_votes(matrix))
    assert np.allclose(OpinionAxes().fit(matrix).components_, [a.loadings for a in result.axes], atol=1e-6)


def test_the_compatible_mode(matrix):
    groups = PolisGroups().fit(matrix)
    result = analyze(as_votes(matrix), mode="polis")
    assert groups.labels_.tolist() == result.participants.group.tolist()
    assert np.allclose(groups.embedding_[:, 1], result.participants.y)
    assert not hasattr(groups, "predict")


DEGENERATE = {
    "nobody": np.zeros((0, 3)),
    "no statements": np.zeros((4, 0)),
    "no votes": np.full((5, 4), np.nan),
    "one person": np.array([[1.0, -1, 0]]),
    "one statement": np.array([[1.0], [-1], [0]] * 20),
    "everyone agrees": np.ones((30, 10)),
    "everyone passes": np.zeros((30, 10)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_matrices(name, kind):
    matrix = DEGENERATE[name]
    fitted = kind().fit(matrix)
    assert fitted.n_features_in_ == matrix.shape[1]
    if kind is OpinionAxes:
        assert fitted.transform(matrix).shape == (len(matrix), fitted.n_components_)
    else:
        assert fitted.labels_.shape == (len(matrix),)
    if kind is OpinionGroups:
        assert fitted.n_groups_ <= 1
        assert fitted.predict(matrix).tolist() == fitted.labels_.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_kept_as_they_are(kind):
    made = kind()
    params = made.get_params()
    assert kind(**params).get_params() == params
    assert made.set_params(**params) is made
    with pytest.raises(InputError, match="is not a parameter"):
        made.set_params(other=1)
    assert repr(made).startswith(kind.__name__ + "(")


@pytest.mark.parametrize(
    "made",
    [
        OpinionAxes(0),
        OpinionAxes(min_votes=-1),
        OpinionGroups(9),
        OpinionGroups(random_state=-1),
        PolisGroups(1),
    ],
)
def test_parameters_outside_their_range_are_refused_when_fitting(made, matrix):
    with pytest.raises(InputError, match="must be a whole number"):
        made.fit(matrix)


def test_what_is_not_fitted_says_so(matrix):
    with pytest.raises(InputError, match="not fitted yet"):
        OpinionGroups().predict(matrix)


@pytest.mark.parametrize("kind", KINDS)
def test_scikit_learn_takes_them(kind, matrix):
    base, pipeline = pytest.importorskip("sklearn.base"), pytest.importorskip("sklearn.pipeline")
    copy = base.clone(kind())
    assert copy.get_params() == kind().get_params()
    x = sparse_of(matrix)
    steps = pipeline.Pipeline([("opinion", copy)])
    if kind is OpinionAxes:
        from sklearn.cluster import KMeans

        both = pipeline.make_pipeline(copy, KMeans(3, n_init=2, random_state=0))
        assert both.fit_predict(x).shape == (200,)
        assert steps.fit_transform(x).shape == (200, 2)
    else:
        assert steps.fit_predict(x).tolist() == kind().fit_predict(x).tolist()


def test_scikit_learn_is_not_imported():
    code = "import sys, opinion; opinion.OpinionGroups().get_params(); sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
