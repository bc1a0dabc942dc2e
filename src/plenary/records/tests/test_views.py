from __future__ import annotations

import pytest

from plenary.records import actions

from .factories import make_source

pytestmark = pytest.mark.django_db


def test_the_permalink_answers_programs_with_json(client):
    study = make_source("A study")
    for path, headers in [
        (f"/r/{study.reference}.json", {}),
        (f"/r/{study.reference}?format=json", {}),
        (f"/r/{study.reference}", {"accept": "application/json"}),
    ]:
        answer = client.get(path, headers=headers).json()
        assert (answer["reference"], answer["kind"], answer["title"]) == (
            study.reference,
            "source",
            "A study",
        )


def test_the_permalink_hides_what_a_stranger_may_not_see(client, now):
    record = actions.create_record(kind="source", title=None, by=None, now=now, visibility="staff")
    assert client.get(record.get_absolute_url()).status_code == 404


def test_unknown_references_and_methods_are_refused(client):
    assert client.get("/r/SRC-999").status_code == 404
    assert client.post("/r/SRC-999").status_code == 405


def test_errors_are_problem_details_for_programs(client):
    answer = client.get("/r/SRC-999", headers={"accept": "application/json"})
    assert answer["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_a_signed_in_person_follows_a_record_and_stops(client, charlie):
    study = make_source()
    client.force_login(charlie)
    address = f"/r/{study.reference}/follow"
    assert client.post(address)["Location"] == f"{study.record.page_url}#following"
    assert charlie.follows.get().record == study.record
    page = client.get(study.record.page_url).content.decode()
    assert "Stop following" in page and "You follow this" in page and 'id="following"' in page
    client.post(address, {"stop": "1"})
    assert not charlie.follows.exists()


def test_following_takes_an_account_and_a_record_that_one_may_see(client, charlie, now):
    hidden = actions.create_record(kind="source", title=None, by=None, now=now, visibility="staff")
    assert client.post(f"/r/{hidden.reference}/follow")["location"].startswith("/account/sign-in")
    client.force_login(charlie)
    assert client.post(f"/r/{hidden.reference}/follow").status_code == 404
    assert client.get(f"/r/{hidden.reference}/follow").status_code == 405
