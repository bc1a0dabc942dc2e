"""The translating machine, played by a server in this process that speaks both protocols and makes every mistake."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import PermissionDenied

from plenary.kit.errors import Refused
from plenary.participation.models import Statement
from plenary.participation.tests.factories import make_statements
from plenary.records.actions import put_translation
from plenary.records.models import Provenance, Translation, Visibility
from plenary.records.tests.factories import NOW
from plenary.translations import actions, machine, queries
from plenary.translations.models import MachineRun
from plenary.translations.tests.factories import make_pool


class Server:
    """Answers translations as «[fr] words»; ``faults`` are taken first, one a request."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict, dict]] = []
        self.faults: list[object] = []
        self.meanwhile = lambda: None
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append((self.path, body, dict(self.headers)))
                fault = server.faults.pop(0) if server.faults else None
                server.answer(self, body, fault)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def answer(self, handler, body, fault) -> None:
        if fault == "break off":
            handler.close_connection = True
            return
        if isinstance(fault, int):
            handler.send_response(fault)
            if fault == 429:
                handler.send_header("Retry-After", "3")
            if fault == 302:
                handler.send_header("Location", "http://127.0.0.1:1/")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        content = json.dumps(self.said(handler.path, body, fault), ensure_ascii=False).encode()
        if fault == "mangled":
            content = content[:-3]
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def said(self, path, body, fault):
        if path == "/translate":
            words = [f"[{body['target']}] {each}" for each in body["q"]]
            return {"translatedText": self.spoilt(words, fault)}
        asked = json.loads(body["messages"][1]["content"])
        words = self.spoilt([f"[fr] {each}" for each in asked], fault)
        content = json.dumps({"translations": words}, ensure_ascii=False)
        if fault == "chatty":
            content = f"```json\n{content}\n```"
        if fault == "prose":
            content = "Of course! Here are your translations."
        return {"choices": [{"message": {"role": "assistant", "content": content}}]}

    @staticmethod
    def spoilt(words, fault):
        return {
            "too few": words[:-1],
            "too many": [*words, "x"],
            "empty": ["", *words[1:]],
            "no list": "x",
        }.get(fault, words)


@pytest.fixture
def server(settings):
    found = Server()
    settings.PLENARY_TRANSLATE_URL = found.url
    settings.PLENARY_TRANSLATE_KIND = "libretranslate"
    settings.PLENARY_TRANSLATE_KEY = "secret"
    settings.PLENARY_TRANSLATE_MODEL = "small"
    yield found
    found.http.shutdown()
    found.http.server_close()


@pytest.fixture(params=["libretranslate", "openai"])
def either(request, server, settings):
    settings.PLENARY_TRANSLATE_KIND = request.param
    return server


def ask(texts=("One.", "Two."), waits=None):
    return machine.translate(
        list(texts), source="en", target="fr", sleep=(waits if waits is not None else []).append
    )


def test_both_protocols_translate_in_order(either):
    assert ask() == ["[fr] One.", "[fr] Two."]
    path, body, headers = either.asked[0]
    if path == "/translate":
        assert body == {
            "q": ["One.", "Two."],
            "source": "en",
            "target": "fr",
            "format": "text",
            "api_key": "secret",
        }
    else:
        assert path == "/v1/chat/completions" and body["model"] == "small"
        assert headers["Authorization"] == "Bearer secret" and json.loads(body["messages"][1]["content"]) == [
            "One.",
            "Two.",
        ]


def test_an_address_with_v1_at_its_end_is_understood(server, settings):
    settings.PLENARY_TRANSLATE_KIND, settings.PLENARY_TRANSLATE_URL = "openai", f"{server.url}/v1"
    server.faults = ["chatty"]
    assert ask() == ["[fr] One.", "[fr] Two."] and server.asked[0][0] == "/v1/chat/completions"


def test_a_busy_machine_is_asked_again_a_few_times(either):
    waits: list[float] = []
    either.faults = [429, 503]
    assert ask(waits=waits) == ["[fr] One.", "[fr] Two."]
    assert waits == [3.0, 4.0]
    either.faults = [429, "break off", 500, None]
    with pytest.raises(machine.MachineError, match="error"):
        ask()
    assert len(either.asked) == 6


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("too few", "asked for 2 translations and gave 1"), ("too many", "gave 3"), ("empty", "empty translation"),
        ("no list", "gave 0"), ("mangled", "could not be read"), (401, "error \\(401\\)"), (302, "error \\(302\\)"),
    ],
)  # fmt: skip
def test_what_is_not_sure_is_not_taken(either, fault, why):
    either.faults = [fault]
    with pytest.raises(machine.MachineError, match=why):
        ask()
    assert len(either.asked) == 1


def test_prose_instead_of_json_is_not_taken(server, settings):
    settings.PLENARY_TRANSLATE_KIND = "openai"
    server.faults = ["prose"]
    with pytest.raises(machine.MachineError, match="could not be read"):
        ask()


def test_a_machine_that_does_not_answer_in_time(server, monkeypatch, settings):
    monkeypatch.setattr(machine, "TIMEOUT", 0.2)
    settings.PLENARY_TRANSLATE_URL = "http://127.0.0.1:9"  # nobody listens there
    with pytest.raises(machine.MachineError, match="did not answer"):
        ask()


