import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opinion import InputError, Statement, Votes, analyze, read_statements

pytest.importorskip("sklearn")

from opinion.text import describe, find_themes, load_embedding, texts_of, with_votes
from opinion.text.words import distinctive_words, normalise, script_of, shuffled, words_of

MATTERS = {
    "water": ["river", "lake", "water", "rain", "clean", "fish", "swim", "pollution", "farm", "irrigation"],
    "schools": [
        "school",
        "teacher",
        "pupil",
        "class",
        "lesson",
        "homework",
        "exam",
        "university",
        "learning",
        "books",
    ],
    "transport": [
        "train",
        "bus",
        "station",
        "road",
        "bicycle",
        "traffic",
        "ticket",
        "railway",
        "parking",
        "tram",
    ],
    "health": [
        "doctor",
        "hospital",
        "nurse",
        "medicine",
        "clinic",
        "patient",
        "surgery",
        "vaccine",
        "dentist",
        "illness",
    ],
}
SMALL = ["the", "we", "should", "more", "and", "for", "need", "all", "our", "must"]
TONGUE = {
    word: word[::-1].translate(str.maketrans("aeiou", "ouxzj")) for ws in MATTERS.values() for word in ws
}
TONGUE |= {word: "q" + word[::-1] for word in SMALL}


def planted(each: int = 30, seed: int = 5, words: int = 9):
    """Texts on four matters, and the matter of each."""
    rng = np.random.default_rng(seed)
    texts, truth = {}, {}
    for number in range(4 * each):
        matter = list(MATTERS)[number % 4]
        chosen = [*rng.choice(MATTERS[matter], words // 2), *rng.choice(SMALL, words - words // 2)]
        rng.shuffle(chosen)
        texts[str(number)], truth[str(number)] = " ".join(chosen), matter
    return texts, truth


def in_other_tongue(text: str) -> str:
    return " ".join(TONGUE[word] for word in text.split())


@pytest.fixture(scope="module")
def found():
    texts, truth = planted()
    return find_themes(texts), texts, truth


def test_planted_matters_are_found_with_their_words(found):
    themes, _, truth = found
    assert len(themes.themes) >= 4
    matters = []
    for theme in themes.themes:
        of = [truth[one] for one in theme.ids]
        matter = max(set(of), key=of.count)
        matters.append(matter)
        assert of.count(matter) / len(of) >= 0.9
        assert set(theme.words[:3]) <= set(MATTERS[matter])
        assert set(theme.typical) <= set(theme.ids)
        assert theme.stability >= 0.5
    assert set(matters) == set(MATTERS)


def test_every_text_is_in_one_theme_or_left_over_or_empty(found):
    themes, texts, _ = found
    inside = [one for theme in themes.themes for one in theme.ids]
    assert sorted([*inside, *themes.left_over, *themes.empty]) == sorted(texts)
    assert sum(theme.share for theme in themes.themes) == pytest.approx(len(inside) / len(texts))
    assert [theme.size for theme in themes.themes] == sorted((t.size for t in themes.themes), reverse=True)


def test_another_order_gives_the_same_themes_and_the_input_stays(found):
    themes, texts, _ = found
    before = dict(texts)
    assert find_themes(dict(reversed(texts.items()))) == themes
    assert texts == before


def test_words_in_random_order_have_no_themes():
    texts, _ = planted()
    none = 0
    for seed in range(3):
        rng = np.random.default_rng(seed)
        dealt = dict(zip(texts, shuffled(list(texts.values()), rng), strict=True))
        none += not find_themes(dealt, seed=seed).themes
    assert none >= 2
    assert describe(find_themes(dealt, seed=seed))[0].startswith("No clear themes among 120 texts")


def test_a_text_that_is_sent_a_thousand_times_makes_no_theme_of_its_own(found):
    themes, texts, _ = found
    flood = texts | {f"x{i}": texts["0"] for i in range(1000)}
    flooded = find_themes(flood)
    assert [t.words for t in sorted(flooded.themes, key=lambda t: t.words)] == [
        t.words for t in sorted(themes.themes, key=lambda t: t.words)
    ]
    largest = flooded.themes[0]
    assert largest.size > 1000 and "0" in largest.ids
    assert len({flood[one] for one in largest.typical}) == len(largest.typical)


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"1": "One text alone"},
        {str(i): "The same text" for i in range(50)},
        {str(i): "" for i in range(50)},
        {str(i): "<p> </p> … !!" for i in range(50)},
        {str(i): chr(0x4E00 + 97 * i) for i in range(50)},
        {str(i): "🌳" * (i + 1) for i in range(50)},
        {str(i): f"{i}" for i in range(200)},
    ],
)
def test_what_has_no_themes_is_told_as_such(texts):
    themes = find_themes(texts)
    assert themes.themes == ()
    assert len(themes.left_over) + len(themes.empty) == len(texts)
    assert describe(themes)


