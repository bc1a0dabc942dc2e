"""The lens: figures by hand, nothing small in it, nothing to be found again from what is published."""

import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from opinion import Attributes, InputError, Votes, analyze, make_lens, read_votes
from opinion.intervals import benjamini_hochberg, difference_interval, two_proportions, wilson
from opinion.lens import describe
from opinion.lens_tables import sensitive_votes
from opinion.schemas import schema as whole_schema

from .conftest import planted

REGIONS = ("east", "north", "south")


def conversation(n=240, m=12, groups=2, seed=5, tilt=0.4, silent=0.1, fill=0.6, categories=REGIONS):
    """Votes, simulated attributes that lean to the true groups, and the analysis."""
    votes, group = planted(n, m, groups, fill=fill, seed=seed)
    group = group[votes.participant_ids.astype(int)]
    rng = np.random.default_rng(seed)
    size = len(categories)
    place = np.where(rng.random(group.size) < tilt, group % size, rng.integers(0, size, group.size))
    said = ["" if rng.random() < silent else categories[i] for i in place]
    sex = [("f", "m")[i] for i in rng.integers(0, 2, group.size)]
    return votes, Attributes.from_columns({"region": said, "sex": sex}), analyze(votes)


@pytest.fixture(scope="module")
def seen():
    votes, people, result = conversation()
    return votes, people, result, make_lens(votes, people, result)


def test_counts_and_rates_are_those_of_the_votes(seen):
    votes, people, _, lens = seen
    region = lens.attributes[0]
    names = [category.name for category in region.categories]
    assert names == ["east", "north", "south", None] and region.categories[3].kind == "not said"
    dense = votes.matrix(votes.values + 2, dtype=np.int8).toarray()  # 0: no vote
    codes = people["region"].codes
    shown = 0
    for s, statement in enumerate(region.statements):
        for own in statement.categories:
            mine = dense[(codes if own.category < 3 else np.where(codes < 0, 3, -1)) == own.category, s]
            truth = {"agree": (mine == 3).sum(), "disagree": (mine == 1).sum(), "pass": (mine == 2).sum()}
            for side, rate in own.rates.items():
                low, high = wilson(truth[side], (mine > 0).sum())
                assert (rate.count, own.voters) == (truth[side], (mine > 0).sum())
                assert (rate.rate, rate.low, rate.high) == (rate.count / own.voters, low, high)
                shown += 1
    assert shown > 20


def test_no_count_from_one_to_four_is_shown(seen):
    lens = seen[3]
    for attribute in lens.attributes:
        for statement in attribute.statements:
            for own in statement.categories:
                silent = attribute.categories[own.category].kind == "not said"
                for count in (own.agree, own.disagree, own.pass_):
                    assert (
                        count is not None
                        if silent
                        else count is None or count == 0 or count >= lens.threshold
                    )
        for row in attribute.composition or ():
            said = [
                c
                for c, one in zip(row.categories, attribute.categories, strict=True)
                if one.kind == "category"
            ]
            assert all(count is None or count == 0 or count >= lens.threshold for count in said)
        assert attribute.suppression.recoverable == 0 and attribute.suppression.narrowest >= 1


