"""Headless Chromium for every test that looks at pages: one way to start it, one look at what is shown.

A plugin of pytest (see ``conftest.py`` at the top), so that ``tests`` and ``e2e`` use the same browser.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from tests import needs

CHROMIUM = needs.chromium()
ABSENT = "there is no Chromium here"
# Nothing but this machine can be reached: a page that leaves the site fails instead of phoning somebody.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",  # there is none; to ask for one takes time in every window
    "--disable-quic",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip(ABSENT)
    playwright = pytest.importorskip("playwright.sync_api")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread of the tests
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def axe_findings(page: Any, leave: tuple[str, ...] = (), kept: Path | None = None) -> list[str]:
    """What axe finds on a page: the rule and the first element that breaks it. ``leave``: rules to leave out.

    It takes as long as all else that a journey does, and journeys pass by the same pages in many ways. In the folder
    ``kept`` stands the name of every page that was found in order: a page that is the same to the letter, in a window
    of the same size, is in order too.
    """
    from axe_playwright_python.sync_playwright import Axe

    same = kept / _name_of(page, leave) if kept is not None else None
    if same is not None and same.exists():
        return []
    # The style sheets are the site's own and read already, and what is in order need not be told element by element:
    # both together take as long as the look itself.
    options = {
        "preload": False,
        "resultTypes": ["violations"],
        "rules": {rule: {"enabled": False} for rule in leave},
    }
    found = Axe().run(page, options=options).response["violations"]
    if same is not None and not found:
        same.touch()
    return [f"axe: {rule['id']}: {rule['nodes'][0]['html']}" for rule in found]


# What differs from one answer to the next and is seen by nobody: keys against forgery, and where the server listens.
UNSEEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|localhost:\d+|[\w-]{64,}')
STATE = """() => [innerWidth, innerHeight, matchMedia("(prefers-color-scheme: dark)").matches,
  [...document.querySelectorAll("input, textarea, select, details")]
    .map((each) => [each.value, each.checked, each.open]),
  document.documentElement.outerHTML]"""


def _name_of(page: Any, leave: tuple[str, ...]) -> str:
    """A name for all that can be seen on a page."""
    seen = UNSEEN.sub("", json.dumps([page.evaluate(STATE), leave]))
    return hashlib.sha256(seen.encode()).hexdigest()


SIZES = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return null;
  const edge = (box) => root.dir === "rtl" ? box.left < -1 : box.right > root.clientWidth + 1;
  const wide = [...document.querySelectorAll("main *, header *, footer *")]
    .filter((each) => edge(each.getBoundingClientRect())).slice(0, 3);
  return [root.scrollWidth, root.clientWidth, ...wide.map((each) => each.outerHTML.slice(0, 120))].join(" ");
}"""


def too_wide(page: Any) -> list[str]:
    """What makes the page wider than its window: people would have to scroll sideways to read."""
    found = page.evaluate(SIZES)
    return [f"wider than the window: {found}"] if found else []


def wrong_language(page: Any, language: str) -> list[str]:
    shown = page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    wanted = [language, "rtl" if language == "ar" else "ltr"]
    return [] if shown == wanted else [f"lang and dir are {shown}, not {wanted}"]
