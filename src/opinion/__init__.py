"""Opinion analysis over sparse votes: who agrees on what, where groups part, and how sure that is.

The package needs numpy and scipy only. Arrays or files in, frozen results out: no clock, no network, no settings.

Examples
--------
>>> from opinion import Votes, analyze
>>> votes = Votes.from_arrays(["ann", "ann", "bo"], [1, 2, 1], [1, -1, 1])
>>> analyze(votes).k
1
"""

from .analysis import analyze
from .attributes import Attributes, read_attributes
from .errors import InputError, Problem
from .estimators import OpinionAxes, OpinionGroups, PolisGroups
from .lens import Lens, make_lens
from .margins import Margins, read_margins
from .raking import rake
from .reading import read_statements, read_votes
from .result import Finding, Result, StatementResult
from .routing import next_for, next_statements
from .running import Running
from .schemas import schema
from .votes import AGREE, DISAGREE, PASS, Statement, Votes
from .weights import Weights, make_weights, whole_tables

__version__ = "0.2.0"
ENGINE_VERSION = __version__

__all__ = [
    "AGREE",
    "DISAGREE",
    "ENGINE_VERSION",
    "PASS",
    "Attributes",
    "Finding",
    "InputError",
    "Lens",
    "Margins",
    "OpinionAxes",
    "OpinionGroups",
    "PolisGroups",
    "Problem",
    "Result",
    "Running",
    "Statement",
    "StatementResult",
    "Votes",
    "Weights",
    "__version__",
    "analyze",
    "make_lens",
    "make_weights",
    "next_for",
    "next_statements",
    "rake",
    "read_attributes",
    "read_margins",
    "read_statements",
    "read_votes",
    "schema",
    "whole_tables",
]
