"""What people may say about themselves: attributes with their values, as data. No database, no clock in here.

A value's key is what is stored, imported and exported; its label is what people read. A key never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.languages import language_name

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

OTHER_LANGUAGE = "other"
YOUTH = ("age", "15-24")
"""The United Nations' definition of youth; surveys report it as an audience of its own."""
ASKED_AFTER = 3
"""Votes after which the question is put, once; never before, so that it keeps nobody from voting."""


@dataclass(frozen=True)
class Value:
    key: str
    label: str | _StrPromise


@dataclass(frozen=True)
class Attribute:
    """One thing that a person may say about herself. Nobody has to: an empty answer is one."""

    name: str
    label: str | _StrPromise
    question: str | _StrPromise
    values: tuple[Value, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(value.key for value in self.values)

    def label_of(self, key: str) -> str | _StrPromise:
        """What people read for a stored value; the value itself where it is not known any more."""
        return next((value.label for value in self.values if value.key == key), key)


def _language_values(offered: Sequence[str] = ()) -> tuple[Value, ...]:
    """The interface's languages, those of the consultation, and all others as one."""
    tags = dict.fromkeys([*(tag.split("-")[0] for tag, _name in settings.LANGUAGES), *offered])
    return (
        *(Value(tag, language_name(tag)) for tag in tags),
        Value(OTHER_LANGUAGE, pgettext_lazy("language of daily life", "Another language")),
    )


ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(
        "sector",
        pgettext_lazy("attribute", "Sector"),
        _("Where do you stand in this matter?"),
        (
            Value("government", _("Government or public administration")),
            Value("international", _("International organization")),
            Value("business", _("Business")),
            Value("civil-society", _("Civil society")),
            Value("academia", _("School, university or research")),
            Value("technical", _("Technical community")),
            Value("self", _("None of these: I speak for myself")),
        ),
    ),
    Attribute(
        # The regions of the UN's standard M49, with the Americas in two.
        "region",
        pgettext_lazy("attribute", "Region"),
        _("Where in the world do you live?"),
        (
            Value("africa", _("Africa")),
            Value("asia", _("Asia")),
            Value("europe", _("Europe")),
            Value("latin-america", _("Latin America and the Caribbean")),
            Value("northern-america", _("Northern America")),
            Value("oceania", _("Oceania")),
        ),
    ),
    Attribute(
        "age",
        pgettext_lazy("attribute", "Age"),
        _("How old are you?"),
        (
            Value("0-14", _("Under 15")),
            Value("15-24", _("15 to 24")),
            Value("25-34", _("25 to 34")),
            Value("35-49", _("35 to 49")),
            Value("50-64", _("50 to 64")),
            Value("65+", _("65 or older")),
        ),
    ),
    Attribute(
        "gender",
        pgettext_lazy("attribute", "Gender"),
        _("What is your gender?"),
        (
            Value("woman", _("Woman")),
            Value("man", _("Man")),
            Value("another", pgettext_lazy("gender", "Another")),
        ),
    ),
    Attribute(
        "language",
        pgettext_lazy("attribute", "Language"),
        _("Which language do you use in daily life?"),
        _language_values(),
    ),
    Attribute(
        "affected",
        pgettext_lazy("attribute", "Affected"),
        _("Does this matter touch your own life or work?"),
        (
            Value("yes", pgettext_lazy("affected", "Yes")),
            Value("no", pgettext_lazy("affected", "No")),
        ),
    ),
)
NAMES: tuple[str, ...] = tuple(attribute.name for attribute in ATTRIBUTES)


def default_asked() -> list[str]:
    """The attributes that a new consultation asks for: all."""
    return list(NAMES)


def attributes_for(names: Collection[str], languages: Sequence[str] = ()) -> list[Attribute]:
    """The attributes of these names in the usual order, with a consultation's languages among their values."""
    return [
        Attribute(each.name, each.label, each.question, _language_values(languages))
        if each.name == "language"
        else each
        for each in ATTRIBUTES
        if each.name in names
    ]
