"""Raking by hand and by its defining equations; what it refuses; what stands beside the raw figures."""

import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import (
    Attributes,
    InputError,
    Margins,
    Votes,
    analyze,
    make_lens,
    make_weights,
    rake,
    read_margins,
)
from opinion.intervals import wilson
from opinion.raking import kish
from opinion.weights import describe

HALF = Margins.from_shares({"sex": {"f": 0.5, "m": 0.5}})


def test_one_margin_by_hand():
    made = rake(Attributes.from_columns({"sex": ["f", "f", "f", "m"]}), HALF)
    assert np.allclose(made.weights, [2 / 3, 2 / 3, 2 / 3, 2])
    assert made.effective_size == pytest.approx(16 / (3 * 4 / 9 + 4)) == pytest.approx(3.0)
    assert made.design_effect == pytest.approx(4 / 3) and made.trimmed == 0
    assert [(fit.category, fit.raw, fit.target) for fit in made.fit] == [("f", 0.75, 0.5), ("m", 0.25, 0.5)]


def test_two_margins_by_hand():
    """A 2 × 2 table 40 10 / 20 30 brought to halves keeps its odds ratio of 6: cells a and ½ − a, a² = 6(½ − a)²."""
    columns = {
        "sex": ["f"] * 50 + ["m"] * 50,
        "age": ["old"] * 40 + ["young"] * 10 + ["old"] * 20 + ["young"] * 30,
    }
    margins = Margins.from_shares({"sex": {"f": 0.5, "m": 0.5}, "age": {"old": 0.5, "young": 0.5}})
    made = rake(Attributes.from_columns(columns), margins)
    a = np.sqrt(6) / (2 * (1 + np.sqrt(6)))
    expected = np.repeat([a / 0.4, (0.5 - a) / 0.1, (0.5 - a) / 0.2, a / 0.3], [40, 10, 20, 30])
    assert np.allclose(made.weights, expected, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.lists(st.integers(2, 4), min_size=1, max_size=3))
def test_the_equations_that_define_raking(seed, sizes):
    """The margins are met, and the logarithm of the weights is a sum of one term per category."""
    rng = np.random.default_rng(seed)
    n = 400
    codes = [rng.integers(0, size, n) for size in sizes]
    columns = {f"a{i}": [f"c{c}" for c in code] for i, code in enumerate(codes)}
    shares = {f"a{i}": dict(zip([f"c{c}" for c in range(s)], rng.dirichlet(np.full(s, 9)), strict=True))
              for i, s in enumerate(sizes)}  # fmt: skip
    people, before = (
        Attributes.from_columns(columns),
        {name: list(values) for name, values in columns.items()},
    )
    made = rake(people, Margins.from_shares(shares), bound=None)
    assert columns == before and made.weights.mean() == pytest.approx(1)
    for name, code in zip(columns, codes, strict=True):
        for c, target in enumerate(shares[name].values()):
            assert made.weights[code == c].sum() / n == pytest.approx(target, abs=1e-9)
    design = np.concatenate([np.eye(size)[code] for size, code in zip(sizes, codes, strict=True)], axis=1)
    logs = np.log(made.weights)
    fitted = design @ np.linalg.lstsq(design, logs, rcond=None)[0]
    assert np.allclose(fitted, logs, atol=1e-8)
    order = rng.permutation(n)
    again = Attributes.from_columns({name: [v[i] for i in order] for name, v in columns.items()})
    assert np.allclose(
        rake(again, Margins.from_shares(shares), bound=None).weights, made.weights[order], atol=1e-12
    )


def test_who_said_nothing_keeps_a_raw_share_and_is_not_imputed():
    made = rake(Attributes.from_columns({"sex": ["f", "f", "f", "m", "", ""]}), HALF)
    assert made.weights[4:] == pytest.approx([1, 1]) and made.not_said == {"sex": pytest.approx(1 / 3)}
    assert made.weights[3] == pytest.approx(2) and made.weights.mean() == pytest.approx(1)


