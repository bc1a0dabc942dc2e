"""Erasing somebody: what is gone, what no longer counts, what stays as it was stored; a restore undoes nothing."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from plenary.insight import actions as insight
from plenary.insight.models import Finding
from plenary.kit import erasures
from plenary.kit.errors import Refused
from plenary.participation import actions, queries, tokens, voters
from plenary.participation.models import Participant, ParticipantAttributes, Statement, Vote
from plenary.participation.tokens import Voter
from plenary.people import actions as people
from plenary.people.models import User
from plenary.records.actions import TOMBSTONE, link_evidence, put_translation
from plenary.records.models import Event, EvidenceLink, Text, Translation
from plenary.records.outbox import run_consumers
from plenary.records.tests.factories import NOW, make_source
from plenary.site.backup.erasing import erase_again

from .factories import cast, make_consultation, make_statements, make_voter
from .test_views import OURS

pytestmark = pytest.mark.django_db
WORDS = "My neighbour's clinic refused me."


@pytest.fixture(autouse=True)
def _home(tmp_path, settings):
    settings.PLENARY_HOME = tmp_path


@pytest.fixture
def consultation():
    return make_consultation(closes_at=timezone.now() + timedelta(days=3))


@pytest.fixture
def token(consultation):
    return tokens.mint(consultation.pk)


@pytest.fixture
def voter(consultation, token):
    return Voter(token_hash=tokens.read(token, consultation.pk))


@pytest.fixture
def participant(consultation, voter):
    """Somebody who voted on one statement and wrote another, which was accepted and translated."""
    cast(make_statements(consultation)[0], 1, voter)
    own = actions.write_statement(consultation=consultation, voter=voter, body=WORDS, language="en", now=NOW)
    actions.moderate_statements(statements=[own], decision="accepted", reason="", by=None, now=NOW)
    put_translation(text=own.record.title, language="fr", body="La clinique du voisin m'a refusée.")
    return queries.get_participant(consultation, voter)


def erase(participant, by=None):
    actions.erase_participant(participant=participant, by=by, now=NOW)
    participant.refresh_from_db()


def everything_said():
    """All words in the database's common tables."""
    return [
        *Text.objects.values_list("body", flat=True),
        *Translation.objects.values_list("body", flat=True),
        *map(json.dumps, Event.objects.values_list("changes", flat=True)),
        *EvidenceLink.objects.values_list("quote", flat=True),
        *Statement.objects.values_list("moderation_reason", flat=True),
    ]


def test_words_become_a_tombstone_everywhere(participant):
    own = Statement.objects.get(author=participant)
    link_evidence(
        source=own.record,
        target=make_source().record,
        stance="supports",
        by=None,
        now=NOW,
        quote="clinic refused",
    )
    actions.reword_statement(
        statement=own, body="A clinic refused me.", changes_meaning=False, by=None, now=NOW
    )
    actions.correct_language(statement=own, language="en-GB", by=None, now=NOW)
    erase(participant)
    own.refresh_from_db()
    assert (own.moderation, own.record.title.body, own.record.erased_at) == ("erased", TOMBSTONE, NOW)
    assert not [words for words in everything_said() if "clini" in words.lower()]


def test_what_is_known_of_her_is_destroyed_and_no_event_names_her(participant, alice):
    participant.user = alice
    participant.save()
    ParticipantAttributes.objects.create(participant=participant, region="x", given_on=NOW.date())
    erase(participant)
    assert (participant.token_hash, participant.secret, participant.user, participant.erased_at) == (
        None,
        None,
        None,
        NOW,
    )
    assert not ParticipantAttributes.objects.exists()
    written = Event.objects.filter(verb__in=["participant erased", "erased"])
    assert written.count() == 2
    assert {event.actor for event in written} == {None}
    erase(participant)
    assert written.count() == 2


def test_votes_count_nowhere_but_stay_stored(consultation, participant):
    statement = Statement.objects.exclude(author=participant).get()
    cast(statement, -1)
    erase(participant)
    assert Vote.objects.count() == 2
    shares = queries.count_shares([statement.pk])[statement.pk]
    assert (shares.agree, shares.disagree) == (0, 1)
    assert queries.count_people([consultation.pk]) == {consultation.pk: 1}
    assert queries.with_numbers([consultation])[0].answers == 1
    assert len(queries.list_votes_for_analysis(consultation)[0]) == 1


