"""Style sheets and scripts as visitors get them: hashed names, kept for good, compressed; collected without a step."""

from __future__ import annotations

import gzip
import re
import threading
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, override_settings

from plenary.site import assets

SOURCE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The product's own settings for static files, in a home of their own."""
    home = tmp_path_factory.mktemp("home")
    product = {"staticfiles": {"BACKEND": "plenary.site.assets.HashedStaticFiles"}}
    with override_settings(PLENARY_HOME=home, STORAGES=product, WHITENOISE_USE_FINDERS=False):
        assets.folder.cache_clear()
        yield home
    assets.folder.cache_clear()


@pytest.mark.django_db
def test_a_page_names_files_that_may_be_kept_for_good(served):
    client = Client()
    page = client.get("/style").content.decode()
    names = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(names) >= 3
    for name in names:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", name), name
        answer = client.get(name)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "max-age=315360000, public, immutable"


def test_style_sheets_come_compressed_to_whom_understands_it(served):
    client = Client()
    plain = b"".join(client.get("/static/kit/plenary.css"))
    answer = client.get("/static/kit/plenary.css", headers={"accept-encoding": "gzip"})
    packed = b"".join(answer)
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 3


def test_processes_that_start_together_agree(served, tmp_path):
    found, barrier = [], threading.Barrier(4)

    def start():
        barrier.wait()
        found.append(assets.folder.__wrapped__())

    with override_settings(PLENARY_HOME=tmp_path):
        starts = [threading.Thread(target=start) for _ in range(4)]
        [each.start() for each in starts]
        [each.join() for each in starts]
    assert len(found) == 4 and len(set(found)) == 1
    assert list((tmp_path / "static").iterdir()) == [found[0]], "no drafts are left"
    assert (found[0] / "staticfiles.json").exists()


def test_a_changed_file_gets_a_folder_of_its_own_and_old_ones_go(served, tmp_path, monkeypatch):
    with override_settings(PLENARY_HOME=tmp_path):
        for state in ("a", "b", "c", "d"):
            monkeypatch.setattr(assets, "_state", lambda state=state: state)
            assets.folder.__wrapped__()
    assert {path.name for path in (tmp_path / "static").iterdir()} == {"b", "c", "d"}


def test_every_file_that_a_template_names_is_there():
    """With hashed names a misspelt one breaks the page; tests without them would not notice."""
    named = {
        name
        for path in SOURCE.rglob("templates/**/*.html")
        for name in re.findall(r"""\{% static ["']([^"']+)["']""", path.read_text("utf-8"))
    }
    assert len(named) >= 3
    assert [name for name in sorted(named) if finders.find(name) is None] == []


# Pages


@pytest.mark.django_db
def test_pages_are_compressed_with_a_length_that_tells_little(client):
    def get():
        return client.get("/", headers={"accept-encoding": "gzip"})

    answer = get()
    assert answer["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer["Vary"]
    plain = client.get("/").content
    assert gzip.decompress(answer.content) == plain
    assert len(answer.content) < len(plain) / 2
    assert len({len(get().content) for _ in range(8)}) > 1


@pytest.mark.django_db
def test_what_is_compressed_already_is_sent_as_it_is(client):
    answer = client.get("/source", headers={"accept-encoding": "gzip"})
    assert answer["Content-Type"] == "application/gzip"
    assert "Content-Encoding" not in answer


def test_a_stream_is_not_held_back(rf):
    from django.http import StreamingHttpResponse

    from plenary.site.compression import CompressionMiddleware

    stream = StreamingHttpResponse(["one " * 200, "two " * 200], content_type="text/csv")
    answer = CompressionMiddleware(lambda request: stream)(rf.get("/", headers={"accept-encoding": "gzip"}))
    assert "Content-Encoding" not in answer and next(iter(answer)) == b"one " * 200
