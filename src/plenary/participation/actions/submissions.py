"""What came on paper, from meetings and in letters. See docs/handbook/paper.md.

A ballot becomes a participant without a token. Raised hands stay a tally. What is withdrawn stays stored and counts
nowhere: see ``queries.counting.NOT_WITHDRAWN``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from plenary.kit import uploads
from plenary.kit.errors import Refused
from plenary.kit.uploads import Upload
from plenary.participation import paper_codes, queries, rules
from plenary.participation.models import (
    Consultation,
    EnteredStatement,
    MeetingTally,
    PaperBallot,
    Participant,
    Statement,
    Submission,
    Vote,
)
from plenary.participation.wording import MAX_LENGTH, same_words, tidy
from plenary.records.actions import write_event

from .statements import NewStatement, add_statements
from .voting import INSERT_VOTES

if TYPE_CHECKING:
    from plenary.people.models import User

BATCH = 5_000
_ORIGINS = {
    Submission.Kind.MEETING: Statement.Origin.MEETING,
    Submission.Kind.LETTER: Statement.Origin.LETTER,
    Submission.Kind.PHONE: Statement.Origin.PHONE,
    Submission.Kind.DELEGATION: Statement.Origin.DELEGATION,
}


class AlreadyEntered(Refused):
    """A ballot with this code counts already."""

    def __init__(self, ballot: PaperBallot) -> None:
        message = _("The ballot %(code)s has been entered already, so it was not counted again.")
        super().__init__(message % {"code": ballot.code}, code="entered")
        self.ballot = ballot


@dataclass(frozen=True)
class Facts:
    """What is told of a submission; no name of a person."""

    kind: str
    held_on: date
    language: str
    place: str = ""
    organization: str = ""
    people: int | None = None


@dataclass(frozen=True)
class Sheet:
    """One ballot as it was filled in: statement → answer."""

    code: str
    answers: Mapping[int, int]


@dataclass(frozen=True)
class Batch:
    """What a file held, checked row by row."""

    statements: Sequence[tuple[str, str]] = ()
    """Words and language."""
    sheets: Sequence[Sheet] = ()


@dataclass(frozen=True)
class Said:
    """What became of statements that were entered."""

    added: list[Statement] = field(default_factory=list)
    again: list[Statement] = field(default_factory=list)
    """Those that had been said before: noted as said here too, and not added."""


@transaction.atomic
def enter_submission(
    *,
    consultation: Consultation,
    facts: Facts,
    by: User | None,
    now: datetime,
    scan: Upload | None = None,
    batch_sha256: str = "",
) -> Submission:
    """Begin to enter a meeting, a letter, a call or a delegation; its ballots, hands and statements come next."""
    _may_enter(consultation, by, now)
    _not_in_the_future(facts, now)
    submission = Submission(
        consultation=consultation,
        entered_by=by,
        entered_at=now,
        batch_sha256=batch_sha256,
        **vars(facts),
    )
    if scan is not None:
        _keep_scan(submission, scan)
    submission.save()
    changes: dict[str, Any] = {"submission": [None, submission.pk], "kind": [None, facts.kind]}
    if scan is not None:
        changes["scan"] = [None, scan.sha256]
    write_event(record=consultation.record, verb="input entered", by=by, now=now, changes=changes)
    return submission


@transaction.atomic
def correct_submission(
    *, submission: Submission, facts: Facts, by: User | None, now: datetime, scan: Upload | None = None
) -> Submission:
    """Change what is told of a submission; what it brought keeps its day and language of entry."""
    _may_change(submission, by, now)
    _not_in_the_future(facts, now)
    changes: dict[str, Any] = {}
    for name, value in vars(facts).items():
        before = getattr(submission, name)
        if before != value:
            # A letter's place may be somebody's: told by name alone.
            is_told = name not in ("place", "organization")
            changes[name] = [_plain(before), _plain(value)] if is_told else []
            setattr(submission, name, value)
    if scan is not None and scan.sha256 != submission.scan_sha256:
        changes["scan"] = [submission.scan_sha256 or None, scan.sha256]
        _keep_scan(submission, scan)
    if changes:
        submission.save()
        changes = {"submission": [submission.pk, submission.pk], **changes}
        record = submission.consultation.record
        write_event(record=record, verb="input corrected", by=by, now=now, changes=changes)
    return submission


@transaction.atomic
def remove_scan(*, submission: Submission, by: User | None, now: datetime) -> None:
    """Delete a scanned source, for instance because it names somebody. Its hash stays in the history."""
    if not rules.may_enter(by):
        raise PermissionDenied
    if not submission.scan_sha256:
        return
    sha256, media_type = submission.scan_sha256, submission.scan_type
    submission.scan_sha256, submission.scan_type, submission.scan_size = "", "", 0
    submission.save(update_fields=["scan_sha256", "scan_type", "scan_size"])
    changes = {"submission": [submission.pk, submission.pk], "scan": [sha256, None]}
    write_event(record=submission.consultation.record, verb="scan removed", by=by, now=now, changes=changes)
    if not Submission.objects.filter(scan_sha256=sha256).exists():
        transaction.on_commit(lambda: uploads.forget(sha256, media_type))


@transaction.atomic
def withdraw_submission(*, submission: Submission, reason: str, by: User | None, now: datetime) -> None:
    """Take back everything that it brought: ballots and hands count no more, and it says so. Nothing is deleted.

    Statements that it added stay where moderation put them: others may have voted on them. They lose the mention.
    """
    _may_change(submission, by, now)
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it is withdrawn; the record keeps it."))
    submission.withdrawn_at, submission.withdrawn_because = now, reason
    submission.save(update_fields=["withdrawn_at", "withdrawn_because"])
    ballots = submission.ballots.filter(withdrawn_at=None).update(withdrawn_at=now)
    changes = {
        "submission": [submission.pk, submission.pk],
        "ballots": [ballots, 0],
        "reason": [None, reason],
    }
    record = submission.consultation.record
    write_event(record=record, verb="input withdrawn", by=by, now=now, changes=changes)


@transaction.atomic
def enter_ballot(
    *, submission: Submission, code: str, answers: Mapping[int, int], by: User | None, now: datetime
) -> PaperBallot:
    """Count one paper ballot. Without a code it is given one, to be written on the paper."""
    _may_change(submission, by, now)
    if not answers:
        raise Refused(_("This ballot holds no answer. Nothing was entered."))
    consultation = submission.consultation
    code = code.strip()
    read = paper_codes.read(code, consultation.pk) if code else paper_codes.mint(consultation.pk)
    if read is None:
        raise Refused(
            _("“%(code)s” is no ballot of this consultation. Please compare it with the paper.")
            % {"code": code[:40]},
            code="unknown",
        )
    known = queries.get_paper_ballot(consultation, read)
    if known is not None:
        raise AlreadyEntered(known)
    try:
        with transaction.atomic():
            [ballot] = _add_ballots(submission, [Sheet(read, answers)], now)
    except IntegrityError:  # two people with one pile of paper
        known = queries.get_paper_ballot(consultation, read)
        if known is None:
            raise
        raise AlreadyEntered(known) from None
    _tell_ballots(submission, "ballots entered", 1, len(answers), by, now)
    return ballot


@transaction.atomic
def correct_ballot(
    *, ballot: PaperBallot, answers: Mapping[int, int], by: User | None, now: datetime
) -> PaperBallot:
    """Enter a ballot once more under its code; what was entered before stays stored and counts no more."""
    submission = ballot.submission
    _may_change(submission, by, now)
    if not answers:
        raise Refused(_("This ballot holds no answer. What was entered before still counts."))
    withdrawn = PaperBallot.objects.filter(pk=ballot.pk, withdrawn_at=None).update(withdrawn_at=now)
    if not withdrawn:
        raise Refused(_("This ballot was withdrawn or corrected in the meantime. Open it again."))
    [made] = _add_ballots(submission, [Sheet(ballot.code, answers)], now)
    _tell_ballots(submission, "ballot corrected", 1, len(answers), by, now)
    return made


@transaction.atomic
def withdraw_ballot(*, ballot: PaperBallot, by: User | None, now: datetime) -> None:
    """Count a ballot no more; its votes stay stored."""
    _may_change(ballot.submission, by, now)
    if PaperBallot.objects.filter(pk=ballot.pk, withdrawn_at=None).update(withdrawn_at=now):
        changes = {"submission": [ballot.submission_id, ballot.submission_id], "ballots": [1, 0]}
        record = ballot.consultation.record
        write_event(record=record, verb="ballot withdrawn", by=by, now=now, changes=changes)


@transaction.atomic
def count_hands(
    *, submission: Submission, hands: Mapping[int, tuple[int, int, int]], by: User | None, now: datetime
) -> int:
    """Keep how many hands were raised: statement → agree, disagree, pass. All three at nought remove the tally.

    Returns how many tallies changed. They are shown beside the votes and are never part of them.
    """
    _may_change(submission, by, now)
    known = {each.statement_id: each for each in submission.tallies.all()}
    here = set(
        Statement.objects.filter(consultation=submission.consultation_id, pk__in=hands).values_list(
            "pk", flat=True
        )
    )
    changed = 0
    for statement, counts in hands.items():
        before = known.get(statement)
        was = (before.agree, before.disagree, before.passed) if before else (0, 0, 0)
        if counts == was or statement not in here:
            continue
        if min(counts) < 0:
            raise Refused(_("Fewer than no hands cannot be raised."))
        changed += 1
        agree, disagree, passed = counts
        if before is not None and not any(counts):
            before.delete()
        else:
            MeetingTally.objects.update_or_create(
                submission=submission,
                statement_id=statement,
                defaults={"agree": agree, "disagree": disagree, "passed": passed},
            )
    if changed:
        changes = {"submission": [submission.pk, submission.pk], "tallies": [None, changed]}
        record = submission.consultation.record
        write_event(record=record, verb="hands counted", by=by, now=now, changes=changes)
    return changed


@transaction.atomic
def enter_statements(
    *, submission: Submission, statements: Iterable[tuple[str, str]], by: User | None, now: datetime
) -> Said:
    """Keep what was said or written there: words and language of each. They are moderated as all others are.

    What has been said already is not added again; it is noted that it was said here too.
    """
    _may_change(submission, by, now)
    return _say(submission, list(statements), by, now)


@transaction.atomic
def enter_batch(
    *,
    consultation: Consultation,
    facts: Facts,
    batch: Batch,
    sha256: str,
    by: User | None,
    now: datetime,
    scan: Upload | None = None,
) -> tuple[Submission, Said]:
    """Everything that a checked file held, whole or not at all; the same file again is refused."""
    if queries.is_file_entered(consultation, sha256):
        raise Refused(_("This file has been entered already. Nothing was entered again."), code="entered")
    submission = enter_submission(
        consultation=consultation, facts=facts, by=by, now=now, scan=scan, batch_sha256=sha256
    )
    said = _say(submission, batch.statements, by, now)
    if batch.sheets:
        try:
            with transaction.atomic():
                _add_ballots(submission, batch.sheets, now)
        except IntegrityError as error:
            raise Refused(
                _(
                    "A ballot of this file was entered by somebody else just now. Nothing was entered; try again."
                )
            ) from error
        votes = sum(len(sheet.answers) for sheet in batch.sheets)
        _tell_ballots(submission, "ballots entered", len(batch.sheets), votes, by, now)
    return submission, said


def _may_enter(consultation: Consultation, by: User | None, now: datetime) -> None:
    if not rules.may_enter(by):
        raise PermissionDenied
    if not rules.takes_paper(consultation, now):
        raise Refused(
            _("This consultation does not take input from paper now. Nothing was entered."), code="closed"
        )


def _may_change(submission: Submission, by: User | None, now: datetime) -> None:
    _may_enter(submission.consultation, by, now)
    if submission.withdrawn_at is not None:
        raise Refused(_("This was withdrawn. Enter it anew if it is to count."), code="withdrawn")


def _not_in_the_future(facts: Facts, now: datetime) -> None:
    if facts.held_on > timezone.localdate(now):
        raise Refused(_("This day has not come yet."))


def _keep_scan(submission: Submission, scan: Upload) -> None:
    submission.scan_sha256 = uploads.keep(scan)
    submission.scan_type, submission.scan_size = scan.media_type, len(scan.content)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _moment(submission: Submission, now: datetime) -> datetime:
    """When its votes were cast: noon of its day in the institution's zone, or now where that has not come."""
    noon = timezone.make_aware(datetime.combine(submission.held_on, time(12)))
    return min(noon, now)


