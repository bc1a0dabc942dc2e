"""The API as its users meet it: reading, pages, languages, tokens, errors, what caches may keep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from plenary.delivery.tests.factories import make_commitment, make_indicator, make_report, make_round
from plenary.kit.api.routers import WRITES_A_MINUTE
from plenary.participation.tests.factories import cast, make_consultation, make_statements
from plenary.people.actions import create_token
from plenary.people.models import Token
from plenary.records.actions import create_record, put_text, put_translation, set_visibility, write_event
from plenary.records.models import Event, Record, Source
from plenary.records.tests.factories import make_organization, make_source
from plenary.site import api
from plenary.site.demo.loader import Story
from plenary.strategy.tests.factories import make_version

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture(autouse=True)
def _no_writes_counted():
    cache.clear()


def key(user, *scopes):
    """The header of a token with these scopes; all of them where none is named."""
    now = timezone.now()
    _token, secret = create_token(
        user=user,
        name="test",
        scopes=scopes or ["read", "write"],
        expires_at=now + timedelta(days=1),
        now=now,
    )
    return {"authorization": f"Bearer {secret}"}


def get(client, path, **headers):
    return client.get(ROOT + path, headers=headers)


def hidden_source():
    study = make_source("Not for everybody")
    set_visibility(record=study.record, visibility="staff")
    return study


# Reading


def test_whoever_reads_needs_no_account_gets_no_cookie_and_writes_nothing(client, django_assert_num_queries):
    study = make_source("A study")
    events = Event.objects.count()
    answer = get(client, f"/sources/{study.reference}")
    assert answer.status_code == 200
    assert answer.json()["title"] == "A study"
    assert not answer.cookies
    assert Event.objects.count() == events
    with django_assert_num_queries(3) as queries:
        get(client, "/records")
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


def test_the_permalink_and_the_api_say_the_same_of_every_record(client):
    """Field for field: so the schema names all that there is to say."""
    for chapter in Story(now=timezone.now(), password="only for this test").chapters():
        chapter()
    kinds = Record.objects.filter(visibility="public").values_list("kind", flat=True).distinct()
    assert len(set(kinds)) > 15
    for kind in set(kinds):
        for record in Record.objects.filter(kind=kind, visibility="public").order_by("-id")[:3]:
            permalink = client.get(f"/r/{record.reference}.json?lang=fr").json()
            assert get(client, f"/records/{record.reference}?lang=fr").json() == permalink, record
            assert permalink["kind"] == kind


def test_what_one_may_not_see_is_not_there(client, alice):
    hidden = hidden_source()
    for path in ("", "/evidence", "/events", "/trail"):
        assert get(client, f"/records/{hidden.reference}{path}").status_code == 404
        assert get(client, f"/records/{hidden.reference}{path}", **key(alice)).status_code == 200
    assert get(client, "/sources").json()["total"] == 0
    assert get(client, "/sources", **key(alice)).json()["total"] == 1


def test_a_record_is_found_under_its_own_kind_only(client):
    study = make_source()
    assert get(client, f"/sources/{study.reference}").status_code == 200
    assert get(client, f"/organizations/{study.reference}").status_code == 404


def test_the_text_of_a_day_or_a_version(client):
    version = make_version()
    path = f"/strategies/{version.strategy.reference}/text"
    assert get(client, path).json()["version"] == 1
    assert get(client, f"{path}?on={version.adopted_on}").json()["version"] == 1
    assert get(client, f"{path}?on={version.adopted_on - timedelta(days=1)}").status_code == 404
    assert get(client, f"{path}?version=1").json()["clauses"]
    assert get(client, f"{path}?version=2").status_code == 404
    assert get(client, f"{path}?on=yesterday").json()["errors"][0]["parameter"] == "on"


def test_statements_come_with_their_tallies(client):
    consultation = make_consultation()
    first, _second = make_statements(consultation, "More trees", "Fewer cars")
    cast(first, 1), cast(first, 1), cast(first, -1)
    rows = get(client, f"/consultations/{consultation.reference}/statements").json()["items"]
    assert [row["votes"] for row in rows] == [
        {"agree": 2, "disagree": 1, "pass": 0},
        {"agree": 0, "disagree": 0, "pass": 0},
    ]


def test_history_tells_what_changed_and_not_from_what_or_by_whom(client, now, alice):
    study = make_source()
    write_event(record=study.record, verb="renamed", by=alice, now=now, changes={"title": ["old", "new"]})
    answer = get(client, f"/records/{study.reference}/events")
    assert answer.json()["items"][-1] == {
        "verb": "renamed", "label": "renamed", "at": now.isoformat(), "changed": ["title"],
    }  # fmt: skip
    assert "alice" not in answer.content.decode()
    assert answer["Last-Modified"] == "Mon, 02 Mar 2026 09:30:00 GMT"


# Lists


def test_pages_lead_to_every_record_once_though_more_are_added(client):
    for number in range(5):
        make_source(f"Study {number}")
    seen, address = [], f"{ROOT}/sources?limit=2"
    while address:
        answer = client.get(address)
        seen += [row["title"] for row in answer.json()["items"]]
        address = answer.json()["next"]
        assert answer.get("Link", "") == (f'<{address}>; rel="next"' if address else "")
        if len(seen) == 2:
            make_source("Late study")
    assert seen == ["Study 0", "Study 1", "Study 2", "Study 3", "Study 4", "Late study"]


@pytest.mark.parametrize("sort", ["created", "-created", "updated", "-updated"])
def test_every_order_is_kept_over_the_pages(client, now, sort):
    studies = [make_source(f"Study {number}") for number in range(5)]
    write_event(record=studies[1].record, verb="renamed", by=None, now=now)
    whole = [row["reference"] for row in get(client, f"/sources?sort={sort}").json()["items"]]
    paged, address = [], f"{ROOT}/sources?sort={sort}&limit=2"
    while address:
        answer = client.get(address).json()
        paged += [row["reference"] for row in answer["items"]]
        address = answer["next"]
    assert paged == whole
    first = whole if sort.startswith("-") else whole[::-1]
    assert first[0] == (studies[1].reference if "updated" in sort else studies[4].reference)


def test_lists_are_narrowed(client, now, office):
    make_source("Old study")
    tomorrow = now + timedelta(days=1)
    own = create_record(
        kind="source", title=put_text("Own", "en"), by=None, now=tomorrow, organization=office
    )
    Source.objects.create(record=own, kind="study")
    titles = lambda path: [row["title"] for row in get(client, path).json()["items"]]  # noqa: E731
    assert "Own" in titles(f"/records?organization={office.reference}")
    assert titles("/records?kind=organization") == ["Office of Schools"]
    assert titles("/records?kind=source&updated_since=2026-03-03T00:00:00Z") == ["Own"]
    assert own.reference == "SRC-2"


LISTS = [
    path.replace("/consultations/{reference}", "/consultations/CON-1")
    .replace("/strategies/{reference}", "/strategies/STR-1")
    .replace("/analyses/{reference}", "/analyses/ANA-1")
    .replace("/records/{reference}", "/records/CHG-1")
    .replace("/clauses/{reference}", "/clauses/STR-1.C2")
    for path, operations in api.schema()["paths"].items()
    if "get" in operations and operations["get"]["operationId"].startswith("list_")
]


def test_a_list_takes_as_many_queries_for_a_long_page_as_for_a_short_one(
    client, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for chapter in Story(now=timezone.now(), password="only for this test").chapters():
        chapter()
    assert len(LISTS) > 15
    for path in LISTS:
        counts = []
        for limit in (2, 100):
            with CaptureQueriesContext(connection) as captured:
                answer = get(client, f"{path}?limit={limit}")
            assert answer.status_code == 200, path
            counts.append(len(captured))
        assert counts[1] <= counts[0] <= 25, (path, counts)


# Languages


def test_texts_and_words_come_in_the_language_asked_for(client):
    make_organization("Office")
    study = make_source("A study")
    put_translation(text=study.record.title, language="fr", body="Une étude")
    path = f"/sources/{study.reference}"
    assert get(client, f"{path}?lang=fr").json()["title"] == "Une étude"
    answer = get(client, path, accept_language="fr, en;q=0.5")
    assert answer.json()["title"] == "Une étude" and answer["Content-Language"] == "fr"
    client.cookies["django_language"] = "fr"
    assert get(client, path).json()["title"] == "A study", "a cookie is no question"
    assert get(client, f"{path}?lang=not_a_language").json()["errors"][0]["parameter"] == "lang"


# Tokens


def test_a_token_does_what_its_person_may_within_its_scopes(client, charlie):
    study = make_source()
    path = f"{ROOT}/records/{study.reference}/follow"
    assert client.put(path).status_code == 401
    assert client.put(path)["WWW-Authenticate"] == 'Bearer realm="plenary"'
    refused = client.put(path, headers=key(charlie, "read"))
    assert refused.status_code == 403 and "insufficient_scope" in refused["WWW-Authenticate"]
    for _ in range(2):
        assert client.put(path, headers=key(charlie)).status_code == 204
    assert charlie.follows.get().record == study.record
    assert client.delete(path, headers=key(charlie, "write")).status_code == 204
    assert not charlie.follows.exists()
    assert get(client, "/records", **key(charlie, "write")).status_code == 403


def test_a_session_opens_nothing_in_the_api(client, alice):
    study, hidden = make_source(), hidden_source()
    client.force_login(alice)
    assert client.put(f"{ROOT}/records/{study.reference}/follow").status_code == 401
    assert get(client, f"/records/{hidden.reference}").status_code == 404


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic YTpi", "Bearer", "Bearer \udcff"])
def test_a_token_that_is_none_is_said_and_not_read_as_nobody(client, db, header):
    answer = get(client, "/records", authorization=header)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_a_token_ends_with_its_day_its_revocation_or_the_account(client, charlie):
    header = key(charlie)
    assert get(client, "/account", **header).json()["name"] == "charlie"
    Token.objects.update(expires_at=timezone.now())
    assert get(client, "/account", **header).status_code == 401
    header = key(charlie)
    charlie.is_active = False
    charlie.save()
    assert get(client, "/account", **header).status_code == 401


def test_the_account_says_for_whom_a_token_speaks(client, bob, office):
    told = get(client, "/account", **key(bob, "read")).json()
    assert told["scopes"] == ["read"]
    assert told["roles"] == [{"role": "contributor", "organization": office.reference}]
    assert "demo.example" not in str(told)


# Reporting


@pytest.fixture
def asked(office):
    commitment = make_commitment(office)
    return commitment, make_indicator(commitment), make_round(commitment)


def send(client, method, path, body, header):
    return getattr(client, method)(ROOT + path, body, content_type="application/json", headers=header)


def test_a_report_is_begun_kept_and_handed_in(client, bob, office, asked, monkeypatch):
    commitment, indicator, round = asked
    monkeypatch.setattr("django.utils.timezone.now", lambda: round_day(round))
    header = key(bob)
    start = {"commitment": commitment.reference, "organization": office.reference}
    begun = send(client, "post", f"/rounds/{round.reference}/reports", start, header)
    assert (begun.status_code, begun.json()["state"]) == (200, "draft")
    path = f"/reports/{begun.json()['reference']}"
    assert send(client, "post", f"/rounds/{round.reference}/reports", start, header).json() == begun.json()

    said = {"language": "en", "narrative": "We met twice."}
    kept = send(client, "put", path, said, header)
    assert kept.json()["narrative"]["body"] == "We met twice."
    early = send(client, "post", f"{path}/submission", said, header)
    assert early.status_code == 422
    assert {error["pointer"] for error in early.json()["errors"]} == {
        "#/self_rating", f"#/figures/{indicator.reference}/value",
    }  # fmt: skip

    whole = said | {"self_rating": "limited", "figures": {indicator.reference: {"value": "12,5"}}}
    handed_in = send(client, "post", f"{path}/submission", whole, header)
    assert handed_in.json()["state"] == "submitted"
    assert handed_in.json()["figures"][0]["value"] == "12.5"
    again = send(client, "put", path, said, header)
    assert again.status_code == 409
    assert again["Content-Type"] == "application/problem+json"
    verbs = list(Record.objects.get(kind="report").events.values_list("verb", "actor"))
    assert verbs == [("started", bob.pk), ("saved", bob.pk), ("submitted", bob.pk)]


def round_day(round):
    from datetime import UTC, datetime, time

    return datetime.combine(round.opens_on, time(12), UTC)


def test_nobody_reports_for_others(client, bob, charlie, alice, office, asked):
    commitment, _indicator, round = asked
    report = make_report(round, commitment, "draft", bob)
    start = {"commitment": commitment.reference, "organization": office.reference}
    for person in (charlie, alice):
        answer = send(client, "post", f"/rounds/{round.reference}/reports", start, key(person))
        assert answer.status_code == 403, person
    said = {"language": "en"}
    assert send(client, "put", f"/reports/{report.reference}", said, key(alice)).status_code == 403
    assert send(client, "put", f"/reports/{report.reference}", said, key(charlie)).status_code == 404


def test_what_a_report_does_not_know_is_said(client, bob, asked, office):
    commitment, indicator, round = asked
    report = make_report(round, commitment, "draft", bob)
    sent = {"language": "en", "figures": {"IND-99": {"value": "1"}, indicator.reference: {"value": "many"}}}
    answer = send(client, "put", f"/reports/{report.reference}", sent, key(bob))
    places = [error["pointer"] for error in answer.json()["errors"]]
    assert places == ["#/figures/IND-99", f"#/figures/{indicator.reference}/value"]
    sent = {"language": "en", "mood": "good"}
    answer = send(client, "put", f"/reports/{report.reference}", sent, key(bob))
    assert answer.json()["errors"][0]["pointer"] == "#/mood"


def test_an_unlikely_figure_is_confirmed_by_programs_too(client, bob, asked, monkeypatch):
    commitment, indicator, round = asked
    monkeypatch.setattr("django.utils.timezone.now", lambda: round_day(round))
    report = make_report(round, commitment, "draft", bob)
    sent = {"language": "en", "self_rating": "limited", "narrative": "Three left."}
    address, header = f"/reports/{report.reference}/submission", key(bob)
    refused = send(
        client, "post", address, sent | {"figures": {indicator.reference: {"value": "-3"}}}, header
    )
    assert refused.json()["errors"][0]["pointer"] == f"#/figures/{indicator.reference}/value"
    figures = {indicator.reference: {"value": "-3", "confirmed": True}}
    assert send(client, "post", address, sent | {"figures": figures}, header).json()["state"] == "submitted"


# Errors


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("get", "/nothing", {}, 404),
        ("get", "/records/SRC-1", {}, 404),
        ("get", "/records?limit=0", {}, 422),
        ("get", "/records?limit=1000000000000000000000000", {}, 422),
        ("get", "/records?cursor=%00", {}, 400),
        ("get", "/records/%00", {}, 400),
        ("get", "/records/S%20", {}, 422),
        ("delete", "/records", {}, 405),
        ("trace", "/records", {}, 405),
        ("get", "/records", {"headers": {"accept": "text/html"}}, 406),
        ("put", "/records/SRC-1/follow", {}, 401),
        ("post", "/rounds/RND-1/reports", {"data": "x" * 1_100_000, "content_type": "application/json"}, 413),
    ],
)
def test_errors_are_problem_details(client, method, path, more, status):
    answer = getattr(client, method)(ROOT + path, **more)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status and answer.json()["title"]
    assert answer["Cache-Control"] == "no-store"
    if status == 405:
        assert "GET" in answer["Allow"]


def test_a_body_that_is_no_json_is_said(client, bob):
    for body in ("{", b"\xff", ""):
        answer = send(client, "post", "/rounds/RND-1/reports", body, key(bob))
        assert answer.status_code in (400, 422), body
        assert answer["Content-Type"] == "application/problem+json"


def test_what_breaks_is_a_problem_too(client, monkeypatch):
    monkeypatch.setattr("plenary.records.queries.list_records_to_tell", lambda *_, **__: 1 / 0)
    client.raise_request_exception = False
    answer = get(client, "/records")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")


def test_a_token_writes_so_often_a_minute(client, charlie, monkeypatch):
    monkeypatch.setattr("plenary.kit.api.routers.WRITES_A_MINUTE", 2)
    assert WRITES_A_MINUTE == 60
    monkeypatch.setattr("plenary.kit.api.routers.clock", lambda: 1_000_000.0)
    study, header = make_source(), key(charlie)
    path = f"{ROOT}/records/{study.reference}/follow"
    assert [client.put(path, headers=header).status_code for _ in range(3)] == [204, 204, 429]
    last = client.put(path, headers=header)
    assert 0 < int(last["Retry-After"]) <= 60
    assert client.put(path, headers=key(charlie)).status_code == 204, "another token is not held up"
    assert get(client, "/records", **header).status_code == 200


# What caches may keep, and other origins may read


def test_what_has_not_changed_is_not_sent_again(client):
    study = make_source("A study")
    path = f"/sources/{study.reference}"
    first = get(client, path)
    again = get(client, path, if_none_match=first["ETag"])
    assert again.status_code == 304 and not again.content
    assert again["ETag"] == first["ETag"]
    make_source("Another")
    assert get(client, path, if_none_match=first["ETag"]).status_code == 304
    assert get(client, "/sources", if_none_match=first["ETag"]).status_code == 200


def test_history_knows_when_it_was_last_written(client, now):
    study = make_source()
    path = f"/records/{study.reference}/events"
    first = get(client, path)
    assert get(client, path, if_modified_since=first["Last-Modified"]).status_code == 304
    write_event(record=study.record, verb="renamed", by=None, now=now + timedelta(minutes=1))
    assert get(client, path, if_modified_since=first["Last-Modified"]).status_code == 200


def test_caches_know_who_may_have_an_answer(client, charlie):
    anonymous, personal = get(client, "/records"), get(client, "/records", **key(charlie))
    assert anonymous["Cache-Control"] == "public, max-age=60"
    assert personal["Cache-Control"] == "private, no-cache"
    for answer in (anonymous, personal):
        assert {"Authorization", "Accept-Language", "Accept"} <= set(answer["Vary"].split(", "))
        assert "Cookie" not in answer["Vary"]


def test_other_origins_read_as_nobody_and_nothing_else(client, charlie):
    study = make_source()
    assert get(client, "/records")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in get(client, "/records", **key(charlie))
    path = f"{ROOT}/records/{study.reference}/follow"
    assert "Access-Control-Allow-Origin" not in client.put(path, headers=key(charlie))
    asked = client.options(f"{ROOT}/records", headers={"access-control-request-method": "GET"})
    assert asked["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "authorization" not in asked["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Methods" not in client.options(path)
    assert "Access-Control-Allow-Credentials" not in asked


def test_head_is_get_without_the_body(client):
    make_source()
    assert client.head(f"{ROOT}/records")["ETag"] == get(client, "/records")["ETag"]


# For people


def test_the_page_tells_of_every_operation(client, db):
    page = client.get("/api").content.decode()
    for path in api.schema()["paths"]:
        assert path in page
    assert 'id="schema-Commitment"' in page
    assert not client.get("/api").cookies
