"""Pictures of every kind of page, to look at: three languages, a phone and a desk, light and a few dark.

make screenshots                            all of them, into var/screenshots, with an index.html
.venv/bin/python -m e2e.screenshots --only consultation --language ar --width 360
"""

from __future__ import annotations

import argparse
import tempfile
from html import escape
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from .chromium import ABSENT, ARGUMENTS, CHROMIUM
from .pages import PAGES, Kind
from .served import SOURCE, Site, copy_home, prepare

LANGUAGES, WIDTHS = ("en", "ar", "zh-hans"), (360, 1280)
DARK = {"home", "consultation", "consultation-results", "commitments", "change", "desk", "style"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--to", type=Path, default=SOURCE / "var" / "screenshots", help="folder for the pictures"
    )
    parser.add_argument("--only", action="append", help="a kind of page by its name; may be repeated")
    parser.add_argument("--language", action="append", help="default: " + ", ".join(LANGUAGES))
    parser.add_argument("--width", action="append", type=int, help="default: 360 and 1280")
    args = parser.parse_args()
    if CHROMIUM is None:
        parser.error(ABSENT)
    pages = [
        kind for kind in PAGES if not args.only or kind.name in args.only or kind.name.split()[0] in args.only
    ]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        site = Site(copy_home(prepare(Path(folder)), Path(folder) / "home"))
        site.start()
        browser = running.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            for language, width in product(args.language or LANGUAGES, args.width or WIDTHS):
                take(browser, site, args.to, pages, language, width, "light")
                dark = [kind for kind in pages if kind.name in DARK]
                take(browser, site, args.to, dark, language, width, "dark")
        finally:
            browser.close()
            site.stop()
    write_index(args.to)
    print(f"Open {args.to / 'index.html'}")


def take(
    browser: Browser, site: Site, to: Path, pages: list[Kind], language: str, width: int, scheme: str
) -> None:
    folder = to / f"{language}-{width}{'-dark' if scheme == 'dark' else ''}"
    folder.mkdir(parents=True, exist_ok=True)
    for role in {kind.role for kind in pages}:
        context = browser.new_context(
            viewport={"width": width, "height": 740}, color_scheme=scheme, reduced_motion="reduce",  # type: ignore[arg-type]
            locale={"en": "en-US", "zh-hans": "zh-CN"}.get(language, language),
        )  # fmt: skip
        if role:
            context.add_cookies([{"name": "sessionid", "value": site.sessions[role], "url": site.url}])
        page = context.new_page()
        for kind in pages:
            if kind.role == role:
                page.goto(site.url + kind.path, wait_until="load")
                page.screenshot(path=folder / f"{kind.name.replace(' ', '-')}.png", full_page=True)
        context.close()


def write_index(to: Path) -> None:
    """All pictures that lie there, a kind of page in a row."""
    folders = sorted(path.name for path in to.iterdir() if path.is_dir())
    names = sorted({path.stem for path in to.glob("*/*.png")})

    def cell(folder: str, name: str) -> str:
        path = f"{folder}/{name}.png"
        if not (to / path).exists():
            return "<td></td>"
        return f'<td><a href="{path}"><img loading="lazy" width="200" alt="{folder}" src="{path}"></a></td>'

    rows = [
        f"<tr><th>{escape(name)}</th>{''.join(cell(each, name) for each in folders)}</tr>" for name in names
    ]
    head = "".join(f"<th>{folder}</th>" for folder in folders)
    (to / "index.html").write_text(
        f'<!doctype html><meta charset="utf-8"><title>Every kind of page</title>'
        f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>",
        "utf-8",
    )


if __name__ == "__main__":
    main()
