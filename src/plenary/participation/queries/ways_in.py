"""Who is let into a consultation that is not for everybody: by the link's key, a pass, an invitation, a membership."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from plenary.participation import tokens
from plenary.participation.models import Consultation, Participant
from plenary.records.queries import visible_to

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

    from plenary.people.models import User

    Viewer = User | AnonymousUser | None

COOKIE = "way-in-{}"  # the cookie's name, with the number of the consultation's record
TAKING_PART = "taking-part"


@dataclass(frozen=True)
class Keys:
    """What a browser brings along besides its account."""

    link: str = ""
    """The key of a link, from the address."""
    tokens: tuple[str, ...] = ()
    """By which she takes part: from the form, from the cookie."""
    cookies: Mapping[str, str] = field(default_factory=dict)


def keys_of(request: HttpRequest) -> Keys:
    brought = (request.POST.get("token", ""), request.COOKIES.get(TAKING_PART, ""))
    return Keys(request.GET.get("key", ""), tuple(filter(None, brought)), request.COOKIES)


def seen_by(user: Viewer) -> Q:
    """The filter of consultations that lists show to a person: what is public, and what her organizations may answer.

    What a link or an invitation opens stands in no list.
    """
    found = visible_to(user, "record")
    if user is None or not user.is_authenticated or not found:
        return found
    organizations = user.visibility_scope().organizations
    if not organizations:
        return found
    hers = Consultation.members.through.objects.filter(
        consultation=OuterRef("pk"), organization__in=organizations
    )
    return found | Q(Exists(hers), access=Consultation.Access.MEMBERS, is_draft=False)


def admits(user: Viewer, consultation: Consultation, keys: Keys) -> bool:
    """Whether somebody who may not see it by her roles is let in all the same. At most one query for each key."""
    if consultation.is_draft:
        return False
    access, signed = consultation.access, keys.cookies.get(COOKIE.format(consultation.pk), "")
    if access == Consultation.Access.LINK:
        key = consultation.link_key
        return bool(key) and (
            hmac.compare_digest(keys.link.encode(), key.encode())
            or tokens.opens(signed, consultation.pk, key)
        )
    if access == Consultation.Access.INVITED:
        return tokens.opens(signed, consultation.pk, access) or _takes_part(user, consultation, keys)
    if access == Consultation.Access.MEMBERS and user is not None and user.is_authenticated:
        organizations = user.visibility_scope().organizations
        return bool(organizations) and consultation.members.filter(pk__in=organizations).exists()
    return False


def _takes_part(user: Viewer, consultation: Consultation, keys: Keys) -> bool:
    hashes = [found for token in keys.tokens if (found := tokens.read(token, consultation.pk)) is not None]
    she = Q(token_hash__in=hashes)
    if user is not None and user.is_authenticated:
        she |= Q(user=user)
    return bool(she) and Participant.objects.filter(she, consultation=consultation).exists()