@pytest.fixture(scope="module")
def two_tongues():
    """Texts on four matters in two languages, and their languages."""
    texts, _ = planted(20)
    languages = dict.fromkeys(texts, "en")
    for one in list(texts):
        texts[f"o{one}"] = in_other_tongue(texts[one])
        languages[f"o{one}"] = "xx"
    return texts, languages


def test_languages_are_looked_at_by_themselves_and_that_is_said(two_tongues):
    texts, languages = two_tongues
    themes = find_themes(texts, languages=languages)
    assert {part.language for part in themes.parts} == {"en", "xx"}
    assert all(theme.language_purity == 1 for theme in themes.themes)
    assert not themes.across_languages
    assert "Each language was looked at by itself" in themes.notes[0]


def test_translations_bring_languages_together(two_tongues):
    texts, languages = two_tongues
    back = {word: own for own, word in TONGUE.items()}
    translations = {
        one: " ".join(back[word] for word in text.split())
        for one, text in texts.items()
        if languages[one] == "xx"
    }
    # Another wording, or every translation would equal its original.
    translations = {one: " ".join(reversed(text.split())) for one, text in translations.items()}
    themes = find_themes(texts, languages=languages, translations=translations)
    assert themes.across_languages and themes.represented_by == "translations"
    assert len(themes.themes) >= 4
    assert all(set(theme.languages) == {"en", "xx"} for theme in themes.themes[:4])
    assert themes.notes == ()


def test_an_embedding_that_follows_languages_is_told_on(two_tongues):
    texts, languages = two_tongues
    rng = np.random.default_rng(1)
    corner = {tag: rng.normal(size=(3, 8)) * 4 for tag in ("en", "xx")}
    vector = {one: corner[languages[one]][i % 3] + rng.normal(size=8) * 0.2 for i, one in enumerate(texts)}
    by_text = {texts[one]: vector[one] for one in texts}
    themes = find_themes(texts, languages=languages, embed=lambda them: [by_text[text] for text in them])
    assert themes.represented_by == "embedding"
    assert themes.themes and "almost wholly of one language" in themes.notes[0]


def test_an_embedding_without_clusters_has_no_themes():
    texts, _ = planted(40)
    rng = np.random.default_rng(2)
    cloud = rng.normal(size=(len(texts), 12))
    assert find_themes(texts, embed=lambda them: cloud[: len(them)]).themes == ()


@pytest.mark.parametrize("rows", [np.ones(120), np.ones((3, 4)), np.full((120, 2), np.nan)])
def test_an_embedding_of_the_wrong_shape_is_refused(rows):
    with pytest.raises(InputError, match="one row of finite numbers for each text"):
        find_themes(planted()[0], embed=lambda _: rows)


def test_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="not there: 9"):
        find_themes({"1": "a"}, translations={"9": "b"})
    with pytest.raises(InputError, match="none is there"):
        load_embedding(str(tmp_path / "model"))


def test_texts_are_cleaned():
    assert normalise("<b>Ｃａｆé</b> &amp; [more](https://example.org/x) STRASSE/straße") == (
        "café more strasse strasse"
    )
    assert normalise("العَرَبِيَّة مـــاء") == "العربية ماء"
    assert normalise("tree🌳️ https://example.org") == "tree🌳"
    assert normalise("\u200b ​…") == ""


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_cleaning_twice_is_cleaning_once_but_for_mark_up(text):
    once = normalise(
        text.replace("<", "").replace("&", "").replace("[", "").replace(":", "").replace(".", "")
    )
    assert normalise(once) == once
    assert script_of(once)
    assert all(words_of(once)) or not once


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Clean water", "Latn"),
        ("我有用過 Uber 叫車", "Hani"),
        ("電車がもっと要る", "Jpan"),
        ("ماء نظيف", "Arab"),
        ("Чистая вода", "Cyrl"),
        ("123 !", "Zyyy"),
    ],
)
def test_scripts_are_told_apart(text, script):
    assert script_of(text) == script


def test_words_without_spaces_are_runs_or_what_the_segmenter_says():
    assert words_of("計程車 uber") == ["計程", "程車", "計程車", "uber"]
    assert words_of("計程車 uber", lambda run: [run[:2], run[2:]]) == ["計程", "車", "uber"]


