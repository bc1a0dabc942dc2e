"""What the tests can use beyond Python, and which Debian packages bring it.

Only the standard library, so that a machine can be asked before anything is installed:

    python3 tests/needs.py              says what is missing, and fails if anything is
    python3 tests/needs.py --packages   names the packages to install, on one line
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Need(NamedTuple):
    name: str
    packages: str
    use: str
    find: Callable[[], object]


def chromium() -> str | None:
    """A browser that speaks Chromium's protocol."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest version first; Debian keeps them off the PATH."""
    on_path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    versions = [
        folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdigit()
    ]
    debian = sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    return next((folder for folder in debian + on_path if (folder / "initdb").is_file()), None)


def fonts() -> bool:
    """Whether Arabic and Chinese have letters instead of boxes."""
    if not shutil.which("fc-list"):
        return False
    return all(
        subprocess.run(["fc-list", f":lang={language}"], capture_output=True, check=False).stdout
        for language in ("ar", "zh-cn")
    )


NEEDS = (
    Need("PostgreSQL", "postgresql", "the suite on the second database", postgres_programs),
    Need("Chromium", "chromium", "the pages in a browser", chromium),
    Need(
        "fonts", "fontconfig fonts-noto-core fonts-noto-cjk", "Arabic and Chinese pages in a browser", fonts
    ),
    Need("gettext", "gettext", "the check of the catalogues", lambda: shutil.which("xgettext")),
)


def missing() -> list[Need]:
    """What this machine lacks."""
    return [need for need in NEEDS if not need.find()]


def describe(lacking: list[Need]) -> str:
    """One sentence for each thing that is missing, and the command that brings all of them."""
    lines = [f"Missing here: {need.name}, for {need.use}." for need in lacking]
    packages = " ".join(need.packages for need in lacking)
    return "\n".join([*lines, f"On Debian, install what is missing: apt-get install {packages}"])


def main() -> int:
    lacking = missing()
    if "--packages" in sys.argv:
        print(" ".join(need.packages for need in lacking))
        return 0
    if lacking:
        print(describe(lacking), file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
