"""What a newcomer does first, in a clean clone and in an empty environment: the two commands, a page, a vote."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
pytestmark = pytest.mark.smoke


class Forms(HTMLParser):
    """The forms of a page: action, hidden fields, and the buttons' name and value."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append({"action": given.get("action", ""), "fields": {}, "buttons": []})
        elif tag == "input" and self.found and given.get("type") == "hidden":
            self.found[-1]["fields"][given.get("name", "")] = given.get("value", "")
        elif tag == "button" and self.found and given.get("name"):
            self.found[-1]["buttons"].append((given["name"], given.get("value", "")))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read().decode()


def vote(base: str, page_path: str) -> tuple[str, dict]:
    """Answer the first card of a consultation as a browser without JavaScript and cookies would."""
    forms = Forms(get(base + page_path)).found
    card = next(form for form in forms if ("value", "1") in form["buttons"])
    data = urllib.parse.urlencode(card["fields"] | {"value": "1"}).encode()
    action = urllib.parse.urljoin(base + page_path, card["action"] or page_path)
    with urllib.request.urlopen(urllib.request.Request(action, data), timeout=30) as answer:
        return answer.read().decode(), card["fields"]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as committed, with nothing of this checkout's own."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout: there is nothing to clone")
    target = tmp_path_factory.mktemp("clone") / "plenary"
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(target)], check=True)
    return target


def bare_environment(**more: str) -> dict[str, str]:
    hidden = ("PLENARY_", "DJANGO_", "VIRTUAL_ENV", "PYTHON", "MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)} | more


def serving(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Start a command that serves; yields the address that it prints; ends it and looks at how it ended."""
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    printed = []
    try:
        for line in process.stdout:
            printed.append(line)
            if found := re.search(r"http://[\w.:-]+/", line):
                address = found.group().replace("localhost", "127.0.0.1").rstrip("/")
                break
        else:
            pytest.fail("nothing to open was printed:\n" + "".join(printed))
        for _ in range(100):
            try:
                get(address + "/health")
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def stored_votes(home: Path) -> int:
    import sqlite3

    with sqlite3.connect(home / "plenary.sqlite3") as database:
        return database.execute("SELECT count(*) FROM participation_vote").fetchone()[0]


def open_consultation(base: str) -> str:
    found = re.search(r'href="(/consultations/CON-\d+)"', get(base + "/"))
    assert found, "the home page leads to an open consultation"
    return found.group(1)


def test_make_run_in_a_clean_clone_serves_and_counts_a_vote(clone):
    environment = bare_environment(PORT=str(free_port()))
    home = clone / "var"
    for base in serving(["make", "run"], clone, environment):
        assert "Plenary" in get(base + "/")
        before = stored_votes(home)
        page, _ = vote(base, open_consultation(base))
        assert stored_votes(home) == before + 1
        assert 'name="value"' in page, "the next card is there"
    started = time.monotonic()
    for _ in serving(["make", "run"], clone, environment):
        assert time.monotonic() - started < 30, "a second start is quick"
        assert stored_votes(home) == before + 1, "what was entered is kept"


def test_pip_install_then_demo_from_any_folder(clone, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "empty")], check=True)
    pip = [str(tmp_path / "empty/bin/pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, str(clone)], check=True, env=bare_environment())
    elsewhere, home = tmp_path / "elsewhere", tmp_path / "home"
    elsewhere.mkdir()
    plenary = str(tmp_path / "empty/bin/plenary")
    environment = bare_environment(PLENARY_HOME=str(home))
    for base in serving([plenary, "demo", "--port", str(free_port())], elsewhere, environment):
        vote(base, open_consultation(base))
        assert get(base + "/static/kit/plenary.css")
    assert (home / "plenary.sqlite3").exists()
    assert list(elsewhere.iterdir()) == []
