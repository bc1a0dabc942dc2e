"""Reads of addresses that were left for news."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from plenary.participation.models import ContactNews, Participant, ParticipantContact
from plenary.records.models import Visibility


def get_contact_of(participant: Participant | None) -> ParticipantContact | None:
    return ParticipantContact.objects.filter(participant=participant).first() if participant else None


def get_contact(pk: int, asked_at: str) -> ParticipantContact | None:
    """The contact that a link was made for; a later one of the same person is another."""
    found = (
        ParticipantContact.objects.filter(pk=pk)
        .select_related("participant__consultation__record__title")
        .first()
    )
    return found if found is not None and found.asked_at.isoformat() == asked_at else None


def _waiting(since: datetime, most: int) -> Q:
    """What may be told: public news, and her own statement whatever became of it."""
    return Q(
        Q(event__record__visibility=Visibility.PUBLIC) | Q(event__record__statement__isnull=False),
        mailed_at=None,
        event__at__gte=since,
        attempts__lt=most,
    )


def list_contacts_with_news(now: datetime, *, since: datetime, most: int, pause: timedelta) -> list[int]:
    due = Q(tried_at=None) | Q(tried_at__lte=now - pause)
    found = ContactNews.objects.filter(_waiting(since, most), due, contact__confirmed_at__isnull=False)
    return list(found.order_by("contact").values_list("contact", flat=True).distinct())


def list_news_of_contact(
    contact: ParticipantContact, *, since: datetime, most: int, limit: int = 50
) -> list[ContactNews]:
    found = contact.news.filter(_waiting(since, most)).select_related("event__record", "because")
    return list(found.order_by("event_id")[:limit])


def get_contact_by_id(pk: int) -> ParticipantContact | None:
    found = ParticipantContact.objects.filter(pk=pk)
    return found.select_related("participant__consultation__record").first()
