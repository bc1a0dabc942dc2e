"""The committee's own judgement, beside what the owners say of themselves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.records.actions import create_record, put_text, set_visibility, write_event
from plenary.records.models import Organization, Visibility

from .. import rules
from ..models import Commitment, Review, Round
from .shared import locked_round, require, require_open

if TYPE_CHECKING:
    from plenary.people.models import User


@transaction.atomic
def review_commitment(
    *,
    round: Round,
    commitment: Commitment,
    body: Organization,
    completion: str,
    result: str,
    findings: str,
    language: str,
    by: User | None,
    now: datetime,
) -> Review:
    """The body's own judgement beside the owners'. Until the round is closed, it may be written anew."""
    require(rules.may_review(by, commitment) and (by is None or body.pk in rules.bodies_of(by)))
    round = locked_round(round)
    require_open(round, timezone.localdate(now))
    if commitment.clause.strategy_id != round.strategy_id or not round.concerns(commitment):
        raise Refused(_("This round does not ask about this commitment."))
    text = put_text(findings, language)
    review = (
        Review.objects.filter(round=round, commitment=commitment, body=body).select_related("record").first()
    )
    if review is not None:
        changes = {
            "completion": [review.completion, completion],
            "result": [review.result, result],
            "findings": [review.findings_id, text.pk],
        }
        review.completion, review.result, review.findings, review.reviewed_by = completion, result, text, by
        review.save()
        set_visibility(record=review.record, visibility=Visibility.STAFF)
        write_event(record=review.record, verb="revised", by=by, now=now, changes=changes)
        return review
    record = create_record(
        kind="review",
        title=commitment.record.title,
        visibility=Visibility.STAFF,
        organization=body,
        by=by,
        now=now,
        verb="reviewed",
        changes={
            "round": [None, round.reference],
            "commitment": [None, commitment.reference],
            "completion": [None, completion],
            "result": [None, result],
        },
    )
    return Review.objects.create(
        record=record,
        round=round,
        commitment=commitment,
        body=body,
        completion=completion,
        result=result,
        findings=text,
        reviewed_by=by,
    )
