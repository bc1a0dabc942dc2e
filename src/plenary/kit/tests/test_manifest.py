from __future__ import annotations

import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template
from django.test import RequestFactory

import plenary
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
    with pytest.raises(ImproperlyConfigured, match="declared twice"):
        manifest.kinds()
    manifest.kinds.cache_clear()


@pytest.fixture
def half_made(monkeypatch, settings, tmp_path):
    """The folder of a module that is in the list, with nothing in it."""
    package = tmp_path / "half_made"
    package.mkdir()
    monkeypatch.setattr(plenary, "__path__", [*plenary.__path__, str(tmp_path)])
    settings.PLENARY_MODULES = ["half_made"]
    manifest.modules.cache_clear()
    yield package
    manifest.modules.cache_clear()
    for name in [name for name in sys.modules if name.startswith("plenary.half_made")]:
        del sys.modules[name]


OF_ANOTHER = "from plenary.kit.manifest import Module\nMODULE = Module(name='another')\n"


@pytest.mark.parametrize("written", [None, "", "MODULE = None\n", OF_ANOTHER])
def test_a_module_without_its_manifest_says_which_file_is_wanted(half_made, written):
    if written is not None:
        (half_made / "module.py").write_text(written)
    with pytest.raises(ImproperlyConfigured, match=r"plenary/half_made/module\.py declares MODULE"):
        manifest.modules()


def test_what_a_manifest_itself_cannot_import_is_said_as_it_is(half_made):
    (half_made / "module.py").write_text("import no_such_package\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        manifest.modules()


def test_problems_name_their_place():
    error = BadInput([Problem("is 5, not −1, 0 or 1", "votes.csv", 7, "vote"), Problem("empty")])
    assert str(error) == "votes.csv, line 7, column vote: is 5, not −1, 0 or 1\nempty"
