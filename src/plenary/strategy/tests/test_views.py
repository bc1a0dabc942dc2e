"""The pages: success, stranger, bad address, wrong method, fragment."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from plenary.people.tests.factories import make_user
from plenary.records.tests.factories import make_source
from plenary.strategy import doubts, parsing, queries
from plenary.strategy.models import Change, Strategy, Version

from .factories import (
    FRENCH,
    MARKDOWN,
    adopt,
    clause,
    make_accepted,
    make_change,
    make_ready,
    make_version,
    put_evidence,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def strategy():
    return make_version(translations=FRENCH).strategy


@pytest.fixture
def carol(unit):
    return make_user("carol", ("committee", unit))


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


# Reading


def test_the_list_says_what_comes_next_where_it_is_empty(client):
    assert "There is no strategy here yet" in text_of(client.get("/strategies"))


def test_one_strategy_is_linked_large_and_several_are_listed(client, strategy):
    assert "Read the strategy" in text_of(client.get("/strategies"))
    make_version(MARKDOWN.replace("everyone", "many"))
    assert "Tools for many" in text_of(client.get("/strategies"))


def test_the_reader_has_permanent_anchors_and_links_to_every_clause(client, strategy):
    page = text_of(client.get("/strategies/STR-1"))
    for state in queries.load_states(queries.get_version(strategy)):
        assert f'id="{state.clause.local}"' in page
        assert f'href="/strategies/STR-1/{state.clause.local}"' in page
    assert 'hreflang="fr"' in page and '<link rel="alternate" type="application/json"' in page


def test_the_reader_shows_another_language_and_keeps_it_in_links(client, strategy):
    page = text_of(client.get("/strategies/STR-1?lang=fr"))
    assert "Demander avant" in page and 'href="/strategies/STR-1/C2?lang=fr"' in page


@pytest.mark.parametrize("place", ["", "/C1"])
def test_pages_with_languages_of_their_own_keep_the_switch_of_the_site(client, strategy, settings, place):
    html = client.get(f"/strategies/{strategy.reference}{place}").content.decode()
    offered = re.findall(r'<button name="language" value="([^"]+)"', html)
    assert offered == [code for code, name in settings.LANGUAGES]


def test_the_reader_shows_a_version_and_a_day(client, strategy):
    make_accepted(strategy)
    adopt(strategy)
    assert "ask everybody" in text_of(client.get("/strategies/STR-1"))
    assert "Changed in Version 2: why?" in text_of(client.get("/strategies/STR-1"))
    for address in ("?version=1", "?on=2026-02-01"):
        page = text_of(client.get(f"/strategies/STR-1{address}"))
        assert "ask the people concerned" in page and "not the latest version" in page
    assert "No version was in force" in text_of(client.get("/strategies/STR-1?on=2020-01-01"))


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/strategies/STR-9", 404),
        ("/strategies/STR-1?version=7", 404),
        ("/strategies/STR-1?version=x", 404),
        ("/strategies/STR-1?on=tomorrow", 400),
        ("/strategies/STR-1/C9", 404),
        ("/strategies/STR-1/X1", 404),
        ("/strategies/STR-1/compare?from=1&to=8", 404),
        ("/strategies/STR-9/changes", 404),
        ("/changes/CHG-9", 404),
    ],
)
def test_bad_addresses(client, strategy, address, status):
    assert client.get(address).status_code == status


def test_pages_for_reading_take_no_posts(client, strategy):
    for address in ("/strategies", "/strategies/STR-1", "/strategies/STR-1/C1", "/strategies/STR-1/compare"):
        assert client.post(address).status_code == 405


def test_the_clause_page_tells_its_history(client, strategy, bob):
    make_accepted(strategy)
    adopt(strategy)
    make_change(strategy, title="Ask first", text="")
    page = text_of(client.get("/strategies/STR-1/C2"))
    assert "<del> the people concerned</del><ins> everybody</ins>" in page
    assert "Changes under discussion" in page and "Propose a change" not in page
    client.force_login(bob)
    assert "/changes/new?clause=STR-1.C2" in text_of(client.get("/strategies/STR-1/C2"))


def test_a_removed_clause_keeps_its_page(client, strategy):
    make_accepted(strategy, operation="remove")
    adopt(strategy)
    assert "not part of the version in force" in text_of(client.get("/strategies/STR-1/C2"))


@pytest.mark.parametrize("view", ["inline", "side"])
def test_the_comparison_marks_words(client, strategy, view):
    make_accepted(strategy)
    adopt(strategy)
    page = text_of(client.get(f"/strategies/STR-1/compare?view={view}"))
    assert "<ins> everybody</ins>" in page and "<del> the people concerned</del>" in page


def test_reading_pages_take_a_constant_number_of_queries(client, strategy, django_assert_max_num_queries):
    for number in range(4):
        make_change(strategy, text=f"Words {number}.")
    for address, most in (
        ("/strategies/STR-1", 20),
        ("/strategies/STR-1/changes", 14),
        ("/strategies/STR-1/C2", 36),
    ):
        with django_assert_max_num_queries(most):
            client.get(address)


# Other languages


@pytest.fixture
def half_french(strategy):
    """C2 has a new text, and the title that was translated."""
    make_accepted(strategy)
    adopt(strategy)
    return strategy


def test_a_clause_says_that_its_new_words_are_not_translated_yet(client, half_french):
    page = text_of(client.get("/strategies/STR-1/C2?lang=fr"))
    notice = re.sub(r"<[^>]+>", "", page)
    assert "Not yet translated into Français; this is the original (English)." in notice
    assert 'href="/strategies/STR-1/C2?version=1&amp;lang=fr"' in page
    offered = re.search(r"Read in:(.*?)</p>", page)[1]
    assert 'hreflang="fr"' not in offered and "not yet translated" in offered
    assert "/translate" not in page
    for address in ("?version=1&lang=fr", "", "?lang=en"):
        assert "ot yet translated" not in text_of(client.get(f"/strategies/STR-1/C2{address}"))


def test_the_reader_says_it_at_the_clauses_that_lack_it_or_once_for_the_whole(client, half_french):
    page = text_of(client.get("/strategies/STR-1?lang=fr"))
    clauses = len(queries.load_states(queries.get_version(half_french)))
    assert page.count("Not yet translated into") == clauses
    assert text_of(client.get("/strategies/STR-1?lang=es")).count("Not yet translated into") == 1
    assert "ot yet translated" not in text_of(client.get("/strategies/STR-1"))


def test_the_desk_is_led_to_where_it_translates(client, half_french, alice, bob):
    """That page is of a module above this one, so here it is known by its name alone."""
    address = "/translations/fr?of=STR-1&amp;record=STR-1.C2"
    client.force_login(bob)
    assert address not in text_of(client.get("/strategies/STR-1/C2?lang=fr"))
    client.force_login(alice)
    assert address in text_of(client.get("/strategies/STR-1/C2?lang=fr"))
    assert address in text_of(client.get("/strategies/STR-1?lang=fr"))
    assert address not in text_of(client.get("/strategies/STR-1/C2?lang=es&version=1"))


def test_the_desk_is_told_which_clauses_lack_a_translation(client, half_french, alice, carol):
    client.force_login(alice)
    page = text_of(client.get("/desk"))
    clauses = len(queries.load_states(queries.get_version(half_french)))
    assert f"{clauses} clauses of Version 2 lack a translation into" in page
    client.force_login(carol)
    assert "lack a translation" not in text_of(client.get("/desk"))


# Several proposals on one clause


def test_pages_of_a_proposal_say_what_else_is_proposed_for_the_clause(client, strategy, bob, alice):
    make_change(strategy)
    make_change(strategy, title="Ask first", text="")
    client.force_login(bob)
    for address in ("/changes/new?clause=STR-1.C2", "/changes/CHG-1"):
        page = text_of(client.get(address))
        assert "roposal" in page and 'href="/changes/CHG-2"' in page
    assert "CHG-" not in text_of(client.get("/changes/new?clause=STR-1.C2&operation=add"))


def test_a_proposal_that_the_text_has_overtaken_is_its_proposers_to_propose_again(
    client, strategy, bob, alice
):
    late = make_change(strategy, by=bob, title="Ask first", text="")
    put_evidence(late)
    make_accepted(strategy)
    client.force_login(alice)
    assert "Review the proposal on" not in text_of(client.get("/desk"))
    adopt(strategy)
    assert "ready to decide" not in text_of(client.get("/changes/CHG-1"))
    assert "Review the proposal on" not in text_of(client.get("/desk"))
    assert client.post("/changes/CHG-1/review").status_code == 409
    client.force_login(bob)
    assert "propose it again on the present text" in text_of(client.get("/desk"))
    assert 'href="/changes/new?again=CHG-1"' in text_of(client.get("/changes/CHG-1"))
    page = text_of(client.get("/changes/new?again=CHG-1"))
    assert "Ask first" in page and "ask everybody" in page and "Everybody is concerned." in page
    assert 'value="SRC-' in page
    answer = client.post(
        "/changes/new?again=CHG-1", {"title": "Ask first", "rationale": "Still.", "evidence": ""}
    )
    assert answer.headers["Location"] == "/changes/CHG-3"


def test_lines_of_the_desk_about_one_clause_are_told_apart(client, strategy, alice):
    make_change(strategy)
    make_change(strategy, title="Ask first", text="")
    client.force_login(alice)
    page = text_of(client.get("/desk"))
    assert "CHG-1</bdi>" in page and "CHG-2</bdi>" in page


# Proposing


def test_strangers_and_visitors_do_not_propose(client, strategy, charlie):
    assert client.get("/changes/new?clause=STR-1.C2").status_code == 302
    client.force_login(charlie)
    assert client.get("/changes/new?clause=STR-1.C2").status_code == 403
    assert client.post("/changes/new?clause=STR-1.C2", {}).status_code == 403


@pytest.mark.parametrize("operation", ["edit", "add", "move", "remove"])
def test_the_proposal_form_shows_what_an_operation_needs(client, strategy, bob, operation):
    client.force_login(bob)
    source = make_source().reference
    page = text_of(client.get(f"/changes/new?clause=STR-1.C2&operation={operation}&evidence={source}"))
    assert source in page and 'name="rationale"' in page
    assert ('name="place"' in page) == (operation in ("add", "move"))
    assert ('name="text"' in page) == (operation in ("add", "edit"))


def test_proposing_leads_to_the_change(client, strategy, bob):
    client.force_login(bob)
    source = make_source().reference
    response = client.post(
        "/changes/new?clause=STR-1.C2",
        {"title": "Ask before", "text": "We ask.", "rationale": "Shorter.", "evidence": source},
    )
    assert response.headers["Location"] == "/changes/CHG-1"
    change = Change.objects.get()
    assert (change.proposed_by, change.title, queries.get_evidence(change).supporting) == (bob, None, 1)


def test_an_addition_comes_to_stand_where_it_was_said(client, strategy, bob):
    client.force_login(bob)
    client.post(
        "/changes/new?clause=STR-1.C2&operation=add",
        {"kind": "paragraph", "place": "S2/", "title": "", "text": "New.", "rationale": "Because."},
    )
    change = Change.objects.get()
    assert (change.clause, change.after_clause, change.inside) == (None, clause(strategy, "S2"), True)
    assert "first inside" in text_of(client.get("/changes/CHG-1"))


def test_a_proposal_without_reasons_or_with_unknown_evidence_is_refused_beside_its_field(
    client, strategy, bob
):
    client.force_login(bob)
    response = client.post("/changes/new?clause=STR-1.C2", {"text": "We ask.", "evidence": "FND-77"})
    assert response.status_code == 422 and "There is no record FND-77" in text_of(response)
    same = {"title": "Ask before", "text": "", "rationale": "Because."}
    response = client.post("/changes/new?clause=STR-1.C2", same)
    assert response.status_code == 409 and "the same as in the text in force" in text_of(response)
    assert not Change.objects.exists()


@pytest.mark.parametrize(("field", "limit"), [("title", 300), ("text", 20_000)])
def test_a_proposal_that_is_too_long_is_refused_beside_its_field(client, strategy, bob, field, limit):
    client.force_login(bob)
    response = client.post(
        "/changes/new?clause=STR-1.C2", {field: "x" * (limit + 1), "rationale": "Because."}
    )
    assert response.status_code == 422 and f"at most {limit} characters" in text_of(response)
    assert not Change.objects.exists()


def test_proposing_begins_by_choosing_a_clause(client, strategy, bob):
    client.force_login(bob)
    page = text_of(client.get("/changes/new?evidence=SRC-1"))
    for state in queries.load_states(queries.get_version(strategy)):
        assert f"/changes/new?clause={state.clause.reference}&amp;evidence=SRC-1" in page
    chosen = text_of(client.get("/changes/new?clause=STR-1.C2&evidence=SRC-1"))
    assert 'href="/changes/new?evidence=SRC-1"' in chosen
    for bad in ("clause=STR-1.C9", "clause=STR-1.C2&operation=burn"):
        assert client.get(f"/changes/new?{bad}").status_code == 404


# Deciding


def test_everybody_reads_a_change_and_only_staff_see_forms_and_names(client, strategy, bob, charlie):
    make_change(strategy, bob)
    page = text_of(client.get("/changes/CHG-1"))
    article = page.split("<article")[1].split("</article>")[0]
    assert "Before it can be accepted" in article and "<form" not in article and "proposed by" not in article
    client.force_login(charlie)
    assert client.post("/changes/CHG-1/evidence", {}).status_code == 403
    assert client.post("/changes/CHG-1/review").status_code == 403


def test_contributors_add_evidence_but_do_not_decide(client, strategy, bob):
    make_change(strategy)
    client.force_login(bob)
    reference = make_source("Heard in the tram").reference
    response = client.post(
        "/changes/CHG-1/evidence", {"reference": reference, "stance": "supports", "quote": "Yes"}
    )
    assert response.headers["Location"] == "/changes/CHG-1"
    assert "Heard in the tram" in text_of(client.get("/changes/CHG-1"))
    for action in ("review", "accept", "reject"):
        assert client.post(f"/changes/CHG-1/{action}", {"reason": "x"}).status_code == 403


def test_an_outside_source_is_recorded_and_linked(client, strategy, bob):
    make_change(strategy)
    client.force_login(bob)
    form = {
        "title": "A report",
        "kind": "study",
        "url": "https://example.org/report",
        "stance": "contradicts",
    }
    assert client.post("/changes/CHG-1/source", form | {"url": "javascript:alert(1)"}).status_code == 422
    assert client.post("/changes/CHG-1/source", form).status_code == 302
    assert queries.get_evidence(Change.objects.get()).contradicting == 1


def test_a_form_sent_by_htmx_is_answered_with_the_fragment(client, strategy, bob):
    make_change(strategy)
    client.force_login(bob)
    response = client.post("/changes/CHG-1/search", {"searched": "The archive."}, HTTP_HX_REQUEST="true")
    assert response.status_code == 200
    assert "<html" not in text_of(response) and "The archive." in text_of(response)
    refused = client.post("/changes/CHG-1/search", {"searched": ""}, HTTP_HX_REQUEST="true")
    assert refused.status_code == 422 and "<html" not in text_of(refused)


def test_the_gate_says_what_is_missing_beside_the_form(client, strategy, bob, alice):
    make_change(strategy, bob)
    client.force_login(alice)
    assert client.post("/changes/CHG-1/review").status_code == 302
    response = client.post("/changes/CHG-1/accept", {"reason": ""})
    assert response.status_code == 409 and "Nothing supports the change yet" in text_of(response)


def test_a_change_goes_from_review_to_acceptance(client, strategy, bob, alice):
    make_ready(make_change(strategy, bob))
    client.force_login(alice)
    assert client.post("/changes/CHG-1/accept", {"reason": "Clear."}).status_code == 302
    assert "waits for the next version" in text_of(client.get("/changes/CHG-1"))


def test_nobody_decides_her_own_on_the_page_either(client, strategy, alice):
    make_change(strategy, alice)
    client.force_login(alice)
    response = client.post("/changes/CHG-1/review")
    assert response.status_code == 409 and "somebody else reviews and decides it" in text_of(response)


def test_a_rejected_change_stays_visible_with_its_reason(client, strategy, alice):
    make_change(strategy)
    client.force_login(alice)
    assert client.post("/changes/CHG-1/reject", {"reason": ""}).status_code == 422
    client.post("/changes/CHG-1/reject", {"reason": "Too costly."})
    client.logout()
    for address in ("/changes/CHG-1", "/strategies/STR-1/changes?which=rejected", "/strategies/STR-1/C2"):
        assert "Too costly." in text_of(client.get(address))


def test_a_withdrawn_proposal_is_listed_as_such(client, strategy, alice, bob):
    make_change(strategy, bob)
    client.force_login(alice)
    assert "Withdraw" not in text_of(client.get("/changes/CHG-1"))
    assert client.post("/changes/CHG-1/withdraw").status_code == 409
    client.force_login(bob)
    assert "Withdraw it" in text_of(client.get("/changes/CHG-1"))
    assert client.post("/changes/CHG-1/withdraw", {"reason": "Said better."}).status_code == 302
    client.logout()
    for address in ("/changes/CHG-1", "/strategies/STR-1/changes?which=withdrawn"):
        assert "withdrawn" in text_of(client.get(address))
    assert "Said better." in text_of(client.get("/changes/CHG-1"))


def test_actions_on_changes_take_posts_only(client, strategy, alice):
    make_change(strategy)
    client.force_login(alice)
    for action in ("evidence", "source", "search", "review", "accept", "reject", "withdraw"):
        assert client.get(f"/changes/CHG-1/{action}").status_code == 405
    assert client.post("/changes/CHG-9/review").status_code == 404


# Adopting


def test_the_desk_adopts_what_was_accepted(client, strategy, bob, alice):
    make_accepted(strategy, by=bob)
    client.force_login(alice)
    page = text_of(client.get("/strategies/STR-1/adopt"))
    assert "CHG-1" in page and "<ins> everybody</ins>" in page
    response = client.post(
        "/strategies/STR-1/adopt", {"adopted_on": "2026-03-01", "review_by": "2027-03-01", "do": "adopt"}
    )
    assert response.headers["Location"] == "/strategies/STR-1?version=2"
    assert Version.objects.count() == 2


def test_adopting_says_from_when_it_is_in_force_and_when_it_is_reviewed(client, alice):
    version = make_version(review_by=date(2026, 7, 2))
    make_accepted(version.strategy)
    client.force_login(alice)
    today = timezone.localdate(timezone.now())
    page = text_of(client.get("/strategies/STR-1/adopt"))
    assert f'name="review_by" value="{(today + timedelta(days=182)).isoformat()}"' in page
    answer = client.post("/strategies/STR-1/adopt", {"adopted_on": "2026-03-01", "do": "adopt"}, follow=True)
    assert "Version 2 is adopted, in force from 1 March 2026." in text_of(answer)


def test_who_proposed_an_accepted_change_is_told_who_adopts_instead_of_a_button(
    client, strategy, alice, carol
):
    make_accepted(strategy, by=alice)
    client.force_login(alice)
    page = text_of(client.get("/strategies/STR-1/changes"))
    assert 'href="/strategies/STR-1/adopt"' not in page
    assert "A member of the desk or of the committee who proposed none of them can do it" in page
    client.force_login(carol)
    assert 'href="/strategies/STR-1/adopt"' in text_of(client.get("/strategies/STR-1/changes"))
    assert "1 accepted change waits for the next version of" in text_of(client.get("/desk"))


def test_adoption_is_refused_with_the_reason_and_for_strangers(client, strategy, alice, bob):
    assert client.get("/strategies/STR-1/adopt").status_code == 302
    client.force_login(bob)
    assert client.get("/strategies/STR-1/adopt").status_code == 403
    client.force_login(alice)
    response = client.post("/strategies/STR-1/adopt", {"adopted_on": "2026-03-01", "do": "adopt"})
    assert response.status_code == 409 and "No accepted change waits" in text_of(response)
    response = client.post("/strategies/STR-1/adopt", {"adopted_on": "", "do": "adopt"})
    assert response.status_code == 422


def test_a_review_without_a_change_sets_the_next_date(client, strategy, alice):
    client.force_login(alice)
    form = {"review_by": "2099-01-01", "reason": "Nothing has happened.", "do": "keep"}
    assert client.post("/strategies/STR-1/adopt", form).status_code == 302
    assert queries.get_version(strategy).review_by.year == 2099


# Importing


def upload(client, content: bytes = MARKDOWN.encode(), name: str = "text.md", **more):
    file = SimpleUploadedFile(name, content)
    return client.post(
        "/strategies/import", {"file": file, "language": "en", "adopted_on": "2026-01-01"} | more
    )


def test_only_the_desk_imports(client, bob):
    assert client.get("/strategies/import").status_code == 302
    client.force_login(bob)
    assert client.get("/strategies/import").status_code == 403
    assert upload(client).status_code == 403


def test_a_text_that_is_adopted_only_tomorrow_is_not_imported_today(client, alice):
    client.force_login(alice)
    tomorrow = timezone.localdate(timezone.now()) + timedelta(days=1)
    response = upload(client, adopted_on=tomorrow.isoformat())
    assert response.status_code == 422 and "This day has not come yet" in text_of(response)


def test_an_upload_is_looked_at_and_then_imported(client, alice):
    client.force_login(alice)
    preview = upload(client)
    assert preview.status_code == 200 and "Common rules" in text_of(preview)
    assert not Strategy.objects.exists()
    token = text_of(preview).split('name="upload" value="')[1].split('"')[0]
    response = client.post("/strategies/import", {"upload": token})
    assert response.headers["Location"] == "/strategies/STR-1"
    assert client.post("/strategies/import", {"upload": token}).headers["Location"] == "/strategies/STR-1"
    assert Strategy.objects.count() == 1
    assert "imported already" in text_of(upload(client))


def test_every_doubt_and_error_of_the_parser_has_words_for_people():
    sources = "".join(path.read_text("utf-8") for path in Path(parsing.__file__).parent.glob("*.py"))
    named = set(re.findall(r'notes\.add\(\s*"(\w+)"', sources))
    errors = set(re.findall(r'code="(\w+)"', sources))
    assert len(named) > 20 and named == set(doubts.DOUBTS)
    assert errors == set(doubts.ERRORS)


def test_the_preview_says_what_was_doubtful_and_quotes_the_file(client, alice):
    client.force_login(alice)
    page = text_of(upload(client, f"{MARKDOWN}\n\n<!-- a note -->\n".encode()))
    assert "An HTML comment was left out." in page and "What was doubtful" in page


def test_a_preview_that_was_tampered_with_is_refused(client, alice):
    client.force_login(alice)
    assert client.post("/strategies/import", {"upload": "bad"}).headers["Location"] == "/strategies/import"


def test_a_file_above_the_limit_is_too_large(client, alice, settings):
    settings.PLENARY_UPLOAD_LIMIT = 100
    client.force_login(alice)
    response = upload(client)
    assert response.status_code == 413 and "the limit is" in text_of(response)


@pytest.mark.parametrize(
    ("content", "name", "more", "words"),
    [
        (b"%PDF-1.7", "text.pdf", {}, "not Markdown or plain text"),
        (b"\x00\x01\x02\x03" * 50, "text.txt", {}, "file"),
        (b"# T\n\nNothing is promised here.\n", "text.md", {}, "commitment"),
        (MARKDOWN.encode(), "text.md", {"language": "not a tag"}, "not a language tag"),
    ],
)
def test_files_that_cannot_be_read_are_refused_beside_the_field(client, alice, content, name, more, words):
    client.force_login(alice)
    response = upload(client, content, name, **more)
    assert response.status_code == 422 and words in text_of(response)
    assert not Strategy.objects.exists()


# Home and desk


def test_home_shows_the_strategy_and_what_changed_because_of_what(client, strategy):
    make_accepted(strategy)
    adopt(strategy)
    page = text_of(client.get("/"))
    assert "Tools for everyone" in page and "2 principles" in page and "with 3 commitments" in page
    assert "Because of:" in page and "A study, supports" in page


def test_the_desk_lists_what_waits(client, strategy, alice, bob):
    make_change(strategy, bob)
    make_accepted(strategy, of="C1", text="We will train everybody.")
    client.force_login(alice)
    page = text_of(client.get("/desk"))
    assert "Review the proposal on" in page and "1 accepted change waits for the next version of" in page
    client.force_login(bob)
    page = text_of(client.get("/desk"))
    assert "Review the proposal" not in page
    assert "cannot be accepted yet" in page and "Nothing supports the change yet" in page


def test_who_proposed_is_told_of_evidence_against_it(client, strategy, bob):
    change = make_change(strategy, bob)
    put_evidence(change)
    put_evidence(change, "contradicts")
    client.force_login(bob)
    page = text_of(client.get("/desk"))
    assert "There is evidence against your proposal" in page and f"/changes/{change.reference}" in page


def test_changes_are_found_by_their_words_and_by_what_they_do(client, strategy, bob):
    make_change(strategy, bob)
    make_change(strategy, bob, of="C1", text="We will train everybody.")
    page = text_of(client.get("/strategies/STR-1/changes?q=train+everybody"))
    assert "/changes/CHG-2" in page and "/changes/CHG-1" not in page
    assert "Open (1)" in page, "the tabs count what is left"
    page = text_of(client.get("/strategies/STR-1/changes?operation=remove"))
    assert "/changes/CHG-1" not in page and "No change is like that" in page
