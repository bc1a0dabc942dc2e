"""The documentation: its links lead somewhere, what it names exists, its code can be read, and all of it in an hour."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import shutil
import subprocess
import textwrap
import tomllib
from pathlib import Path

import pytest

from plenary.kit.manifest import Module
from plenary.site.cli import build_parser
from plenary.site.modules import LAYERS
from tests.test_architecture import SOURCE, opened_places

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
# An hour at 217 words a minute. What one looks things up in is not read from end to end.
WORDS = 13_000
LOOKED_UP = (
    "CHANGELOG.md",
    "docs/glossary/",
    "docs/formats/",
    "docs/handbook/",
    "docs/access.md",
    "docs/method.md",
)

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^ {4,}.*\n)+", re.MULTILINE)
SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def prose_of(text: str) -> str:
    """A page without its code, in which brackets are no links."""
    return SPAN.sub("", INDENTED.sub("\n", FENCE.sub("", text)))


def code_of(text: str) -> list[str]:
    """The lines of code of a page: fenced, indented, or within a sentence."""
    blocks = [block for _, block in FENCE.findall(text)]
    rest = FENCE.sub("", text)
    blocks += INDENTED.findall(rest)
    blocks += [span for _, span in SPAN.findall(INDENTED.sub("\n", rest))]
    return [line.strip() for block in blocks for line in block.splitlines()]


def anchors_of(text: str) -> set[str]:
    """The anchors that the headings of a page get, as GitHub and most renderers make them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?) *#*$", FENCE.sub("", text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.replace("`", ""))
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        same = sum(1 for known in found if re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", known))
        found.add(f"{anchor}-{same}" if same else anchor)
    return found


def broken_links(page: Path) -> list[str]:
    broken = []
    for target in LINK.findall(prose_of(page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors_of(file.read_text("utf-8"))):
            broken.append(target)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page):
    assert broken_links(page) == []


def test_the_check_sees_a_link_that_leads_nowhere(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# A `title`, and more\n\n[here](#a-title-and-more) [gone](gone.md) [no](#such) [out](https://example.org)\n"
        "`[code](code.md)`\n"
    )
    assert broken_links(page) == ["gone.md", "#such"]


def test_every_page_is_in_the_index():
    index = (DOCS / "README.md").read_text("utf-8")
    listed = {(DOCS / target.partition("#")[0]).resolve() for target in LINK.findall(index)}
    decisions = (DOCS / "decisions" / "README.md").read_text("utf-8")
    listed |= {(DOCS / "decisions" / target).resolve() for target in LINK.findall(decisions)}
    glossaries = {page for page in PAGES if page.parent.name == "glossary"}
    assert (DOCS / "glossary").resolve() in listed
    assert set(PAGES) - glossaries - listed - {DOCS / "README.md"} == set()


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def unknown_make_targets(text: str) -> set[str]:
    named = {
        target
        for line in code_of(text)
        for call in re.findall(r"(?:^|\s)make((?: +[a-z][\w-]*)+)", line.partition(" #")[0])
        for target in call.split()
    }
    return named - make_targets()


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_make_target_exists(page):
    assert unknown_make_targets(page.read_text("utf-8")) == set()


def unknown_commands(text: str) -> list[str]:
    """Commands of ``plenary`` that are not there, or that have no such option."""
    _, commands = build_parser()
    parsers = build_parser()[0]._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    unknown = []
    for line in code_of(text):
        found = re.match(r"(?:\S+/)?plenary ([a-z][\w-]*)(.*)", line.partition(" #")[0])
        if not found:
            continue
        name, rest = found.groups()
        if name not in commands:
            unknown.append(name)
        elif name != "manage":
            options = set(re.findall(r"(?<!\S)--[\w-]+", rest))
            unknown += [f"{name} {option}" for option in options - set(parsers[name]._option_string_actions)]
    return unknown


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_and_option_exists(page):
    assert unknown_commands(page.read_text("utf-8")) == []


def test_the_checks_see_what_does_not_exist():
    text = "Say `make tea`.\n\n    plenary brew --hot\n    make run   # with care\n\n"
    text += "```sh\nplenary serve --quietly\n```\n"
    assert unknown_make_targets(text) == {"tea"}
    assert sorted(unknown_commands(text)) == ["brew", "serve --quietly"]


def parse_python(block: str) -> None:
    """Raises SyntaxError. A block may be a part: arguments of a call, entries of a dictionary."""
    part = textwrap.dedent(block)
    try:
        ast.parse(part)
    except SyntaxError as error:
        for whole in (f"call(\n{part})", f"{{\n{part}}}"):
            try:
                ast.parse(whole)
            except SyntaxError:
                continue
            return
        raise error


READERS = {"python": parse_python, "json": json.loads, "toml": tomllib.loads}
PLAIN = ("", "text", "html", "po", "nginx", "ini", "http")


def unreadable(language: str, block: str) -> str:
    """Why a block cannot be read as what it says it is; empty where it can."""
    if language in READERS:
        try:
            READERS[language](block)
        except (ValueError, SyntaxError) as error:
            return str(error)
    elif language in ("sh", "bash"):
        if bash := shutil.which("bash"):
            return subprocess.run([bash, "-n"], input=block, capture_output=True, text=True).stderr
    elif language not in PLAIN:
        return f"nobody checks blocks of «{language}»"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_block_of_code_can_be_read(page):
    found = [
        f"{why}\n{block}"
        for language, block in FENCE.findall(page.read_text("utf-8"))
        if (why := unreadable(language, block))
    ]
    assert found == []


def test_the_check_sees_code_that_cannot_be_read():
    assert unreadable("python", "def f(:\n    pass\n")
    assert unreadable("json", "{,}")
    assert unreadable("toml", "a = ")
    assert unreadable("cobol", "STOP RUN.")
    assert not unreadable("python", '    "held_on": [None, day],\n    "kind": kind,\n')
    if shutil.which("bash"):
        assert unreadable("sh", "if true\n")


def test_all_of_it_is_read_in_an_hour():
    read = {name: page for name, page in zip(NAMES, PAGES, strict=True) if not name.startswith(LOOKED_UP)}
    words = {name: len(page.read_text("utf-8").split()) for name, page in read.items()}
    assert sum(words.values()) <= WORDS, sorted(words.items(), key=lambda item: -item[1])


ARCHITECTURE = (DOCS / "architecture.md").read_text("utf-8")


def section(title: str) -> str:
    return ARCHITECTURE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """What stands between backticks in the first column of the tables."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def test_the_pile_on_the_page_is_the_pile_of_the_program():
    pile = FENCE.search(ARCHITECTURE)
    assert pile
    shown = [
        {name.strip() for name in re.split(r" {2,}| \(", line)[0].split("|")} for line in pile[2].splitlines()
    ]
    assert shown == [{"site"}, *(set(layer) for layer in reversed(LAYERS)), {"kit"}, {"opinion"}]


def test_the_page_names_every_place_and_no_other():
    assert {name for name in first_cells(section("The manifest")) if "." in name} == opened_places()


def test_the_page_names_everything_that_a_manifest_declares():
    declared = {field.name for field in dataclasses.fields(Module)} - {"name"}
    assert {name for name in first_cells(section("The manifest")) if "." not in name} == declared


def test_the_page_names_every_room_that_modules_share():
    modules = [name for layer in LAYERS for name in layer]
    rooms = [
        path.stem
        for name in modules
        for path in (SOURCE / name).iterdir()
        if path.name != "__init__.py" and (path.suffix == ".py" or (path / "__init__.py").exists())
    ]
    shared = {room for room in rooms if rooms.count(room) > 1} - {"tests", "migrations", "templatetags"}
    named = set(re.findall(r"`(\w+)\.py`", section("Where a line of code lives")))
    assert shared - named == set()
    assert named - {"__init__"} - set(rooms) == set()


def described_commands(text: str) -> dict[str, set[str]]:
    """Commands and their options in the operators' table."""
    rows = re.findall(r"^\| `([a-z-]+)` \| .* \| (.*) \|$", text, re.MULTILINE)
    return {name: set(re.findall(r"`(--[\w-]+)`", options)) for name, options in rows}


def test_every_command_is_described_with_all_its_options():
    parsers = build_parser()[0]._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    there = {
        name: {option for option in parser._option_string_actions if option.startswith("--")} - {"--help"}
        for name, parser in parsers.items()
    }
    assert described_commands((DOCS / "operating.md").read_text("utf-8")) == there
