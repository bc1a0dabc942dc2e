"""Reads: consultations, cards, counts, and the votes that an analysis takes in."""

from .attributes import get_attributes
from .cards import Answer, Card, get_card, get_participant, list_answers
from .consultations import (
    get_consultation_for,
    get_consultation_of_source,
    list_consultations_about,
    list_consultations_for,
    list_ending_soon,
    list_open_consultations,
    list_unanswered,
    list_waiting_work,
    may_see_about,
    with_numbers,
)
from .counting import (
    count_people,
    count_shares,
    counted_votes,
    last_vote_id,
    latest_votes,
    list_votes_for_analysis,
)
from .edges import edges_consultation_to_statement, edges_source_to_consultation
from .statements import (
    accepted_in,
    count_moderation,
    count_waiting,
    find_same_statement,
    get_statement_for,
    list_statements_of,
    list_statements_to_moderate,
    list_translations,
    with_shares,
)

__all__ = [
    "Answer",
    "Card",
    "accepted_in",
    "count_moderation",
    "count_people",
    "count_shares",
    "count_waiting",
    "counted_votes",
    "edges_consultation_to_statement",
    "edges_source_to_consultation",
    "find_same_statement",
    "get_attributes",
    "get_card",
    "get_consultation_for",
    "get_consultation_of_source",
    "get_participant",
    "get_statement_for",
    "last_vote_id",
    "latest_votes",
    "list_answers",
    "list_consultations_about",
    "list_consultations_for",
    "list_ending_soon",
    "list_open_consultations",
    "list_statements_of",
    "list_statements_to_moderate",
    "list_translations",
    "list_unanswered",
    "list_votes_for_analysis",
    "list_waiting_work",
    "may_see_about",
    "with_numbers",
    "with_shares",
]
