from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from plenary.kit import uploads
from plenary.kit.errors import Refused
from plenary.kit.tests.test_uploads import PNG
from plenary.participation import actions, paper_codes, queries
from plenary.participation.actions import AlreadyEntered, Facts
from plenary.participation.models import PaperBallot, Participant, Statement, Submission, Vote
from plenary.records.models import Event

from .factories import NOW, cast, make_consultation, make_statements

pytestmark = pytest.mark.django_db
FACTS = Facts(kind="meeting", held_on=date(2026, 3, 1), language="fr", place="Dakar", people=40)
SENT = {"kind": "meeting", "held_on": "2026-03-01", "language": "fr", "place": "Dakar", "people": "40"}


@pytest.fixture(autouse=True)
def _home(tmp_path, settings):
    settings.PLENARY_HOME = tmp_path


@pytest.fixture
def consultation():
    return make_consultation()


@pytest.fixture
def submission(consultation):
    return actions.enter_submission(consultation=consultation, facts=FACTS, by=None, now=NOW)


def enter(submission, answers, code="", **more):
    given = {"by": None, "now": NOW} | more
    return actions.enter_ballot(submission=submission, code=code, answers=answers, **given)


def shares_of(statement):
    shares = queries.count_shares([statement.pk]).get(statement.pk)
    return (shares.agree, shares.disagree, shares.passed) if shares else (0, 0, 0)


def verbs(consultation):
    return list(
        Event.objects.filter(record=consultation.record).order_by("pk").values_list("verb", flat=True)
    )


# A submission


def test_a_meeting_is_kept_with_its_scan_and_one_event(consultation, alice):
    scan = uploads.read_scan(PNG)
    made = actions.enter_submission(consultation=consultation, facts=FACTS, scan=scan, by=alice, now=NOW)
    assert (made.place, made.people, made.entered_by, made.scan_sha256) == ("Dakar", 40, alice, scan.sha256)
    event = Event.objects.get(record=consultation.record, verb="input entered")
    assert event.actor == alice and "Dakar" not in str(event.changes)


def test_only_the_desk_enters(consultation, bob):
    with pytest.raises(PermissionDenied):
        actions.enter_submission(consultation=consultation, facts=FACTS, by=bob, now=NOW)


@pytest.mark.parametrize("shift", [timedelta(days=-30), timedelta(days=30)])
def test_nothing_is_entered_before_it_opens_or_after_the_results_stand(alice, shift):
    consultation = make_consultation(closes_at=NOW + timedelta(days=10))
    with pytest.raises(Refused, match="does not take input from paper"):
        actions.enter_submission(consultation=consultation, facts=FACTS, by=alice, now=NOW + shift)
    assert not Submission.objects.exists()


def test_letters_that_arrive_while_it_is_analysed_still_count(alice):
    consultation = make_consultation(closes_at=NOW + timedelta(hours=1))
    consultation.answer_at = NOW + timedelta(days=20)
    consultation.save()
    later = NOW + timedelta(days=5)
    assert actions.enter_submission(consultation=consultation, facts=FACTS, by=alice, now=later)


def test_a_day_to_come_is_refused(consultation):
    facts = Facts(kind="letter", held_on=date(2027, 1, 1), language="en")
    with pytest.raises(Refused, match="not come yet"):
        actions.enter_submission(consultation=consultation, facts=facts, by=None, now=NOW)


def test_facts_are_corrected_with_what_changed(submission):
    facts = Facts(kind="delegation", held_on=date(2026, 3, 1), language="fr", place="Thiès", people=41)
    actions.correct_submission(submission=submission, facts=facts, by=None, now=NOW)
    submission.refresh_from_db()
    assert (submission.kind, submission.place) == ("delegation", "Thiès")
    changes = Event.objects.get(verb="input corrected").changes
    assert changes["people"] == [40, 41] and changes["place"] == [] and "held_on" not in changes