def test_batches_are_short():
    found = machine.batches([(number, "x" * 1000) for number in range(30)] + [(30, "y" * 9000)])
    assert [len(batch) for batch in found] == [6, 6, 6, 6, 6, 1]
    assert [len(batch) for batch in machine.batches([(number, "x") for number in range(45)])] == [20, 20, 5]


# In the pool


@pytest.fixture
def pool(db):
    return make_pool("One.", "Two.", "Three.")


def run(pool, alice, **more) -> MachineRun:
    made = actions.ask_machine(whole=pool[0].record, language="fr", by=alice, now=NOW, **more)
    return actions.run_machine(run=made, now=NOW)


def bodies(language="fr") -> dict[str, str]:
    return {
        row.text.body: row.body
        for row in Translation.objects.filter(language=language).select_related("text")
    }


@pytest.mark.django_db
def test_what_is_missing_is_translated_and_marked(server, pool, alice):
    put_translation(text=pool[1][0].record.title, language="fr", body="Une.")
    done = run(pool, alice)
    assert (done.state, done.done, done.total, done.error) == ("done", 4, 4, "")
    assert bodies()["One."] == "Une." and bodies()["Two."] == "[fr] Two."
    assert Translation.objects.get(body="[fr] Two.").provenance == Provenance.MACHINE
    assert Translation.objects.get(body="Une.").provenance == Provenance.HUMAN
    verbs = list(pool[0].record.events.values_list("verb", flat=True))
    assert "machine translation asked for" in verbs and "machine translation ended" in verbs
    event = pool[1][1].record.events.get(verb="translated")
    assert event.actor is None and event.changes["provenance"] == [None, "machine"]
    with pytest.raises(Refused, match="Nothing that is public is missing"):
        run(pool, alice)


@pytest.mark.django_db
def test_only_what_everybody_may_read_is_sent(server, pool, alice):
    Statement.objects.filter(pk=pool[1][0].pk).update(moderation="waiting")
    run(pool, alice)
    sent = json.dumps([body for _path, body, _headers in server.asked])
    assert "One." not in sent and "Two." in sent
    pool[0].record.visibility = Visibility.STAFF
    pool[0].record.save()
    make_statements(pool[0], "Four.")
    with pytest.raises(Refused, match="Nothing that is public"):
        run(pool, alice)


@pytest.mark.django_db
def test_a_failure_is_shown_and_leaves_what_was_finished(server, pool, alice, client, monkeypatch):
    monkeypatch.setattr(machine, "BATCH", 2)
    server.faults = [None, "too few"]
    done = run(pool, alice)
    assert (done.state, done.done) == ("failed", 2) and "gave 1" in done.error
    assert Translation.objects.count() == 2
    client.force_login(alice)
    page = client.get("/translations/fr?of=CON-1").content.decode()
    assert "gave 1" in page and "2 of 5 written" in page
    assert run(pool, alice).state == "done" and Translation.objects.count() == 5


@pytest.mark.django_db
def test_it_never_takes_the_place_of_what_somebody_wrote_meanwhile(server, pool, alice, monkeypatch):
    real = machine.translate

    def slow(texts, **more):
        found = real(texts, **more)
        put_translation(text=pool[1][0].record.title, language="fr", body="Une, à la main.")
        return found

    monkeypatch.setattr(machine, "translate", slow)
    run(pool, alice)
    assert bodies()["One."] == "Une, à la main."


@pytest.mark.django_db
def test_what_we_would_refuse_of_a_person_is_not_taken_of_a_machine(server, pool, alice):
    make_statements(pool[0], "Write to {name}.")
    monkey = {"Write to {name}.": "Écrivez."}
    server.spoilt = lambda words, fault: [monkey.get(each.removeprefix("[fr] "), each) for each in words]
    done = run(pool, alice)
    assert done.state == "done" and "Write to {name}." not in bodies() and done.done == done.total - 1


@pytest.mark.django_db
def test_only_the_desk_asks_and_only_where_there_is_a_machine(server, pool, alice, bob, settings, client):
    with pytest.raises(PermissionDenied):
        run(pool, bob)
    client.force_login(bob)
    assert client.post("/translations/fr/machine", {"of": "CON-1"}).status_code == 403
    client.force_login(alice)
    assert "Translate what is missing by machine" in client.get("/translations/fr?of=CON-1").content.decode()
    assert client.post("/translations/fr/machine", {"of": "CON-99"}).status_code == 404
    assert client.post("/translations/fr/machine", {"of": "CON-1"})["location"] == "/translations/fr?of=CON-1"
    settings.PLENARY_TRANSLATE_URL = ""
    with pytest.raises(Refused, match="No translating machine"):
        run(pool, alice)
    assert "by machine" not in client.get("/translations/es?of=CON-1").content.decode()


@pytest.mark.django_db
def test_one_request_at_a_time_and_one_that_broke_off_is_given_up(server, pool, alice):
    first = actions.ask_machine(whole=pool[0].record, language="fr", by=alice, now=NOW)
    with pytest.raises(Refused, match="at it already"):
        run(pool, alice)
    later = NOW + actions.machine.PATIENCE * 2
    actions.ask_machine(whole=pool[0].record, language="fr", by=alice, now=later)
    assert queries.refreshed(first).state == "failed"
    assert actions.run_machine(run=first, now=NOW).state == "failed" and not server.asked
