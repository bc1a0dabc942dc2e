"""Reads: what there is to translate, and how far it is."""

from .checking import Check, Row, Verdict, check_language, check_units, list_units
from .items import Item, Past, get_text, get_translation, list_history, list_items
from .runs import get_run, get_unfinished_run, get_upload, list_runs, refreshed
from .work import (
    TO_DO,
    Progress,
    State,
    There,
    Whole,
    Work,
    fingerprint,
    is_served,
    is_wanted,
    load_public_texts,
    load_work,
)

__all__ = [
    "TO_DO",
    "Check",
    "Item",
    "Past",
    "Progress",
    "Row",
    "State",
    "There",
    "Verdict",
    "Whole",
    "Work",
    "check_language",
    "check_units",
    "fingerprint",
    "get_run",
    "get_text",
    "get_translation",
    "get_unfinished_run",
    "get_upload",
    "is_served",
    "is_wanted",
    "list_history",
    "list_items",
    "list_runs",
    "list_units",
    "load_public_texts",
    "load_work",
    "refreshed",
]
