import dataclasses
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import opinion
from opinion import InputError, Statement, Votes, read_votes
from opinion.parts import write_parts

pytest.importorskip("pyarrow", reason="the extra distributed is not installed")
pytest.importorskip("distributed", reason="the extra distributed is not installed")
import pyarrow.parquet as pq

from opinion import distributed

from .conftest import planted


@pytest.fixture(scope="module")
def client():
    """Two processes, each with a nanny that starts it again if it dies."""
    with distributed.local_client(2) as client:
        yield client


def cut(votes, folder, *, part_votes=1500, block=64):
    return write_parts([votes], folder, part_votes=part_votes, block=block)


def differences(one, other):
    """Largest difference of any two floats; everything else must be equal."""
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return differences([getattr(one, name) for name in names], [getattr(other, name) for name in names])
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        return differences(list(one.values()), [other[name] for name in one])
    if isinstance(one, list | tuple):
        assert len(one) == len(other)
        return max((differences(left, right) for left, right in zip(one, other, strict=True)), default=0.0)
    if isinstance(one, np.ndarray) and one.dtype.kind == "f":
        assert one.shape == other.shape
        return float(np.abs(one - other).max(initial=0.0))
    if isinstance(one, float):
        return abs(one - other)
    assert np.array_equal(one, other)
    return 0.0


def assert_same(one, other):
    """Counts and labels equal, floats within a millionth."""
    assert differences(one, other) < 1e-6


@pytest.mark.parametrize("groups", [1, 3])
def test_many_processes_find_what_one_finds(tmp_path, client, groups):
    votes = planted(600, 25, groups, fill=0.4, seed=groups)[0]
    assert len(cut(votes, tmp_path / "parts").parts) > 4
    steps = []
    result = distributed.analyze(tmp_path / "parts", client, seed=7, progress=steps.append)
    assert_same(result, opinion.analyze(votes, seed=7))
    assert result.k == groups
    assert steps == sorted(steps) and steps[-1] == 1.0


def test_a_sample_is_refined_on_everybody_as_on_one_machine(tmp_path, client, monkeypatch):
    from opinion import groups, passes

    monkeypatch.setattr(groups, "SELECTION_SIDES", (4_000,))
    monkeypatch.setattr(groups, "SELECTION_PEOPLE", 400)
    monkeypatch.setattr(passes, "AXES_SIDES", 5_000)
    votes = planted(1500, 25, 2, fill=0.4, seed=5)[0]
    cut(votes, tmp_path / "parts")
    called = []
    learned = distributed._Elsewhere.learn
    monkeypatch.setattr(distributed._Elsewhere, "learn", lambda *a: called.append(1) or learned(*a))
    result = distributed.analyze(tmp_path / "parts", client)
    assert called
    assert_same(result, opinion.analyze(votes))


def test_blocks_of_the_same_people_give_the_same_bytes(tmp_path, client, monkeypatch):
    votes = planted(600, 25, 2, fill=0.4, seed=6)[0]
    cut(votes, tmp_path / "parts", part_votes=10**6)
    assert distributed.analyze(tmp_path / "parts", client).to_json() == opinion.analyze(votes).to_json()


def test_statements_settings_and_an_earlier_result_have_their_say(tmp_path, client):
    votes = planted(400, 20, 2, fill=0.5, seed=8)[0]
    cut(votes, tmp_path / "parts")
    options = {
        "statements": [Statement("3", moderated=-1), Statement("5", is_meta=True)],
        "previous": opinion.analyze(votes, seed=1),
        "max_findings": 3,
        "max_groups": 4,
    }
    result = distributed.analyze(tmp_path / "parts", client, **options)
    assert_same(result, opinion.analyze(votes, **options))
    with pytest.raises(InputError, match="Unknown settings"):
        distributed.analyze(tmp_path / "parts", client, nothing=1)


