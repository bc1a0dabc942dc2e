from __future__ import annotations

import re

import pytest
from django.urls import reverse

from plenary.people.tests.factories import make_user
from plenary.records.actions import follow, write_event
from plenary.records.outbox import run_consumers
from plenary.records.tests.factories import make_organization

pytestmark = pytest.mark.django_db


def test_an_empty_installation_tells_its_operator_what_comes_next(client):
    page = client.get("/").content.decode()
    assert "plenary import-strategy" in page
    assert "plenary demo" in page


def test_pages_of_strangers_set_no_cookie(client):
    for address in ("/", "/style"):
        assert not client.get(address).cookies


def test_every_page_says_its_language_and_direction(client):
    client.cookies["django_language"] = "ar"
    assert '<html lang="ar" dir="rtl">' in client.get("/").content.decode()


def test_scripts_are_files_of_our_own(client):
    page = client.get("/").content.decode()
    assert re.findall(r"<script[^>]*>", page) == [
        '<script src="/static/django_htmx/htmx-2.min.js" defer>',
        '<script src="/static/kit/plenary.js" defer>',
    ]


def test_the_page_in_the_navigation_is_marked(client):
    page = client.get(reverse("strategies")).content.decode()
    assert f'<a href="{reverse("strategies")}" aria-current="page">' in page


# Language


def switch(client, **query):
    return client.get(reverse("switch-language"), query)


def test_switching_the_language_remembers_it_and_goes_back(client):
    response = switch(client, language="ar", next="/style?part=1")
    assert response.status_code == 303
    assert response["Location"] == "/style?part=1"
    assert response.cookies["django_language"].value == "ar"


def test_what_was_chosen_is_remembered_over_what_the_browser_asks_for(client):
    switch(client, language="ru", next="/style?part=1")
    page = client.get("/consultations", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="ru" dir="ltr">' in page


def test_the_switch_keeps_the_page_with_its_query(client):
    page = client.get("/consultations?page=2&lang=sw").content.decode()
    assert '<input type="hidden" name="next" value="/consultations?page=2&amp;lang=sw">' in page


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("zh", "zh-hans"),
        ("zh-CN", "zh-hans"),
        ("zh-TW", "zh-hans"),
        ("zh-Hant-HK,en;q=0.5", "zh-hans"),
        ("pt-BR", "en"),
        ("pt-BR,es;q=0.8", "es"),
        ("ar-EG", "ar"),
        ("fr-CA,fr;q=0.9", "fr"),
        ("ru-RU", "ru"),
        ("es-419", "es"),
        ("sw,de;q=0.9", "en"),
        ("*", "en"),
        (";;q=x", "en"),
    ],
)
def test_the_browser_is_asked_for_the_language(client, asked, given):
    page = client.get("/consultations", headers={"accept-language": asked}).content.decode()
    assert f'<html lang="{given}" dir="{"rtl" if given == "ar" else "ltr"}">' in page


def test_switching_goes_to_no_other_site(client):
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)", ""):
        assert switch(client, language="fr", next=elsewhere)["Location"] == "/"


def test_an_unknown_language_is_not_remembered(client):
    assert not switch(client, language="tlh", next="/").cookies


def test_switching_is_never_kept_by_a_cache(client):
    assert "no-store" in switch(client, language="fr", next="/")["Cache-Control"]


def test_switching_answers_reads_only(client):
    assert client.post(reverse("switch-language")).status_code == 405


# Sign-in


def test_signing_in_leads_to_where_one_wanted_to_go(client):
    make_user("dora")
    page = client.get(reverse("sign-in") + "?next=/style").content.decode()
    assert '<input type="hidden" name="next" value="/style">' in page
    entered = {"login": "dora@demo.example", "password": "a quiet word", "next": "/style"}
    assert client.post(reverse("sign-in"), entered)["Location"] == "/style"


def test_a_wrong_password_is_said_and_the_address_kept(client):
    make_user("dora")
    entered = {"login": "dora@demo.example", "password": "wrong", "next": "/style"}
    page = client.post(reverse("sign-in"), entered).content.decode()
    assert 'role="alert"' in page
    assert 'value="dora@demo.example"' in page
    assert 'value="/style"' in page


def test_signing_out_is_a_form(client, charlie):
    client.force_login(charlie)
    assert client.post(reverse("sign-out"))["Location"] == "/"
    assert "_auth_user_id" not in client.session


# Desk


def test_the_desk_asks_strangers_to_sign_in(client):
    assert client.get(reverse("desk"))["Location"] == "/account/sign-in?next=/desk"


def test_an_empty_desk_says_so(client, charlie):
    client.force_login(charlie)
    page = client.get(reverse("desk")).content.decode()
    assert "Nothing waits for you" in page
    assert "You follow nothing yet" in page


def test_the_desk_tells_what_happened_and_forgets_it_when_read(client, charlie, now):
    school = make_organization("Forest school")
    follow(record=school.record, user=charlie)
    write_event(record=school.record, verb="renamed", by=None, now=now)
    run_consumers()
    client.force_login(charlie)
    page = client.get(reverse("desk")).content.decode()
    assert "Forest school" in page
    assert "renamed" in page
    assert "Mark all as read" in page
    assert client.post(reverse("mark-notices-read"))["Location"] == reverse("desk")
    assert "Mark all as read" not in client.get(reverse("desk")).content.decode()


def test_the_desk_lists_what_is_followed_before_anything_happens(client, charlie, alice, now):
    school, mill = make_organization("Forest school"), make_organization("Old mill")
    follow(record=school.record, user=charlie)
    follow(record=mill.record, user=alice)
    client.force_login(charlie)
    page = client.get(reverse("desk")).content.decode()
    assert "Forest school" in page and "no news yet" in page and "Stop following" in page
    assert "You follow nothing yet" not in page and "Old mill" not in page
    write_event(record=school.record, verb="renamed", by=None, now=now)
    run_consumers()
    assert "no news yet" not in client.get(reverse("desk")).content.decode()
    address = reverse("follow-record", args=[school.reference])
    answer = client.post(address, {"stop": "1", "from": "desk"}, follow=True)
    assert answer.redirect_chain == [("/desk", 302)]
    assert "You follow it no longer." in answer.content.decode()
    assert not charlie.follows.exists() and alice.follows.exists()


def test_reading_a_page_marks_nothing_read(client, charlie):
    client.force_login(charlie)
    assert client.get(reverse("mark-notices-read")).status_code == 405


def test_strangers_mark_nothing_read(client):
    assert client.post(reverse("mark-notices-read")).status_code == 302


# Style guide


def test_the_style_guide_shows_the_kit(client):
    page = client.get(reverse("style")).content.decode()
    for part in ("The vote card", "A form with errors", "التقنية للجميع"):
        assert part in page


def test_the_source_of_what_runs_can_be_had(client):
    import io
    import tarfile

    answer = client.get("/source")
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as tar:
        names = tar.getnames()
    assert {"src/plenary/site/settings.py", "src/opinion/__init__.py"} <= set(names)
    assert not [name for name in names if "__pycache__" in name]
