"""The card in a page of another site, in a browser that blocks cookies of other sites: with the script and without."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from . import chromium

BLOCKING = ["--test-third-party-cookie-phaseout"]


@pytest.fixture
def elsewhere(site):
    """Another site: a page with the line in it, on another host name and port."""
    frame = f'<iframe src="{site.url}/embed/CON-1?lang=en" width="100%" height="640"></iframe>'
    page = f"<!doctype html><title>City news</title>{frame}"

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = "127.0.0.1" if "localhost" in site.url else "localhost"
    yield f"http://{host}:{server.server_port}"
    server.shutdown()


def allow(site, origins):
    with closing(sqlite3.connect(site.database, timeout=20)) as database:
        database.execute(
            "UPDATE participation_consultation SET embed_origins = ? WHERE record_id = "
            "(SELECT id FROM records_record WHERE reference = 'CON-1')",
            (json.dumps(origins),),
        )
        database.commit()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request, site, browser):
    started = browser.browser_type.launch(
        executable_path=chromium.CHROMIUM, args=[*chromium.ARGUMENTS, *BLOCKING]
    )
    context = started.new_context(java_script_enabled=request.param)
    context.add_cookies([{"name": "sessionid", "value": "of-somebody", "url": site.url}])
    opened = context.new_page()
    opened.sent = []
    opened.on("request", lambda sent: opened.sent.append(sent))
    opened.answered = []
    opened.on("response", lambda answer: opened.answered.append(answer))
    yield opened
    started.close()


def test_two_votes_in_a_frame_are_of_one_person_and_no_cookie_travels(site, elsewhere, page):
    allow(site, [elsewhere])
    people = site.one("SELECT count(*) FROM participation_participant")
    votes = site.one("SELECT count(*) FROM participation_vote")
    page.goto(elsewhere)
    frame = page.frame_locator("iframe")
    for answer in ("Agree", "Disagree"):
        shown = frame.locator("#card-statement").inner_text()
        frame.locator("#card").get_by_role("button", name=answer, exact=False).first.click()
        frame.locator("#card-statement").filter(has_not_text=shown).wait_for()
    assert site.one("SELECT count(*) FROM participation_vote") == votes + 2
    assert site.one("SELECT count(*) FROM participation_participant") == people + 1
    ours = [sent for sent in page.sent if "/embed/" in sent.url]
    assert ours
    assert not any("cookie" in sent.all_headers() for sent in ours)
    assert not any(
        "set-cookie" in answer.all_headers() for answer in page.answered if "/embed/" in answer.url
    )


def test_a_site_that_is_not_on_the_list_is_refused(site, elsewhere, page):
    allow(site, ["https://example.org"])
    page.goto(elsewhere)
    page.wait_for_timeout(1000)
    assert not page.frame_locator("iframe").locator("#card").count()