def test_large_weights_are_cut_and_told():
    columns = {"sex": ["f"] * 95 + ["m"] * 5}
    made = rake(Attributes.from_columns(columns), HALF, bound=4)
    assert made.weights.max() == pytest.approx(4) and made.trimmed == 5
    assert made.weights.mean() == pytest.approx(1)
    missed = {fit.category: fit.missed for fit in made.fit}
    assert missed["m"] == pytest.approx(0.2 - 0.5) and missed["f"] == pytest.approx(0.3)
    free = rake(Attributes.from_columns(columns), HALF, bound=None)
    assert free.weights.max() == pytest.approx(10) and free.trimmed == 0


def test_trimming_fits_again_where_it_can():
    rng = np.random.default_rng(3)
    sex, age = rng.integers(0, 2, 500), rng.integers(0, 3, 500)
    columns = {"sex": ["fm"[i] for i in sex], "age": ["abc"[i] for i in age]}
    shares = {"sex": {"f": 0.2, "m": 0.8}, "age": {"a": 0.1, "b": 0.2, "c": 0.7}}
    bound = (
        rake(Attributes.from_columns(columns), Margins.from_shares(shares), bound=None).weights.max() * 0.98
    )
    made = rake(Attributes.from_columns(columns), Margins.from_shares(shares), bound=bound)
    assert made.weights.max() <= bound * (1 + 1e-9) and made.trimmed > 0
    assert max(abs(fit.missed) for fit in made.fit) < 0.01


def test_everything_that_makes_weights_impossible_is_named():
    people = Attributes.from_columns({"sex": ["f", "f", "x"], "age": [None] * 3})
    margins = Margins.from_shares({"sex": {"f": 0.5, "m": 0.5}, "age": {"old": 1.0}, "region": {"n": 1}})
    with pytest.raises(InputError) as caught:
        rake(people, margins)
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    assert "“m”: a share of 0.5, but nobody took part" in text and "“x”: 1 people, but no share" in text
    assert "age: nobody said anything" in text and "region: the margins name this attribute" in text
    with pytest.raises(InputError, match="fewer than 5"):
        rake(Attributes.from_columns({"sex": ["f", "m", "m"]}), HALF, least=5)
    with pytest.raises(InputError, match="above 1"):
        rake(people, HALF, bound=1)


def test_margins_that_contradict_each_other_say_so():
    columns = {"sex": ["f"] * 5 + ["m"] * 5, "age": ["old"] * 5 + ["young"] * 5}
    margins = Margins.from_shares({"sex": {"f": 0.9, "m": 0.1}, "age": {"old": 0.2, "young": 0.8}})
    with pytest.raises(InputError, match="cannot be fitted together"):
        rake(Attributes.from_columns(columns), margins, max_rounds=200)


def test_margins_as_shares_percentages_and_counts():
    assert not Margins.from_shares({"sex": {"f": 0.4999999, "m": 0.5}}).notes
    percent = Margins.from_shares({"sex": {"f": 52.4, "m": 47.6}})
    assert percent.shares["sex"]["f"] == pytest.approx(0.524) and "percentages" in str(percent.notes[0])
    counts = Margins.from_shares({"sex": {"f": 1200, "m": 800}})
    assert counts.shares["sex"]["f"] == 0.6 and "counts" in str(counts.notes[0])
    for shares in (
        {"f": 0.5, "m": 0.4},
        {"f": -0.5, "m": 1.5},
        {"f": float("nan"), "m": 1},
        {"f": 0, "m": 0},
        {},
    ):
        with pytest.raises(InputError):
            Margins.from_shares({"sex": shares})


def test_a_file_of_margins_names_its_bad_lines(tmp_path):
    path = tmp_path / "margins.csv"
    path.write_bytes("\ufeffattribute,category,share\nالجنس,أنثى,0.5\nالجنس,ذكر,0.5\n地区,北方,1\n".encode())
    assert read_margins(path).shares["الجنس"] == {"أنثى": 0.5, "ذكر": 0.5}
    path.write_text(
        "attribute,category,share\nsex,f,half\nsex,,0.5\nsex,m,-1\nsex,m,0.5\nage,old\n,x,1\nage,old,0.5\nage,new,nan\n"
    )
    with pytest.raises(InputError) as caught:
        read_margins(path)
    assert sorted(problem.line for problem in caught.value.problems) == [2, 3, 4, 5, 6, 7, 9]
    path.write_text("attribute,category,share\n")
    with pytest.raises(InputError, match="no margins"):
        read_margins(path)


