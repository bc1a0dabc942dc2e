"""Somebody at a window: she reads, presses, types and votes, by pointer, by keyboard alone, or without JavaScript.

Every page that she comes to is looked at: axe, width, language, focus. What the page asked of other sites, what the
content security policy stopped and what the console complained about is kept, and ``leave`` fails on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urldefrag, urlsplit

from django.utils import translation

from . import chromium
from .served import Site

# In every document before its own scripts; what it says reaches the console, which outlives the document.
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`blocked by the policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));"""

# Timers of a document that began without scripts never ring, and axe waits for one.
AT_ONCE = """() => {
  window.setTimeout = (act, _, ...values) => { Promise.resolve().then(() => act(...values)); return 0; };
}"""

# What brings a page or a piece of one, in the browser's words.
ANSWERS = ("document", "xhr", "fetch")
LOCALES = {"en": "en-US", "ar": "ar"}
BUSY = "document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling') !== null"

# Whether the focus is where it is wanted, and what is wrong with how it is shown, if anything.
FOCUS = """(wanted) => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return [false, ""];
  const name = focused.outerHTML.slice(0, 120);
  const marked = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  // The button that opens a calendar is inside the browser's own field, which marks it; no page can ask how.
  if (focused.type === "date" && !focused.matches(":focus")) return [false, ""];
  const around = focused.closest("label, .choice");
  if (!marked(focused) && !(around && marked(around))) return [false, `no mark on the focus: ${name}`];
  const box = focused.getClientRects()[0];
  if (!box || !box.width || !box.height) return [false, `the focus has no box: ${name}`];
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth)
    return [false, `the focus is off the screen: ${name}`];
  const clamp = (value, limit) => Math.min(Math.max(value, 1), limit - 1);
  const top = document.elementFromPoint(
    clamp(box.left + box.width / 2, innerWidth), clamp(box.top + box.height / 2, innerHeight));
  if (top && !focused.contains(top) && !top.contains(focused) && !(around && around.contains(top)))
    return [false, `the focus is covered: ${name} by ${top.outerHTML.slice(0, 80)}`];
  return [focused === wanted, ""];
}"""


