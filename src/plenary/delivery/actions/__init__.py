"""Every write of commitments, indicators, rounds, reports and reviews. ``by`` is None for the program itself."""

from .commitments import add_indicator, close_commitment, make_commitment
from .reports import ReportContent, accept_report, return_report, save_report, start_report, submit_report
from .reviews import review_commitment
from .rounds import close_round, open_round, reopen_round

__all__ = [
    "ReportContent",
    "accept_report",
    "add_indicator",
    "close_commitment",
    "close_round",
    "make_commitment",
    "open_round",
    "reopen_round",
    "return_report",
    "review_commitment",
    "save_report",
    "start_report",
    "submit_report",
]
