"""Reads of consultations, and their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q

from plenary.participation.models import Consultation, Reply, Statement, Vote
from plenary.records.models import Event, Record, Visibility
from plenary.records.queries import visible_to
from plenary.records.texts import with_texts

from .counting import STILL_MEANT, count_answers, count_people
from .ways_in import Keys, admits, seen_by

if TYPE_CHECKING:
    import numpy as np
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None
    Column = np.ndarray[Any, np.dtype[Any]]

CONSULTATION_WORDS = {
    "title": "record.title_id",
    "question": "question_id",
    "introduction": "introduction_id",
}


def open_at(now: datetime) -> Q:
    """The filter of consultations that take votes at a moment."""
    running = Q(opens_at__lte=now) & (Q(closes_at=None) | Q(closes_at__gt=now))
    return running & Q(is_draft=False, paused_at=None)


def in_final_round_at(now: datetime) -> Q:
    """The filter of consultations whose final ballot is before everybody at a moment."""
    return Q(closes_at__lte=now, final_closes_at__gt=now, is_draft=False, paused_at=None)


def list_consultations_for(user: Viewer, language: str) -> list[Consultation]:
    """Newest first, with title and question."""
    return _with_words(
        Consultation.objects.filter(seen_by(user)).select_related("record", "about").order_by("-opens_at"),
        language,
    )


def list_open_consultations(user: Viewer, language: str, now: datetime) -> list[Consultation]:
    """What can be voted on now, with how many ``people`` voted; what closes first comes first. Three queries."""
    is_open = open_at(now) | in_final_round_at(now)
    found = _with_words(
        Consultation.objects.filter(is_open, seen_by(user))
        .select_related("record")
        .order_by(F("closes_at").asc(nulls_last=True), "-opens_at"),
        language,
    )
    people = count_people([consultation.pk for consultation in found])
    for consultation in found:
        target: Any = consultation
        target.people = people.get(consultation.pk, 0)
        is_final = consultation.closes_at is not None and consultation.closes_at <= now
        target.ends = consultation.final_closes_at if is_final else consultation.closes_at
        target.is_final = is_final
    return sorted(found, key=attrgetter("is_final"))  # first what a newcomer can still begin


def list_consultations_about(user: Viewer, about: Record, language: str) -> list[Consultation]:
    """The consultations about one record, newest first, with their numbers."""
    found = _with_words(
        Consultation.objects.filter(seen_by(user), about=about)
        .select_related("record")
        .order_by("-opens_at"),
        language,
    )
    return with_numbers(found)


def list_waiting_work(language: str) -> list[Consultation]:
    """Consultations in which statements wait to be read: ``waiting`` of them, the oldest from ``oldest``."""
    waiting = Q(statements__moderation=Statement.Moderation.WAITING)
    return _with_words(
        Consultation.objects.annotate(
            waiting=Count("statements", filter=waiting),
            oldest=Min("statements__record__created_at", filter=waiting),
        )
        .filter(waiting__gt=0)
        .select_related("record")
        .order_by("oldest"),
        language,
    )


def list_ending_soon(user: Viewer, language: str, now: datetime, until: datetime) -> list[Consultation]:
    """Consultations that are open and close by a time, the next one first."""
    return _with_words(
        Consultation.objects.filter(seen_by(user), opens_at__lte=now, closes_at__gt=now, closes_at__lte=until)
        .select_related("record")
        .order_by("closes_at"),
        language,
    )


def list_unanswered(user: User, language: str, now: datetime) -> list[Consultation]:
    """Open consultations with statements that the person has not voted on with her account."""
    is_open = open_at(now)
    voted = Vote.objects.filter(
        STILL_MEANT,
        Q(statement=OuterRef("pk")) | Q(statement__counts_for=OuterRef("pk")),
        participant__user=user,
    )
    left = Statement.objects.filter(
        ~Q(author__user=user) | Q(author=None),
        ~Exists(voted),
        consultation=OuterRef("pk"),
        moderation=Statement.Moderation.ACCEPTED,
    )
    return _with_words(
        Consultation.objects.filter(is_open, Exists(left), seen_by(user))
        .select_related("record")
        .order_by(F("closes_at").asc(nulls_last=True), "-opens_at"),
        language,
    )


def get_consultation_for(
    user: Viewer, reference: str, language: str = "", keys: Keys | None = None
) -> Consultation | None:
    """One consultation, or None where there is none that she may see; with its words where a language is given.

    ``keys`` are what her browser brings along (``keys_of(request)``): a link, an invitation or a membership lets her
    into what her roles do not show.
    """
    found = (
        Consultation.objects.filter(record__reference=reference)
        .annotate(by_role=Exists(Record.objects.filter(visible_to(user), pk=OuterRef("pk"))))
        .select_related("record", "about", "source__record")
        .first()
    )
    if found is None or not (found.by_role or (keys is not None and admits(user, found, keys))):
        return None
    if language:
        with_texts([found], language, **CONSULTATION_WORDS)
    return found


def may_see_about(user: Viewer, consultation: Consultation) -> bool:
    """Whether what the consultation is about may be named to this person. No query where it is public."""
    about = consultation.about
    if about is None:
        return False
    return (
        about.visibility == Visibility.PUBLIC or Record.objects.filter(visible_to(user), pk=about.pk).exists()
    )


def get_consultation_of_source(sha256: str) -> Consultation | None:
    """The consultation that was imported from files with this hash."""
    return Consultation.objects.filter(source__sha256=sha256).select_related("record").first()


def with_numbers(consultations: Sequence[Consultation]) -> list[Consultation]:
    """Give each its ``people``, ``answers`` and ``accepted`` (statements). Five queries whatever their number.

    Answers are counted once per person and statement, on accepted statements, as an analysis counts them.
    """
    ids = [consultation.pk for consultation in consultations]
    people, answers = count_people(ids), count_answers(ids)
    accepted = Q(moderation=Statement.Moderation.ACCEPTED)
    statements = dict(
        Statement.objects.filter(accepted, consultation__in=ids)
        .values_list("consultation")
        .annotate(Count("record"))
    )
    for consultation in consultations:
        target: Any = consultation
        target.people = people.get(consultation.pk, 0)
        target.answers = answers.get(consultation.pk, 0)
        target.accepted = statements.get(consultation.pk, 0)
    return list(consultations)


def _with_words(consultations: Iterable[Consultation], language: str) -> list[Consultation]:
    found = list(consultations)
    with_texts(found, language, title="record.title_id", question="question_id")
    return found


def original_words(consultation: Consultation) -> dict[str, tuple[str, str]]:
    """Title, question and introduction as they were written: body and language of each."""
    title = consultation.record.title
    texts = {"title": title, "question": consultation.question, "introduction": consultation.introduction}
    return {name: (text.body, text.source_language) if text else ("", "") for name, text in texts.items()}


def list_member_references(consultation: Consultation) -> list[str]:
    return list(consultation.members.order_by("pk").values_list("record__reference", flat=True))


def list_topics(user: Viewer, consultations: Sequence[Consultation], language: str) -> list[tuple[str, str]]:
    """What some consultations are about, as far as the person may know it: reference and title. Two queries."""
    ids = {item.about_id for item in consultations if item.about_id}
    found = (
        list(Record.objects.filter(visible_to(user), pk__in=ids).order_by("kind", "number")) if ids else []
    )
    with_texts(found, language, title="title_id")
    return [(each.reference, str(each.said["title"]) or each.reference) for each in found]  # type: ignore[attr-defined]


def has_votes(consultation: Consultation) -> bool:
    return Vote.objects.filter(statement__consultation=consultation).exists()


def list_drafts(user: Viewer, language: str) -> list[Consultation]:
    return _with_words(
        Consultation.objects.filter(seen_by(user), is_draft=True)
        .select_related("record")
        .order_by("opens_at"),
        language,
    )


def list_to_answer(user: Viewer, language: str, now: datetime) -> list[Consultation]:
    """Consultations that are over, promised an answer by a day, and have none."""
    answered = Reply.objects.filter(consultation=OuterRef("pk"))
    over = Q(closes_at__lte=now, answer_at__isnull=False) & (
        Q(final_closes_at=None) | Q(final_closes_at__lte=now)
    )
    return _with_words(
        Consultation.objects.filter(over, ~Exists(answered), seen_by(user), is_draft=False)
        .select_related("record")
        .order_by("answer_at"),
        language,
    )


def get_repeated(user: Viewer, consultation: Consultation) -> str | None:
    """The reference of the consultation that this one asks again, where the person may know it."""
    if consultation.repeats_id is None:
        return None
    found = Record.objects.filter(visible_to(user), pk=consultation.repeats_id).first()
    return found.reference if found else None


def list_turning() -> list[Consultation]:
    """The consultations that the clock may move on to their next phase."""
    return list(Consultation.objects.filter(is_draft=False).exclude(told="closed").select_related("record"))


TURNS = ("announced", "opened", "edited", "paused", "resumed", "closed early", "opened again", "answered")


def list_turns(consultation: Consultation) -> list[Event]:
    """What everybody may read of its history, newest first: what was changed since it was published, and why."""
    events = list(consultation.record.events.order_by("id"))
    first = next(
        (place for place, each in enumerate(events) if each.verb in ("announced", "opened")), len(events)
    )
    shown = [each for each in events[first:] if each.verb in TURNS]
    for event in shown:
        told: Any = event
        told.reason = (event.changes.get("reason") or [None, ""])[1]
        told.old_question, told.new_question = event.changes.get("question") or ("", "")
    return shown[::-1] if len(shown) > 1 else []


def get_reply(consultation: Consultation, language: str, user: Viewer) -> Reply | None:
    """The answer that stands, with the ``links`` to what it led to as far as the person sees them. Three queries."""
    found = Reply.objects.filter(consultation=consultation).first()
    if found is not None:
        with_texts([found], language, text="text_id")
        links = list(found.leads_to.filter(visible_to(user)).order_by("kind", "number"))
        with_texts(links, language, title="title_id")
        told: Any = found
        told.links = links
    return found
