"""Small made-up conversations whose results are kept: labels and counts must be the same, floats within 1e-6.

When the method changes on purpose, look at what changes, and keep the new results::

    RENEW_GOLDEN=1 pytest src/opinion/tests/test_golden.py
    git diff --stat src/opinion/tests/golden
"""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from opinion import analyze, read_votes

from .test_analysis import MODES

FOLDER = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in FOLDER.glob("*.csv"))
# The places at which floats were rounded may part by one unit of the last digit.
CLOSE = 1e-6 * 1.001


def differences(expected, found, place="$"):
    """Where two results differ: floats by more than 1e-6 (of their size, if that is more than 1), all else at all."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if expected.keys() != found.keys():
            return [f"{place}: {sorted(expected.keys() ^ found.keys())} on one side only"]
        return [d for key in expected for d in differences(expected[key], found[key], f"{place}.{key}")]
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return [f"{place}: {len(expected)} and {len(found)} entries"]
        pairs = enumerate(zip(expected, found, strict=True))
        return [d for i, (one, other) in pairs for d in differences(one, other, f"{place}[{i}]")]
    if isinstance(expected, float) and isinstance(found, float):
        same = math.isclose(expected, found, rel_tol=CLOSE, abs_tol=CLOSE)
    else:
        same = type(expected) is type(found) and expected == found
    return [] if same else [f"{place}: {expected!r}, now {found!r}"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_results_are_the_ones_that_were_kept(name, mode):
    result = analyze(read_votes(FOLDER / f"{name}.csv").votes, mode=mode, seed=1).to_dict()
    del result["engine_version"]  # a new version alone changes nothing
    kept = FOLDER / f"{name}.{mode}.json"
    if os.environ.get("RENEW_GOLDEN"):
        text = json.dumps(result, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        kept.write_text(text.replace('},{"', '},\n{"') + "\n", encoding="utf-8")
    assert differences(json.loads(kept.read_text("utf-8")), result) == []


MACHINES = {
    "an old processor": {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4"},
    "one core": {"OPENBLAS_NUM_THREADS": "1"},
}
AGAIN = """
import sys
from opinion.tests import test_golden as golden
different = []
for name in golden.NAMES:
    for mode in golden.MODES:
        result = golden.analyze(golden.read_votes(golden.FOLDER / f"{name}.csv").votes, mode=mode, seed=1).to_dict()
        del result["engine_version"]
        kept = golden.json.loads((golden.FOLDER / f"{name}.{mode}.json").read_text("utf-8"))
        different += [f"{name} {mode} {one}" for one in golden.differences(kept, result)]
print(*different[:20], sep="\\n")
"""


@pytest.mark.parametrize("machine", MACHINES)
def test_another_machine_would_find_the_same(machine):
    path = os.pathsep.join(str(entry) for entry in sys.path if entry)
    run = subprocess.run(
        [sys.executable, "-c", AGAIN],
        env=os.environ | MACHINES[machine] | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if "NPY_DISABLE_CPU_FEATURES" in run.stderr:
        pytest.skip("numpy cannot leave these features of the processor out here")
    assert (run.returncode, run.stdout.strip()) == (0, ""), run.stderr[-2000:]


def test_the_conversations_are_of_several_kinds():
    groups = {name: json.loads((FOLDER / f"{name}.plenary.json").read_text("utf-8"))["k"] for name in NAMES}
    assert groups["three_groups"] == 3 and groups["no_groups"] == 1 and groups["minority"] == 2
    assert len(NAMES) >= 5


def test_the_comparison_sees_what_differs():
    one = {"k": 2, "x": [0.5, 250.0], "id": "a"}
    assert differences(one, {"k": 2, "x": [0.5000009, 250.0002], "id": "a"}) == []
    for other in (
        {"k": 3, "x": [0.5, 250.0], "id": "a"},
        {"k": 2, "x": [0.500002, 250.0], "id": "a"},
        {"k": 2, "x": [0.5], "id": "a"},
        {"k": 2, "x": [0.5, 250.0]},
        {"k": 2, "x": [0.5, 250.0], "id": "b"},
        {"k": 2.0, "x": [0.5, 250.0], "id": "a"},
    ):
        assert differences(one, other), other
