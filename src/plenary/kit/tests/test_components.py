"""The parts that every page is made of, rendered as pages include them."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.core.exceptions import RequestDataTooBig
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseNotAllowed
from django.template import engines
from django.test import RequestFactory

from plenary.kit import error_pages
from plenary.kit.middleware import RefusalMiddleware


class School(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the door.")
    note = forms.CharField(label="Note", required=False)
    stage = forms.ChoiceField(
        label="Stage", choices=[("a", "Planned"), ("b", "Running")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="May be published")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def render(source, request=None, **context):
    return engines["django"].from_string(source).render(context, request)


def field(name, form):
    return render('{% include "kit/_field.html" with field=field %}', field=form[name])


def test_a_field_has_its_label_and_hint():
    html = field("name", School())
    assert '<label for="id_name">Name</label>' in html
    assert 'id="id_name_helptext"' in html
    assert 'aria-describedby="id_name_helptext"' in html


def test_a_field_that_may_stay_empty_says_so():
    assert "(optional)" in field("note", School())
    assert "(optional)" not in field("name", School())


def test_an_error_stands_beside_its_field_and_is_read_with_it():
    html = field("name", School({}))
    assert 'id="id_name_error"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_choices_are_a_fieldset_that_names_its_question_and_error():
    html = field("stage", School({}))
    assert "<legend>Stage" in html
    assert re.search(r'<fieldset class="field wrong" aria-describedby="id_stage_error">', html)


def test_a_box_to_tick_stands_before_its_words():
    html = field("agreed", School())
    assert html.index("<input") < html.index("May be published")


def test_a_hidden_field_shows_nothing_around_it():
    assert field("secret", School()).strip() == '<input type="hidden" name="secret" id="id_secret">'


def test_the_summary_links_each_error_to_its_field():
    html = render('{% include "kit/_form_errors.html" with form=form %}', form=School({}))
    assert 'role="alert"' in html
    assert 'href="#id_name"' in html
    assert 'href="#id_stage_0"' in html


def test_a_form_without_errors_has_no_summary():
    assert "alert" not in render('{% include "kit/_form_errors.html" with form=form %}', form=School())


def test_the_trail_ends_where_the_reader_is():
    html = render(
        '{% include "kit/_breadcrumbs.html" with trail=trail %}', trail=[("Home", "/"), ("Clause 2", "")]
    )
    assert '<a href="/" dir="auto">Home</a>' in html
    assert '<span aria-current="page" dir="auto">Clause 2</span>' in html


def test_pages_keep_the_filters_of_the_address():
    request = RequestFactory().get("/list?kind=clause&page=2")
    page = Paginator(range(30), 10).page(2)
    html = render('{% include "kit/_pagination.html" with page=page %}', request, page=page)
    assert "?kind=clause&amp;page=3" in html
    assert "Page 2 of 3" in html


def test_one_page_needs_no_pagination():
    page = Paginator(range(3), 10).page(1)
    assert render('{% include "kit/_pagination.html" with page=page %}', page=page).strip() == ""


def test_a_notice_says_its_kind():
    assert render("{% notice 'bad' %}<p>No.</p>{% endnotice %}") == '<div class="notice bad"><p>No.</p></div>'


@pytest.mark.django_db
@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 429, 500])
def test_error_pages_say_what_happened_and_what_was_given_as_reason(client, rf, status):
    request = _ready(rf.get("/somewhere"))
    response = error_pages.page(request, status, "Because of <this>.")
    assert response.status_code == status
    assert b"Because of &lt;this&gt;." in response.content
    assert b"<h1>" in response.content


@pytest.mark.django_db
def test_a_piece_of_a_page_gets_its_error_as_a_notice_above(rf):
    request = _ready(rf.post("/vote", headers={"HX-Request": "true"}))
    response = error_pages.page(request, 409, "The consultation closed yesterday.")
    assert response["HX-Retarget"] == "#notices"
    assert b"<html" not in response.content
    assert b"The consultation closed yesterday." in response.content


@pytest.mark.django_db
def test_programs_get_problem_details(rf):
    response = error_pages.page(_ready(rf.get("/r/STM-1", headers={"Accept": "application/json"})), 404)
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_what_is_too_large_is_called_so(rf):
    assert error_pages.bad_request(_ready(rf.post("/")), RequestDataTooBig("big")).status_code == 413
    assert error_pages.bad_request(_ready(rf.post("/"))).status_code == 400


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_with_a_reason(rf):
    response = error_pages.token_missing(_ready(rf.post("/")), "CSRF cookie not set.")
    assert response.status_code == 403
    assert b"Allow cookies" in response.content


def test_the_page_of_a_broken_server_needs_no_request(rf):
    response = error_pages.broken(rf.get("/"))
    assert response.status_code == 500
    assert b"everything before it was" in response.content


@pytest.mark.django_db
def test_a_wrong_method_gets_a_page_that_keeps_what_is_allowed(rf):
    response = RefusalMiddleware(lambda request: HttpResponseNotAllowed(["POST"]))(_ready(rf.get("/vote")))
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert b"<h1>" in response.content


def test_other_answers_pass_unchanged(rf):
    answer = HttpResponse("fine")
    assert RefusalMiddleware(lambda request: answer)(rf.get("/")) is answer


def _ready(request):
    from django.contrib.auth.models import AnonymousUser

    request.user = AnonymousUser()
    request.session = {}
    return request
