"""The two doors that import-linter cannot see, and what holds for every module."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from plenary.kit import manifest
from plenary.site.modules import LAYERS

SOURCE = Path(__file__).parents[1] / "src" / "plenary"
# Rooms that other modules may enter. Everything else of a module is its own.
PUBLIC = {
    "models",
    "queries",
    "rules",
    "actions",
    "texts",
    "telling",
    "news",
    "mails",
    "outbox",
    "formats",
    "parsing",
    "wording",
    "clients",
    "verify",
}


def levels() -> dict[str, int]:
    """The modules' places in the pile."""
    return {name: place for place, layer in enumerate(LAYERS) for name in layer}


def test_every_module_is_in_the_pile():
    """A module that is not in the list would be checked by nothing."""
    manifests = {path.parent.name for path in SOURCE.glob("*/module.py")}
    assert manifests == set(levels()) == set(settings.PLENARY_MODULES)


def upward_keys(models_of_app, level) -> list[str]:
    """Foreign keys (by whatever spelling) that point at a module which the model's own may not import."""
    found = []
    for model in models_of_app:
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey | models.ManyToManyField) or field.auto_created:
                continue
            target = field.related_model._meta
            if target.label == settings.AUTH_USER_MODEL or target.app_label not in level:
                continue
            own, other = level[model._meta.app_label], level[target.app_label]
            if other > own or (other == own and target.app_label != model._meta.app_label):
                found.append(f"{model._meta.label}.{field.name} → {target.label}")
    return found


def test_no_foreign_key_points_upwards_or_sideways():
    level = levels()
    ours = [model for model in apps.get_models() if model._meta.app_label in level]
    assert len(ours) > 20
    assert upward_keys(ours, level) == []


def test_the_door_sees_a_key_that_points_upwards():
    from plenary.strategy.models import Clause

    assert upward_keys([Clause], {"strategy": 0, "records": 1}) != []


def entered_rooms(path: Path) -> list[str]:
    """Imports of another module's rooms that are not public, as ``file: module.room``."""
    own = path.relative_to(SOURCE).parts[0]
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.module or not node.module.startswith("plenary."):
            continue
        parts = node.module.split(".")
        module, rooms = parts[1], parts[2:3] or [alias.name for alias in node.names]
        if module in (own, "kit", "site") or module not in settings.PLENARY_MODULES:
            continue
        found += [f"{path.relative_to(SOURCE)}: {module}.{room}" for room in rooms if room not in PUBLIC]
    return found


def test_modules_meet_in_public_rooms_only():
    own_files = [path for path in SOURCE.rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
    assert len(own_files) > 50
    assert [entry for path in own_files for entry in entered_rooms(path)] == []


def test_the_door_sees_a_view_entered_from_outside(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.test_architecture.SOURCE", tmp_path)
    intruder = tmp_path / "insight" / "views.py"
    intruder.parent.mkdir()
    intruder.write_text(
        "from plenary.participation.views import card\nfrom plenary.records.models import Text\n"
    )
    assert entered_rooms(intruder) == ["insight/views.py: participation.views"]


def views_that_touch_tables(path: Path) -> list[int]:
    """Lines of a views file that reach past queries and actions to a manager."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]


def test_views_read_and_write_through_queries_and_actions():
    assert {
        str(path): views_that_touch_tables(path)
        for path in SOURCE.rglob("views.py")
        if views_that_touch_tables(path)
    } == {}


def opened_places() -> set[str]:
    """The places that templates open: ``{% slot "strategy.clause" clause %}``."""
    return {
        place
        for path in SOURCE.glob("*/templates/**/*.html")
        for place in re.findall(r"""{%\s*slot\s+["']([^"']+)["']""", path.read_text("utf-8"))
    }


def test_every_hook_of_every_manifest_can_be_found():
    paths = [entry.context for module in manifest.modules() for entry in module.slots]
    paths += [edge.rows for edge in manifest.edges()]
    paths += [guard.check for module in manifest.modules() for guard in module.guards]
    paths += [consumer.handle for consumer in manifest.consumers()]
    paths += [module.desk for module in manifest.modules() if module.desk]
    for kind in manifest.kinds().values():
        paths += [path for path in (kind.page, kind.data, kind.state) if path]
    assert len(paths) > 30
    for path in paths:
        assert callable(manifest.resolve(path)), path


def test_every_slot_fills_a_place_that_a_page_opens():
    """A place that is misspelt would show nothing, and say nothing."""
    filled = {slot.place for module in manifest.modules() for slot in module.slots}
    assert filled - opened_places() == set()


@pytest.mark.django_db
def test_every_edge_has_two_columns():
    for edge in manifest.edges():
        rows = manifest.resolve(edge.rows)()
        sql, _ = rows.query.sql_with_params()
        assert list(rows[:1]) == [] and sql.startswith("SELECT"), edge.name
        assert len(rows.query.values_select) + len(rows.query.annotation_select) == 2, edge.name


def test_every_event_that_actions_write_has_a_name():
    rooms = [path for path in SOURCE.rglob("*.py") if "actions" in path.stem or "actions" in path.parts]
    written = {
        verb
        for path in rooms
        for verb in re.findall(r'verb(?:: str)? ?= ?"([^"]+)"', path.read_text("utf-8"))
    }
    assert len(written) > 25
    assert written - set(manifest.verbs()) == set()


def test_every_citable_model_has_its_kind():
    from plenary.records.models import CitableModel

    citable = {model._meta.model_name for model in apps.get_models() if issubclass(model, CitableModel)}
    assert citable == set(manifest.kinds())


def test_every_setting_is_described_in_the_manual():
    text = (SOURCE / "site" / "settings.py").read_text("utf-8") + (
        SOURCE / "site" / "environment.py"
    ).read_text("utf-8")
    used = set(re.findall(r'"(PLENARY_[A-Z_]+)"', text))
    described = set(
        re.findall(r"`(PLENARY_[A-Z_]+)`", (SOURCE.parents[1] / "docs" / "settings.md").read_text("utf-8"))
    )
    assert used - {"PLENARY_MODULES"} == described
