"""Every read of commitments, rounds, reports and reviews. Pages take a constant number of SQL queries."""

from .commitments import (
    CommitmentRow,
    edges_clause_to_commitment,
    get_commitment_for,
    get_promise,
    list_clauses_to_take_on,
    list_commitments_for,
    rows_of,
)
from .desk import (
    Owed,
    list_commitments_to_review,
    list_open_rounds,
    list_owed_reports,
    list_reports_to_accept,
    reviewable_by,
)
from .indicators import Point, list_indicators
from .page import Chapter, CommitmentPage, get_commitment_page, list_places_to_report
from .reports import (
    HANDED_IN,
    Figure,
    edges_commitment_to_report,
    get_report_for,
    list_figures,
    list_reports_for,
)
from .reviews import edges_report_to_review, get_own_review, get_review_for, list_bodies_of, list_reviews_for
from .rounds import (
    RoundRow,
    get_round_for,
    get_snapshot,
    list_round_rows,
    list_rounds_for,
    list_rounds_to_review,
    list_snapshots,
    list_strategies,
    map_frozen,
    name_round,
)
from .translating import texts
from .visible import commitments_in, reports_in, reviews_in

__all__ = [
    "HANDED_IN",
    "Chapter",
    "CommitmentPage",
    "CommitmentRow",
    "Figure",
    "Owed",
    "Point",
    "RoundRow",
    "commitments_in",
    "edges_clause_to_commitment",
    "edges_commitment_to_report",
    "edges_report_to_review",
    "get_commitment_for",
    "get_commitment_page",
    "get_own_review",
    "get_promise",
    "get_report_for",
    "get_review_for",
    "get_round_for",
    "get_snapshot",
    "list_bodies_of",
    "list_clauses_to_take_on",
    "list_commitments_for",
    "list_commitments_to_review",
    "list_figures",
    "list_indicators",
    "list_open_rounds",
    "list_owed_reports",
    "list_places_to_report",
    "list_reports_for",
    "list_reports_to_accept",
    "list_reviews_for",
    "list_round_rows",
    "list_rounds_for",
    "list_rounds_to_review",
    "list_snapshots",
    "list_strategies",
    "map_frozen",
    "name_round",
    "reports_in",
    "reviewable_by",
    "reviews_in",
    "rows_of",
    "texts",
]
