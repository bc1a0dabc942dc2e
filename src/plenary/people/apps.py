from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import pre_save


class PeopleConfig(AppConfig):
    name = "plenary.people"

    def ready(self) -> None:
        from allauth.usersessions.models import UserSession

        user_logged_in.connect(_learn_language)
        pre_save.connect(_forget_the_client, sender=UserSession)


def _forget_the_client(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Allauth would keep the address and the whole user agent of each session; ours say the device and the time."""
    from . import clients

    instance.ip = clients.NO_ADDRESS
    instance.user_agent = clients.device(instance.user_agent)


def _learn_language(sender: Any, user: Any, **kwargs: Any) -> None:
    """Mails speak the language in which she first signed in, until she chooses another."""
    from django.utils.translation import get_language

    if not user.language:
        type(user).objects.filter(pk=user.pk, language="").update(language=get_language() or "")
