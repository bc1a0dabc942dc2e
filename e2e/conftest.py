"""Browser journeys: people's ways through the served demonstration, watched at every page they come to."""

from __future__ import annotations

import pytest

from . import chromium, served
from .visitor import Visitor


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(__file__.rsplit("/", 1)[0]):
            item.add_marker(pytest.mark.browser)


# Each journey is gone through in both languages and both sizes; which language has which size alternates from one to
# the next, so that both pairings are met. Every page for itself is looked at in test_pages.
VIEWS = (("en", 1280), ("ar", 360)), (("en", 360), ("ar", 1280))


def pytest_generate_tests(metafunc):
    if "view" in metafunc.fixturenames:
        journeys = [name for name in vars(metafunc.module) if name.startswith("test_")]
        views = VIEWS[journeys.index(metafunc.function.__name__) % len(VIEWS)]
        metafunc.parametrize("view", views, ids=lambda view: "-".join(map(str, view)))


@pytest.fixture(scope="session")
def running_site(tmp_path_factory):
    if chromium.CHROMIUM is None:
        pytest.skip(chromium.ABSENT)
    base = tmp_path_factory.getbasetemp()
    shared = (
        base.parent if base.name.startswith("popen-") else base
    )  # one folder for all processes of the run
    in_order = shared / "in-order"
    in_order.mkdir(exist_ok=True)
    site = served.Site(served.copy_home(served.prepare(shared), base / "home"), in_order)
    site.start()
    yield site
    site.stop()
    assert "Traceback" not in site.log.read_text("utf-8")


@pytest.fixture
def site(running_site):
    """The served demonstration as it was loaded: what an earlier test did is gone."""
    running_site.put_back()
    return running_site


@pytest.fixture
def arrive(browser, site):
    """Opens a window of the site for somebody; when the test ends, everything she met must have been in order."""
    visitors = []

    def open_window(language="en", width=1280, way="pointer", role=None, **more):
        visitor = Visitor(browser, site, language=language, width=width, way=way, role=role, **more)
        visitors.append(visitor)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.leave()
