"""From a draft to an answer, and on to the next cycle."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from plenary.kit.errors import Refused
from plenary.participation import actions, queries
from plenary.participation.lifecycle_forms import https_origin
from plenary.participation.models import Consultation, Participant, Reply, Vote
from plenary.records.actions import put_translation
from plenary.records.models import Translation, Visibility
from plenary.records.tests.factories import NOW, make_organization

from .factories import cast, make_consultation, make_statements
from .survey_factories import make_survey

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def consultation():
    return make_consultation(opens_at=NOW - DAY, closes_at=NOW + 10 * DAY)


def edit(consultation, **changes):
    given = {"words": {}, "language": "en", "settings": {}, "by": None, "now": NOW} | changes
    return actions.edit_consultation(consultation=consultation, **given)


def last_event(consultation):
    return consultation.record.events.latest("id")


# Editing


def test_other_words_are_other_texts_and_the_old_ones_stay(consultation):
    old = consultation.question
    put_translation(text=old, language="fr", body="Comment ?")
    assert edit(consultation, words={"question": "How, then?"})
    consultation.refresh_from_db()
    assert consultation.question.body == "How, then?"
    assert old.body == "How should schools test new tools?"
    carried = Translation.objects.get(text=consultation.question)
    assert carried.body == "Comment ?"
    assert carried.source_hash != consultation.question.hash
    event = last_event(consultation)
    assert (event.verb, event.changes["question"]) == ("edited", [old.body, "How, then?"])


def test_nothing_changed_writes_nothing(consultation):
    before = consultation.record.events.count()
    assert not edit(consultation, words={"title": "Schools"}, settings={"minimum_age": 16})
    assert consultation.record.events.count() == before


def test_a_question_with_votes_changes_only_with_a_reason(consultation):
    cast(make_statements(consultation)[0])
    with pytest.raises(Refused, match="Say why"):
        edit(consultation, words={"question": "Another?"})
    consultation.refresh_from_db()
    assert consultation.question.body.startswith("How should")
    edit(consultation, words={"question": "Another?"}, why="It was unclear.")
    turn = queries.list_turns(consultation)[0]
    assert (turn.reason, turn.new_question) == ("It was unclear.", "Another?")


@pytest.mark.parametrize(
    "dates",
    [
        {"closes_at": -2},
        {"final_closes_at": 5},
        {"answer_at": 10},
        {"answer_at": 20, "ends_at": 19},
        {"closes_at": None, "final_closes_at": 20},
        {"final_closes_at": 30, "answer_at": 20},
    ],
)
def test_dates_in_an_impossible_order_are_refused(consultation, dates):
    settings = {name: None if day is None else NOW + day * DAY for name, day in dates.items()}
    with pytest.raises(Refused):
        edit(consultation, settings=settings)
    assert Consultation.objects.get().final_closes_at is None
    assert Consultation.objects.get().answer_at is None


def test_closing_it_to_the_public_closes_all_that_belongs_to_it(consultation):
    statement = make_statements(consultation)[0]
    edit(consultation, settings={"access": "link"})
    consultation.refresh_from_db()
    statement.record.refresh_from_db()
    assert len(consultation.link_key) >= 40
    assert consultation.record.visibility == statement.record.visibility == Visibility.ORGANIZATION
    assert "link_key" not in str(last_event(consultation).changes)
    edit(consultation, settings={"access": "open"})
    statement.record.refresh_from_db()
    assert statement.record.visibility == Visibility.PUBLIC


def test_members_need_organizations(consultation):
    with pytest.raises(Refused, match="organizations"):
        edit(consultation, settings={"access": "members"})
    ours = make_organization("Port")
    edit(consultation, settings={"access": "members"}, members=[ours])
    assert last_event(consultation).changes["members"] == [[], [ours.reference]]


# Turns


def test_a_draft_is_seen_when_it_is_published():
    made = make_consultation(is_draft=True, opens_at=NOW - DAY, seeds=["One."])
    statement = made.statements.get()
    assert made.record.visibility == statement.record.visibility == Visibility.ORGANIZATION
    assert last_event(made).verb == "drafted"
    actions.publish_consultation(consultation=made, by=None, now=NOW)
    statement.record.refresh_from_db()
    assert (made.opens_at, statement.record.visibility) == (NOW, "public")
    assert last_event(made).verb == "opened"
    with pytest.raises(Refused):
        actions.publish_consultation(consultation=made, by=None, now=NOW)


def test_one_that_opens_later_is_announced():
    made = make_consultation(is_draft=True, opens_at=NOW + DAY)
    actions.publish_consultation(consultation=made, by=None, now=NOW)
    assert last_event(made).verb == "announced"


def test_a_pause_takes_nothing_and_says_why(consultation):
    statement = make_statements(consultation)[0]
    with pytest.raises(Refused, match="Say why"):
        actions.pause_consultation(consultation=consultation, why=" ", by=None, now=NOW)
    actions.pause_consultation(consultation=consultation, why="A fault in the text.", by=None, now=NOW)
    with pytest.raises(Refused, match="not open"):
        cast(statement)
    assert not Participant.objects.exists()
    assert queries.list_turns(consultation)[0].reason == "A fault in the text."
    actions.resume_consultation(consultation=consultation, by=None, now=NOW)
    cast(statement)
    assert Vote.objects.count() == 1


def test_it_closes_early_and_opens_again(consultation):
    statement = make_statements(consultation)[0]
    consultation.answer_at = NOW + 12 * DAY
    consultation.save()
    actions.close_consultation(consultation=consultation, why="Enough was heard.", by=None, now=NOW)
    with pytest.raises(Refused):
        cast(statement)
    actions.reopen_consultation(
        consultation=consultation, closes_at=NOW + 20 * DAY, why="More asked.", by=None, now=NOW + DAY
    )
    cast(statement)
    assert consultation.answer_at == NOW + 32 * DAY
    assert [each.verb for each in queries.list_turns(consultation)][:2] == ["opened again", "closed early"]


def test_what_is_not_open_cannot_be_paused_nor_closed():
    over = make_consultation(opens_at=NOW - 2 * DAY, closes_at=NOW - DAY)
    for act in (actions.pause_consultation, actions.close_consultation):
        with pytest.raises(Refused):
            act(consultation=over, why="x", by=None, now=NOW)
    with pytest.raises(Refused, match="ahead"):
        actions.reopen_consultation(consultation=over, closes_at=NOW - DAY, why="x", by=None, now=NOW)


def test_a_copy_has_words_and_statements_and_no_votes(consultation):
    said = make_statements(consultation, "One.", "Two.")
    put_translation(text=said[0].record.title, language="fr", body="Un.")
    cast(said[0])
    actions.moderate_statements(
        statements=said[1:], decision="rejected", reason="off-topic", by=None, now=NOW
    )
    made = actions.duplicate_consultation(
        consultation=consultation, opens_at=NOW + 30 * DAY, closes_at=None, by=None, now=NOW
    )
    assert (made.is_draft, made.repeats, made.question) == (True, consultation, consultation.question)
    copied = made.statements.get()
    assert copied.record.title.translations.get().body == "Un."
    assert copied.record.visibility == Visibility.ORGANIZATION
    assert not Vote.objects.filter(statement=copied).exists()
    edit(made, words={"question": "Again?"})
    consultation.refresh_from_db()
    assert consultation.question.body != "Again?"


# The answer


def test_an_answer_waits_until_voting_is_over(consultation):
    with pytest.raises(Refused, match="voting is over"):
        actions.publish_reply(consultation=consultation, body="Yes.", language="en", by=None, now=NOW)
    actions.publish_reply(
        consultation=consultation, body="Yes.", language="en", by=None, now=NOW + 11 * DAY,
        leads_to=[make_organization("Port").record],
    )  # fmt: skip
    assert last_event(consultation).verb == "answered"
    assert [each.said["title"].body for each in queries.get_reply(consultation, "en", None).links] == ["Port"]


# By the clock


def test_each_turn_is_told_once():
    made = make_consultation(opens_at=NOW + DAY, closes_at=NOW + 11 * DAY)
    made.answer_at = NOW + 20 * DAY
    made.save()
    told = []
    for day in range(23):
        for _again in range(2):
            if actions.tell_turns(NOW + day * DAY):
                told.append((day, last_event(made).verb))
    assert told == [(1, "opened"), (8, "closes soon"), (11, "voting closed")]


def test_what_was_there_before_is_not_told_again():
    make_consultation(opens_at=NOW - DAY)
    Consultation.objects.update(told="")
    assert actions.tell_turns(NOW) == 0
    assert actions.tell_turns(NOW) == 0


def test_what_is_long_over_is_no_news():
    made = make_consultation(opens_at=NOW - DAY, closes_at=NOW + 2 * DAY)
    assert actions.tell_turns(NOW + 30 * DAY) == 0
    made.refresh_from_db()
    assert made.told == "closed"


# Pages


@pytest.fixture
def live():
    now = timezone.now()
    made = make_consultation(opens_at=now - DAY, closes_at=now + 10 * DAY)
    make_statements(made, "One.", "Two.")
    return made


def url(name, consultation, *more):
    return reverse(name, args=[consultation.reference, *more])


def form_of(page):
    """What a browser would send back: text fields, areas, chosen options."""
    html = page.content.decode()
    found = dict(
        re.findall(r'<input type="(?:text|number|datetime-local)" name="(\w+)" value="([^"]*)"', html)
    )
    found |= {
        name: text.strip("\r\n")
        for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)</textarea>', html)
    }
    found |= dict(re.findall(r'<input type="radio" name="(\w+)" value="(\w+)"[^>]* checked', html))
    found |= dict(
        re.findall(r'<input type="checkbox" name="(\w+)"[^>]* checked', html) and {"takes_statements": "on"}
    )
    found["language"] = "en"
    return found


def test_the_form_changes_nothing_when_it_is_sent_as_it_is(client, alice, live):
    client.force_login(alice)
    sent = form_of(client.get(url("edit-consultation", live)))
    events = live.record.events.count()
    response = client.post(url("edit-consultation", live), sent, follow=True)
    assert b"Nothing was changed" in response.content
    assert live.record.events.count() == events


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "required"),
        ({"opens_at": "2026-13-01T00:00"}, "valid date"),
        ({"closes_at": "2020-01-01T00:00"}, "close after it opens"),
        ({"final_closes_at": "2020-01-01T00:00"}, "final round begins"),
        ({"languages": "en, klingon!"}, "klingon!"),
        ({"embed_origins": "https://ok.example\nhttp://no.example\nhttps://no.example/path"}, "Line 3"),
        ({"access": "members"}, "Name the organizations"),
        ({"access": "everybody"}, "valid choice"),
    ],
)
def test_a_wrong_edit_is_answered_beside_its_field_and_kept(client, alice, live, changes, said):
    client.force_login(alice)
    sent = (
        form_of(client.get(url("edit-consultation", live))) | {"introduction": "Typed with care."} | changes
    )
    response = client.post(url("edit-consultation", live), sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert "Typed with care." in page
    assert queries.original_words(Consultation.objects.get())["introduction"] == ("", "")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("https://www.example.org:443/", "https://www.example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("http://example.org", ""),
        ("https://*.example.org", ""),
        ("https://example.org/path", ""),
        ("https://user@example.org", ""),
        ("https://example.org:port", ""),
        ("example.org", ""),
        ("https://'unsafe-inline'", ""),
    ],
)
def test_origins_are_those_of_sites(text, origin):
    assert https_origin(text) == origin


def test_the_desk_runs_it_from_the_page_manage(client, alice, live):
    client.force_login(alice)
    manage = url("manage-consultation", live)
    assert url("consultation-step", live, "pause") in client.get(manage).content.decode()
    pause = url("consultation-step", live, "pause")
    assert client.get(pause).status_code == 200
    assert client.post(pause, {"why": ""}).status_code == 422
    assert client.post(pause, {"why": "A fault."}).url == manage
    assert client.post(pause, {"why": "Twice."}).status_code == 409
    client.logout()
    page = client.get(url("consultation", live)).content.decode()
    assert "Paused" in page
    assert "A fault." in page
    client.force_login(alice)
    assert client.post(url("consultation-step", live, "resume"), {"why": ""}).url == manage
    assert client.post(url("consultation-step", live, "close"), {"why": "Enough."}).url == manage
    page = client.get(manage).content.decode()
    assert url("consultation-step", live, "reopen") in page
    assert "nothing has been answered yet" in page
    assert client.get(url("consultation-step", live, "explode")).status_code == 404


def test_an_answer_stands_on_the_page(client, alice, live):
    client.force_login(alice)
    answer = url("answer-consultation", live)
    assert client.post(answer, {"body": "We will.", "language": "en", "leads_to": ""}).status_code == 409
    Consultation.objects.update(closes_at=timezone.now() - timedelta(hours=1))
    wrong = client.post(answer, {"body": "We will.", "language": "en", "leads_to": "CHG-99"})
    assert wrong.status_code == 422
    assert b"CHG-99" in wrong.content
    assert b"We will." in wrong.content
    assert not Reply.objects.exists()
    about = make_organization("Port").reference
    assert client.post(answer, {"body": "We will.", "language": "en", "leads_to": about}).status_code == 302
    client.logout()
    page = client.get(url("consultation", live)).content.decode()
    assert "We will." in page
    assert "Port" in page


def test_a_copy_is_made_from_the_page(client, alice, live):
    client.force_login(alice)
    page = client.get(url("duplicate-consultation", live))
    response = client.post(url("duplicate-consultation", live), form_of(page))
    made = Consultation.objects.get(repeats=live)
    assert response.url == url("manage-consultation", made)
    assert b"This is a draft" in client.get(response.url).content


def test_a_preview_takes_no_vote(client, alice, live):
    client.force_login(alice)
    Consultation.objects.update(is_draft=True)
    preview = url("preview-consultation", live)
    page = client.get(preview).content.decode()
    assert 'name="value" value="1"' in page
    assert f'action="{preview}"' in page
    answered = client.post(preview, {"value": "1", "statement": "STM-1", "n": "0"})
    assert b"nothing was counted" in answered.content
    assert not Participant.objects.exists()
    assert Consultation.objects.get().is_draft


@pytest.mark.parametrize(
    "name",
    [
        "edit-consultation",
        "preview-consultation",
        "answer-consultation",
        "duplicate-consultation",
        "invitations",
    ],
)
def test_only_the_desk_runs_it(client, alice, bob, charlie, live, name):
    address = url(name, live)
    assert client.get(address).status_code == 302
    for user in (bob, charlie):
        client.force_login(user)
        assert client.get(address).status_code == 403
        assert client.post(address, {}).status_code == 403
    client.force_login(alice)
    assert client.get(address).status_code == 200
    assert client.put(address).status_code == 405
    assert client.get(reverse(name, args=["CON-999"])).status_code == 404


def test_a_new_consultation_can_be_kept_as_a_draft(client, alice):
    from .test_views import new

    client.force_login(alice)
    response = client.post(reverse("new-consultation"), new(draft="1"))
    made = Consultation.objects.get()
    assert made.is_draft
    assert response.url == url("manage-consultation", made)


def test_a_published_survey_is_seen_by_whoever_sees_its_consultation(consultation):
    shown = make_survey(consultation=consultation)
    hidden = make_survey(consultation=consultation, published=False)
    for access, visibility in (("link", Visibility.ORGANIZATION), ("open", Visibility.PUBLIC)):
        edit(consultation, settings={"access": access})
        shown.record.refresh_from_db()
        hidden.record.refresh_from_db()
        assert (shown.record.visibility, hidden.record.visibility) == (visibility, Visibility.ORGANIZATION)
