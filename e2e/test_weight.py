"""What a page costs on a cheap phone: bytes over the line, as the browser itself counts them."""

from __future__ import annotations

import pytest

from .pages import PAGES

FIRST, NEXT = 100_000, 25_000
PUBLIC = [
    kind for kind in PAGES if not kind.role and kind.status == 200 and not kind.name.startswith("style")
]


class Scale:
    """Counts what arrives in a window, headers included; what the browser had kept costs nothing."""

    def __init__(self, window) -> None:
        self.window = window
        self.session = window.context.new_cdp_session(window.page)
        self.session.on("Network.loadingFinished", self._add)
        self.session.send("Network.enable")
        self.bytes = 0

    def _add(self, event) -> None:
        self.bytes += event["encodedDataLength"]

    def weigh(self, path: str) -> int:
        self.bytes = 0
        page = self.window.page
        page.goto(self.window.site.url + path, wait_until="load")
        self.window.settle()  # what pages fetch after they are there counts too
        self.session.send("Network.getCookies")  # its answer comes after all that was told before
        self.window.looked_at.add(page.url)
        return round(self.bytes)


def test_a_first_visit_stays_light(arrive):
    """To any page: people come by links from elsewhere."""
    weights = {}
    for kind in PUBLIC[::4]:
        weights[kind.name] = Scale(arrive("ar", 360)).weigh(kind.path)
    assert min(weights.values()) > 1_000  # it does count
    assert {name: weight for name, weight in weights.items() if weight > FIRST} == {}


@pytest.mark.parametrize("language", ["en", "ar", "ru"])
def test_a_next_page_stays_lighter(arrive, language):
    scale = Scale(arrive(language, 360))
    scale.weigh("/style")
    weights = {kind.name: scale.weigh(kind.path) for kind in PUBLIC}
    assert min(weights.values()) > 500
    assert {name: weight for name, weight in weights.items() if weight > NEXT} == {}


def test_the_scale_counts_what_is_not_kept(arrive):
    scale = Scale(arrive("en", 360))
    first = scale.weigh("/")
    again = scale.weigh("/")
    assert first > 3 * again
