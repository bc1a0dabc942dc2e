from itertools import pairwise

import numpy as np

from opinion import Votes
from opinion.axes import centred, fit_axes, project
from opinion.groups import adjusted_rand, find_groups, kmeans
from opinion.intervals import two_proportions
from opinion.mixture import fit_mixture, make_ballots
from opinion.tallies import blind_tally, tally

from .conftest import planted


def ballots_of(votes):
    return make_ballots(votes.indptr, votes.indices, votes.values, votes.shape[1])


def test_an_often_answered_statement_does_not_make_an_axis():
    rng = np.random.default_rng(1)
    group = rng.integers(0, 2, 2000)
    dense = np.where(rng.random((2000, 100)) < np.where(group, 0.8, 0.2)[:, None], 1.0, -1.0)
    dense[rng.random((2000, 100)) > 0.06] = np.nan
    dense[:, 0] = rng.choice([-1.0, 1.0], 2000)  # everyone answers it, and it has to do with nothing
    ballots = ballots_of(Votes.from_dense(dense))
    x = centred(ballots.sides, ballots.rate)
    loadings, _ = fit_axes(x, 2)
    assert abs(loadings[0, 0]) < 0.3
    assert abs(np.corrcoef(project(x, loadings)[:, 0], group)[0, 1]) > 0.5


def test_blind_counts_find_less_of_what_the_choice_of_groups_made():
    votes, _ = planted(400, 60, 1, seed=6)
    ballots = ballots_of(votes)
    fit = fit_mixture(ballots, np.eye(2)[np.random.default_rng(0).integers(0, 2, 400)])
    group = fit.membership.argmax(axis=1)
    score = np.log(np.maximum(fit.membership, 1e-30))
    significant = []
    for counts in (tally(votes, group, 2), blind_tally(votes, group, score, fit.chances)):
        n = counts.sum(axis=2)
        _, p = two_proportions(counts[0, :, 2], n[0], counts[1, :, 2], n[1])
        significant.append(np.mean(p < 0.05))
    assert significant[0] > 0.4  # groups cut out of noise look different on their own votes
    assert significant[1] < 0.85 * significant[0]


def test_a_small_group_that_holds_together_is_found_beside_noise():
    rng = np.random.default_rng(3)
    votes, _ = planted(600, 60, 1, seed=9)
    small = rng.random(600) < 0.06
    turned = (rng.random(60) < 0.4)[votes.indices] & small[votes.rows]
    value = np.where(turned, np.where(votes.indices % 2, 1, -1), votes.values)
    found = find_groups(
        ballots_of(Votes.from_arrays(votes.rows, votes.indices, value)), np.random.default_rng(0)
    )
    assert found.k == 2
    assert adjusted_rand(small, found.membership.argmax(axis=1)) > 0.7


def test_likelihood_never_falls_and_memberships_add_up():
    votes, _ = planted(200, 30, 2, seed=2)
    ballots = ballots_of(votes)
    start = np.random.default_rng(0).dirichlet([1, 1], 200)
    likelihoods = [fit_mixture(ballots, start, max_iterations=i).log_likelihood for i in range(1, 8)]
    assert all(later >= earlier - 0.5 for earlier, later in pairwise(likelihoods))
    fit = fit_mixture(ballots, start)
    assert np.allclose(fit.membership.sum(axis=1), 1, atol=1e-5)
    assert np.isclose(fit.shares.sum(), 1)
    assert np.all((fit.chances > 0) & (fit.chances < 1))


def test_clusters_of_equal_points_do_not_fail():
    label = kmeans(np.zeros((10, 2)), 3, np.random.default_rng(0))
    assert label.shape == (10,)


def test_adjusted_rand_knows_its_ends():
    first = np.array([0, 0, 1, 1, 2, 2])
    assert adjusted_rand(first, first[::-1]) == 1.0
    assert abs(adjusted_rand(np.arange(100) % 2, np.arange(100) // 50)) < 0.05