def test_a_scan_is_removed_from_disk_unless_another_submission_has_it(
    consultation, tmp_path, django_capture_on_commit_callbacks
):
    scan = uploads.read_scan(PNG)
    given = {"consultation": consultation, "facts": FACTS, "scan": scan, "by": None, "now": NOW}
    first, second = actions.enter_submission(**given), actions.enter_submission(**given)
    for submission, left in ((first, 1), (second, 0)):
        with django_capture_on_commit_callbacks(execute=True):
            actions.remove_scan(submission=submission, by=None, now=NOW)
        files = [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
        assert len(files) == left


# Ballots


def test_a_ballot_becomes_a_participant_without_a_token(consultation, submission):
    one, two = make_statements(consultation, "One.", "Two.")
    code = paper_codes.mint(consultation.pk)
    ballot = enter(submission, {one.pk: 1, two.pk: -1}, code.lower())
    assert ballot.code == code
    assert ballot.participant.token_hash is None and ballot.participant.user is None
    vote = Vote.objects.get(statement=one)
    assert (vote.value, vote.n, vote.language, vote.at.date()) == (1, 0, "fr", date(2026, 3, 1))
    assert shares_of(two) == (0, 1, 0)
    assert verbs(consultation)[-1] == "ballots entered"


def test_the_same_code_twice_is_told_and_not_counted_twice(consultation, submission):
    [one] = make_statements(consultation, "One.")
    code = paper_codes.mint(consultation.pk)
    enter(submission, {one.pk: 1}, code)
    with pytest.raises(AlreadyEntered, match=code):
        enter(submission, {one.pk: -1}, code)
    assert shares_of(one) == (1, 0, 0)


def test_a_ballot_without_a_code_is_given_one(consultation, submission):
    [one] = make_statements(consultation, "One.")
    assert paper_codes.read(enter(submission, {one.pk: 1}).code, consultation.pk)


@pytest.mark.parametrize("code", ["ABC-DEF-GHJ", "12", "<script>"])
def test_a_code_of_nowhere_is_refused(consultation, submission, code):
    [one] = make_statements(consultation, "One.")
    with pytest.raises(Refused, match="no ballot of this consultation"):
        enter(submission, {one.pk: 1}, code)
    assert not Participant.objects.exists()


def test_an_empty_ballot_and_a_foreign_statement_are_refused(consultation, submission):
    [foreign] = make_statements(make_consultation(), "Elsewhere.")
    with pytest.raises(Refused, match="no answer"):
        enter(submission, {})
    with pytest.raises(Refused, match="not an answer"):
        enter(submission, {foreign.pk: 1})
    assert not Participant.objects.exists()


def test_a_corrected_ballot_counts_once_and_keeps_what_was_there(consultation, submission):
    one, two = make_statements(consultation, "One.", "Two.")
    ballot = enter(submission, {one.pk: 1, two.pk: 1})
    made = actions.correct_ballot(ballot=ballot, answers={one.pk: -1}, by=None, now=NOW)
    assert made.code == ballot.code
    assert (shares_of(one), shares_of(two)) == ((0, 1, 0), (0, 0, 0))
    assert Vote.objects.count() == 3
    assert queries.count_people([consultation.pk]) == {consultation.pk: 1}
    with pytest.raises(Refused, match="in the meantime"):
        actions.correct_ballot(ballot=ballot, answers={one.pk: 1}, by=None, now=NOW)


def test_what_is_withdrawn_counts_nowhere_and_stays_stored(consultation, submission):
    [one] = make_statements(consultation, "One.")
    cast(one, -1)
    enter(submission, {one.pk: 1})
    actions.withdraw_submission(submission=submission, reason="Entered twice.", by=None, now=NOW)
    assert Vote.objects.count() == 2
    assert shares_of(one) == (0, 1, 0)
    [numbers] = queries.with_numbers([consultation])
    assert (numbers.people, numbers.answers) == (1, 1)
    people, _statements, values, _ms = queries.list_votes_for_analysis(consultation)
    assert (len(people), list(values)) == (1, [-1])
    assert Event.objects.get(verb="input withdrawn").changes["ballots"] == [1, 0]
    with pytest.raises(Refused, match="was withdrawn"):
        enter(submission, {one.pk: 1})


def test_a_withdrawal_says_why(submission):
    with pytest.raises(Refused, match="Say why"):
        actions.withdraw_submission(submission=submission, reason=" ", by=None, now=NOW)


def test_a_withdrawn_ballots_code_is_free_again(consultation, submission):
    [one] = make_statements(consultation, "One.")
    ballot = enter(submission, {one.pk: 1})
    actions.withdraw_ballot(ballot=ballot, by=None, now=NOW)
    actions.withdraw_ballot(ballot=ballot, by=None, now=NOW)
    assert shares_of(one) == (0, 0, 0)
    enter(submission, {one.pk: -1}, ballot.code)
    assert shares_of(one) == (0, 1, 0) and PaperBallot.objects.count() == 2


# Raised hands


def test_hands_stand_beside_the_votes_and_are_none(consultation, submission):
    one, two = make_statements(consultation, "One.", "Two.")
    hands = {one.pk: (12, 3, 1), two.pk: (0, 0, 0)}
    assert actions.count_hands(submission=submission, hands=hands, by=None, now=NOW) == 1
    assert actions.count_hands(submission=submission, hands=hands, by=None, now=NOW) == 0
    assert shares_of(one) == (0, 0, 0) and not Participant.objects.exists()
    [tally] = queries.list_hands(one)
    assert (tally.agree, tally.disagree, tally.passed) == (12, 3, 1)
    actions.count_hands(submission=submission, hands={one.pk: (0, 0, 0)}, by=None, now=NOW)
    assert queries.list_hands(one) == []


# What was said


def test_what_was_said_is_moderated_like_all_others_and_remembers_where(consultation, submission):
    [known] = make_statements(consultation, "Ask first.")
    said = actions.enter_statements(
        submission=submission,
        statements=[("Tester  d’abord.", "fr"), ("ASK FIRST", "en"), ("tester d’abord", "fr"), (" ", "fr")],
        by=None,
        now=NOW,
    )
    [added] = said.added
    assert (added.origin, added.moderation, added.author) == ("meeting", "waiting", None)
    assert added.record.title.body == "Tester d’abord." and added.record.visibility == "staff"
    assert said.again == [known]
    [place] = queries.list_provenance(known)
    assert not place.is_first and place.submission == submission


def test_too_long_a_statement_refuses_all(submission):
    with pytest.raises(Refused, match="more than 280"):
        actions.enter_statements(
            submission=submission, statements=[("Good.", "fr"), ("x" * 281, "fr")], by=None, now=NOW
        )
    assert not Statement.objects.exists()


# Pages


def path_of(submission, rest=""):
    return f"/consultations/{submission.consultation.reference}/submissions/{submission.pk}{rest}"


def test_the_desk_enters_a_meeting_with_its_scan_and_gets_it_back(client, alice, consultation):
    client.force_login(alice)
    consultation.opens_at -= timedelta(days=400)
    consultation.save()
    path = f"/consultations/{consultation.reference}/submissions/new"
    scan = SimpleUploadedFile("minutes.exe", PNG)
    answer = client.post(path, SENT | {"scan": scan})
    made = Submission.objects.get()
    assert answer.status_code == 302 and answer["Location"] == path_of(made)
    answer = client.get(path_of(made, "/scan"))
    assert answer["Content-Type"] == "image/png" and answer["Content-Disposition"].startswith("attachment")
    assert client.post(path_of(made, "/scan")).status_code == 302
    assert client.get(path_of(made, "/scan")).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scan.png", b"MZ\x90\0" + b"\0" * 100),
        ("scan.pdf", b"<!doctype html><script>alert(1)</script>"),
        ("scan.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    ],
)
def test_a_scan_that_is_no_image_is_refused_and_the_rest_is_kept(client, alice, consultation, name, content):
    client.force_login(alice)
    path = f"/consultations/{consultation.reference}/submissions/new"
    answer = client.post(path, SENT | {"scan": SimpleUploadedFile(name, content)})
    page = answer.content.decode()
    assert answer.status_code == 422 and "no image and no PDF" in page and 'value="Dakar"' in page
    assert not Submission.objects.exists()


def test_too_large_a_scan_is_refused(client, alice, consultation, settings):
    settings.PLENARY_UPLOAD_LIMIT = 10
    client.force_login(alice)
    path = f"/consultations/{consultation.reference}/submissions/new"
    answer = client.post(path, SENT | {"scan": SimpleUploadedFile("a.png", PNG)})
    assert answer.status_code == 413 and "the limit is" in answer.content.decode()


def test_ballots_are_entered_one_after_another(client, alice, consultation, submission):
    one, two = make_statements(consultation, "One.", "Two.")
    client.force_login(alice)
    path, code = path_of(submission, "/ballots"), paper_codes.mint(consultation.pk)
    answer = client.post(path, {"code": code, f"s{one.pk}": "1", f"s{two.pk}": "٢"}, follow=True)
    assert f"Ballot {code} counts, with 2 answers." in answer.content.decode()
    assert (shares_of(one), shares_of(two)) == ((1, 0, 0), (0, 1, 0))
    answer = client.post(path, {"code": code, f"s{one.pk}": "2"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "entered already" in page and f"?ballot={code}" in page
    answer = client.post(f"{path}?ballot={code}", {"code": code, f"s{one.pk}": "3"})
    assert answer.status_code == 302 and shares_of(one) == (0, 0, 1) and shares_of(two) == (0, 0, 0)
    client.post(f"{path}?ballot={code}", {"code": code, "withdraw": "1"})
    assert shares_of(one) == (0, 0, 0)


def test_an_answer_that_is_none_is_told_beside_it_and_nothing_is_counted(
    client, alice, consultation, submission
):
    [one] = make_statements(consultation, "One.")
    client.force_login(alice)
    answer = client.post(path_of(submission, "/ballots"), {"code": "", f"s{one.pk}": "7"})
    assert answer.status_code == 422 and "1 for agree" in answer.content.decode()
    assert not Participant.objects.exists()


def test_a_ballot_without_a_code_says_which_to_write_on_it(client, alice, consultation, submission):
    [one] = make_statements(consultation, "One.")
    client.force_login(alice)
    answer = client.post(path_of(submission, "/ballots"), {f"s{one.pk}": "1"}, follow=True)
    assert "Write this code on the paper." in answer.content.decode()


def test_the_paper_shows_the_statements_asked_for(client, alice, consultation, submission):
    _one, two = make_statements(consultation, "First idea.", "Second idea.")
    client.force_login(alice)
    page = client.get(path_of(submission, "/ballots"), {"statements": two.reference}).content.decode()
    assert "Second idea." in page and "First idea." not in page
    page = client.get(path_of(submission, "/hands"), {"statements": "rubbish"}).content.decode()
    assert "is not a statement" in page


def test_hands_and_words_are_entered_and_shown_on_the_statement(client, alice, consultation, submission):
    [one] = make_statements(consultation, "First idea.")
    client.force_login(alice)
    answer = client.post(
        path_of(submission, "/hands"), {f"s{one.pk}-agree": "12", f"s{one.pk}-disagree": "3"}
    )
    assert answer.status_code == 302
    answer = client.post(
        path_of(submission),
        {"form": "said", "statements": "first IDEA\nAnother.", "language": "en"},
        follow=True,
    )
    page = answer.content.decode()
    assert "1 statement entered. 1 had been said already" in page and "Another." in page
    client.logout()
    page = client.get(f"/statements/{one.reference}").content.decode()
    assert "Dakar" in page and "Raised hands" in page and "12" in page


def test_all_of_it_is_withdrawn_with_a_reason(client, alice, submission):
    client.force_login(alice)
    assert client.post(path_of(submission), {"form": "withdraw", "reason": ""}).status_code == 422
    page = client.post(path_of(submission), {"form": "withdraw", "reason": "Twice."}, follow=True)
    assert "Its ballots and hands count no more" in page.content.decode()


def test_facts_are_corrected_on_their_page(client, alice, submission):
    client.force_login(alice)
    assert 'value="Dakar"' in client.get(path_of(submission, "/facts")).content.decode()
    answer = client.post(path_of(submission, "/facts"), SENT | {"place": "Thiès"}, follow=True)
    assert "Thiès" in answer.content.decode()


@pytest.mark.parametrize("rest", ["", "/facts", "/ballots", "/hands", "/scan"])
def test_strangers_see_nothing_of_it(client, bob, submission, rest):
    assert client.get(path_of(submission, rest)).status_code == 302
    client.force_login(bob)
    assert client.get(path_of(submission, rest)).status_code == 403
    assert client.post(path_of(submission, rest)).status_code == 403


def test_bad_ids_are_not_found(client, alice, consultation, submission):
    client.force_login(alice)
    other = make_consultation()
    assert client.get(f"/consultations/{other.reference}/submissions/{submission.pk}").status_code == 404
    assert client.get(path_of(submission, "/ballots?ballot=ABC-DEF-GHJ")).status_code == 404
    assert client.delete(path_of(submission)).status_code == 405


def test_lists_take_the_same_number_of_queries_however_long(
    client, alice, consultation, django_assert_max_num_queries
):
    [one] = make_statements(consultation, "One.")
    client.force_login(alice)
    for _time in range(3):
        made = actions.enter_submission(consultation=consultation, facts=FACTS, by=None, now=NOW)
        for _sheet in range(3):
            enter(made, {one.pk: 1})
    with django_assert_max_num_queries(10):
        client.get(f"/consultations/{consultation.reference}/submissions")
