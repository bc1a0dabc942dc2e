"""The public addresses: pages for people, JSON for programs."""

from __future__ import annotations

import pytest

from .factories import FRENCH, adopt, make_accepted, make_version

pytestmark = pytest.mark.django_db
HTML = {"HTTP_ACCEPT": "text/html"}


@pytest.fixture
def strategy():
    strategy = make_version(translations=FRENCH).strategy
    make_accepted(strategy)
    adopt(strategy)
    return strategy


@pytest.mark.parametrize(
    ("reference", "page"),
    [
        ("STR-1", "/strategies/STR-1"),
        ("STR-1.C2", "/strategies/STR-1/C2"),
        ("STR-1.C2@1", "/strategies/STR-1/C2?version=1"),
        ("STR-1@2", "/strategies/STR-1?version=2"),
        ("CHG-1", "/changes/CHG-1"),
    ],
)
def test_permalinks_lead_to_their_pages(client, strategy, reference, page):
    response = client.get(f"/r/{reference}", **HTML)
    assert (response.status_code, response.headers["Location"]) == (302, page)
    assert client.get(page, **HTML).status_code == 200


@pytest.mark.parametrize("reference", ["STR-1.C2@3", "STR-1.C2@x", "STR-1.C9@1", "CHG-1@1", "STR-1@9", "@1"])
def test_states_that_do_not_exist_are_not_found(client, strategy, reference):
    assert client.get(f"/r/{reference}", **HTML).status_code == 404


def test_the_json_of_a_version_is_the_whole_tree(client, strategy):
    data = client.get("/r/STR-1@2.json").json()
    assert (data["version"], data["adopted_on"], len(data["clauses"])) == (2, "2026-03-01", 4)
    commitments = data["clauses"][2]["children"]
    assert [clause["ref"] for clause in commitments] == ["C1", "C2", "C3"]
    assert commitments[1]["changed_by"] == ["CHG-1"]
    assert commitments[1]["text"] == {
        "body": "We will ask everybody before a tool is used.",
        "language": "en",
        "translation": None,
        "is_stale": False,
        "original": None,
    }


def test_the_json_of_a_clause_has_its_states_and_changes(client, strategy):
    data = client.get("/r/STR-1.C2.json").json()
    assert (data["reference"], data["local"], data["clause_kind"]) == ("STR-1.C2", "C2", "commitment")
    assert [state["version"] for state in data["states"]] == [1, 2]
    assert data["changes"] == [{"reference": "CHG-1", "state": "accepted"}]


def test_the_json_of_a_state_is_the_clause_in_that_version(client, strategy):
    data = client.get("/r/STR-1.C2@1.json?lang=fr").json()
    assert (data["reference"], data["version"]) == ("STR-1.C2@1", 1)
    assert data["title"]["body"] == "Demander avant"
    assert data["title"]["original"] == {"body": "Ask before", "language": "en"}


def test_the_json_of_a_change_has_its_words_and_evidence(client, strategy):
    data = client.get("/r/CHG-1.json").json()
    assert (data["operation"], data["state"], data["incorporated_in"]) == ("edit", "accepted", "STR-1@2")
    assert data["before"]["text"]["body"].startswith("We will ask the people")
    assert data["after"]["text"]["body"].startswith("We will ask everybody")
    assert [link["stance"] for link in data["evidence"]] == ["supports"]
    assert data["counter_search"]["body"].startswith("The library")


def test_the_json_of_a_strategy_lists_its_versions(client, strategy):
    data = client.get("/r/STR-1.json").json()
    assert [version["version"] for version in data["versions"]] == [1, 2]
    assert data["source"].startswith("SRC-")