class Visitor:
    def __init__(
        self,
        browser: Any,
        site: Site,
        *,
        language: str = "en",
        width: int = 1280,
        way: str = "pointer",
        role: str | None = None,
        **more: Any,
    ) -> None:
        self.site = site
        self.language = language
        self.way = way
        self.context = browser.new_context(
            viewport={"width": width, "height": 740},
            reduced_motion="reduce",
            locale=LOCALES.get(language, language),  # the pages' language is negotiated as with any browser
            java_script_enabled=way != "no script",
            **more,
        )
        self.context.add_init_script(TELL_VIOLATIONS)
        if role:
            self.context.add_cookies([{"name": "sessionid", "value": site.sessions[role], "url": site.url}])
        self.faults: list[str] = []
        self.expected: list[int] = []
        self.looked_at: set[str] = set()
        self.came_to: set[str] = set()
        self.loads = 0
        self.context.on("request", self._asked)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.faults.append(f"error in a script: {error.error}"))
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("load", self._loaded)
        # A card in a frame is a page of its own and looked at as one.
        self.page.on("framenavigated", lambda frame: frame.parent_frame or self.came_to.add(bare(frame.url)))

    # What she does

    def go(self, path: str, *, status: int = 200) -> None:
        """Types an address."""
        self._expect(status)
        answer = self.page.goto(self.site.url + path, wait_until="load")
        assert answer.status == status, f"{path} answered {answer.status}"
        self.look()

    def press(self, thing: Any, *, status: int = 200, to_page: bool = False) -> None:
        """A link or a button that asks the server; comes back when its answer is shown, and looks at it.

        ``to_page``: a script asks for something on the way before the browser goes to the next page.
        """
        self._expect(status)
        answer = self.answer_to(lambda: self.activate(thing), ("document",) if to_page else ANSWERS)
        assert answer.status == status, f"{answer.url} answered {answer.status}"
        self.look()

    def activate(self, thing: Any) -> None:
        """A press that stays within the page, or whose answer the test itself waits for."""
        if self.way == "keyboard":
            self.tab_to(thing)
            self.page.keyboard.press("Enter")
        else:
            thing.click()

    def key(self, key: str, *, look: bool = True) -> None:
        """A key that the page knows, such as 1 to 3 on the vote card."""
        self.answer_to(lambda: self.page.keyboard.press(key))
        if look:
            self.look()

    def type(self, field: Any, words: str) -> None:
        if self.way == "keyboard":
            self.tab_to(field)
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(words)
        else:
            field.fill(words)

    def answer_to(self, act: Callable[[], None], kinds: tuple[str, ...] = ANSWERS) -> Any:
        """The server's answer to what ``act`` asks, once it is shown; where it sends on, the one at the end."""
        loads = self.loads
        with self.page.expect_response(
            lambda response: response.request.resource_type in kinds and not 300 <= response.status < 400
        ) as answer:
            act()
        if answer.value.request.is_navigation_request():
            self._wait(lambda: self.loads > loads)
        elif self.way != "no script":
            self.settle()
        return answer.value

    def settle(self) -> None:
        """Waits until nothing is being fetched for a piece of the page."""
        self._wait(lambda: not self.page.evaluate(BUSY))

    def tab_to(self, thing: Any) -> None:
        """Tab until it has the focus. Every stop on the way must show where the focus is."""
        for _ in range(400):
            self.page.keyboard.press("Tab")
            there, fault = thing.evaluate(f"(wanted) => ({FOCUS})(wanted)")
            assert not fault, fault
            if there:
                return
        raise AssertionError(f"the keyboard does not reach {thing}")

    # What she sees

    def say(self, words: str, context: str | None = None, **values: object) -> str:
        """A string of the interface in her language."""
        with translation.override(self.language):
            said = translation.pgettext(context, words) if context else translation.gettext(words)
        return said % values if values else said

    def link(self, words: str, within: str = "main") -> Any:
        return self.page.locator(within).get_by_role("link", name=self.say(words)).first

    def button(self, words: str, within: str = "main") -> Any:
        return self.page.locator(within).get_by_role("button", name=self.say(words)).first

    def turn_to(self, words: str) -> None:
        """A link of the site's navigation, behind the menu where the window is narrow."""
        link = self.link(words, "header")
        if not link.is_visible():
            self.activate(self.page.locator("header button.menu"))
        self.press(link)

    def field(self, words: str) -> Any:
        return self.page.locator("main").get_by_label(self.say(words)).first

    def disclosure(self, words: str) -> Any:
        return self.page.locator("main summary", has_text=self.say(words)).first

    def sees(self, words: str, within: str = "main") -> None:
        self.page.locator(within).get_by_text(words).first.wait_for()

    def reads(self, words: str, within: str = "main", **values: object) -> None:
        """Sees a string of the interface."""
        self.sees(self.say(words, **values), within)

    def heading(self) -> str:
        return str(self.page.locator("h1").inner_text())

    def look(self) -> None:
        """What holds for every page."""
        self.looked_at.add(bare(self.page.url))
        wrong = [
            *chromium.wrong_language(self.page, self.language),
            *chromium.too_wide(self.page),
            *self._with_scripts(self._axe_findings),
        ]
        assert wrong == [], f"{self.page.url}: " + "; ".join(wrong)

    def leave(self) -> None:
        """Closes the window; fails on what she met on the way, and on a page that nobody looked at."""
        self.context.close()
        assert self.faults == [], "; ".join(self.faults)
        unseen = {url for url in self.came_to - self.looked_at if url.startswith(self.site.url)}
        assert unseen == set(), f"pages that were not looked at: {unseen}"

    # Inside

    def _axe_findings(self, page: Any) -> list[str]:
        is_guide = urlsplit(page.url).path.startswith(
            "/style"
        )  # it shows parts of pages many times, landmarks too
        leave = ("landmark-unique",) if is_guide else ()
        return chromium.axe_findings(page, leave, kept=self.site.in_order)

    def _with_scripts(self, ask: Callable[[Any], list[str]]) -> list[str]:
        """The tools need scripts where the visitor has none."""
        if self.way != "no script":
            return ask(self.page)
        session = self.context.new_cdp_session(self.page)
        session.send("Emulation.setScriptExecutionDisabled", {"value": False})
        self.page.evaluate(AT_ONCE)
        found = ask(self.page)
        session.send("Emulation.setScriptExecutionDisabled", {"value": True})
        session.detach()
        return found

    def _wait(self, done: Callable[[], bool]) -> None:
        until = time.monotonic() + 15
        while not done():
            assert time.monotonic() < until, f"still waiting at {self.page.url}"
            self.page.wait_for_timeout(15)

    def _expect(self, status: int) -> None:
        if status >= 400:
            self.expected.append(status)

    def _loaded(self, page: Any) -> None:
        self.loads += 1

    def _asked(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.site.host:
            self.faults.append(f"asked another site: {request.url}")

    def _said(self, message: Any) -> None:
        for status in self.expected:
            if f"the server responded with a status of {status}" in message.text:
                self.expected.remove(status)
                return
        if not message.text.startswith("[DOM]"):  # advice of the browser to builders
            self.faults.append(f"console: {message.text}")


def bare(url: str) -> str:
    return str(urldefrag(url).url)
