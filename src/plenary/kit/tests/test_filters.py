"""Filters stand in the address: read strictly, kept while paging, removed one by one."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.template import engines

from plenary.kit.filters import Choice, Filters, Search

OWNER = Choice("owner", "Owner", [("", "All"), ("a", "Office A"), ("b", "Office B")])
STATE = Choice("state", "State", [("late", "late"), ("silent", "silent")], many=True)


def filters(query):
    return Filters(QueryDict(query), Search("Words"), OWNER, STATE)


def render(found):
    return engines["django"].from_string('{% include "kit/_filters.html" %}').render({"filters": found})


def test_an_address_without_filters_asks_for_everything():
    found = filters("page=3&tab=open")
    assert not found and found["q"] == "" and found.values("state") == [] and found.applied == []


def test_what_is_asked_for_is_read():
    found = filters("q=+clean++water&owner=b&state=late&state=silent&state=late")
    assert (found["q"], found["owner"], found.values("state")) == ("clean water", "b", ["late", "silent"])


@pytest.mark.parametrize("query", ["owner=x", "state=", "q=++", f"q={'a' * 101}", "owner="])
def test_what_is_not_known_is_left_out(query):
    assert not filters(query)


def test_each_filter_in_use_can_be_removed_and_the_rest_stays():
    found = filters("tab=open&page=4&q=water&state=late&state=silent")
    assert [(each.label, each.value, each.without) for each in found.applied] == [
        ("Words", "water", "?tab=open&state=late&state=silent"),
        ("State", "late", "?tab=open&q=water&state=silent"),
        ("State", "silent", "?tab=open&q=water&state=late"),
    ]
    assert found.cleared == "?tab=open"


def test_the_form_shows_what_is_chosen_and_sends_along_what_is_no_filter():
    page = render(filters("tab=open&page=4&q=%3Cb%3E&owner=b&state=silent"))
    assert '<input type="hidden" name="tab" value="open">' in page and 'name="page"' not in page
    assert 'value="&lt;b&gt;"' in page
    assert '<option value="b" selected>Office B</option>' in page
    assert '<input type="checkbox" name="state" value="silent" checked>' in page
    assert "Remove all" in page


def test_the_form_is_folded_until_it_is_used():
    assert '<details class="filters">' in render(filters(""))
    assert '<details class="filters" open>' in render(filters("q=water"))
    assert "Remove" not in render(filters(""))
