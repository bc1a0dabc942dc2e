"""A cheap phone on a slow network: what was pressed shows that it was, and counts once however often it is tapped."""

from __future__ import annotations

import pytest

PHONE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


@pytest.fixture(params=["en", "ar"])
def phone(request, arrive):
    window = arrive(request.param, 360, has_touch=True)
    slow_down(window)
    return window


def slow_down(window) -> None:
    session = window.context.new_cdp_session(window.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", PHONE)


def hold_answers(window) -> list:
    """Keep what is posted on its way until it is let go: the second tap comes before the answer, on any machine."""
    held = []
    window.page.route(
        "**/consultations/**",
        lambda route: held.append(route) if route.request.method == "POST" else route.continue_(),
    )
    return held


def test_a_vote_shows_that_it_is_on_its_way_and_two_taps_are_one(phone, site):
    before = site.one("SELECT count(*) FROM participation_vote")
    phone.go("/consultations/CON-1")
    first = phone.page.locator("#card-statement").inner_text()
    agree = phone.button("Agree", "#card")
    held = hold_answers(phone)
    agree.tap()
    form = phone.page.locator("#card form.htmx-request")
    form.wait_for()
    assert float(agree.evaluate("(button) => getComputedStyle(button).opacity")) < 1
    assert form.get_attribute("aria-busy") == "true"
    agree.tap()
    assert len(held) == 1
    held[0].continue_()
    phone._wait(lambda: phone.page.locator("#card-statement").inner_text() != first)
    phone.page.wait_for_load_state("networkidle")
    phone.look()
    assert site.one("SELECT count(*) FROM participation_vote") == before + 1


def test_two_taps_without_javascript_are_one_vote(arrive, site):
    before = site.one("SELECT count(*) FROM participation_vote")
    window = arrive("ar", 360, way="no script")
    slow_down(window)
    window.go("/consultations/CON-1")
    window.answer_to(window.button("Agree", "#card").dblclick)
    window.look()
    assert site.one("SELECT count(*) FROM participation_vote") == before + 1


def test_a_statement_is_sent_once(phone, site):
    before = site.one("SELECT count(*) FROM participation_statement")
    phone.go("/consultations/CON-1/statements/new")
    phone.type(phone.field("Your statement"), "Bus stops should say when the next bus really comes.")
    send = phone.button("Send", "#own")
    held = hold_answers(phone)
    send.tap()
    phone.page.locator("#own form.htmx-request").wait_for()
    send.tap()
    assert len(held) == 1
    held[0].continue_()
    phone.reads("Thank you. Your statement is saved, and will be read before others see it.")
    phone.look()
    assert site.one("SELECT count(*) FROM participation_statement") == before + 1
