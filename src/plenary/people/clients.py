"""What is known of the computer at the other end: enough to count its attempts and to recognise one's own sessions.

An address is personal. It is read from the request, turned into a pseudonym for as long as a limit counts, and goes
nowhere else: not into the database, a cache key or a log.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from datetime import UTC, date, datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

NO_ADDRESS = "::"  # what allauth's table of sessions gets, whose column wants an address
_KEY = "people.clients.key"


def address_of(request: HttpRequest) -> str:
    """The address that the outermost of our own proxies saw; whatever a client claims beyond it is not believed."""
    proxies = settings.PLENARY_PROXIES
    if proxies:
        claimed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(claimed) >= proxies and claimed[-proxies]:
            return claimed[-proxies]
    return request.META.get("REMOTE_ADDR", "")


def pseudonym(request: HttpRequest) -> str:
    """Stands for the client for one day: a keyed hash, whose key the next day's overwrites, so nobody goes back.

    It has the form of a private IPv6 address, since allauth takes what it counts by for one.
    """
    try:
        address = ipaddress.ip_address(address_of(request).partition("%")[0])
    except ValueError:
        network = address_of(request)  # a socket without addresses: everybody behind it is one client
    else:
        # A household or an institution holds a whole /64 of IPv6; counted one by one, it would have no limit.
        network = str(ipaddress.ip_network((address, 64), strict=False) if address.version == 6 else address)
    key = settings.SECRET_KEY.encode() + _key_of(datetime.now(UTC).date())
    digest = hmac.digest(key, network.encode(), hashlib.sha256)
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))


def _key_of(day: date) -> bytes:
    """A random key, the same in every process, kept under one name: the new day's takes the place of the old one's."""
    kept = cache.get(_KEY)
    if kept is None or kept[0] != day:
        cache.set(_KEY, (day, secrets.token_bytes(32)), timeout=None)
        kept = cache.get(_KEY)  # the other process's, where two began the day at once
    key: bytes = kept[1]
    return key


_BROWSERS = [
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|CriOS|Chromium)/"),
    ("Safari", r"Safari/"),
]
_SYSTEMS = [
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
]


def device(user_agent: str) -> str:
    """``Firefox, Windows``: by which people know their own device, too coarse to tell one from another."""
    found = [
        next((name for name, pattern in known if re.search(pattern, user_agent)), "")
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(part for part in found if part)
