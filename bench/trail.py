"""How long the trail of a record takes beside thousands of statements: CPU and wall milliseconds, median of five.

    python bench/trail.py [STATEMENTS]

Uses a throw-away SQLite database. What is measured is the whole of ``get_trail``: the recursive query, the records'
visibility, their titles.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time

os.environ["PLENARY_HOME"] = tempfile.mkdtemp(prefix="plenary-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "plenary.site.settings"


def main(count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    from plenary.reports.queries import get_trail
    from plenary.reports.tests.test_trail import link, make_consultation, make_record, make_statements

    with transaction.atomic():
        consultation = make_consultation()
        statements = make_statements(consultation, count)
        finding, change = make_record("finding"), make_record("change")
        link(statements[0].record, finding)
        link(finding, change)
    for name, record in (
        ("consultation", consultation.record),
        ("statement", statements[0].record),
        ("change", change),
    ):
        walls, cpus = [], []
        for _ in range(5):
            wall, cpu = time.perf_counter(), time.process_time()
            get_trail(record, None, "en")
            walls.append(1000 * (time.perf_counter() - wall))
            cpus.append(1000 * (time.process_time() - cpu))
        print(f"{name:<13} {statistics.median(cpus):7.1f} ms CPU {statistics.median(walls):7.1f} ms wall")
    print(f"{count} statements; load {os.getloadavg()[0]:.1f}; Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