def test_later_analyses_leave_her_out_and_earlier_ones_keep_their_bytes(consultation, participant):
    own, others = (
        Statement.objects.get(author=participant),
        Statement.objects.exclude(author=participant).get(),
    )
    for number in range(40):
        voter = make_voter(consultation)
        cast(own, 1, voter)
        cast(others, 1 if number % 2 else -1, voter)
    before = insight.run_analysis(
        analysis=insight.start_analysis(consultation=consultation, by=None, now=NOW), now=NOW
    )
    content, title = (
        bytes(before.result.content),
        Finding.objects.filter(statements=own).first().record.title.body,
    )
    assert WORDS in title
    erase(participant)
    run_consumers()
    before.refresh_from_db()
    assert bytes(before.result.content) == content
    reworded = Finding.objects.filter(statements=own).first().record.title.body
    assert WORDS not in reworded
    assert own.reference in reworded
    assert not [words for words in everything_said() if WORDS in words]
    after = insight.run_analysis(
        analysis=insight.start_analysis(consultation=consultation, by=None, now=NOW), now=NOW
    )
    assert (before.summary["participants"], after.summary["participants"]) == (41, 40)
    assert own.reference not in bytes(after.result.content).decode()


def test_nobody_votes_on_a_tombstone_or_brings_it_back(consultation, participant, voter):
    own = Statement.objects.get(author=participant)
    erase(participant)
    own.refresh_from_db()
    with pytest.raises(Refused):
        cast(own)
    with pytest.raises(Refused, match="withdrawn by its author"):
        actions.moderate_statements(statements=[own], decision="accepted", reason="", by=None, now=NOW)
    assert own.reference not in [
        item.reference for item in queries.list_statements_of(consultation, "accepted")
    ]


def test_what_was_merged_into_hers_stands_for_itself_again(consultation, participant):
    own, other = (
        Statement.objects.get(author=participant),
        Statement.objects.exclude(author=participant).get(),
    )
    actions.merge_statement(statement=other, into=own, by=None, now=NOW)
    erase(participant)
    other.refresh_from_db()
    assert (other.moderation, other.counts_for) == ("accepted", None)


def test_only_desk_and_administrators_erase_others(participant, alice, bob):
    with pytest.raises(PermissionDenied):
        erase(participant, by=bob)
    erase(participant, by=alice)
    assert Event.objects.get(verb="participant erased").actor == alice


def test_the_list_beside_the_database_names_nobody_and_is_replayed(consultation, participant, voter, token):
    own = Statement.objects.get(author=participant)
    before = {field: getattr(participant, field) for field in ("token_hash", "secret")}
    erase(participant)
    line = next(erasures.read())
    assert line["statements"] == [own.reference]
    assert bytes(before["secret"]).hex() not in json.dumps(line)
    # An older backup brings her back, and somebody else with a number of her own.
    Participant.objects.filter(pk=participant.pk).update(erased_at=None, **before)
    Statement.objects.filter(pk=own.pk).update(moderation="accepted")
    cast(Statement.objects.exclude(pk=own.pk).get(), 1)
    assert actions.replay_erasure(line, NOW)
    assert not actions.replay_erasure(line, NOW)
    assert Participant.objects.filter(erased_at=None).count() == 1
    assert len(list(erasures.read())) == 1


def test_a_restore_erases_again_what_either_list_names(participant, tmp_path):
    before = {field: getattr(participant, field) for field in ("token_hash", "secret")}
    erase(participant)
    brought = erasures.path().rename(tmp_path / "brought.jsonl")
    Participant.objects.filter(pk=participant.pk).update(erased_at=None, **before)
    assert erase_again(None, now=NOW) == []
    assert "1 of those" in erase_again(brought, now=NOW)[0]
    assert erase_again(brought, now=NOW) == []
    assert Participant.objects.get(pk=participant.pk).erased_at == NOW
    assert len(list(erasures.read())) == 1


