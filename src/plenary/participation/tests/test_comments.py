from __future__ import annotations

import re
from datetime import timedelta

import pytest

from plenary.kit.errors import Refused
from plenary.participation import actions, limits, queries, tokens
from plenary.participation.models import Comment, Commenter, Useful
from plenary.participation.survey_figures import useful_rank
from plenary.participation.tokens import Voter
from plenary.records.actions import link_evidence
from plenary.records.models import Text
from plenary.records.tests.factories import NOW
from plenary.strategy.tests.factories import make_version

pytestmark = pytest.mark.django_db
OURS = {"headers": {"Sec-Fetch-Site": "same-origin"}}


@pytest.fixture
def clause():
    return make_version().strategy.clauses.select_related("record", "strategy__record").order_by("pk").first()


def somebody(clause) -> Voter:
    return Voter(token_hash=tokens.read(tokens.mint(clause.strategy.pk), clause.strategy.pk))


def say(clause, body="Well said.", voter=None, *, read=True, **more) -> Comment:
    comment = actions.write_comment(
        clause=clause, voter=voter or somebody(clause), body=body, language="en", now=NOW, **more
    )
    if read:
        actions.moderate_comments(comments=[comment], decision="accepted", reason="", by=None, now=NOW)
    return comment


def address_of(clause) -> str:
    return f"/comments/on/{clause.strategy.reference}/{clause.local}"


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_comment_waits_until_it_is_read(clause, alice):
    comment = say(clause, read=False, stance="for")
    assert (comment.reference, comment.moderation, comment.record.visibility) == ("CMT-1", "waiting", "staff")
    event = comment.record.events.get()
    assert (event.verb, event.actor, event.changes) == ("written", None, {"clause": [None, clause.reference]})
    assert queries.get_comment_counts(clause, "en").count == 0
    with pytest.raises(Refused, match="Say why"):
        actions.moderate_comments(comments=[comment], decision="rejected", reason="", by=alice, now=NOW)
    actions.moderate_comments(comments=[comment], decision="accepted", reason="", by=alice, now=NOW)
    assert queries.get_comment_counts(clause, "en").count == 1
    assert comment.record.visibility == "public"


def test_bad_words_are_refused_and_a_second_tap_is_one(clause):
    voter = somebody(clause)
    for body in ("", "  \n\t ", "\u202e\u200b\x07", "x" * 10_000):
        with pytest.raises(Refused):
            say(clause, body, voter)
    assert not Commenter.objects.exists()
    first = say(clause, "Good.", voter)
    assert say(clause, "Good.", voter, read=False) == first
    assert Comment.objects.count() == 1


def test_quoted_words_stand_in_the_clause(clause):
    body = Text.objects.get(pk=clause.states.order_by("-version").first().text_id).body
    words = " ".join(body.split()[:4])
    assert say(clause, quoted=f"  {words.upper()}\n").quoted == words.upper()
    with pytest.raises(Refused, match="do not stand"):
        say(clause, "Other.", quoted="nothing of the kind")


def test_replies_go_one_level_deep(clause):
    top = say(clause)
    reply = say(clause, "I agree.", answers=top, stance="for")
    deeper = say(clause, "So do I.", answers=reply)
    assert (reply.answers, deeper.answers, reply.stance) == (top, top, "")
    (shown,) = queries.list_comments(clause, None, "en")
    assert shown.thread == [reply, deeper]
    waiting = say(clause, "Wait.", read=False)
    with pytest.raises(Refused, match="cannot be replied"):
        say(clause, "No.", answers=waiting)


