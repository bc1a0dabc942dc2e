from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from opinion import Votes, analyze
from opinion.axes import fit_axes, leading_axes, project
from opinion.groups import adjusted_rand, best_match, kmeans, select_groups
from opinion.intervals import two_proportions
from opinion.mixture import expect, fit_mixture, make_ballots
from opinion.passes import blocks_of, learn
from opinion.tallies import blind_tally, tally

from .conftest import planted


def select(votes, seed=0):
    ballots = make_ballots(votes)
    people, sides = ballots.shape[0], ballots.sides.nnz
    return ballots, select_groups(ballots.take, people, sides, np.random.default_rng(seed))


def test_an_often_answered_statement_does_not_make_an_axis():
    rng = np.random.default_rng(1)
    group = rng.integers(0, 2, 2000)
    dense = np.where(rng.random((2000, 100)) < np.where(group, 0.8, 0.2)[:, None], 1.0, -1.0)
    dense[rng.random((2000, 100)) > 0.06] = np.nan
    dense[:, 0] = rng.choice([-1.0, 1.0], 2000)  # everyone answers it, and it has to do with nothing
    ballots = make_ballots(Votes.from_dense(dense))
    loadings, _ = fit_axes(ballots.sides, ballots.rate, 2)
    assert abs(loadings[0, 0]) < 0.3
    assert abs(np.corrcoef(project(ballots.sides, ballots.rate, loadings)[:, 0], group)[0, 1]) > 0.5


@pytest.mark.parametrize("statements", [5, 64, 65, 120])
def test_axes_are_the_leading_eigenvectors_of_the_products_without_their_diagonal(statements):
    votes, _ = planted(300, statements, 3, seed=4)
    ballots = make_ballots(votes)
    centred = np.zeros(votes.shape)
    taken = votes.values != 0
    rows, columns = votes.rows[taken], votes.indices[taken]
    centred[rows, columns] = votes.values[taken] - (2 * ballots.rate - 1)[columns]
    products = centred.T @ centred
    np.fill_diagonal(products, 0)
    values, vectors = np.linalg.eigh(products)
    loadings, strength = fit_axes(ballots.sides, ballots.rate, 2)
    assert np.allclose(strength, values[::-1][:2], rtol=1e-9)
    assert np.allclose(np.abs(loadings @ vectors[:, ::-1][:, :2]), np.eye(2), atol=1e-7)
    own = np.linalg.solve(
        (loadings * np.sqrt(statements))[:, columns[rows == 7]]
        @ (loadings * np.sqrt(statements))[:, columns[rows == 7]].T
        + 4 * np.eye(2),
        loadings @ centred[7] * np.sqrt(statements),
    )
    assert np.allclose(project(ballots.sides, ballots.rate, loadings)[7], own, atol=1e-4)


def test_leading_axes_agree_with_a_dense_decomposition():
    dense = np.random.default_rng(2).normal(size=(150, 90))
    dense[np.random.default_rng(3).random(dense.shape) < 0.7] = 0
    _, vectors = np.linalg.eigh(dense.T @ dense)
    found = leading_axes(csr_array(dense), 3, np.zeros(90))
    assert np.allclose(np.abs(found @ vectors[:, ::-1][:, :3]), np.eye(3), atol=1e-6)


def test_blind_counts_find_nothing_where_groups_were_cut_out_of_noise():
    shown, blind = [], []
    for seed in range(6):
        votes, _ = planted(400, 60, 1, seed=seed)
        ballots = make_ballots(votes)
        first = np.arange(400) % 2 == 0
        start = np.eye(2)[np.random.default_rng(seed).integers(0, 2, 400)]
        halves = [fit_mixture(ballots.take(np.flatnonzero(half)), start[half]) for half in (first, ~first)]
        whole = fit_mixture(ballots, start)
        unseen = np.where(first, 1, 0).astype(np.int8)
        score = np.stack([np.log(expect(ballots, fit.shares, fit.chances)[0] + 1e-30) for fit in halves])
        own = score[unseen, np.arange(400)]
        chances = np.stack([fit.chances for fit in halves])
        group = whole.membership.argmax(axis=1)
        for found, counts in (
            (shown, tally(votes, group, 2)),
            (blind, blind_tally(votes, group, own, chances, unseen)),
        ):
            n = counts.sum(axis=2)
            _, p = two_proportions(counts[0, :, 2], n[0], counts[1, :, 2], n[1])
            found.append(np.mean(p < 0.05))
    assert np.mean(shown) > 0.4  # groups cut out of noise look different on their own votes
    assert np.mean(blind) < 0.08


def test_blind_counts_lose_no_vote():
    votes, group = planted(200, 20, 2, seed=1)
    ballots = make_ballots(votes)
    fit = fit_mixture(ballots, np.eye(2)[group])
    score = np.log(expect(ballots, fit.shares, fit.chances)[0] + 1e-30)
    counts = blind_tally(votes, group, score, fit.chances[None], np.zeros(200, dtype=np.int8))
    assert np.array_equal(counts.sum(axis=0), tally(votes, np.zeros(200, dtype=int), 1)[0])


