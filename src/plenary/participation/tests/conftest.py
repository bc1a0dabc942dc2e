import pytest


@pytest.fixture(autouse=True)
def _no_old_counts():
    """Which card comes next rests on counts kept for seconds; tests reuse the ids that they are kept by."""
    from django.core.cache import caches

    caches["local"].clear()