def test_nothing_is_erased_where_the_list_cannot_be_written(participant, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.PLENARY_HOME = tmp_path / "file"
    with pytest.raises(FileExistsError):
        erase(participant)
    participant.refresh_from_db()
    assert participant.erased_at is None


def test_a_torn_list_is_read_as_far_as_it_goes(tmp_path):
    erasures.note({"erased": "participant", "at": "2026"})
    with erasures.path().open("a") as file:
        file.write('{"erased": "acc')
    assert [line["erased"] for line in erasures.read()] == ["participant"]


# Pages


def test_she_erases_herself_with_the_token_and_is_asked_first(client, consultation, participant, token):
    address = reverse("erase-mine", args=[consultation.reference])
    asked = client.post(address, {"token": token})
    assert asked.status_code == 200
    assert "What is destroyed" in asked.content.decode()
    assert client.post(address, {"token": token, "asked": "1"}).status_code == 422
    participant.refresh_from_db()
    assert participant.erased_at is None
    done = client.post(address, {"token": token, "asked": "1", "sure": "1"})
    assert "Your part is erased" in done.content.decode()
    assert done.cookies[voters.COOKIE]["max-age"] == 0
    participant.refresh_from_db()
    assert participant.erased_at is not None
    client.cookies.clear()  # as a browser does
    again = client.post(address, {"token": token, "sure": "1"})
    assert "there is nothing to erase" in again.content.decode()


def test_she_erases_herself_with_her_account(client, consultation, alice):
    actions.write_statement(
        consultation=consultation, voter=Voter(user=alice), body=WORDS, language="en", now=NOW
    )
    client.force_login(alice)
    address = reverse("erase-mine", args=[consultation.reference])
    assert client.get(address).status_code == 200
    assert client.post(address, {"sure": "1"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    client.post(address, {"sure": "1"}, headers=OURS)
    assert Participant.objects.get().erased_at is not None


@pytest.mark.parametrize("sent", ["", "forged", "a:b"])
def test_forged_tokens_erase_nothing(client, consultation, participant, sent):
    response = client.post(reverse("erase-mine", args=[consultation.reference]), {"token": sent, "sure": "1"})
    assert response.status_code == 422
    other = tokens.mint(make_consultation().pk)
    assert (
        client.post(reverse("erase-mine", args=["CON-1"]), {"token": other, "sure": "1"}).status_code == 422
    )
    assert Participant.objects.get().erased_at is None


def test_the_desk_erases_with_what_she_gave(client, consultation, participant, token, alice, bob):
    address = reverse("erase-participant", args=[consultation.reference])
    client.force_login(bob)
    assert client.get(address).status_code == 403
    client.force_login(alice)
    assert client.get(address).status_code == 200
    for wrong in ("nonsense", tokens.mint(999), "nobody@example.org"):
        response = client.post(address, {"given": wrong, "sure": "on"})
        assert response.status_code == 422
        assert "leads to nobody" in response.content.decode()
    assert client.post(address, {"given": token}).status_code == 422
    assert client.post(address, {"given": f"https://x/?t={token} thanks", "sure": "on"}).status_code == 302
    assert Participant.objects.get().erased_at is not None


def test_the_statement_page_shows_the_tombstone(client, participant):
    own = Statement.objects.get(author=participant)
    erase(participant)
    page = client.get(reverse("statement", args=[own.reference]))
    assert page.status_code == 200
    assert TOMBSTONE in page.content.decode()
    assert WORDS not in page.content.decode()


# Accounts


def test_an_account_goes_with_what_was_said_with_it(client, consultation, bob):
    own = actions.write_statement(
        consultation=consultation, voter=Voter(user=bob), body=WORDS, language="en", now=NOW
    )
    client.force_login(bob)
    client.post("/account/confirm", {"password": "x"})
    people.erase_account(user=bob, now=NOW)
    own.refresh_from_db()
    assert own.moderation == "erased"
    assert not User.objects.filter(pk=bob.pk).exists()
    assert [line["erased"] for line in erasures.read()] == ["participant", "account"]
    assert "@" not in erasures.path().read_text()


def test_an_account_that_a_backup_brings_back_is_erased_again_but_no_other_of_its_number(bob, charlie):
    line = {"erased": "account", "account": bob.pk, "joined_at": bob.joined_at.isoformat()}
    assert not people.replay_erasure(line | {"account": charlie.pk, "joined_at": "2001"}, NOW)
    assert people.replay_erasure(line, NOW)
    assert not people.replay_erasure(line, NOW)
    assert User.objects.filter(pk=charlie.pk).exists()