def test_everything_follows_from_the_published_counts(seen):
    """Rates, intervals, verdicts and tests, computed anew from the JSON alone."""
    _, _, result, lens = seen
    data = result.with_sections(lens=lens).to_dict()
    totals = {one["id"]: one for one in data["statements"]}
    tests = {}
    for a, attribute in enumerate(data["lens"]["attributes"]):
        tables = {one["id"]: one["categories"] for one in attribute["statements"]}
        for finding in attribute["findings"]:
            everyone = totals[finding["statement"]]
            for own, contrast in zip(tables[finding["statement"]], finding["categories"], strict=True):
                count, n = own[finding["side"]], own["voters"]
                if count is None or n is None or n == 0:
                    assert contrast["rate"] is None and contrast["q"] is None
                    continue
                low, high = wilson(count, n)
                assert contrast["low"] == pytest.approx(low, abs=1e-6)
                if finding["bar"] is not None:
                    holds = "yes" if low >= finding["bar"] else "no" if high < finding["bar"] else "open"
                    assert contrast["holds"] == holds
                rest = everyone["agree"] + everyone["disagree"] + everyone["pass"] - n
                if min(n, rest) < 5:
                    assert contrast["p"] is None
                    continue
                voted = [one["category"] for one in tables[finding["statement"]] if one["voters"] != 0]
                if len(voted) == 2 and own["category"] == voted[1] and contrast["p"] is None:
                    continue  # told by the first
                low, _ = difference_interval(count, n, everyone[finding["side"]] - count, rest)
                _, p = two_proportions(count, n, everyone[finding["side"]] - count, rest)
                assert contrast["difference_low"] == pytest.approx(low, abs=1e-6)
                tests[a, finding["statement"], finding["side"], own["category"]] = (float(p), contrast["q"])
    p, q = np.array(list(tests.values())).T
    assert data["lens"]["tests"] == len(tests) > 10
    assert np.allclose(benjamini_hochberg(p), q, atol=1e-6)


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from([1, 2, 3]), st.floats(0, 1), st.sampled_from([0.15, 0.6, 0.95])
)
def test_whoever_knows_all_that_is_published_finds_no_small_count(seed, groups, tilt, fill):
    """An attack from outside: the JSON alone, with the votes of the opinion groups, in one linear program per count."""
    votes, people, result = conversation(n=90, m=6, groups=groups, seed=seed, tilt=tilt, fill=fill)
    data = result.with_sections(lens=make_lens(votes, people, result)).to_dict()
    dense = votes.matrix(votes.values + 2, dtype=np.int8).toarray()
    for attribute in data["lens"]["attributes"]:
        codes = people[attribute["name"]].codes
        if any(category["kind"] == "together" for category in attribute["categories"]):
            continue
        for s, statement in enumerate(attribute["statements"][:3]):
            for own in statement["categories"]:
                kind = attribute["categories"][own["category"]]["name"]
                place = people[attribute["name"]].categories.index(kind) if kind is not None else -1
                for v, side in enumerate(("disagree", "pass", "agree")):
                    truth = int(((dense[:, s] == v + 1) & (codes == place)).sum())
                    if own[side] is None and 0 < truth < 5:
                        low, high = attack(data, attribute, statement, own["category"], v)
                        assert low <= truth + 1e-6 and high >= truth - 1e-6
                        wanted = min(
                            5, alone((dense[:, s] == v + 1)[codes >= 0], (codes == place)[codes >= 0])
                        )
                        assert high - low >= wanted - 1e-6, (statement, own, side)


def alone(side, kind):
    """Range of a count for somebody who knows nothing but everyone's totals."""
    return min(side.sum(), kind.sum()) - max(0, side.sum() + kind.sum() - side.size)


def attack(data, attribute, statement, row, side):
    """Range of one hidden count from the published figures."""
    names = ("disagree", "pass", "agree")
    rows, n = len(attribute["categories"]), len(data["participants"])
    everyone = next(one for one in data["statements"] if one["id"] == statement["id"])
    groups = [[everyone[name] for name in names]]
    sizes = [n]
    if data["k"] > 1:
        groups = [[own[name] for name in names] for own in everyone["per_group"]]
        groups.append([everyone[name] - sum(own[name] for own in everyone["per_group"]) for name in names])
        sizes = [group["size"] for group in data["groups"]]
        sizes.append(n - sum(sizes))
    shape = (len(groups), rows, 4)
    equations, known = [], []

    def say(total, *at):
        unknown = np.zeros(shape)
        unknown[at] = 1
        equations.append(unknown.ravel())
        known.append(total)

    for g, (votes, size) in enumerate(zip(groups, sizes, strict=True)):
        for v in range(3):
            say(votes[v], g, slice(None), v)
        say(size, g)
    for composed in attribute["composition"] or ():
        for r, count in enumerate(composed["categories"]):
            if count is not None:
                say(count, composed["group"] if composed["group"] >= 0 else len(groups) - 1, r)
    for r, category in enumerate(attribute["categories"]):
        say(category["people"], slice(None), r)
        own = statement["categories"][r]
        for v, name in enumerate(names):
            if own[name] is not None:
                say(own[name], slice(None), r, v)
        if own["voters"] is not None:
            say(own["voters"], slice(None), r, slice(0, 3))
    aim = np.zeros(shape)
    aim[:, row, side] = 1
    found = []
    for sign in (1, -1):
        done = linprog(sign * aim.ravel(), A_eq=np.array(equations), b_eq=known, method="highs")
        assert done.status == 0
        found.append(sign * done.fun)
    return found


