"""Small conversations that the tests make, and the real ones where they are present."""

import os
from pathlib import Path

import numpy as np
import pytest

from opinion import Votes

REPOSITORY = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("PLENARY_SHARED", REPOSITORY.parent / "shared"))
CONVERSATIONS = SHARED / "data" / "conversations"


@pytest.fixture
def conversations() -> Path:
    """The folder of real conversations."""
    if not CONVERSATIONS.is_dir():
        pytest.skip("the real conversations are not here; PLENARY_SHARED says where they are")
    return CONVERSATIONS


def planted(
    people: int, statements: int, groups: int, *, fill: float = 0.5, apart: float = 2.0, seed: int = 1
):
    """Votes of people in groups that hold independent positions, and the true groups."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, people)
    stance = rng.normal(0, 0.5, statements) + rng.normal(0, apart, (groups, statements)) * (groups > 1)
    row, column = np.nonzero(rng.random((people, statements)) < fill)
    agree = rng.random(row.size) < 1 / (1 + np.exp(-stance[group[row], column]))
    value = np.where(rng.random(row.size) < 0.1, 0, np.where(agree, 1, -1))
    return Votes.from_arrays(row, column, value), group


@pytest.fixture(scope="session")
def two_groups() -> Votes:
    """120 people in two groups, 20 statements."""
    return planted(120, 20, 2, seed=3)[0]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small Polis export of the newer form."""
    return write_export(tmp_path / "export")


def write_export(folder: Path, *, sign: int = 1, matrix: str | None = None) -> Path:
    """Twelve people, four statements; agree is `sign` in the files. `matrix` names a table of participants instead."""
    folder.mkdir()
    votes = [(s, p, [1, 1, 1, -1, 0][(p + s) % 5] if p != s else -1) for s in range(4) for p in range(12)]
    rows = ["timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body"]
    for s in range(4):
        agrees = sum(v == 1 for t, _, v in votes if t == s)
        disagrees = sum(v == -1 for t, _, v in votes if t == s)
        body = '"Two lines,\nand a ""quote"""' if s == 1 else f"Statement {s}"
        rows.append(f"160000000000{s},Sun,{s},0,{agrees},{disagrees},{1 if s else -1},{body}")
    (folder / "comments.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "summary.csv").write_text(
        'topic,"Parks, and trees"\nurl,https://example.org\n', encoding="utf-8"
    )
    if matrix:
        table = ["participant,xid,group-id,n-comments,n-votes,n-agree,n-disagree,0,1,2,3"]
        for p in range(12):
            own = {s: v for s, q, v in votes if q == p}
            table.append(f"{p},,0,0,4,0,0," + ",".join(str(sign * own[s]) for s in range(4)))
        (folder / matrix).write_text("\n".join(table) + "\n", encoding="utf-8")
    else:
        table = ["timestamp,datetime,comment-id,voter-id,vote"]
        table += [f"{1600000000000 + i},Sun,{s},{p},{sign * v}" for i, (s, p, v) in enumerate(votes)]
        (folder / "votes.csv").write_text("\n".join(table) + "\n", encoding="utf-8")
    return folder
