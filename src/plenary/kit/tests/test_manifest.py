from __future__ import annotations

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from plenary.kit import manifest
from plenary.kit.errors import BadInput, Problem, Refused


def refuse(*, subject):
    raise Refused(f"{subject} stays")


def show(request, subject):
    return {"word": subject} if subject else None


@pytest.fixture
def modules(monkeypatch, settings, tmp_path):
    """Two small modules in place of the installed ones."""
    (tmp_path / "word.html").write_text("<b>{{ word }}</b>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    here = "plenary.kit.tests.test_manifest"
    lower = manifest.Module(
        name="lower", slots=(manifest.Slot("place", "word.html", f"{here}.show", order=20),)
    )
    upper = manifest.Module(name="upper", guards=(manifest.Guard("lower.remove", f"{here}.refuse"),))
    monkeypatch.setattr(manifest, "modules", lambda: (lower, upper))
    manifest._slots.cache_clear()
    yield
    manifest._slots.cache_clear()


def test_a_slot_shows_what_a_module_declares_and_escapes_it(modules):
    request = RequestFactory().get("/")
    template = Template("{% slot 'place' subject %}")
    assert template.render(Context({"request": request, "subject": "<i>"})) == "<b>&lt;i&gt;</b>"
    assert template.render(Context({"request": request, "subject": ""})) == ""


def test_a_guard_refuses_its_action_and_no_other(modules):
    manifest.ask_guards("lower.add", subject="clause")
    with pytest.raises(Refused, match="clause stays"):
        manifest.ask_guards("lower.remove", subject="clause")


def test_a_kind_declared_twice_is_an_error(monkeypatch):
    kind = manifest.Kind("thing", "THG", "Thing", "Things")
    monkeypatch.setattr(manifest, "modules", lambda: (manifest.Module(name="a", kinds=(kind, kind)),))
    manifest.kinds.cache_clear()
    with pytest.raises(ValueError, match="declared twice"):
        manifest.kinds()
    manifest.kinds.cache_clear()


def test_problems_name_their_place():
    error = BadInput([Problem("is 5, not −1, 0 or 1", "votes.csv", 7, "vote"), Problem("empty")])
    assert str(error) == "votes.csv, line 7, column vote: is 5, not −1, 0 or 1\nempty"