def test_small_groups_stand_together_and_nobody_can_tell_them_apart():
    votes, _, result = conversation(n=120)
    n = votes.shape[0]
    place = ["a"] * (n - 68) + ["b"] * 9 + ["c"] * 2 + ["d"] * 50 + [""] * 7
    region = make_lens(votes, Attributes.from_columns({"place": place}), result).attributes[0]
    assert [category.kind for category in region.categories] == [
        "category",
        "category",
        "together",
        "not said",
    ]
    together = region.categories[2]
    assert together.members == ("b", "c") and together.people == 11


def test_five_hundred_categories_of_two_people_cannot_be_shown():
    votes, _, result = conversation(n=400)
    n = votes.shape[0]
    lens = make_lens(votes, Attributes.from_columns({"place": [f"p{i // 2}" for i in range(n)]}), result)
    assert not lens.attributes[0].shown and not lens.attributes[0].statements
    assert "no two groups" in describe(lens)[0] and lens.attributes[0].composition is None


def test_attributes_that_make_up_each_other_are_not_both_shown():
    votes, people, result = conversation(categories=("Bern", "Geneva", "Lagos", "Kano"))
    names = people["region"].categories
    city = [names[c] if c >= 0 else None for c in people["region"].codes.tolist()]
    country = [{"Bern": "CH", "Geneva": "CH", "Lagos": "NG", "Kano": "NG", None: None}[one] for one in city]
    sex = [people["sex"].categories[c] for c in people["sex"].codes.tolist()]
    both = Attributes.from_columns({"city": city, "sex": sex, "country": country})
    lens = make_lens(votes, both, result)
    assert [attribute.shown for attribute in lens.attributes] == [True, True, False]
    assert "made of those of city" in lens.attributes[2].withheld and not lens.attributes[2].statements
    assert "withheld" in "\n".join(describe(lens))


def test_many_large_categories_are_cut_to_fifty_rows():
    votes, _, result = conversation(n=700, m=5)
    n = votes.shape[0]
    lens = make_lens(votes, Attributes.from_columns({"place": [f"p{i % 80:02}" for i in range(n)]}), result)
    assert len(lens.attributes[0].categories) <= 51


def test_two_attributes_crossed_replace_each_alone(seen):
    votes, people, result, _ = seen
    lens = make_lens(votes, people, result, cross=("region", "sex"))
    assert [attribute.name for attribute in lens.attributes] == ["region × sex"]
    with pytest.raises(InputError, match="no attribute"):
        make_lens(votes, people, result, cross=("region", "age"))


def test_only_the_statements_of_findings(seen):
    votes, people, result, lens = seen
    few = make_lens(votes, people, result, only_findings=True)
    about = {statement for finding in result.findings for statement in finding.statements}
    assert {one.id for one in few.attributes[0].statements} == about
    assert few.attributes[0].findings == lens.attributes[0].findings


def test_zeros_that_tell_how_few_people_voted():
    table = np.array([[0, 0, 3, 40], [0, 0, 12, 40], [0, 0, 20, 40], [0, 6, 12, 9], [0, 0, 0, 9]])
    found = sensitive_votes(table, 5)
    assert found[0, :3].all() and found[1].tolist() == [True, True, False, False]
    assert not found[2:].any()


