"""What everybody may do, without an account: by pointer, by keyboard, without JavaScript."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

# Every two of language, size and way are met in one of them.
WAYS = [
    ("en", 360, "pointer"),
    ("ar", 1280, "pointer"),
    ("en", 1280, "keyboard"),
    ("ar", 360, "keyboard"),
    ("en", 1280, "no script"),
    ("ar", 360, "no script"),
]
# One idea each, said by nobody in the demonstration.
IDEAS = {
    "en": "Every council meeting about a new tool should be broadcast with subtitles.",
    "ar": "ينبغي أن تُبثّ كل جلسة للمجلس البلدي عن أداة جديدة مع ترجمة مكتوبة على الشاشة.",
}


@pytest.fixture(params=WAYS, ids=lambda way: "-".join(map(str, way)).replace(" ", "-"))
def somebody(request, arrive):
    language, width, way = request.param
    return arrive(language, width, way)


def to_the_open_question(somebody):
    somebody.go("/")
    somebody.press(somebody.page.locator("[aria-labelledby=open-consultations] a.button"))


def statement_on(somebody) -> str:
    return somebody.page.locator("#card-statement").inner_text()


def vote(somebody, answer: str, *, look: bool = False) -> None:
    """By the button, or by its key where she has a keyboard and the page has its script."""
    if somebody.way == "keyboard":
        if not somebody.page.evaluate(
            "!!document.activeElement.closest('#card')"
        ):  # keys act in the card alone
            somebody.tab_to(somebody.button("Agree", "#card"))
        somebody.key({"Agree": "1", "Disagree": "2", "Pass or unsure": "3"}[answer], look=look)
    else:
        button = somebody.button(answer, "#card")
        somebody.answer_to(button.click)
        if look:
            somebody.look()


def test_vote_change_a_vote_and_come_to_the_end(somebody, site):
    before = site.one("SELECT count(*) FROM participation_vote")
    to_the_open_question(somebody)
    first = statement_on(somebody)
    vote(somebody, "Agree", look=True)
    second = statement_on(somebody)
    assert second != first
    if somebody.way != "no script":  # who hears the page is told, and reading goes on at the new statement
        somebody.page.locator(
            "#announce", has_text=somebody.say("Your vote counted. Next statement.")
        ).wait_for(state="attached")
        assert somebody.page.evaluate("document.activeElement.id") == "card-statement"

    somebody.press(somebody.button("Change last vote", "#card"))
    assert statement_on(somebody) == first
    answered = "Your answer so far: %(answer)s. Answer again to change it; the last one counts."
    somebody.reads(answered, answer=somebody.say("Agree"))
    vote(somebody, "Disagree", look=True)
    assert statement_on(somebody) == second  # where she was before she went back

    voted = 1
    while somebody.page.locator("#card-statement").count():
        vote(somebody, ("Pass or unsure", "Agree")[voted % 2], look=voted == 1)
        voted += 1
        assert voted < 50
    somebody.look()
    somebody.reads("Thank you", "#card")
    # Two rows for the statement that was answered twice: what was said before is never overwritten.
    assert site.one("SELECT count(*) FROM participation_vote") == before + voted + 1

    somebody.activate(somebody.disclosure("Your votes, to look at again or to change"))
    assert somebody.page.locator("#card li").count() == voted
    mine = somebody.page.locator("#card li", has_text=first)
    assert somebody.say("Disagree") in mine.inner_text()
    somebody.press(mine.get_by_role("button"))
    assert statement_on(somebody) == first
    vote(somebody, "Agree")
    somebody.reads("Thank you", "#card")

    somebody.go("/consultations")  # her browser remembers her
    somebody.press(somebody.page.locator("main h3 a").first)
    somebody.reads("Thank you", "#card")


def test_write_a_statement_and_see_it_accepted(somebody, arrive, site):
    idea = IDEAS[somebody.language]
    waiting = "SELECT count(*) FROM participation_statement WHERE moderation = 'waiting'"
    before = site.one(waiting)
    to_the_open_question(somebody)
    somebody.activate(somebody.disclosure("Something missing? Write your own"))
    somebody.type(somebody.field("Your statement"), idea * 5)
    somebody.press(somebody.button("Send", "#own"), status=422)
    # What was refused is said once, beside the field, which has the focus and names it.
    assert somebody.page.locator("#own [id$=_error]:visible").count() == 1
    assert somebody.page.locator("textarea[aria-describedby*=_error]:focus").count() == 1
    assert somebody.field("Your statement").input_value() == idea * 5
    assert somebody.field("Your statement").get_attribute("aria-invalid") == "true"

    somebody.type(somebody.field("Your statement"), idea)
    somebody.press(somebody.button("Send", "#own"))
    somebody.reads("Thank you. Your statement is saved, and will be read before others see it.")
    somebody.sees(idea, "#own")
    assert site.one(waiting) == before + 1

    desk = arrive(somebody.language, somebody.page.viewport_size["width"], role="desk")
    desk.go("/desk")
    desk.press(desk.page.locator("main a[href*='/moderation']").first)
    desk.page.get_by_label(idea).check()
    desk.press(desk.button("Accept"))
    assert desk.page.get_by_role("status").is_visible()
    assert desk.page.get_by_text(idea).count() == 0

    somebody.go(somebody.page.url.removeprefix(site.url).removesuffix("/statements/new"))
    assert somebody.page.locator("#own .badge.done").is_visible()
    somebody.press(somebody.page.locator("dl.facts a[href$='/statements']"))
    somebody.sees(idea)


def test_read_a_clause_the_text_of_a_day_and_compare(somebody):
    somebody.go("/")
    somebody.turn_to("Strategy")
    somebody.press(somebody.link("Read the strategy"))
    strategy = somebody.page.url
    assert "C2" in somebody.page.locator("main").inner_html()
    now = somebody.page.locator("#C2").inner_text()

    day = date.today() - timedelta(days=300)
    enter_day(somebody, somebody.field("The text in force on"), day)
    somebody.press(somebody.button("Show"))
    assert f"on={day}" in somebody.page.url
    somebody.reads("This is not the latest version.")
    assert somebody.page.locator("#C2").inner_text() != now

    somebody.press(somebody.link("Read the latest one"))
    assert somebody.page.locator("#C2").inner_text() == now
    somebody.press(somebody.link("Compare versions"))
    assert somebody.page.locator("main ins").count()
    somebody.press(somebody.link("Side by side"))
    assert "view=side" in somebody.page.url
    choose(somebody, somebody.page.locator("#to"), "1")
    somebody.press(somebody.button("Compare"))
    somebody.reads("Choose two different versions to compare.")

    somebody.go(strategy.removeprefix(somebody.site.url))
    somebody.press(somebody.page.locator("#C2 a").first)
    assert somebody.page.url.split("?")[0].endswith("/C2")
    somebody.press(somebody.page.locator("main a[hreflang=fr]"))
    assert somebody.page.locator("h1 [lang=fr]").count() == 1
    somebody.press(somebody.page.locator("main a[rel=next]"))
    assert somebody.page.url.split("?")[0].endswith("/C3")


def test_a_newcomer_finds_what_became_of_a_statement_and_back(somebody):
    somebody.go("/")
    somebody.turn_to("Take part")
    somebody.press(somebody.page.locator("main h3 a").first)
    somebody.press(somebody.page.locator("dl.facts a[href$='/statements']"))
    statement = somebody.page.locator("main th a[href$='/STM-2']")
    words = statement.inner_text()
    somebody.press(statement)
    assert words in somebody.heading()
    somebody.press(somebody.link("Where this came from and what came of it"))
    led_to = somebody.page.locator("[aria-labelledby=led-to]")
    for kind in ("FND-", "CHG-", "STR-1@2", "COM-", "REP-", "REV-"):
        assert led_to.get_by_role("link", name=kind).count(), kind
    somebody.press(led_to.get_by_role("link", name="DEC-1"))
    somebody.press(somebody.link("Where this came from and what came of it"))
    somebody.press(
        somebody.page.locator("[aria-labelledby=came-from]").get_by_role("link", name="STM-2").first
    )
    assert words in somebody.heading()


def test_results_lead_to_findings_and_what_rests_on_them(somebody):
    somebody.go("/")
    somebody.turn_to("Results")
    somebody.press(somebody.page.locator("main h2 a").first)
    somebody.reads("What people share")
    somebody.press(somebody.page.locator("main .claim a.cite").first)
    assert somebody.page.locator("main table tbody tr").count() >= 2
    somebody.press(somebody.page.locator("main dl.facts a").nth(1))
    somebody.reads("Where they part")
    somebody.go("/")
    somebody.press(somebody.page.locator("[aria-labelledby=changes-title] a[href*='/changes/']").first)
    somebody.press(somebody.page.locator("[aria-labelledby=for] .evidence a").first)
    assert "/findings/" in somebody.page.url


def test_another_language_keeps_the_page_and_is_remembered(somebody):
    other = {"en": "ar", "ar": "en"}[somebody.language]
    somebody.go("/strategies/STR-1/C2?version=1")  # a page that has a list of languages of its own
    somebody.activate(somebody.page.locator("header .languages summary"))
    button = somebody.page.locator(f"header .languages button[lang={other}]")
    somebody.language, before = other, somebody.page.url
    somebody.press(button)
    assert somebody.page.url == before
    somebody.go("/consultations")
    assert somebody.heading() == somebody.say("Take part")


def enter_day(somebody, field, day: date) -> None:
    if somebody.way == "keyboard":  # month, day and year are three stops of one field
        somebody.tab_to(field)
        somebody.page.keyboard.type(f"{day:%m%d%Y}")
    else:
        field.fill(day.isoformat())


def choose(somebody, field, value: str) -> None:
    if somebody.way == "keyboard":
        somebody.tab_to(field)
        somebody.page.keyboard.press("Home")
        while field.input_value() != value:
            somebody.page.keyboard.press("ArrowDown")
    else:
        field.select_option(value)
