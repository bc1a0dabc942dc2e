"""A consultation from its draft to its answer: every change is an event that keeps both sides."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries
from plenary.participation.models import Consultation, Reply, Statement
from plenary.participation.phases import Act, Phase, first_disorder
from plenary.records.actions import (
    carry_translations,
    create_record,
    create_records,
    put_text,
    set_title,
    set_visibilities,
    set_visibility,
    write_event,
)
from plenary.records.models import Organization, Record, Text, Visibility

from .statements import SEEN_BY, seen_by
from .surveys import copy_surveys

if TYPE_CHECKING:
    from plenary.people.models import User

DATES = ("opens_at", "closes_at", "final_closes_at", "answer_at", "ends_at")
SETTINGS = (
    *DATES, "moderation", "takes_statements", "minimum_age", "access", "voting_by", "writing_by", "languages",
    "embed_origins",
)  # fmt: skip
WORDS = ("title", "question", "introduction")

NEWS_LASTS = timedelta(days=7)  # a turn that lies further back is told to nobody
ENDING = timedelta(days=3)  # before the last day, those who follow are told that it comes


@transaction.atomic
def edit_consultation(
    *,
    consultation: Consultation,
    words: Mapping[str, str],
    language: str,
    settings: Mapping[str, Any],
    by: User | None,
    now: datetime,
    members: Sequence[Organization] | None = None,
    why: str = "",
) -> bool:
    """Give it other words or settings; says whether anything changed. Its history keeps what stood there before.

    A question on which people voted changes only with a reason, which everybody reads.
    """
    before = {name: body for name, (body, _tag) in queries.original_words(consultation).items()}
    changes: dict[str, Any] = {}
    for name in WORDS:
        body = words.get(name, before[name]).replace("\r\n", "\n").strip()
        if body != before[name]:
            changes[name] = [before[name], body]
    if not words.get("title", "-").strip() or not words.get("question", "-").strip():
        raise Refused(_("A consultation needs a title and a question."))
    if "question" in changes and not why.strip() and queries.has_votes(consultation):
        raise Refused(
            _(
                "People have voted on answers to this question. Say why it gets other words: they will read it, and "
                "the old question stays in the history."
            )
        )
    for name in changes:
        _reword(consultation, name, changes[name][1], language)
    is_worded = bool(changes)
    for name in SETTINGS:
        if name in settings and settings[name] != getattr(consultation, name):
            changes[name] = [_plain(getattr(consultation, name)), _plain(settings[name])]
            setattr(consultation, name, settings[name])
    if members is not None:
        held = set(consultation.members.values_list("record__reference", flat=True))
        wanted = {each.reference for each in members}
        if held != wanted:
            changes["members"] = [sorted(held), sorted(wanted)]
            consultation.members.set(members)
    if not changes:
        return False
    _require_order(consultation)
    if consultation.access == Consultation.Access.MEMBERS and not consultation.members.exists():
        raise Refused(_("Name the organizations whose members take part."))
    if consultation.access == Consultation.Access.LINK and not consultation.link_key:
        consultation.link_key = secrets.token_urlsafe(32)
    consultation.save()
    if "access" in changes:
        _follow(consultation)
    if why.strip():
        changes["reason"] = [None, why.strip()]
    write_event(
        record=consultation.record, verb="edited" if is_worded else "settings changed", by=by, now=now,
        changes=changes,
    )  # fmt: skip
    return True


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _reword(consultation: Consultation, name: str, body: str, language: str) -> None:
    """New words are a new text; the translations of the old ones go along, marked as made from other words."""
    path = {"title": "record.title", "question": "question", "introduction": "introduction"}[name]
    old: Text | None = consultation.record.title if path == "record.title" else getattr(consultation, name)
    new = put_text(body, language) if body else None
    if old is not None and new is not None:
        carry_translations(before=old, after=new)
    if name == "title":
        assert new is not None
        set_title(record=consultation.record, title_id=new.pk)
    else:
        setattr(consultation, name, new)


def _require_order(consultation: Consultation) -> None:
    wrong = first_disorder(*(getattr(consultation, name) for name in DATES))
    if wrong is not None:
        raise Refused(wrong[1])


def _follow(consultation: Consultation) -> None:
    """All that belongs to it is seen by whoever sees it now."""
    seen = Visibility.PUBLIC if consultation.is_public else Visibility.ORGANIZATION
    set_visibility(record=consultation.record, visibility=seen)
    for state in SEEN_BY:
        is_so = Q(statement__moderation=state)
        was_so = Q(statement__moderation=Statement.Moderation.MERGED, statement__merged_from=state)
        mine = Q(statement__consultation=consultation) & (is_so | was_so)
        set_visibilities(where=mine, visibility=seen_by(consultation, state))
    set_visibilities(
        where=Q(survey__consultation=consultation, survey__published_at__isnull=False), visibility=seen
    )


@transaction.atomic
def renew_link(*, consultation: Consultation, by: User | None, now: datetime) -> str:
    """A new key; the links and passes given out before open nothing any more."""
    if consultation.access != Consultation.Access.LINK:
        raise Refused(_("This consultation is not opened by a link."))
    consultation.link_key = secrets.token_urlsafe(32)
    consultation.save(update_fields=["link_key"])
    write_event(
        record=consultation.record, verb="link renewed", by=by, now=now, changes={"link_key": "changed"}
    )
    return consultation.link_key


@transaction.atomic
def publish_consultation(*, consultation: Consultation, by: User | None, now: datetime) -> None:
    """A draft becomes what it was written for: announced until its day, or open at once."""
    if not consultation.is_draft:
        raise Refused(_("It is published already."))
    consultation.opens_at = max(consultation.opens_at, now)
    _require_order(consultation)
    if consultation.access == Consultation.Access.MEMBERS and not consultation.members.exists():
        raise Refused(_("Name the organizations whose members take part."))
    consultation.is_draft = False
    consultation.told = turn_of(consultation, now)
    consultation.save()
    _follow(consultation)
    verb = "opened" if consultation.opens_at <= now else "announced"
    write_event(
        record=consultation.record, verb=verb, by=by, now=now,
        changes={"opens_at": [None, consultation.opens_at.isoformat()]},
    )  # fmt: skip


@transaction.atomic
def pause_consultation(*, consultation: Consultation, why: str, by: User | None, now: datetime) -> None:
    """Nothing that people send is taken until it goes on; everybody reads why."""
    if consultation.paused_at is not None or consultation.phase_at(now) not in (Phase.OPEN, Phase.FINAL):
        raise Refused(_("Only what is open can be paused."))
    _require_reason(why)
    consultation.paused_at = now
    consultation.save(update_fields=["paused_at"])
    write_event(
        record=consultation.record, verb="paused", by=by, now=now, changes={"reason": [None, why.strip()]}
    )


@transaction.atomic
def resume_consultation(*, consultation: Consultation, by: User | None, now: datetime, why: str = "") -> None:
    """It goes on as before; its dates stay, and may be moved."""
    if consultation.paused_at is None:
        raise Refused(_("It is not paused."))
    since = consultation.paused_at
    consultation.paused_at = None
    consultation.save(update_fields=["paused_at"])
    changes: dict[str, Any] = {"paused_at": [since.isoformat(), None]}
    if why.strip():
        changes["reason"] = [None, why.strip()]
    write_event(record=consultation.record, verb="resumed", by=by, now=now, changes=changes)


@transaction.atomic
def close_consultation(*, consultation: Consultation, why: str, by: User | None, now: datetime) -> None:
    """End the round that is running, now rather than on its day; everybody reads why."""
    phase = consultation.phase_at(now)
    if consultation.is_draft or phase not in (Phase.OPEN, Phase.FINAL):
        raise Refused(_("Only what is open can be closed."))
    _require_reason(why)
    name = "closes_at" if phase == Phase.OPEN else "final_closes_at"
    before = getattr(consultation, name)
    setattr(consultation, name, now)
    consultation.paused_at = None
    consultation.told = turn_of(consultation, now)
    consultation.save()
    changes = {name: [_plain(before), now.isoformat()], "reason": [None, why.strip()]}
    write_event(record=consultation.record, verb="closed early", by=by, now=now, changes=changes)


@transaction.atomic
def reopen_consultation(
    *, consultation: Consultation, closes_at: datetime, why: str, by: User | None, now: datetime
) -> None:
    """Take votes again until another day; everybody reads why. Later days move along where they would come too soon."""
    if consultation.is_draft or consultation.closes_at is None or now < consultation.closes_at:
        raise Refused(_("Only what has closed can be opened again. To move the last day, edit the dates."))
    if closes_at <= now:
        raise Refused(_("The new last day must lie ahead."))
    _require_reason(why)
    later = closes_at - consultation.closes_at
    changes: dict[str, Any] = {}
    for name in ("closes_at", "final_closes_at", "answer_at", "ends_at"):
        before = getattr(consultation, name)
        if before is not None and (name == "closes_at" or before <= closes_at):
            after = closes_at if name == "closes_at" else before + later
            setattr(consultation, name, after)
            changes[name] = [before.isoformat(), after.isoformat()]
    _require_order(consultation)
    consultation.told = turn_of(consultation, now)
    consultation.save()
    changes["reason"] = [None, why.strip()]
    write_event(record=consultation.record, verb="opened again", by=by, now=now, changes=changes)


def _require_reason(why: str) -> None:
    if not why.strip():
        raise Refused(_("Say why: everybody reads it on the page of the consultation."))


@transaction.atomic
def duplicate_consultation(
    *,
    consultation: Consultation,
    opens_at: datetime,
    closes_at: datetime | None,
    by: User | None,
    now: datetime,
) -> Consultation:
    """The next cycle, as a draft: the same words, accepted statements and surveys with their translations, no answers.

    Texts never change, so both share them; an edit of the copy touches the copy alone.
    """
    if closes_at is not None and closes_at <= opens_at:
        raise Refused(_("A consultation closes after it opens."))
    record = create_record(
        kind="consultation", title=consultation.record.title, by=by, now=now, visibility=Visibility.ORGANIZATION,
        verb="drafted", changes={"repeats": [None, consultation.reference]},
    )  # fmt: skip
    copied = {
        name: getattr(consultation, name)
        for name in (
            "about", "question", "introduction", "moderation", "takes_statements", "terms", "minimum_age",
            "access", "voting_by", "writing_by", "languages", "margins", "embed_origins", "attributes_asked",
        )
        if hasattr(consultation, name)
    }  # fmt: skip
    licence = consultation.licence if consultation.source_id is None else "CC-BY-4.0"
    terms = {} if consultation.terms != "imported" else {"terms": "1"}
    made = Consultation.objects.create(
        record=record, opens_at=opens_at, closes_at=closes_at, is_draft=True, repeats=consultation, licence=licence,
        link_key=secrets.token_urlsafe(32) if consultation.access == Consultation.Access.LINK else "",
        **copied | terms,
    )  # fmt: skip
    made.members.set(consultation.members.all())
    said = list(
        queries.list_statements_of(consultation, Statement.Moderation.ACCEPTED).select_related(
            "record__title"
        )
    )
    records = create_records(
        kind="statement", titles=[each.record.title for each in said], by=by, now=now,
        visibility=[Visibility.ORGANIZATION] * len(said), verb="added",
    )  # fmt: skip
    Statement.objects.bulk_create(
        [
            Statement(
                record=each,
                consultation=made,
                origin=Statement.Origin.SEED,
                moderation=Statement.Moderation.ACCEPTED,
            )
            for each in records
        ],
        batch_size=100,
    )
    copy_surveys(consultation=consultation, to=made, by=by, now=now)
    return made


@transaction.atomic
def publish_reply(
    *,
    consultation: Consultation,
    body: str,
    language: str,
    leads_to: Sequence[Record] = (),
    by: User | None,
    now: datetime,
    translations: Mapping[str, str] | None = None,
) -> Reply:
    """Publish the answer to what was heard, with what it leads to. Another one takes its place; both are kept."""
    if not consultation.allows(Act.REPLY, now):
        raise Refused(
            _(
                "An answer is published when voting is over. This consultation still takes votes, or is a draft."
            )
        )
    if not body.strip():
        raise Refused(_("Write the answer first."))
    made = Reply.objects.create(
        consultation=consultation, text=put_text(body.strip(), language, translations), at=now
    )
    made.leads_to.set(leads_to)
    write_event(
        record=consultation.record, verb="answered", by=by, now=now,
        changes={"answer": [None, body.strip()], "leads_to": [None, [each.reference for each in leads_to]]},
    )  # fmt: skip
    return made


# Turns that come by the clock


def turn_of(consultation: Consultation, now: datetime) -> str:
    """Its phase, or ``closing`` in the last days of voting."""
    phase = consultation.phase_at(now)
    ends = consultation.closes_at
    if phase == Phase.OPEN and ends is not None and ends - now <= ENDING < ends - consultation.opens_at:
        return "closing"
    return phase.value


# What is told of a turn that came by itself; an answer tells of itself when it is published.
TOLD = {
    "open": "opened",
    "closing": "closes soon",
    "final": "final round opened",
    "analysis": "voting closed",
    "answer": "voting closed",
    "closed": "voting closed",
}
_OVER = ("analysis", "answer", "closed")


def _began(consultation: Consultation, turn: str) -> datetime:
    if turn == "closing" and consultation.closes_at is not None:
        return consultation.closes_at - ENDING
    starts = next(span.starts_at for span in consultation.spans() if span.phase == turn)
    return starts or consultation.record.created_at


def tell_turns(now: datetime) -> int:
    """Write one event for each turn that a consultation took by the clock; returns how many. Any number may try.

    What lies further back than a week is no news: an import, or a worker that was down for long.
    """
    told = 0
    for consultation in queries.list_turning():
        turn, known = turn_of(consultation, now), consultation.told
        if turn == known or consultation.paused_at is not None:
            continue
        with transaction.atomic():
            claimed = Consultation.objects.filter(pk=consultation.pk, told=known).update(told=turn)
            is_news = known and turn in TOLD and not (turn in _OVER and known in _OVER)
            if claimed and is_news and now - _began(consultation, turn) <= NEWS_LASTS:
                write_event(record=consultation.record, verb=TOLD[turn], by=None, now=now)
                told += 1
    return told