def test_a_small_group_that_holds_together_is_found_beside_noise():
    rng = np.random.default_rng(3)
    votes, _ = planted(600, 60, 1, seed=9)
    small = rng.random(600) < 0.06
    turned = (rng.random(60) < 0.4)[votes.indices] & small[votes.rows]
    value = np.where(turned, np.where(votes.indices % 2, 1, -1), votes.values)
    _, found = select(Votes.from_arrays(votes.rows, votes.indices, value))
    assert found.k == 2
    assert adjusted_rand(small, found.fit.membership.argmax(axis=1)) > 0.7


def test_short_ballots_are_not_held_against_groups_that_exist():
    rng = np.random.default_rng(5)
    votes, _ = planted(3000, 120, 3, seed=5)
    kept = rng.random(votes.size) < 20 / 120
    _, found = select(Votes.from_arrays(votes.rows[kept], votes.indices[kept], votes.values[kept]))
    three = found.evidence[2]
    assert found.k == 3
    assert three.stability < 0.8  # nobody can be placed for sure, and the groups are there all the same
    assert three.stability > 0.75 * three.expected


def test_a_pass_in_blocks_is_the_pass_over_everybody():
    votes, group = planted(500, 40, 2, seed=8)
    ballots = make_ballots(votes)
    fit = fit_mixture(ballots, np.eye(2)[group], max_iterations=1)
    whole = learn(ballots, 7, fit.shares, fit.chances)
    parts = [learn(block, 7, fit.shares, fit.chances) for _, block in blocks_of(ballots, 64)]
    total = sum(parts[1:], start=parts[0])
    assert len(parts) == 8
    assert np.allclose(total.counts, whole.counts, rtol=1e-5)
    assert np.isclose(total.likelihood, whole.likelihood, rtol=1e-6)


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 1000))
def test_the_best_match_is_the_best_of_all(rows, columns, seed):
    overlap = np.random.default_rng(seed).normal(size=(rows, columns))
    width = max(rows, columns)
    padded = np.zeros((width, width))
    padded[:rows, :columns] = overlap
    best = max(sum(padded[i, j] for i, j in enumerate(order)) for order in permutations(range(width)))
    match = best_match(overlap)
    assert np.isclose(sum(overlap[i, j] for i, j in enumerate(match) if j >= 0), best)
    used = [j for j in match if j >= 0]
    assert len(set(used)) == len(used)


def test_likelihood_never_falls_and_memberships_add_up():
    votes, _ = planted(200, 30, 2, seed=2)
    ballots = make_ballots(votes)
    start = np.random.default_rng(0).dirichlet([1, 1], 200)
    likelihoods = [fit_mixture(ballots, start, max_iterations=i).log_likelihood for i in range(1, 8)]
    assert all(later >= earlier - 0.5 for earlier, later in pairwise(likelihoods))
    fit = fit_mixture(ballots, start)
    assert np.allclose(fit.membership.sum(axis=1), 1, atol=1e-5)
    assert np.isclose(fit.shares.sum(), 1)
    assert np.all((fit.chances > 0) & (fit.chances < 1))


def test_those_who_agree_with_everything_make_no_group():
    rng = np.random.default_rng(7)
    chance = rng.uniform(0.2, 0.8, 60)
    rows = np.repeat(np.arange(840), 30)
    columns = np.concatenate([rng.choice(60, 30, replace=False) for _ in range(840)])
    values = np.where(rng.random(rows.size) < chance[columns], 1, -1)
    values[rows >= 800] = 1
    votes = Votes.from_arrays(rows, columns, values)
    result = analyze(votes)
    group = result.participants.group
    assert result.k == 1
    assert np.all(group[800:] == -1) and np.all(group[:800] == 0)
    assert result.statements[0].agree == int(np.sum((columns == 0) & (values == 1)))  # counted all the same
    sides = [finding.figures["side"] for finding in result.findings_of("consensus")]
    assert sides.count("disagree") > 5  # nor do they stand against what others share


def test_a_group_may_agree_with_everything_where_all_statements_point_one_way():
    rng = np.random.default_rng(8)
    group = rng.integers(0, 2, 600)
    dense = np.where(rng.random((600, 20)) < np.where(group, 0.95, 0.1)[:, None], 1.0, -1.0)
    result = analyze(Votes.from_dense(dense))
    straight = np.all(dense == 1, axis=1)
    assert result.k == 2 and straight.sum() > 50
    assert np.all(result.participants.group[straight] >= 0)


def test_rarely_answered_statements_do_not_decide_the_number_of_groups():
    votes, _ = planted(100, 30, 1, seed=3)
    ballots = make_ballots(votes)
    few = ballots.often_answered(votes.shape[0] + 1)
    assert few.sides.nnz == 0 and few.shape == ballots.shape
    assert ballots.often_answered(1) is ballots


def test_clusters_of_equal_points_do_not_fail():
    label = kmeans(np.zeros((10, 2)), 3, np.random.default_rng(0))
    assert label.shape == (10,)


def test_adjusted_rand_knows_its_ends():
    first = np.array([0, 0, 1, 1, 2, 2])
    assert adjusted_rand(first, first[::-1]) == 1.0
    assert abs(adjusted_rand(np.arange(100) % 2, np.arange(100) // 50)) < 0.05