def test_a_group_that_one_attribute_makes_up_withholds_its_composition():
    votes, group = planted(200, 12, 2, fill=0.9, apart=4.0, seed=3)
    own = group[votes.participant_ids.astype(int)]
    people = Attributes.from_columns({"camp": [("left", "right")[g] for g in own]})
    result = analyze(votes)
    assert result.k == 2
    camp = make_lens(votes, people, result).attributes[0]
    assert camp.composition is None and not camp.suppression.knows_groups


@pytest.mark.parametrize(
    "votes",
    [
        Votes.from_arrays([], [], []),
        Votes.from_arrays([1], [1], [1]),
        Votes.from_arrays([1, 2, 3], [1, 1, 1], [0, 0, 0]),
        Votes.from_arrays(np.arange(60), np.zeros(60, int), np.ones(60, int)),
        Votes.from_arrays(np.arange(60), np.arange(60), np.ones(60, int)),
    ],
    ids=["no votes", "one person", "everyone passes", "everyone agrees", "each on a statement of her own"],
)
def test_degenerate(votes):
    n = votes.shape[0]
    people = Attributes.from_columns(
        {"sex": [("f", "m")[i % 2] for i in range(n)], "one": ["all"] * n, "none": [None] * n}
    )
    result = analyze(votes)
    lens = make_lens(votes, people, result)
    assert json.loads(result.with_sections(lens=lens).to_json())["lens"]["people"] == n
    assert describe(lens) and not lens.attributes[1].shown and not lens.attributes[2].shown


def test_what_cannot_be_meant_is_refused(seen):
    votes, people, result, _ = seen
    for threshold in (2, 0, True, 5.0):
        with pytest.raises(InputError, match="threshold"):
            make_lens(votes, people, result, threshold=threshold)
    with pytest.raises(InputError, match="must be the same"):
        make_lens(votes, Attributes.from_columns({"sex": ["f"]}), result)


def test_row_order_never_matters(seen):
    votes, people, _, lens = seen
    order = np.random.default_rng(1).permutation(votes.size)
    rows = votes.participant_ids[votes.rows][order]
    again = Votes.from_arrays(rows, votes.statement_ids[votes.indices][order], votes.values[order])
    assert make_lens(again, people, analyze(again)) == lens


def test_in_words(seen):
    lens = seen[3]
    text = "\n".join(describe(lens, {"0": "Plant trees"}))
    assert (
        "By region, people: east" in text
        and "points of consensus" in text
        and "Differences are adjusted" in text
    )


