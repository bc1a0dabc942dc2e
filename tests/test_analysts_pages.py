"""What the pages for analysts show is run: the blocks of code in their order, the examples of files by the readers."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

import opinion
from opinion.seen import read_seen
from tests.test_docs import DOCS, FENCE, INDENTED

WORDS = ["trees", "trams", "noise", "parks", "markets", "bridges", "cycling", "schools"]


def write_conversation(place):
    """Files of a conversation of two groups, with everything that a block may ask for."""
    rng = np.random.default_rng(3)
    people, statements = 80, 16
    side = np.where(np.arange(people)[:, None] % 2 == np.arange(statements) % 2, 0.85, 0.15)
    agrees = rng.random((people, statements)) < side
    lines = [
        f"{p},{s},{1 if agrees[p, s] else -1},{1_700_000_000_000 + 60_000 * p + 5_000 * s}"
        for p in range(people)
        for s in range(statements)
    ]
    files = {
        "votes.csv": ["participant_id,statement_id,vote,timestamp_ms", *lines],
        "statements.csv": [
            "statement_id,text,moderated,is_meta,lang",
            *(f"{s},More {WORDS[s % 8]} for the town and its {WORDS[(s + 3) % 8]},0,0,en" for s in range(16)),
        ],
        "people.csv": [
            "participant_id,region",
            *(f"{p},{'north' if p % 3 else 'south'}" for p in range(people)),
        ],
        "margins.csv": ["attribute,category,share", "region,north,0.5", "region,south,0.5"],
        "seen.csv": [
            "participant_id,statement_id",
            *(f"{p},{s}" for p in range(people) for s in range(statements)),
        ],
    }
    for name, rows in files.items():
        (place / name).write_text("\n".join(rows) + "\n")


def run_page(name):
    """Each block of Python on the page, in one namespace, as somebody who follows it types them."""
    space = {}
    for language, block in FENCE.findall((DOCS / name).read_text("utf-8")):
        if language == "python":
            # What is run stands in this repository.
            exec(compile(block, name, "exec"), space)  # noqa: S102
    return space


def test_the_page_about_python_runs(tmp_path, monkeypatch):
    write_conversation(tmp_path)
    monkeypatch.chdir(tmp_path)
    pytest.importorskip("sklearn")
    space = run_page("formats/python.md")
    assert space["full"].sections.keys() == {"lens", "weights", "slate", "exposure", "integrity", "themes"}
    assert (tmp_path / "result.json").stat().st_size > 1000
    assert space["result"].k == 2


def test_the_blocks_of_the_manual_run(tmp_path, monkeypatch):
    write_conversation(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run_page("handbook/analysts.md")["groups"].n_groups_ == 1


def test_the_examples_of_files_can_be_read(tmp_path):
    text = (DOCS / "formats" / "files.md").read_text("utf-8")
    examples = [textwrap.dedent(block) for block in INDENTED.findall(text)]
    names = ["votes", "statements", "people", "margins", "seen"]
    assert len(examples) == len(names)
    for name, example in zip(names, examples, strict=True):
        (tmp_path / name).write_text(example)
    read = opinion.read_votes(tmp_path / "votes")
    assert read.votes.size == 3 and not read.notes
    statements = opinion.read_statements(tmp_path / "statements").statements
    assert [one.is_meta for one in statements] == [False, True, False]
    assert [one.moderated for one in statements] == [1, 1, -1]
    people = opinion.read_attributes(tmp_path / "people", read.votes).attributes
    assert [column.name for column in people.columns] == ["region", "age"]
    assert opinion.read_margins(tmp_path / "margins").shares["region"]["north"] == 0.4
    assert read_seen(tmp_path / "seen").seen.times.tolist() == [1, 3]
