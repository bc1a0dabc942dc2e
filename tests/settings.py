"""The settings of every test run: the product's own, with data in a folder that is thrown away.

Set before Django reads its settings, so that no test ever touches an installation's data.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="plenary-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["PLENARY_HOME"] = _home
os.environ["PLENARY_WORKER"] = "false"

from plenary.site.settings import *  # noqa: E402, F403

# Quick instead of safe: the passwords of tests guard nothing.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