def test_the_section_fits_its_schema(seen):
    _, _, result, lens = seen
    data = result.with_sections(lens=lens).to_dict()["lens"]
    schema = json.loads((files("opinion") / "schema" / "lens-1.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(data)
    for part in (schema, *schema["$defs"].values()):
        assert all(one["description"] for one in part["properties"].values())
        assert set(part["required"]) == set(part["properties"])
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(data | {"people": "many"})
    jsonschema.validate(result.with_sections(lens=lens).to_dict(), whole_schema())


def test_a_lens_with_a_hidden_count_that_can_be_found_is_never_published(seen, monkeypatch):
    votes, people, result, _ = seen
    monkeypatch.setattr(
        "opinion.lens_tables.audit", lambda counts, hidden: (np.zeros(hidden.shape), np.zeros(hidden.shape))
    )
    with pytest.raises(RuntimeError, match="nothing is published"):
        make_lens(votes, people, result)


def test_a_real_conversation(conversations):
    votes = read_votes(conversations / "scoop-hivemind.freshwater" / "tidy" / "votes.csv").votes
    rng = np.random.default_rng(2)
    people = Attributes.from_columns(
        {"age": [("15–24", "25–44", "45+", "")[i] for i in rng.integers(0, 4, votes.shape[0])]}
    )
    lens = make_lens(votes, people, analyze(votes))
    report = lens.attributes[0].suppression
    assert report.primary > 0 and report.recoverable == 0 and report.narrowest >= 1


def test_of_two_groups_one_difference_is_tested():
    votes, _, result = conversation(n=120)
    half = ["f", "m"] * (votes.shape[0] // 2)
    lens = make_lens(votes, Attributes.from_columns({"sex": half}), result)
    pairs = [finding.categories for finding in lens.attributes[0].findings]
    assert any(first.p is not None for first, _ in pairs)
    assert all(second.p is None and second.difference is None for _, second in pairs)
    claims = {(f.statement, f.side) for f in lens.attributes[0].findings if f.categories[0].p is not None}
    assert lens.tests == len(claims)


def test_small_groups_are_named_and_points_counted_in_good_english():
    from opinion.lens_section import AttributeLens, Category, FindingLens, Lens, SuppressionReport

    report = SuppressionReport(1, 4, 0, 0, True, None, 0, 0, None)
    points = [FindingLens("consensus", "1", "agree", (0,), 0.6, word, ()) for word in ("yes", "open")]
    groups = (Category("North", "category", 161), Category(None, "together", 155, ("South", "Isles")))
    one = AttributeLens("region", groups, True, None, None, (), tuple(points), report, 0.5)
    other = AttributeLens("sex", groups, True, None, None, (), (), report, 0.5)
    text = "\n".join(describe(Lens(316, 5, 0, 0.05, (one, other))))
    assert "North 161, South and Isles together 155" in text
    assert "Of 2 points of consensus 1 holds in every group of region, 1 is open in at least one." in text
    assert text.count("Caution") == 1 and "by region and sex" in text and "findings alone" not in text


def shared(n=240, seed=1, rate=0.97, regions=3):
    """Nearly everybody agrees with six statements; people say one of a few regions."""
    rng = np.random.default_rng(seed)
    value = np.where(rng.random((n, 6)) < rate, 1, -1)
    rows, columns = np.nonzero(np.ones_like(value))
    votes = Votes.from_arrays(rows, columns, value[rows, columns])
    said = [f"region {i}" for i in rng.integers(0, regions, n)]
    order = votes.participant_ids.astype(int)
    return votes, Attributes.from_columns({"region": [said[i] for i in order]}), value, np.array(said)


def test_where_a_number_is_hidden_its_verdict_is_told_if_all_that_it_can_be_agree():
    votes, people, value, said = shared()
    result = analyze(votes)
    region = make_lens(votes, people, result).attributes[0]
    told = 0
    for finding in region.findings:
        if finding.kind != "consensus":
            continue
        own = value[:, votes.statement_ids.tolist().index(finding.statement)]
        for contrast in finding.categories:
            if contrast.rate is not None:
                continue
            votes_here = own[said == region.categories[contrast.category].name]
            low = wilson((votes_here == 1).sum(), votes_here.size)[0]
            assert contrast.holds == "hidden" or (contrast.holds == "yes") == (low >= finding.bar)
            told += contrast.holds == "yes"
    assert told > 5


@pytest.mark.parametrize("seed", range(4))
def test_a_verdict_without_its_number_is_the_same_for_every_table_that_fits(seed):
    """Exchanging two people between regions where that changes hidden numbers alone changes no verdict told."""
    votes, people, _value, _said = shared(seed=seed)
    result = analyze(votes)
    region = make_lens(votes, people, result).attributes[0]
    for finding in region.findings:
        at = [one.id for one in region.statements].index(finding.statement)
        for contrast, cast in zip(finding.categories, region.statements[at].categories, strict=True):
            if contrast.rate is None and contrast.holds in ("yes", "no"):
                # By the rule, a hidden number of the other side may be anything up to four at least.
                assert cast.voters is not None
                worst = wilson(cast.voters - 4, cast.voters)[0] if contrast.holds == "yes" else 0
                assert contrast.holds == "no" or worst >= finding.bar
