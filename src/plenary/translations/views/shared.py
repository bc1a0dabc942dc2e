"""What several views of the module ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from plenary.kit.languages import content_language, is_language_tag, language_name
from plenary.people.models import User
from plenary.records.queries import get_record_for
from plenary.translations.queries import TO_DO, State, Whole, Work

MINE = "mine"
ALL = "all"


def signed_in(request: HttpRequest) -> User:
    """The person behind a request to a view that needs an account."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def language_or_404(language: str) -> str:
    if not is_language_tag(language):
        raise Http404
    return language


@dataclass(frozen=True)
class Asked:
    """What an address asks for: of which whole, in which state, and beside which second language."""

    of: str
    state: str
    beside: str
    record: str = ""

    @classmethod
    def in_query(cls, query: QueryDict) -> Asked:
        state = query.get("state", "")
        beside = query.get("beside", "")
        return cls(
            query.get("of", ""),
            state if state in (*State.values, MINE, ALL) else "",
            beside if is_language_tag(beside) else "",
            query.get("record", ""),
        )

    def address(self, language: str, name: str = "translate", **more: str) -> str:
        """Of a page that asks for the same."""
        query = {"of": self.of, "record": self.record, "state": self.state, "beside": self.beside, **more}
        return reverse(name, args=[language], query={key: value for key, value in query.items() if value})

    @property
    def to_export(self) -> str:
        """What an address of an export goes on with."""
        asked = {"of": self.of, "record": self.record, "state": self.state}
        return "".join(f"&{name}={quote(value)}" for name, value in asked.items() if value)

    def whole_in(self, wholes: list[Whole]) -> Whole | None:
        """The whole asked for; None for all. One that there is not is an address that leads nowhere."""
        if not self.of:
            return None
        found = next((whole for whole in wholes if whole.key == self.of), None)
        if found is None:
            raise Http404
        return found

    def texts(self, work: Work, whole: Whole | None, user: User) -> list[int]:
        """Of the whole asked for, and of one record where it is named."""
        texts = whole.texts if whole else list(work.pieces)
        if not self.record:
            return texts
        record = get_record_for(user, self.record)
        return [pk for pk in texts if record is not None and work.pieces[pk].record == record.pk]

    def find(self, work: Work, language: str, texts: list[int], user: User) -> list[int]:
        """Those in the state asked for, in the order in which they should be done."""
        if self.state == MINE:
            return work.find(language, texts, by=user)
        if self.state == ALL:
            return work.find(language, texts)
        return work.find(language, texts, [self.state] if self.state else TO_DO)


def trail(*places: tuple[Any, str]) -> list[tuple[Any, str]]:
    return [(_("Translations"), reverse("translations")), *places]


def reading(request: HttpRequest) -> str:
    """The language in which names of things are shown."""
    return content_language(request)


def into(language: str) -> str:
    return language_name(language)
