import pytest
from django.utils import timezone

from plenary.kit import manifest
from plenary.site import worker

pytestmark = pytest.mark.django_db


def test_the_clock_is_looked_at_and_one_failure_does_not_stop_the_others(monkeypatch, caplog):
    seen = []

    def resolve(path):
        def tick(now):
            if path == "broken":
                raise ValueError
            seen.append((path, now <= timezone.now()))

        return tick

    monkeypatch.setattr(manifest, "ticks", lambda: iter(["first", "broken", "last"]))
    monkeypatch.setattr(manifest, "resolve", resolve)
    worker._tick()
    assert seen == [("first", True), ("last", True)]
    assert "broken failed" in caplog.text


def test_what_modules_declare_is_there():
    assert [callable(manifest.resolve(path)) for path in manifest.ticks()]
