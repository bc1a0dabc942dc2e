"""Queued work: run by the worker that ``plenary serve`` starts."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import actions


@task()
def mail_news(user_id: int) -> None:
    """Mail somebody her news. Handed out twice, it is sent once."""
    actions.mail_news_to(user_id=user_id, now=timezone.now())
