"""How long the demonstration takes to load into an empty SQLite database: CPU and wall seconds, once.

    python bench/demonstration.py

Everything goes through the same actions as people's clicks. A visitor waits for it once: at most 20 s on two cores.
"""

from __future__ import annotations

import os
import tempfile
import time

os.environ["PLENARY_HOME"] = tempfile.mkdtemp(prefix="plenary-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "plenary.site.settings"


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from plenary.participation.models import Vote
    from plenary.records.models import Record
    from plenary.site.demo.loader import load_once

    wall, cpu = time.perf_counter(), time.process_time()
    load_once()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{Record.objects.count():,} records, {Vote.objects.count():,} votes: {cpu:.1f} s CPU, {wall:.1f} s wall"
    )


if __name__ == "__main__":
    main()