def _add_ballots(submission: Submission, sheets: Sequence[Sheet], now: datetime) -> list[PaperBallot]:
    """Participants, ballots and votes for sheets whose codes are free."""
    consultation = submission.consultation
    statements = {statement for sheet in sheets for statement in sheet.answers}
    here = Statement.objects.filter(consultation=consultation, pk__in=list(statements))
    foreign = statements - set(here.values_list("pk", flat=True))
    if foreign or any(value not in Vote.Value.values for each in sheets for value in each.answers.values()):
        raise Refused(_("This is not an answer to a statement of this consultation."))
    at = _moment(submission, now)
    participants = Participant.objects.bulk_create(
        [
            Participant(
                consultation=consultation,
                secret=secrets.token_bytes(32),
                terms=consultation.terms,
                since=at.date(),
            )
            for _sheet in sheets
        ],
        batch_size=500,
    )
    ballots = PaperBallot.objects.bulk_create(
        [
            PaperBallot(
                consultation=consultation,
                submission=submission,
                participant=participant,
                code=sheet.code,
                entered_at=now,
            )
            for sheet, participant in zip(sheets, participants, strict=True)
        ],
        batch_size=500,
    )
    moment = Vote._meta.get_field("at").get_db_prep_value(at, connection)
    rows = [
        (participant.pk, statement, 0, value, submission.language, moment)
        for sheet, participant in zip(sheets, participants, strict=True)
        for statement, value in sheet.answers.items()
    ]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            cursor.executemany(INSERT_VOTES, rows[start : start + BATCH])
    return ballots


