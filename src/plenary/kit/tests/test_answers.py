"""One way to answer a form: done, refused by a rule, or not readable."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse

from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused


class NameForm(forms.Form):
    name = forms.CharField()


@pytest.fixture
def post(rf):
    def sent(data):
        request = rf.post("/names", data)
        request.session = {}
        request._messages = FallbackStorage(request)
        return request, NameForm(request.POST)

    return sent


def refuse(now):
    raise Refused("The name is taken: choose another.", code="taken")


def test_what_was_done_is_said_and_shown(post):
    request, form = post({"name": "Ada"})
    answer = submit(
        request,
        form,
        lambda now: form.cleaned_data["name"],
        done=lambda made: f"{made} was added.",
        to=lambda made: f"/names/{made}",
    )
    assert answer.status_code == 302 and answer["Location"] == "/names/Ada"
    assert [str(message) for message in request._messages] == ["Ada was added."]


def test_an_answer_of_its_own_is_given_as_it_is(post):
    request, form = post({"name": "Ada"})
    fragment = HttpResponse("<li>Ada</li>")
    assert submit(request, form, lambda now: None, to=lambda made: fragment) is fragment
    assert list(request._messages) == []


def test_a_form_that_cannot_be_read_is_422_and_nothing_is_done(post):
    request, form = post({"name": ""})
    assert submit(request, form, refuse, to="/names") is None
    assert status_of(form) == 422 and form.has_error("name", "required")


@pytest.mark.parametrize("field", [None, "name"])
def test_a_refusal_is_409_and_stands_in_the_form(post, field):
    request, form = post({"name": "Ada"})
    assert submit(request, form, refuse, done="Added.", to="/names", field=field) is None
    assert status_of(None, NameForm(), form) == 409
    assert form.errors[field or "__all__"] == ["The name is taken: choose another."]
    assert form["name"].value() == "Ada" and list(request._messages) == []


def test_a_page_that_only_asks_is_200_and_nothing_is_done(rf):
    form = NameForm()
    assert submit(rf.get("/names"), form, refuse, to="/names") is None
    assert status_of(form, None) == 200
