"""The desk's work on statements: the queue, undo, appeals, merging, other words, and what the public reads of it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from plenary.kit.errors import Refused
from plenary.participation import actions, queries
from plenary.participation.models import Appeal, Rewording, Statement
from plenary.people.tests.factories import make_user
from plenary.records.models import Event

from .factories import make_consultation, make_statements, make_voter

pytestmark = pytest.mark.django_db
BY_SCRIPT = {"X-Queue": "1"}


@pytest.fixture(autouse=True)
def _nothing_known():
    queries.forget_similar()


@pytest.fixture
def consultation():
    now = timezone.now()
    return make_consultation(opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=3))


@pytest.fixture
def url(consultation):
    return reverse("moderation", args=[consultation.reference])


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def other(unit):
    return make_user("dora", ("desk", unit))


def write(consultation, body, voter=None):
    return actions.write_statement(
        consultation=consultation, voter=voter or make_voter(consultation), body=body, language="en",
        now=timezone.now(),
    )  # fmt: skip


def fresh(statement):
    return Statement.objects.select_related("record__title", "consultation__record").get(pk=statement.pk)


def reject(statement, by, reason="off-topic"):
    actions.moderate_statements(
        statements=[fresh(statement)], decision="rejected", reason=reason, by=by, now=timezone.now()
    )


# The queue


def test_by_script_the_queue_answers_with_words(desk, url, consultation):
    waiting = [write(consultation, f"Idea number {number}.") for number in range(3)]
    sent = {"statement": [item.reference for item in waiting[:2]], "decision": "accepted"}
    response = desk.post(url, sent, headers=BY_SCRIPT)
    assert response.json()["said"] == "2 statements accepted. Waiting now: 1."
    assert response.json()["counts"]["waiting"] == 1
    response = desk.post(url, sent | {"decision": "rejected"}, headers=BY_SCRIPT)
    assert (response.status_code, "Say why" in response.json()["said"]) == (409, True)
    assert desk.post(url, {"decision": "accepted"}, headers=BY_SCRIPT).status_code == 422


def test_undo_takes_back_ones_own_last_decision_with_its_reason(desk, url, consultation, alice, other):
    item = write(consultation, "An idea.")
    reject(item, alice)
    desk.post(url, {"statement": item.reference, "decision": "accepted"}, headers=BY_SCRIPT)
    response = desk.post(url, {"statement": item.reference, "decision": "undo"}, headers=BY_SCRIPT)
    assert response.json()["said"].startswith("1 decision undone.")
    assert (fresh(item).moderation, fresh(item).moderation_reason) == ("rejected", "off-topic")
    again = desk.post(url, {"statement": item.reference, "decision": "undo"}, headers=BY_SCRIPT)
    assert again.status_code == 409
    verbs = Event.objects.filter(record=item.record).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["written", "rejected", "accepted", "decision undone"]
    with pytest.raises(Refused):
        actions.undo_moderation(statements=[fresh(item)], by=other, now=timezone.now())


def test_the_next_ones_come_after_the_last(desk, url, consultation):
    waiting = [write(consultation, f"Idea number {number}.") for number in range(4)]
    page = desk.get(f"{url}?after={fresh(waiting[1]).record.number}").content.decode()
    assert "<html" not in page
    assert [item.reference in page for item in waiting] == [False, False, True, True]


def test_without_script_statements_are_put_back(desk, url, consultation, alice):
    item = write(consultation, "An idea.")
    reject(item, alice)
    response = desk.post(
        f"{url}?state=rejected", {"statement": item.reference, "decision": "waiting"}, follow=True
    )
    assert "1 statement put back into the queue." in response.content.decode()
    assert fresh(item).moderation == "waiting"


def test_five_hundred_waiting_cost_as_many_queries_as_five(
    desk, url, consultation, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(5):
        write(consultation, f"Idea number {number}.")
    desk.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        desk.get(url)
    for number in range(40):
        write(consultation, f"Thought number {number}.")
    with django_assert_num_queries(len(few)):
        desk.get(url)


@pytest.mark.parametrize("name", ["moderation", "appeals", "duplicates"])
def test_the_desks_pages_are_for_the_desk(client, charlie, consultation, name):
    address = reverse(name, args=[consultation.reference])
    client.force_login(charlie)
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403


@pytest.mark.parametrize("name", ["moderation", "appeals", "duplicates", "moderation-log"])
def test_of_an_unknown_consultation_there_are_none(desk, name):
    assert desk.get(reverse(name, args=["CON-999"])).status_code == 404


# Appeals


@pytest.fixture
def appealed(consultation, alice):
    voter = make_voter(consultation)
    item = write(consultation, "An idea.", voter)
    reject(item, alice)
    actions.appeal(
        consultation=consultation, statement=fresh(item), voter=voter, text="It is <b>on</b> topic.",
        now=timezone.now(),
    )  # fmt: skip
    return item


def test_an_appeal_is_decided_by_somebody_else(client, alice, other, consultation, appealed):
    address = reverse("appeals", args=[consultation.reference])
    client.force_login(alice)
    page = client.get(address).content.decode()
    assert "It is &lt;b&gt;on&lt;/b&gt; topic." in page
    assert "Somebody else decides the appeal" in page
    sent = {"statement": appealed.reference, "outcome": "upheld", "reason": "It does answer."}
    assert client.post(address, sent).status_code == 409
    client.force_login(other)
    assert client.post(address, sent | {"reason": ""}).status_code == 422
    assert client.post(address, sent).status_code == 302
    assert fresh(appealed).moderation == "accepted"
    decided = Appeal.objects.get()
    assert (decided.outcome, decided.decided_by, decided.reason) == ("upheld", other, "It does answer.")
    assert client.post(address, sent).status_code == 409
    verbs = Event.objects.filter(record=appealed.record).values_list("verb", flat=True)
    assert {"rejected", "appealed", "appeal upheld"} <= set(verbs)


def test_where_there_is_nobody_else_one_decides_oneself(alice, appealed):
    actions.decide_appeal(
        appeal=Appeal.objects.get(), outcome="dismissed", reason="No.", by=alice, now=timezone.now()
    )
    assert fresh(appealed).moderation == "rejected"
    assert fresh(appealed).moderation_reason == "off-topic"


def test_a_statement_with_an_appeal_is_not_decided_past_it(alice, appealed):
    with pytest.raises(Refused, match="Decide the appeal"):
        actions.moderate_statements(
            statements=[fresh(appealed)], decision="accepted", reason="", by=alice, now=timezone.now()
        )


# Duplicates


def test_pairs_are_found_and_merged_and_separated(desk, consultation):
    one, two, three = make_statements(
        consultation,
        "Schools should ask parents first.",
        "Schools should ask the parents first",
        "More benches.",
    )

    address = reverse("duplicates", args=[consultation.reference])
    page = desk.get(address).content.decode()
    assert one.reference in page and two.reference in page and three.reference not in page
    assert desk.get(f"{address}?statement={two.reference}").status_code == 200
    assert desk.get(f"{address}?statement=STM-999").status_code == 404
    response = desk.post(address, {"statement": two.reference, "into": one.reference}, follow=True)
    assert "count for the one that is left" in response.content.decode()
    assert fresh(two).duplicate_of == one
    page = desk.get(reverse("statement", args=[two.reference])).content.decode()
    assert f"It was merged into {one.reference}" in page
    assert two.reference in desk.get(reverse("statement", args=[one.reference])).content.decode()
    assert desk.get(f"/r/{two.reference}.json").json()["duplicate_of"] == one.reference
    response = desk.post(reverse("separate", args=[two.reference]), follow=True)
    assert fresh(two).duplicate_of is None
    assert desk.post(reverse("separate", args=[two.reference])).status_code == 409


@pytest.mark.parametrize(("into", "status"), [("STM-999", 409), ("", 422), ("STM-1", 409)])
def test_what_cannot_be_merged_is_told(desk, consultation, into, status):
    one = make_statements(consultation, "One.")[0]
    address = reverse("duplicates", args=[consultation.reference])
    assert desk.post(address, {"statement": one.reference, "into": into}).status_code == status


# Other words


def test_other_words_are_given_and_the_earlier_ones_shown(desk, client, consultation):
    one = make_statements(consultation, "Scools should ask.")[0]
    address = reverse("reword", args=[one.reference])
    assert b"Scools should ask." in desk.get(address).content
    sent = {"body": "Schools should ask.", "changes_meaning": "no"}
    assert desk.post(address, sent).status_code == 302
    client.logout()
    page = client.get(reverse("statement", args=[one.reference])).content.decode()
    assert "Schools should ask." in page and "Scools should ask." in page
    assert "the meaning stayed" in page


def test_words_that_expose_somebody_are_not_shown(desk, client, consultation):
    one = make_statements(consultation, "Mr Smith must go.")[0]
    sent = {"body": "The head must go.", "changes_meaning": "yes", "hides_before": "on"}
    desk.post(reverse("reword", args=[one.reference]), sent)
    assert Rewording.objects.get().hides_before
    client.logout()
    address = reverse("statement", args=[one.reference])
    assert b"Smith" not in client.get(address).content
    assert b"Smith" not in client.get(f"/r/{one.reference}.json").content
    assert b"Smith" not in str(list(Event.objects.values_list("changes", flat=True))).encode()


@pytest.mark.parametrize("sent", [{"body": ""}, {"changes_meaning": ""}, {"body": "\u200b"}])
def test_words_that_cannot_be_read(desk, consultation, sent):
    one = make_statements(consultation, "One idea.")[0]
    sent = {"body": "Another idea.", "changes_meaning": "no"} | sent
    assert desk.post(reverse("reword", args=[one.reference]), sent).status_code == 422


# What everybody reads


def test_the_log_lists_every_decision_with_its_reason_and_without_the_person(client, consultation, alice):
    item = write(consultation, "Buy my tools.")
    kept = write(consultation, "More benches.")
    reject(item, alice, "advertising: for a shop")
    actions.moderate_statements(
        statements=[fresh(kept)], decision="accepted", reason="", by=alice, now=timezone.now()
    )
    address = reverse("moderation-log", args=[consultation.reference])
    page = client.get(address).content.decode()
    assert "It advertises: for a shop" in page
    assert "Buy my tools." not in page and "More benches." in page
    assert "alice" not in page
    client.force_login(alice)
    assert "alice" in client.get(address).content.decode()
    assert client.post(address).status_code == 405


def test_the_log_costs_the_same_at_any_size(client, consultation, alice, django_assert_max_num_queries):
    for number in range(12):
        reject(write(consultation, f"Idea number {number}."), alice)
    with django_assert_max_num_queries(16):
        client.get(reverse("moderation-log", args=[consultation.reference]))


# What is about the person who votes


def test_a_statement_is_marked_as_about_the_person_who_votes_and_back(desk, consultation):
    [statement] = make_statements(consultation, "I live near the harbour.")
    url, page = reverse("mark-meta", args=[statement.reference]), f"/statements/{statement.reference}"
    assert "It says who somebody is" in desk.get(page).content.decode()
    desk.post(url, {"is_meta": "yes"})
    desk.post(url, {"is_meta": "yes"})
    assert fresh(statement).is_meta
    said = desk.get(page).content.decode()
    assert "is no view of the matter" in said and "marked as about the person who votes" in said
    desk.logout()
    said = desk.get(page).content.decode()
    assert "is no view of the matter" in said and "It is a view of the matter" not in said
    log = desk.get(reverse("moderation-log", args=[consultation.reference])).content.decode()
    assert "marked as about the person who votes" in log
    assert desk.get(f"/api/v1/statements/{statement.reference}").json()["is_meta"] is True
    actions.mark_meta(statements=[fresh(statement)], is_meta=False, by=None, now=timezone.now())
    assert not fresh(statement).is_meta
    assert [event.verb for event in Event.objects.filter(record=statement.pk, verb__startswith="marked")] == [
        "marked as about people",
        "marked as a view",
    ]


def test_only_the_desk_marks_it_and_nonsense_changes_nothing(client, desk, consultation, unit):
    [statement] = make_statements(consultation, "I live near the harbour.")
    url = reverse("mark-meta", args=[statement.reference])
    assert desk.post(url, {"is_meta": "perhaps"}).status_code == 409
    assert desk.get(url).status_code == 405
    client.force_login(make_user("rita", ("contributor", unit)))
    assert client.post(url, {"is_meta": "yes"}).status_code == 403
    client.logout()
    assert client.post(url, {"is_meta": "yes"}).status_code in (302, 403)
    assert not fresh(statement).is_meta


def test_what_its_author_withdrew_is_not_marked(consultation):
    [statement] = make_statements(consultation)
    Statement.objects.filter(pk=statement.pk).update(moderation="erased")
    with pytest.raises(Refused, match="withdrawn"):
        actions.mark_meta(statements=[fresh(statement)], is_meta=True, by=None, now=timezone.now())


def test_what_may_be_about_the_person_is_offered_and_marked_at_once(desk, consultation, url):
    about = [
        "I live near the harbour.",
        "J'habite à la campagne.",
        "Soy estudiante.",
        "Я живу в городе.",
        "أعيش في قرية.",
        "我住在城里",
        "我有職業駕照。",
    ]
    views = [
        "I think we need buses.",
        "We live too near the road.",
        "My view is another.",
        "我認為這很重要",
        "Live and let live.",
    ]
    made = make_statements(consultation, *about, *views)
    page = desk.get(f"{url}?state=accepted&about=maybe-people").content.decode()
    offered = re.findall(r'data-item="([^"]+)"', page)
    assert offered == [item.reference for item in made[: len(about)]]
    assert "It says who somebody is, not what she thinks" in page
    sent = {"decision": "people", "statement": offered}
    assert "7 statements marked." in desk.post(f"{url}?state=accepted", sent, follow=True).content.decode()
    assert queries.count_maybe_about_people(consultation) == 0
    page = desk.get(f"{url}?state=accepted&about=people").content.decode()
    assert page.count("data-item=") == 7 and "It is a view of the matter" in page
    desk.post(f"{url}?state=accepted", {"decision": "view", "statement": offered[:2]})
    assert queries.count_maybe_about_people(consultation) == 2