def _tell_ballots(
    submission: Submission, verb: str, ballots: int, votes: int, by: User | None, now: datetime
) -> None:
    changes = {
        "submission": [submission.pk, submission.pk],
        "ballots": [None, ballots],
        "votes": [None, votes],
    }
    write_event(record=submission.consultation.record, verb=verb, by=by, now=now, changes=changes)


def _say(
    submission: Submission, statements: Sequence[tuple[str, str]], by: User | None, now: datetime
) -> Said:
    consultation = submission.consultation
    known = queries.map_same_words(consultation) if statements else {}
    state = (
        Statement.Moderation.WAITING
        if consultation.moderation == Consultation.Moderation.BEFORE
        else Statement.Moderation.ACCEPTED
    )
    new: dict[str, NewStatement] = {}
    again: dict[int, None] = {}
    for words, language in statements:
        body = tidy(words)
        if not body:
            continue
        if len(body) > MAX_LENGTH:
            raise Refused(
                _("“%(start)s…” has more than %(count)s characters. Nothing was entered.")
                % {"start": body[:40], "count": MAX_LENGTH}
            )
        same = same_words(body)
        if same in known:
            again[known[same]] = None
        elif same not in new:
            new[same] = NewStatement(
                body, language, origin=_ORIGINS[Submission.Kind(submission.kind)], moderation=state
            )
    added = add_statements(
        consultation=consultation, statements=list(new.values()), by=by, now=now, verb="entered"
    )
    before = list(Statement.objects.filter(pk__in=again).select_related("record"))
    EnteredStatement.objects.bulk_create(
        [EnteredStatement(submission=submission, statement=each) for each in added]
        + [EnteredStatement(submission=submission, statement=each, is_first=False) for each in before],
        batch_size=500,
        ignore_conflicts=True,
    )
    return Said(added, before)
