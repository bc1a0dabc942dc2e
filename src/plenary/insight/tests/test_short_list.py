"""The short list: whom it represents, and what is said where there is little to choose from."""

from __future__ import annotations

import pytest

from plenary.insight import queries

from .factories import analyse, make_two_camps, make_votes

pytestmark = pytest.mark.django_db


def page_of(client, analysis) -> str:
    response = client.get(f"/consultations/{analysis.consultation.reference}/results/short-list")
    assert response.status_code == 200
    return response.content.decode()


def test_both_camps_are_represented(client):
    analysis = analyse(make_two_camps())
    page = page_of(client, analysis)
    chosen = queries.get_part(analysis, "slate")["statements"]
    assert len(chosen) == 7 and all(one["id"] in page for one in chosen)
    assert "7 statements of 10:" in page and "agree with at least one of them." in page
    assert "no group of people who agree with each other is left without" in page
    assert page.count('<th scope="row"><span class="group') == 2


def test_where_nobody_agrees_there_is_no_list(client):
    assert "nothing to put on a list" in page_of(client, analyse(make_votes([[0, -1], [0, 0], [-1, 0]])))


def test_of_one_person_there_is_no_such_page(client):
    analysis = analyse(make_votes([[1, -1]]))
    assert (
        client.get(f"/consultations/{analysis.consultation.reference}/results/short-list").status_code == 404
    )
    results = client.get(f"/consultations/{analysis.consultation.reference}/results").content.decode()
    assert "short-list" not in results
