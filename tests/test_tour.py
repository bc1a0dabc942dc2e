"""Follows docs/tour.md block by block in a copy of the repository, so that what a newcomer reads there works.

Before each fenced block stands a line that says what to do with it::

    New file `path`:                                In `path`, after `line`:          (or before, or instead of)
    New empty files `path`, `path`.                 In `path`, under `line`, after `line`:
    At the end of `path`:                           Run:                              You see:

In a quoted line, and in what one will see, «…» stands for anything.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
TOUR = REPOSITORY / "docs" / "tour.md"
NEEDS_GETTEXT = "(needs gettext)"

_QUOTED = r"(?:``(.+?)``|`([^`]+)`)"
EDIT = re.compile(rf"In `([^`]+)`(?:, under {_QUOTED})?, (after|before|instead of) {_QUOTED}:")
NEW = re.compile(r"New file `([^`]+)`:")
EMPTY = re.compile(r"New empty files? (`[^`]+`(?:, `[^`]+`)*)\.")
APPEND = re.compile(r"At the end of `([^`]+)`:")


class StepFailed(AssertionError):
    """Names the place in the tour."""


@dataclass(frozen=True)
class Block:
    """One instruction with the fenced block that follows it."""

    heading: str
    line: int
    instruction: str
    text: str = ""

    def __str__(self) -> str:
        return f"docs/tour.md, line {self.line} (“{self.heading}”): {self.instruction}"


def read_tour(text: str) -> Iterator[Block]:
    """The blocks in order. A fence without an instruction before it is an error of the tour."""
    heading, instruction, begun, fence = "", "", 0, None
    for number, line in enumerate(text.splitlines(), 1):
        if fence is not None:
            if line.startswith("```"):
                yield Block(heading, begun, instruction, "".join(fence))
                fence, instruction = None, ""
            else:
                fence.append(line + "\n")
        elif line.startswith("```"):
            if not (instruction in ("Run:", "You see:") or EDIT.fullmatch(instruction)) and not (
                NEW.fullmatch(instruction) or APPEND.fullmatch(instruction)
            ):
                raise StepFailed(f"docs/tour.md, line {number}: nothing says what this block is for")
            fence = []
        elif line.startswith("#"):
            heading = line.lstrip("# ")
        elif EMPTY.fullmatch(line):
            yield Block(heading, number, line)
        elif line.strip():
            instruction, begun = line, number


def pattern(quote: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in quote.strip().split("…")))


def edited(text: str, found: re.Match[str], block: str) -> str:
    """A file with a block put in its place. Raises ValueError where the quoted line is not there, or not once."""
    under, word, quote = found[2] or found[3], found[4], found[5] or found[6]
    lines = text.splitlines(keepends=True)
    first = 0
    if under:
        first = next((i for i, line in enumerate(lines) if pattern(under).fullmatch(line.strip())), -1)
        if first < 0:
            raise ValueError(f"there is no line «{under}»")
    places = [
        i
        for i, line in enumerate(lines[first:], first)
        if pattern(quote).fullmatch(line.rstrip("\n").strip())
    ]
    if not places or (len(places) > 1 and not under):
        raise ValueError(f"the line «{quote}» is there {len(places)} times")
    start, end = {
        "before": (places[0], places[0]),
        "after": (places[0] + 1, places[0] + 1),
        "instead of": (places[0], places[0] + 1),
    }[word]
    return spaced(found[1], "".join(lines[:start]), block, "".join(lines[end:]))


class Shell:
    """One shell for the whole tour, so that what is exported stays."""

    END = "--- end of the block:"

    def __init__(self, folder: Path) -> None:
        kept = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")
        }
        # The environment's own plenary is installed from elsewhere; the copy must come first.
        environment = kept | {"PYTHONPATH": str(folder / "src"), "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, env=environment, text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, commands: str) -> tuple[int, str]:
        """Exit code of the first command that fails, or 0, and everything printed."""
        assert self.process.stdin and self.process.stdout
        for command in commands.splitlines():
            self.process.stdin.write(f"{command} < /dev/null || failed=${{failed:-$?}}\n")
        self.process.stdin.write(f'echo; echo "{self.END} ${{failed:-0}}"; unset failed\n')
        self.process.stdin.flush()
        printed = []
        for line in self.process.stdout:
            if line.startswith(self.END):
                return int(line.removeprefix(self.END)), "".join(printed)
            printed.append(line)
        raise AssertionError("the shell ended: " + "".join(printed))

    def close(self) -> None:
        self.process.communicate(timeout=30)


def follow(block: Block, folder: Path, shell: Shell, printed: str) -> str:
    """Do what one block says. Returns what has been printed last."""
    if found := EMPTY.fullmatch(block.instruction):
        for path in re.findall(r"`([^`]+)`", found[1]):
            write_new(folder / path, "")
    elif found := NEW.fullmatch(block.instruction):
        write_new(folder / found[1], block.text)
    elif found := APPEND.fullmatch(block.instruction):
        target = folder / found[1]
        target.write_text(spaced(found[1], target.read_text("utf-8"), block.text, ""), "utf-8")
    elif found := EDIT.fullmatch(block.instruction):
        target = folder / found[1]
        target.write_text(edited(target.read_text("utf-8"), found, block.text), "utf-8")
    elif block.instruction == "Run:":
        code, printed = shell.run(block.text)
        if code:
            raise ValueError(f"exit code {code}\n{block.text}\n{printed}")
    else:
        lines = iter(printed.splitlines())
        for line in block.text.splitlines():
            if not any(pattern(line).fullmatch(given.strip()) for given in lines):
                raise ValueError(f"«{line}» is not to be seen in\n{printed}")
    return printed


def spaced(path: str, before: str, block: str, after: str) -> str:
    """A block between what stands around it; in Python, functions stand two blank lines apart."""
    if path.endswith(".py") and re.match(r"(@|def |class )", block):
        before = before.rstrip("\n") + "\n\n\n" if before.strip() else before
        block += "\n\n" if after.strip() else ""
    return before + block + after


def write_new(path: Path, text: str) -> None:
    if path.exists():
        raise ValueError("the file is there already")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def copy_repository(target: Path) -> None:
    """The tracked files, and those that will be; the environment is this one's, and up to date."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in sorted(set(listed.stdout.split("\0")) - {""}):
        if (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, target / name)
    (target / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith("."):
            (target / ".venv" / part.name).symlink_to(part)
    for made in (".runtime", ".dev"):
        (target / ".venv" / made).touch()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    if not (REPOSITORY / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout: there is nothing to copy")
    for tool in ("bash", "make"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    target = tmp_path / "plenary"
    target.mkdir()
    copy_repository(target)
    return target


@pytest.fixture
def shell(clone: Path) -> Iterator[Shell]:
    shell = Shell(clone)
    yield shell
    shell.close()


def has_gettext() -> bool:
    return all(shutil.which(tool) for tool in ("xgettext", "msgmerge", "msgattrib", "msgfmt"))


def walk(blocks: list[Block], clone: Path, shell: Shell) -> None:
    printed = ""
    for block in blocks:
        try:
            printed = follow(block, clone, shell, printed)
        except (ValueError, OSError) as error:
            raise StepFailed(f"{block}\n{error}") from error


def test_the_tour_can_be_followed(clone, shell):
    blocks = list(read_tour(TOUR.read_text("utf-8")))
    assert len(blocks) > 40
    walk([block for block in blocks if has_gettext() or NEEDS_GETTEXT not in block.heading], clone, shell)
    # The new module is under the contracts without having been added to them.
    with (clone / "src/plenary/meetings/queries.py").open("a", encoding="utf-8") as file:
        file.write("\nfrom plenary.speeches import queries as upwards  # noqa\n")
    code, printed = shell.run("lint-imports")
    assert code == 1 and "plenary.meetings is not allowed to import plenary.speeches" in printed
    if not has_gettext():
        pytest.skip("the tour was followed, but for its translations: gettext is not installed")


@pytest.mark.smoke
def test_what_the_tour_makes_passes_every_check(clone, shell):
    """Its types too, which take longer than all of its tests."""
    blocks = [block for block in read_tour(TOUR.read_text("utf-8")) if NEEDS_GETTEXT not in block.heading]
    first = next(block for block in blocks if block.instruction == "Run:")
    changes = [
        block
        for block in blocks
        if block.instruction not in ("Run:", "You see:") or "makemigrations" in block.text or block is first
    ]
    walk(changes, clone, shell)
    code, printed = shell.run("make check")
    assert code == 0, printed


def test_a_block_that_nothing_explains_is_an_error():
    with pytest.raises(StepFailed, match="line 3: nothing says"):
        list(read_tour("Some words.\n\n```python\nx = 1\n```\n"))


def test_a_line_that_is_not_there_or_not_once_is_an_error():
    after = EDIT.fullmatch("In `a.py`, after `x = …`:")
    assert after
    assert edited("x = 1\ny = 2\n", after, "z = 3\n") == "x = 1\nz = 3\ny = 2\n"
    for text in ("y = 2\n", "x = 1\nx = 2\n"):
        with pytest.raises(ValueError, match="times"):
            edited(text, after, "")
    under = EDIT.fullmatch("In `a.py`, under `def b():`, instead of ``x = 1``:")
    assert under
    assert edited("x = 1\ndef b():\n    x = 1\n", under, "    x = 2\n") == "x = 1\ndef b():\n    x = 2\n"


def test_what_is_not_printed_fails_with_the_step(tmp_path):
    shell = Shell(tmp_path)
    try:
        blocks = read_tour(
            "# Greet\n\nRun:\n\n```sh\nA=one\necho $A two\n```\n\nYou see:\n\n```text\n… two\n```\n\n"
            "Run:\n\n```sh\nfalse\ntrue\n```\n"
        )
        printed = follow(next(blocks), tmp_path, shell, "")
        follow(next(blocks), tmp_path, shell, printed)
        with pytest.raises(ValueError, match="not to be seen"):
            follow(Block("Greet", 9, "You see:", "three\n"), tmp_path, shell, printed)
        with pytest.raises(ValueError, match="exit code 1"):
            follow(next(blocks), tmp_path, shell, printed)
    finally:
        shell.close()
