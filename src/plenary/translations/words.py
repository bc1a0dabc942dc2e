"""What a translation must be, whoever writes it: a person, a file or a machine."""

from __future__ import annotations

import re
from collections import Counter

from django.utils.translation import gettext as _

LONGEST = 20_000

# Line breaks and tabs belong to words; other control characters do not, and overrides turn what follows around.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]+\}|\{\{\s*[a-z_.]+\s*\}\}", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*(\s[^<>]*)?/?>", re.IGNORECASE)


def problem_of(body: str, source: str) -> str:
    """Why words cannot be a translation of others; empty where they can."""
    if not body.strip():
        return _("The translation is empty.")
    if len(body) > LONGEST:
        return _("The translation is longer than %(count)s characters.") % {"count": LONGEST}
    if _CONTROL.search(body):
        return _(
            "The translation holds characters that cannot be seen, such as overrides of direction. Remove them."
        )
    if missing := Counter(_PLACEHOLDER.findall(source)) - Counter(_PLACEHOLDER.findall(body)):
        return _("The placeholder %(placeholder)s of the original is not in the translation.") % {
            "placeholder": next(iter(missing))
        }
    if _tags(body) - _tags(source):
        return _("The translation holds mark-up that the original does not have. Texts are plain.")
    return ""


def _tags(words: str) -> Counter[str]:
    return Counter(found.group().lower() for found in _MARKUP.finditer(words))


def cleaned(body: str) -> str:
    """Lines end as ours do, and nothing blank stands around."""
    return body.replace("\r\n", "\n").replace("\r", "\n").strip()
