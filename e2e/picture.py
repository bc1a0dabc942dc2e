"""The picture of the README: the product at work, in three languages, on a desk and on two phones.

make picture        takes it anew from the served demonstration, into docs/picture.jpg
"""

from __future__ import annotations

import tempfile
from base64 import b64encode
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from .chromium import ARGUMENTS, CHROMIUM
from .served import SOURCE, Site, copy_home, prepare

TO = SOURCE / "docs" / "picture.jpg"
# Path, language, scheme, width and height of the window.
SHOTS = [
    ("/", "en", "light", 1120, 860),
    ("/consultations/CON-1", "ar", "light", 380, 860),
    ("/commitments/COM-2", "zh-CN", "dark", 380, 860),
]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        site = Site(copy_home(prepare(Path(folder)), Path(folder) / "home"))
        site.start()
        browser = running.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            taken = [shot(browser, site, *each) for each in SHOTS]
            put_together(browser, taken)
        finally:
            browser.close()
            site.stop()
    print(f"{TO}: {TO.stat().st_size / 1000:.0f} kB")


def shot(browser: Browser, site: Site, path: str, language: str, scheme: str, width: int, height: int) -> str:
    """One window, as an image in HTML."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale=language,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )  # fmt: skip
    page = context.new_page()
    page.goto(site.url + path, wait_until="load")
    picture = b64encode(page.screenshot()).decode()
    context.close()
    return f'<img width="{width}" height="{height}" src="data:image/png;base64,{picture}">'


def put_together(browser: Browser, images: list[str]) -> None:
    page = browser.new_page(viewport={"width": 2020, "height": 940})
    page.set_content(
        '<body style="margin:0;padding:40px;background:#f6f5f1;display:flex;gap:30px">'
        "<style>img{border:1px solid #57606a;border-radius:8px}</style>" + "".join(images)
    )
    page.screenshot(path=TO, type="jpeg", quality=80)


if __name__ == "__main__":
    main()