def conversation(n=200, m=4, seed=1):
    rng = np.random.default_rng(seed)
    rows, columns = np.nonzero(rng.random((n, m)) < 0.9)
    sex = np.where(rng.random(n) < 0.7, "f", "m")
    agree = rng.random(rows.size) < np.where(sex[rows] == "f", 0.7, 0.35)
    votes = Votes.from_arrays(rows, columns, np.where(agree, 1, -1))
    return votes, Attributes.from_columns({"sex": sex[votes.participant_ids.astype(int)].tolist()})


def test_weighted_beside_raw():
    votes, people = conversation()
    made = make_weights(votes, people, HALF)
    weights = rake(people, HALF).weights
    one = made.statements[0]
    on = votes.indices == 0
    own, agree = weights[votes.rows[on]], votes.values[on] == 1
    assert one.raw["agree"].count == agree.sum() and one.voters == on.sum()
    assert one.weighted["agree"].rate == pytest.approx(own[agree].sum() / own.sum())
    assert one.effective_voters == pytest.approx(kish(own))
    low, _ = wilson(one.weighted["agree"].rate * kish(own), kish(own))
    assert one.weighted["agree"].low == pytest.approx(low)
    assert made.effective_size < made.people and made.largest > 1 > made.smallest
    text = "\n".join(describe(made))
    assert "design effect" in text and "no correction" in text


def test_weighted_rates_are_withheld_where_they_would_tell_a_hidden_count():
    votes, people = conversation()
    lens = make_lens(votes, people, analyze(votes))
    hidden = {
        statement.id
        for statement in lens.attributes[0].statements
        if any(None in (c.voters, c.agree, c.disagree, c.pass_) for c in statement.categories)
    }
    made = make_weights(votes, people, HALF, lens)
    assert {one.id for one in made.statements if one.weighted is None} == hidden
    few = Votes.from_arrays(
        np.arange(60), np.zeros(60, int), np.r_[np.ones(30), -np.ones(27), 1, 1, -1].astype(int)
    )
    own = Attributes.from_columns({"sex": ["f"] * 50 + ["m"] * 10})
    small = make_weights(few, own, HALF, make_lens(few, own, analyze(few)))
    assert small.withheld == 1 and small.statements[0].effective_voters is None
    assert "withheld" in "\n".join(describe(small))


def test_an_attribute_that_is_only_seen_crossed_cannot_be_a_margin():
    votes, people = conversation()
    both = Attributes(
        (*people.columns, Attributes.from_columns({"age": ["a", "b"] * 100})["age"]), people.people
    )
    lens = make_lens(votes, both, analyze(votes), cross=("sex", "age"))
    with pytest.raises(InputError, match="only crossed"):
        make_weights(votes, both, HALF, lens)


def test_the_section_fits_its_schema():
    votes, people = conversation()
    result = analyze(votes)
    lens = make_lens(votes, people, result)
    data = result.with_sections(weights=make_weights(votes, people, HALF, lens)).to_dict()["weights"]
    schema = json.loads((files("opinion") / "schema" / "weights-1.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(data)
    for part in (schema, *schema["$defs"].values()):
        assert all(one["description"] for one in part["properties"].values())
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(data | {"people": "many"})


@pytest.mark.parametrize("n", [0, 1, 30])
def test_degenerate(n):
    votes = Votes.from_arrays(np.arange(n), np.zeros(n, int), np.zeros(n, int), statement_ids=["0", "empty"])
    people = Attributes.from_columns({"sex": ["f"] * n})
    if n == 0:
        with pytest.raises(InputError, match="nobody"):
            make_weights(votes, people, Margins.from_shares({"sex": {"f": 1}}))
        return
    made = make_weights(votes, people, Margins.from_shares({"sex": {"f": 1}}))
    assert made.effective_size == pytest.approx(n) and made.design_effect == pytest.approx(1)
    assert made.statements[1].voters == 0 and made.statements[1].weighted is None