def test_people_can_be_written_instead_of_gathered(tmp_path, client):
    votes = planted(500, 20, 2, fill=0.5, seed=9)[0]
    manifest = cut(votes, tmp_path / "parts")
    whole = distributed.analyze(tmp_path / "parts", client)
    result = distributed.analyze(tmp_path / "parts", client, people=tmp_path / "people")
    assert len(result.participants) == 0
    assert result.groups == whole.groups and result.statements == whole.statements
    assert sorted(path.name for path in (tmp_path / "people").iterdir()) == [
        part.file for part in manifest.parts
    ]
    table = pq.read_table(tmp_path / "people")
    people = whole.participants
    assert table.column("participant_id").to_pylist() == people.ids.tolist()
    assert table.column("group").fill_null(-1).to_pylist() == people.group.tolist()
    for name in ("confidence", "x", "y"):
        assert np.array_equal(table.column(name).to_numpy(), getattr(people, name))


def test_nothing_is_half_written(tmp_path, client):
    votes = planted(100, 20, 2, seed=9)[0]
    manifest = cut(votes, tmp_path / "parts", part_votes=200, block=8)
    (tmp_path / "parts" / manifest.parts[2].file).write_bytes(b"PAR1, damaged")
    with pytest.raises(InputError, match="cannot be read as Parquet") as caught:
        distributed.analyze(tmp_path / "parts", client, people=tmp_path / "people")
    assert caught.value.problems[0].file.endswith(manifest.parts[2].file)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts"]


@pytest.mark.parametrize(
    "votes",
    [
        Votes.from_arrays([], [], []),
        Votes.from_arrays(["ann"], [1], [1]),
        Votes.from_arrays(range(40), [1] * 40, [1, -1] * 20),
        Votes.from_arrays(np.repeat(range(30), 9), list(range(9)) * 30, np.zeros(270, dtype=int)),
        Votes.from_arrays(np.repeat(range(30), 9), list(range(9)) * 30, np.ones(270, dtype=int)),
    ],
    ids=["no votes", "one person", "one statement", "all pass", "all agree"],
)
def test_degenerate_votes(tmp_path, client, votes):
    cut(votes, tmp_path / "parts", part_votes=20, block=4)
    assert_same(distributed.analyze(tmp_path / "parts", client), opinion.analyze(votes))


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(tmp_path, client, monkeypatch):
    votes = planted(500, 25, 2, fill=0.4, seed=11)[0]
    cut(votes, tmp_path / "parts", part_votes=300, block=16)
    killed = []
    place = distributed._Elsewhere.place

    def kill_then_place(self, unseen, model):
        """The votes are read and counted, the groups are fitted: now one of the two dies, with the votes it holds."""
        if not killed:
            held = client.who_has(self._held)
            pids = {address: info["pid"] for address, info in client.run(_me).items()}
            address = next(iter(next(iter(held.values()))))
            os.kill(pids[address], signal.SIGKILL)
            killed.append(address)
        return place(self, unseen, model)

    monkeypatch.setattr(distributed._Elsewhere, "place", kill_then_place)
    result = distributed.analyze(tmp_path / "parts", client, seed=2)
    assert killed
    assert_same(result, opinion.analyze(votes, seed=2))
    deadline = time.monotonic() + 30
    while len(client.scheduler_info()["workers"]) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert killed[0] not in client.scheduler_info()["workers"]
    assert len(client.scheduler_info()["workers"]) == 2  # the nanny started another one


def _me():
    return {"pid": os.getpid(), "threads": os.environ.get("OPENBLAS_NUM_THREADS")}


def test_the_linear_algebra_of_workers_has_one_thread(client):
    assert {info["threads"] for info in client.run(_me).values()} == {"1"}


def test_without_dask_the_message_says_what_to_install():
    code = "import sys; sys.modules['distributed'] = None; from opinion import distributed as d; d.local_client()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert 'pip install "plenary[distributed]"' in done.stderr


def test_the_engine_does_not_load_dask():
    code = "import sys, opinion.distributed; sys.exit(bool({'dask', 'distributed', 'pyarrow'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_real_conversation(tmp_path, client, conversations):
    votes = read_votes(conversations / "london.youth.policing" / "tidy" / "votes.csv").votes
    cut(votes, tmp_path / "parts", part_votes=100, block=4)
    assert_same(distributed.analyze(tmp_path / "parts", client), opinion.analyze(votes))