def test_distinctive_words_by_hand():
    texts = ["red apple", "red pear", "blue sea", "blue sky", "red blue"]
    words = distinctive_words(texts, np.array([0, 0, 1, 1, -1]), 2)
    assert words == [("red",), ("blue",)]
    overlapping = ["計程車司機", "計程車司機", "水", "水"]
    assert distinctive_words(overlapping, np.array([0, 0, 1, 1]), 2)[0] == ("計程車司機",)


def test_stands_by_hand(found):
    themes = found[0]
    theme = themes.themes[0]
    first, second = theme.ids[:2]
    votes = Votes.from_arrays(
        ["a", "a", "b", "c", "d"], [first, second, first, first, "other"], [1, 1, -1, 0, 1]
    )
    stands = with_votes(themes, votes, analyze(votes)).themes[0].groups
    everyone = stands[0]
    assert (everyone.group, everyone.people, everyone.agree, everyone.disagree, everyone.pass_) == (
        None,
        3,
        2,
        1,
        1,
    )
    assert everyone.rate == 0.5 and everyone.low < 0.5 < everyone.high
    assert with_votes(themes, votes, analyze(votes)).themes[1].groups[0].rate is None


def test_votes_of_one_person_are_not_a_sample_of_people(found):
    themes = found[0]
    ids = themes.themes[0].ids
    # Ten people who vote the same on everything, five agreeing, five disagreeing: 10 votes' worth, not hundreds.
    rows = np.repeat(np.arange(10), len(ids))
    votes = Votes.from_arrays(rows, list(ids) * 10, np.where(rows < 5, 1, -1))
    stand = with_votes(themes, votes, analyze(votes)).themes[0].groups[0]
    assert stand.rate == 0.5
    assert stand.low == pytest.approx(0.237, abs=0.02) and stand.high == pytest.approx(0.763, abs=0.02)


def test_the_section_is_as_its_schema_says(found):
    jsonschema = pytest.importorskip("jsonschema")
    themes = found[0]
    votes = Votes.from_arrays([1, 1, 2], ["0", "4", "0"], [1, 1, -1])
    result = analyze(votes)
    result = result.with_sections(themes=with_votes(themes, votes, result))
    schema = json.loads((files("opinion") / "schema" / "themes-1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(result.to_json())["themes"], schema)


def test_what_was_moderated_out_is_no_text():
    statements = [Statement("1", "kept", language="en"), Statement("2", "out", moderated=-1)]
    assert texts_of(statements) == ({"1": "kept"}, {"1": "en"})


def test_a_real_conversation_in_chinese(conversations):
    statements = read_statements(conversations / "vtaiwan.uberx" / "tidy" / "comments.csv").statements
    themes = find_themes({statement.id: statement.text for statement in statements})
    assert len(themes.themes) >= 3
    assert set(themes.languages) == {"und-Hani"}
    assert "媒合平台" in {word for theme in themes.themes for word in theme.words}


def test_two_conversations_in_one_pot_come_apart(conversations):
    texts, truth = {}, {}
    for name in ("scoop-hivemind.freshwater", "canadian-electoral-reform", "brexit-consensus"):
        for statement in read_statements(conversations / name / "tidy" / "comments.csv").statements:
            texts[f"{name}{statement.id}"], truth[f"{name}{statement.id}"] = statement.text, name
    themes = find_themes(texts).themes
    assert len(themes) >= 3
    pure = [
        max(of.count(n) for n in set(of)) / len(of) for t in themes for of in ([truth[i] for i in t.ids],)
    ]
    assert np.average(pure, weights=[theme.size for theme in themes]) > 0.8


def test_the_command_tells_and_writes_themes(tmp_path, capsys):
    import argparse
    from importlib import import_module

    command = import_module("plenary.site.commands.analyze")

    def call(*arguments):
        parser = argparse.ArgumentParser(prog="plenary analyze")
        command.configure(parser)
        return command.run(parser.parse_args([str(argument) for argument in arguments]))

    texts, _ = planted()
    statements, votes, out = (tmp_path / name for name in ("statements.csv", "votes.csv", "out.json"))
    statements.write_text("statement_id,text\n" + "".join(f"{one},{text}\n" for one, text in texts.items()))
    cast = "".join(f"{person},{one},{1 - person % 3}\n" for person in range(9) for one in texts)
    votes.write_text("participant_id,statement_id,vote\n" + cast)
    assert call(votes, "--themes", "--statements", statements) == 0
    told = capsys.readouterr().out
    assert "Themes:" in told and "Agreeing votes on its statements: everyone 33 %" in told
    assert call(votes, "--themes", "--statements", statements, "--json", out) == 0
    assert len(json.loads(out.read_bytes())["themes"]["themes"]) >= 4
    assert call(votes, "--themes") == 2
    assert "give them with --statements" in capsys.readouterr().err
