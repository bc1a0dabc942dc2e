"""The product's settings without waiting for the disk: for tests that start commands and do not pull the plug."""

from __future__ import annotations

from plenary.site.settings import *  # noqa: F403
from plenary.site.settings import DATABASES

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    _options = DATABASES["default"]["OPTIONS"]
    _options["init_command"] = _options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