def test_useful_counts_once_and_sorts_by_what_part_found_it_useful(clause):
    few, many, none = say(clause, "Few."), say(clause, "Many."), say(clause, "None.")
    people = [somebody(clause) for _ in range(10)]
    for person in people[:8]:
        actions.mark_useful(comment=many, voter=person, useful=True, now=NOW)
    for person in (*people[8:], people[8]):
        actions.mark_useful(comment=few, voter=person, useful=True, now=NOW)
    assert Useful.objects.count() == 10
    shown = queries.list_comments(clause, None, "en")
    assert [(each.pk, each.useful) for each in shown] == [(many.pk, 8), (few.pk, 2), (none.pk, 0)]
    late = say(clause, "Late.")
    Comment.objects.filter(pk=late.pk).update(shown_at=NOW + timedelta(days=1))
    for person in people[:3]:
        actions.mark_useful(comment=late, voter=person, useful=True, now=NOW + timedelta(days=2))
    # Three of the three who marked anything since it stood, against eight of ten.
    assert useful_rank(3, 3) < useful_rank(8, 10)
    assert queries.list_comments(clause, None, "en", newest=True)[0].pk == late.pk
    actions.mark_useful(comment=few, voter=people[8], useful=False, now=NOW)
    assert queries.count_marks([few.pk]) == {few.pk: 1}


def test_nobody_marks_her_own(clause):
    voter = somebody(clause)
    comment = say(clause, voter=voter)
    with pytest.raises(Refused, match="yours"):
        actions.mark_useful(comment=comment, voter=voter, useful=True, now=NOW)


def test_what_is_withdrawn_is_gone_and_its_replies_stay(clause):
    voter = somebody(clause)
    comment = say(clause, "My secret words.", voter)
    say(clause, "A reply.", answers=comment)
    with pytest.raises(Refused, match="Only who wrote"):
        actions.withdraw_comment(comment=comment, voter=somebody(clause), now=NOW)
    actions.withdraw_comment(comment=comment, voter=voter, now=NOW)
    assert not Text.objects.filter(body__contains="secret").exists()
    (shown,) = queries.list_comments(clause, None, "en")
    assert shown.record.erased_at == NOW and len(shown.thread) == 1
    assert comment.record.events.latest("id").verb == "withdrawn"


def test_erasing_an_account_takes_its_comments_along(clause, charlie):
    say(clause, "Mine.", Voter(user=charlie))
    other = say(clause, "Another’s.")
    actions.mark_useful(comment=other, voter=Voter(user=charlie), useful=True, now=NOW)
    assert actions.tombstone_comments(commenters=charlie.commenting.all(), now=NOW) == 1
    assert not Useful.objects.exists() and not charlie.commenting.exists()
    assert [each.pk for each in queries.list_comments(clause, None, "en")] == [other.pk]


def test_a_comment_is_evidence(clause, alice):
    comment = say(clause)
    link_evidence(source=comment.record, target=clause.record, stance="contradicts", by=alice, now=NOW)
    assert clause.record.evidence.get().source == comment.record


# Pages


def test_a_stranger_comments_marks_and_withdraws_without_scripts(client, clause):
    address = address_of(clause)
    page = client.get(address).content.decode()
    sent = {
        "token": token_in(page),
        "do": "comment",
        "body": "<b>Ask</b> first.",
        "stance": "",
        "language": "en",
    }
    response = client.post(address, sent)
    page = response.content.decode()
    assert response.status_code == 200 and "will be read before others see it" in page
    assert "&lt;b&gt;Ask&lt;/b&gt; first." in page
    comment = Comment.objects.get()
    assert client.cookies["commenting"]["path"] == f"/comments/on/{clause.strategy.reference}"
    withdrawn = client.post(address, {"do": "withdraw", "comment": comment.reference}, **OURS)
    assert withdrawn.status_code == 303
    other = say(clause, "Another’s.")
    assert client.post(address, {"do": "useful", "comment": other.reference}, **OURS).status_code == 303
    assert "take it back" in client.get(address).content.decode()
    assert client.post(address, {"do": "withdraw", "comment": other.reference}, **OURS).status_code == 409
    assert client.post(address, {"do": "useful", "comment": "CMT-99"}, **OURS).status_code == 404
    refused = client.post(
        address, {"do": "useful", "comment": other.reference}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert refused.status_code == 403


def test_a_flood_of_comments_is_refused_and_what_was_typed_stays(client, clause, monkeypatch):
    address = address_of(clause)
    token = token_in(client.get(address).content.decode())
    monkeypatch.setattr(limits, "OWN", {60: 1})
    sent = {"token": token, "do": "comment", "stance": "", "language": "en"}
    assert client.post(address, sent | {"body": "The first."}, **OURS).status_code == 200
    refused = client.post(address, sent | {"body": "The second."}, **OURS)
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) >= 1
    assert "You sent very much" in refused.content.decode() and "The second." in refused.content.decode()
    assert Comment.objects.count() == 1


