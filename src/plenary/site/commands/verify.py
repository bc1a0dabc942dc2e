from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

NAME = "verify"
HELP = "Check a published package of an analysis: unaltered, and its votes give its figures? No database."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "package", metavar="PACKAGE", type=Path, help="the ZIP file, or the folder that it was unpacked to"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    from plenary.insight.verify import NoPackage, verify

    try:
        report = verify(args.package)
    except NoPackage as error:
        print(f"plenary verify: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=2))
        return 1 if report.wrong else 0
    print(report.package)
    print(f"SHA-256 of datapackage.json: {report.sha256}")
    print("Compare it with the one on the page of the analysis.\n")
    for mark, lines in (
        ("✓", report.confirmed),
        ("·", report.attested),
        ("i", report.notes),
        ("✕", report.wrong),
    ):
        for line in lines:
            print(f"{mark} {line}")
    print()
    print("NOT VERIFIED: see what is marked ✕." if report.wrong else "Verified.")
    return 1 if report.wrong else 0
