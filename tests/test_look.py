"""The kit in a browser: accessible both ways round, light and dark, nothing blocked, small, and quick by keyboard."""

from __future__ import annotations

import pytest
from e2e.chromium import axe_findings, too_wide

pytestmark = pytest.mark.browser

PAGES = ["/", "/account/sign-in", "/style", "/style?schemes=turned", "/style/question"]


@pytest.fixture
def visit(browser, live_server):
    """Opens a page and collects what the console complained about in ``page.complaints``."""
    contexts = []

    def open_page(path, *, language="en", scheme="light", width=360):
        context = browser.new_context(
            viewport={"width": width, "height": 740}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(live_server.url + path, wait_until="networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("en", "light", 1280), ("ar", "light", 360), ("en", "dark", 360)]
)
def test_pages_are_accessible_and_nothing_is_blocked(visit, path, language, scheme, width):
    page = visit(path, language=language, scheme=scheme, width=width)
    # The guide shows parts of pages many times over, landmarks too.
    leave = ("landmark-unique",) if path.startswith("/style") else ()
    assert axe_findings(page, leave=leave) + too_wide(page) + page.complaints == []


def test_targets_are_large_enough_for_a_thumb(visit):
    page = visit("/style")
    small = page.evaluate(
        """() => [...document.querySelectorAll("nav a, .button, summary, .choice, .choices label, input[type=text]")]
        .map((thing) => [thing.outerHTML.slice(0, 80), thing.getBoundingClientRect().height])
        .filter(([, height]) => height > 0 && height < 44)"""
    )
    assert small == []


def test_pages_fit_a_phone_at_four_hundred_per_cent(visit):
    for path in ("/", "/style/question", "/account/sign-in"):
        page = visit(path, width=320)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_menu_of_a_phone_opens_by_keyboard_and_gives_the_focus_back(visit):
    page = visit("/")
    assert not page.locator("#menu").is_visible()
    assert page.locator(".masthead").bounding_box()["height"] <= 64, "one row"
    page.focus(".menu")
    page.keyboard.press("Enter")
    assert page.locator("#menu").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#menu') !== null")
    page.keyboard.press("Escape")
    assert not page.locator("#menu").is_visible()
    assert page.evaluate("document.activeElement.className") == "menu"


def test_the_menu_needs_no_script(browser, live_server):
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url)
    page.click(".menu")
    assert page.locator("#menu").is_visible()
    context.close()


def test_on_a_wide_screen_there_is_no_menu_to_open(visit):
    page = visit("/", width=1280)
    assert page.locator("#menu").is_visible() and not page.locator(".menu").is_visible()


def test_a_question_comes_to_the_page_and_leaves_it_as_it_was(visit):
    page = visit("/style")
    page.click("a[data-dialog] >> nth=0")
    page.wait_for_selector("dialog[open] >> text=Close this commitment?")
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    assert page.get_attribute("dialog", "aria-label") == "Close this commitment?"
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert page.evaluate("document.activeElement.hasAttribute('data-dialog')")


def test_a_question_that_cannot_come_is_gone_to(visit):
    page = visit("/style")
    page.route("**/style/question", lambda route: route.abort(), times=1)
    page.click("a[data-dialog] >> nth=0")
    page.wait_for_url("**/style/question")


def test_on_paper_nothing_stays_folded(visit):
    page = visit("/style")
    table = page.locator(".chart table").first
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.is_visible()


# The vote card, with a server of three answers

CARD = """
<form id="sample" data-card hx-post="/sample" hx-swap="outerHTML" action="/sample" method="post">
  <input type="text" name="own"><button name="value" value="1">Agree</button>
  <button name="value" value="-1">Disagree</button><button name="value" value="0">Pass</button>
</form>"""
NEXT = """
<div id="sample" data-announce="Your vote counted."><p tabindex="-1" data-focus>The next statement</p></div>"""


def put_card(page, answer):
    posted = []

    def reply(route):
        posted.append(route.request.post_data)
        answer(route)

    page.route("**/sample", reply)
    page.evaluate(
        """(card) => {
        const main = document.querySelector("main");
        main.insertAdjacentHTML("beforeend", card);
        htmx.process(main);
        }""",
        CARD,
    )
    return posted


@pytest.mark.parametrize(("key", "value"), [("1", "1"), ("2", "-1"), ("3", "0")])
def test_keys_vote_and_the_next_statement_is_heard(visit, key, value):
    page = visit("/")
    posted = put_card(page, lambda route: route.fulfill(body=NEXT, content_type="text/html"))
    page.focus("[name=value]")
    page.keyboard.press(key)
    page.wait_for_selector("text=The next statement")
    assert posted == [f"own=&value={value}"]
    page.locator("#announce", has_text="Your vote counted.").wait_for(state="attached")
    assert page.evaluate("document.activeElement.textContent") == "The next statement"


def test_keys_vote_only_for_who_is_in_the_card(visit):
    page = visit("/")
    posted = put_card(page, lambda route: route.fulfill(body=NEXT, content_type="text/html"))
    page.keyboard.press("1")  # on nothing
    page.focus("header summary")
    page.keyboard.press("2")
    page.wait_for_timeout(100)
    assert posted == []


def test_the_second_tap_of_a_double_tap_votes_on_nothing(visit):
    page = visit("/")
    posted = put_card(
        page,
        lambda route: route.fulfill(
            body=CARD.replace("<form", '<form class="card"'), content_type="text/html"
        ),
    )
    page.click("[name=value][value='1']")
    page.wait_for_selector("#sample[data-fresh]")
    page.evaluate("document.querySelector('#sample [value=\"1\"]').dataset.seen = ''")
    box = page.locator("#sample [data-seen]").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert len(posted) == 1
    page.wait_for_selector("#sample:not([data-fresh])")
    page.click("#sample [data-seen]")
    page.wait_for_selector("#sample[data-fresh]")
    assert len(posted) == 2


def test_keys_do_not_vote_while_somebody_writes(visit):
    page = visit("/")
    posted = put_card(page, lambda route: route.fulfill(body=NEXT, content_type="text/html"))
    page.focus("[name=own]")
    page.keyboard.press("1")
    assert page.input_value("[name=own]") == "1"
    assert posted == []


def test_a_refused_vote_is_said_above_and_the_card_stays(visit):
    page = visit("/")
    put_card(
        page,
        lambda route: route.fulfill(
            status=409, headers={"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}, content_type="text/html",
            body='<div class="notice bad" role="alert" tabindex="-1" data-focus>The consultation closed.</div>',
        ),
    )  # fmt: skip
    page.focus("[name=value]")
    page.keyboard.press("1")
    page.wait_for_selector("#notices >> text=The consultation closed.")
    assert page.evaluate("document.activeElement.textContent") == "The consultation closed."
    assert page.locator("#sample button").count() == 3


@pytest.mark.parametrize(
    "answer",
    [lambda route: route.abort(), lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>")],
)
def test_a_lost_vote_is_said_and_nothing_is_lost(visit, answer):
    page = visit("/")
    put_card(page, answer)
    page.fill("[name=own]", "My own words")
    page.click("[name=value][value='1']")
    page.wait_for_selector("#notices >> text=The server did not answer")
    assert page.input_value("[name=own]") == "My own words"
    assert page.locator("text=Bad gateway").count() == 0
