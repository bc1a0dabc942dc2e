"""Robustness: signals of campaigns and bots, and what the result would be without them.

Nothing is deleted and nobody is called a bot: participants are flagged for a person to review, each signal with its
figures and with how much of it chance would bring.

Examples
--------
>>> from opinion import Votes, analyze
>>> from opinion.integrity import find_signals
>>> votes = Votes.from_arrays([1, 1, 2, 3], [1, 2, 1, 1], [1, -1, 1, 0])
>>> find_signals(votes, analyze(votes)).flagged
()
"""

from .clock import align_times, read_times
from .compare import Change, Comparison, Side, compare_without
from .signals import Cluster, Integrity, Judged, OneSided, Together, find_signals
from .times import Burst
from .words import describe

__all__ = [
    "Burst",
    "Change",
    "Cluster",
    "Comparison",
    "Integrity",
    "Judged",
    "OneSided",
    "Side",
    "Together",
    "align_times",
    "compare_without",
    "describe",
    "find_signals",
    "read_times",
]
