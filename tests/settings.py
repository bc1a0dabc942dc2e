"""The settings of every test run: the product's own, with data in a folder that is thrown away.

Set before Django reads its settings, so that no test ever touches an installation's data. The database is SQLite in
that folder, or what PLENARY_TEST_DATABASE_URL names (``python -m tests.postgres`` starts one and sets it).
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="plenary-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
_ours = ("PLENARY_TEST_DATABASE_URL", "PLENARY_SHARED")
for _name in [name for name in os.environ if name.startswith("PLENARY_") and name not in _ours]:
    del os.environ[_name]  # what somebody has set for her own installation is not what is tested
os.environ["PLENARY_HOME"] = _home
os.environ["PLENARY_DATABASE_URL"] = os.environ.get("PLENARY_TEST_DATABASE_URL", "")
os.environ["PLENARY_WORKER"] = "false"

from plenary.site.settings import *  # noqa: E402, F403

# Quick instead of safe: the passwords of tests guard nothing.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A database in memory has no line to wait in, and the tests' own tools know Django's name of it alone.
if DATABASES["default"]["ENGINE"] == "plenary.kit.sqlite3":  # noqa: F405
    DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"  # noqa: F405
# Files under their own names, as they lie in the package; site/tests/test_assets.py looks at how they are served.
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