def test_what_was_typed_stays(client, clause):
    address = address_of(clause)
    token = token_in(client.get(address).content.decode())
    sent = {"token": token, "do": "comment", "body": "x" * 10_000, "language": "en"}
    response = client.post(address, sent)
    assert response.status_code == 422
    assert "8000 characters too long" in response.content.decode()
    assert "x" * 10_000 in response.content.decode()
    forged = client.post(address, sent | {"token": "forged", "body": "Mine."})
    assert forged.status_code == 422 and "Mine." in forged.content.decode()
    quoting = client.post(address, sent | {"body": "Mine.", "quoted": "no words of it"})
    assert quoting.status_code == 409 and "Mine." in quoting.content.decode()
    assert not Comment.objects.exists()


def test_the_clause_shows_the_most_useful_three(client, clause):
    for number in range(5):
        say(clause, f"Comment number {number}.")
    page = client.get(f"/strategies/{clause.strategy.reference}/{clause.local}").content.decode()
    assert "5 comments" in page and page.count("Comment number") == 3


def test_one_comment_has_its_page_and_its_data(client, clause, alice):
    top = say(clause, "Top.", stance="against")
    say(clause, "Below.", answers=top)
    waiting = say(clause, "Waiting.", read=False)
    page = client.get(f"/comments/{top.reference}").content.decode()
    assert "Top." in page and "Below." in page
    assert client.get(f"/comments/{waiting.reference}").status_code == 404
    data = client.get(f"/r/{top.reference}.json").json()
    assert (data["clause"], data["stance"], data["words"]["body"]) == (clause.reference, "against", "Top.")
    listed = client.get(f"/api/v1/clauses/{clause.reference}/comments").json()
    assert listed["total"] == 2
    assert client.get(f"/api/v1/comments/{waiting.reference}").status_code == 404
    client.force_login(alice)
    assert "Only staff can see" in client.get(f"/comments/{waiting.reference}").content.decode()


def test_the_desk_reads_comments_in_bulk(client, clause, alice, charlie):
    for number in range(3):
        say(clause, f"Number {number}.", read=False)
    client.force_login(charlie)
    assert client.get("/comments/moderation").status_code == 403
    client.force_login(alice)
    assert "3 comments on clauses wait to be read" in client.get("/desk").content.decode()
    assert client.post("/comments/moderation", {"decision": "accepted"}).status_code == 422
    sent = {"decision": "rejected", "text": ["CMT-1", "CMT-2"], "reason": "advertising", "remark": "Watches"}
    assert client.post("/comments/moderation", sent).status_code == 302
    page = client.get("/comments/moderation?state=rejected").content.decode()
    assert page.count("It advertises: Watches") == 2
    assert client.get("/comments/moderation?state=none").status_code == 404


def test_pages_ask_a_constant_number_of_questions(client, clause, django_assert_num_queries):
    def count(number):
        for _ in range(number):
            top = say(clause, f"{Comment.objects.count()}")
            say(clause, f"{Comment.objects.count()}", answers=top)
            actions.mark_useful(comment=top, voter=somebody(clause), useful=True, now=NOW)

    count(1)
    client.get(address_of(clause))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(address_of(clause))
    count(4)
    with django_assert_num_queries(len(few)):
        client.get(address_of(clause))
