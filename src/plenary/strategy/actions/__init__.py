"""Every write to the text: importing, proposing, deciding on evidence, adopting."""

from .changes import (
    accept_change,
    add_evidence,
    add_outside_source,
    propose_change,
    record_counter_search,
    reject_change,
    review_change,
    withdraw_change,
)
from .importing import AlreadyImported, import_strategy, keep_upload
from .versions import adopt_version, set_review_date

__all__ = [
    "AlreadyImported",
    "accept_change",
    "add_evidence",
    "add_outside_source",
    "adopt_version",
    "import_strategy",
    "keep_upload",
    "propose_change",
    "record_counter_search",
    "reject_change",
    "review_change",
    "set_review_date",
    "withdraw_change",
]
