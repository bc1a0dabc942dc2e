"""The ways of those who run the strategy, in both sizes and languages, by pointer.

Keyboard and missing JavaScript are gone through where everybody is: these pages are made of the same forms.
"""

from __future__ import annotations

import pytest


@pytest.fixture
def enter(view, arrive):
    """Opens a window for a role, all of them in one language and size."""
    language, width = view
    return lambda role=None: arrive(language, width, role=role)


def link_evidence(window, reference: str, stance: str) -> None:
    window.activate(window.disclosure("Link a finding, a statement or a source"))
    window.type(window.field("Reference"), reference)
    window.page.locator("form[action$='/evidence'] select[name=stance]").select_option(stance)
    window.press(window.button("Link it"))


def test_propose_a_change_and_accept_it_with_evidence(enter):
    proposer, committee = enter("contributor"), enter("committee")
    proposer.go("/strategies/STR-1/C3")
    proposer.press(proposer.link("Propose a change"))
    proposer.type(proposer.field("Text"), "")
    proposer.press(
        proposer.button("Propose"), status=422
    )  # no reason yet: the form says so and keeps what was typed
    assert proposer.page.get_by_role("alert").is_visible()
    proposer.type(
        proposer.field("Text"),
        "Every office publishes what its systems got wrong, each quarter, in plain words.",
    )
    proposer.type(proposer.field("Why"), "People trust what admits its mistakes.")
    proposer.press(proposer.button("Propose"))
    change = proposer.page.url.removeprefix(proposer.site.url)
    assert proposer.page.locator("#notices .notice").count() == 1
    proposer.activate(proposer.disclosure("Link a finding, a statement or a source"))
    proposer.press(proposer.button("Link it"), status=422)
    assert proposer.page.locator("#notices .notice").count() == 0  # it spoke of what was done before

    committee.go("/desk")
    committee.press(committee.page.locator(f"main a[href='{change}']").first)
    committee.press(committee.button("I have reviewed it: ready to decide"))
    committee.press(committee.button("Accept the change"), status=409)
    assert committee.page.get_by_role("alert").first.is_visible()

    proposer.go(change)
    link_evidence(proposer, "FND-11", "supports")
    committee.go(change)
    committee.press(committee.button("Accept the change"), status=409)
    proposer.go(change)
    link_evidence(proposer, "FND-12", "contradicts")
    assert proposer.page.locator("[aria-labelledby=against] .evidence").count() == 1

    committee.go(change)
    committee.type(committee.field("Reason"), "It is short, and it can be checked.")
    committee.press(committee.button("Accept the change"))
    committee.reads("Accepted, because")
    reader = enter()
    reader.go("/strategies/STR-1/C3")
    reader.press(reader.page.locator(f"main a[href='{change}']").first)
    reader.sees("It is short, and it can be checked.")
    reader.reads("waits for the next version")


def test_a_finding_opens_a_change_with_both_sides(enter):
    proposer = enter("contributor")
    proposer.go("/findings/FND-13")
    proposer.press(proposer.page.locator("form[action='/changes/new'] button"))
    assert "evidence=FND-13" in proposer.page.url and "against=" in proposer.page.url
    proposer.type(proposer.page.locator("[name=text]"), "Every office asks before it begins.")
    proposer.type(proposer.page.locator("[name=rationale]"), "Heard in the consultation.")
    proposer.press(proposer.page.locator("main form[method=post] button.button").last)
    assert proposer.page.locator("[aria-labelledby=against] .evidence").count() >= 1
    change = proposer.page.url.removeprefix(proposer.site.url)
    reader = enter()
    reader.go("/findings/FND-13")
    assert reader.page.locator(f"[aria-labelledby=citing] a[href='{change}']").count() == 1


def begin_report(window) -> None:
    window.go("/desk")
    window.press(window.page.locator("main a[href='/commitments/COM-2']").first)
    window.press(window.button("Write the report"))


def fill_report(window, rating: str, value: str) -> None:
    window.page.locator(f"input[name=self_rating][value={rating}]").check()
    window.type(window.page.locator("textarea[name=narrative]"), "Thirty of forty desks answer within a day.")
    for field in window.page.locator("main input[name^=value-]").all():
        window.type(field, value)


def test_report_is_returned_handed_in_again_and_accepted(enter):
    contributor, approver = enter("contributor"), enter("approver")
    begin_report(contributor)
    fill_report(contributor, "substantial", "about sixty")
    contributor.press(contributor.button("Hand it in"), status=422)
    field = contributor.page.locator("main input[name^=value-]").first
    assert field.get_attribute("aria-invalid") == "true" and field.input_value() == "about sixty"
    assert "about sixty" in contributor.page.locator(f"#{field.get_attribute('id')}_error").inner_text()
    assert contributor.page.locator("textarea[name=narrative]").input_value().startswith("Thirty")
    fill_report(contributor, "substantial", "60,5")
    contributor.press(contributor.button("Hand it in"))
    contributor.reads("The report was handed in.")
    report = contributor.page.url.removeprefix(contributor.site.url)

    approver.go("/desk")
    approver.press(approver.page.locator(f"main a[href='{report}']").first)
    approver.activate(approver.disclosure("Return it with a reason"))
    approver.type(approver.field("What should change"), "Which ten do not?")
    approver.press(approver.button("Return it"))
    approver.reads("The report was returned to the organization.")

    contributor.go("/desk")
    contributor.press(contributor.page.locator(f"main a[href^='{report}']").first)
    contributor.sees("Which ten do not?")
    contributor.type(contributor.page.locator("textarea[name=narrative]"), "All but ten northern desks do.")
    contributor.press(contributor.button("Hand it in"))

    approver.go(report)
    approver.press(approver.button("Accept it"))
    approver.reads("The report was accepted. It becomes public when the round is closed.")


def test_committee_disagrees_and_both_ratings_become_public(enter):
    contributor, approver, committee, desk = (
        enter(role) for role in ("contributor", "approver", "committee", "desk")
    )
    begin_report(contributor)
    fill_report(contributor, "complete", "95")
    contributor.press(contributor.button("Hand it in"))
    report = contributor.page.url.removeprefix(contributor.site.url)
    approver.go(report)
    approver.press(approver.button("Accept it"))

    committee.go("/desk")
    committee.press(committee.page.locator("main a[href^='/commitments/COM-2/review']").first)
    committee.press(committee.button("Record the review"), status=422)
    committee.page.locator("input[name=completion][value=limited]").check()
    committee.page.locator("input[name=result][value=marginal]").check()
    committee.type(
        committee.field("What the review found"), "The ten desks that miss serve half of all people."
    )
    committee.press(committee.button("Record the review"))
    committee.reads("≠ differs")

    reader = enter()
    reader.go("/rounds/RND-3")
    assert (
        reader.page.locator("main a[href^='/reviews/']").count() == 0
    )  # not public before the round is closed
    desk.go("/rounds/RND-3")
    desk.press(desk.button("Close and publish"))
    reader.go("/commitments/COM-2")
    reader.reads("≠ differs")
    reader.press(reader.page.locator("main dd a[href^='/reviews/']").first)
    reader.sees("The ten desks that miss serve half of all people.")
