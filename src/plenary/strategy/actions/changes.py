"""Proposing changes, putting evidence forward, deciding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from plenary.kit import manifest
from plenary.kit.errors import Refused
from plenary.records.actions import create_record, create_source, link_evidence, put_text, write_event
from plenary.records.models import EvidenceLink, Record, Stance

from .. import queries, rules
from ..drafting import Draft
from ..models import Change, Clause, ClauseState, Strategy

if TYPE_CHECKING:
    from plenary.people.models import User

    Translations = Mapping[str, Mapping[str, Any]]


@transaction.atomic
def propose_change(
    *,
    strategy: Strategy,
    operation: str,
    rationale: str,
    by: User | None,
    now: datetime,
    clause: Clause | None = None,
    title: str = "",
    text: str = "",
    kind: str = "",
    after_clause: Clause | None = None,
    inside: bool = False,
    language: str = "",
    evidence: Sequence[Record] = (),
    against: Sequence[Record] = (),
    translations: Translations | None = None,
) -> Change:
    """A proposal on the text in force.

    Title and text are in the strategy's own language; empty is unchanged. ``language`` is the rationale's. ``evidence``
    are records that support the change, ``against`` those that contradict it; ``translations``: language → title, text,
    rationale.
    """
    if by is not None and not rules.may_propose(by):
        raise Refused(_("Proposing changes takes a role in an organization."))
    if not rationale.strip():
        raise Refused(_("Say why the text should change."))
    based_on = queries.get_version(strategy)
    if based_on is None:
        raise Refused(_("There is no adopted version yet that could be changed."))
    before = queries.get_state(based_on, clause) if clause else None
    changed = _changed_words(operation, before, title, text, kind)
    said = {
        name: {key: words[name] for key, words in (translations or {}).items() if words.get(name)}
        for name in ("title", "text", "rationale")
    }
    texts = {name: put_text(words, strategy.language, said[name]) for name, words in changed.items()}
    change = Change(
        strategy=strategy,
        operation=operation,
        clause=clause,
        based_on=based_on,
        kind=kind if operation == Change.Operation.ADD else "",
        after_clause=after_clause,
        inside=inside,
        title=texts.get("title"),
        text=texts.get("text"),
        proposed_by=by,
        rationale=put_text(rationale.strip(), language or strategy.language, said["rationale"]),
    )
    heading = texts.get("title") or texts.get("text") if clause is None else clause.record.title
    change.record = create_record(
        kind="change",
        title=heading,
        by=by,
        now=now,
        verb="proposed",
        changes={"operation": [None, operation], "clause": [None, clause.reference if clause else None]},
    )
    _try(change, before)
    change.save(force_insert=True)
    for stance, sources in ((Stance.SUPPORTS, evidence), (Stance.CONTRADICTS, against)):
        for source in sources:
            _refuse_no_evidence(source, stance)
            link_evidence(source=source, target=change.record, stance=stance, by=by, now=now)
    return change


def _changed_words(
    operation: str, before: ClauseState | None, title: str, text: str, kind: str
) -> dict[str, str]:
    """The words that the change brings, by name; refuses a change that changes nothing."""
    if operation not in Change.Operation.values:
        raise Refused(_("A change edits, adds, moves or removes a clause."))
    given = {"title": _tidy(title), "text": _tidy(text)}
    if operation == Change.Operation.ADD:
        if kind not in Clause.Kind.values:
            raise Refused(_("Say what kind of clause is added."))
        words = {name: value for name, value in given.items() if value}
        if not words:
            raise Refused(_("Write the clause that is to be added."))
        return words
    if before is None:
        raise Refused(_("The clause is not part of the text in force."))
    if operation != Change.Operation.EDIT:
        return {}
    present = {"title": before.title, "text": before.text}
    words = {
        name: value for name, value in given.items() if value and value != getattr(present[name], "body", "")
    }
    if not words:
        raise Refused(_("The words are the same as in the text in force: change the title or the text."))
    return words


def _tidy(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n").strip()


def _try(change: Change, before: ClauseState | None) -> None:
    """Refuse a proposal that could not be applied to the version it is made against."""
    Draft(queries.load_states(change.based_on)).apply(change, before)


@transaction.atomic
def add_evidence(
    *, change: Change, source: Record, stance: str, by: User | None, now: datetime, quote: str = ""
) -> EvidenceLink:
    """Put a record forward for, against or around a change that is not decided yet."""
    _lock(change)
    _refuse_decided(change)
    _refuse_no_evidence(source, stance)
    if source.pk in (change.pk, change.clause_id):
        raise Refused(
            _("%(reference)s is what is being decided: link something else.")
            % {"reference": source.reference}
        )
    return link_evidence(
        source=source, target=change.record, stance=stance, by=by, now=now, quote=quote.strip()
    )


def _refuse_no_evidence(source: Record, stance: str) -> None:
    if stance != Stance.CONTEXT and not rules.counts_as_evidence(source):
        raise Refused(
            _(
                "%(reference)s cannot speak for or against a change: that takes a finding, statement, source, "
                "report, review or decision that everybody can see. It can be linked as context."
            )
            % {"reference": source.reference}
        )


@transaction.atomic
def add_outside_source(
    *,
    change: Change,
    title: str,
    language: str,
    kind: str,
    url: str,
    stance: str,
    by: User | None,
    now: datetime,
    dated: date | None = None,
    quote: str = "",
) -> EvidenceLink:
    """Put something from outside forward: it becomes a source of its own and evidence in one step."""
    _lock(change)
    _refuse_decided(change)
    source = create_source(title=title, language=language, kind=kind, by=by, now=now, url=url, dated=dated)
    return link_evidence(
        source=source.record, target=change.record, stance=stance, by=by, now=now, quote=quote.strip()
    )


@transaction.atomic
def record_counter_search(
    *,
    change: Change,
    searched: str,
    by: User | None,
    now: datetime,
    language: str = "",
    translations: Mapping[str, str] | None = None,
) -> None:
    """Write down what was searched for evidence against the change, where none was found."""
    _lock(change)
    _refuse_decided(change)
    if not searched.strip():
        raise Refused(_("Say where and how you looked for evidence against the change."))
    change.counter_search = put_text(searched.strip(), language or change.strategy.language, translations)
    change.save(update_fields=["counter_search"])
    write_event(record=change.record, verb="searched for evidence against", by=by, now=now)


@transaction.atomic
def review_change(*, change: Change, by: User | None, now: datetime) -> None:
    """A second person confirms that the proposal is ready to be decided."""
    _lock(change)
    if change.state != Change.State.PROPOSED:
        raise Refused(_("%(change)s was reviewed or decided already.") % {"change": change.reference})
    _refuse_own(change, by)
    if by is not None and not rules.may_review(by, change):
        raise Refused(_("The desk or the committee reviews changes."))
    conflict = queries.find_conflict(change)
    if conflict:
        raise Refused(conflict.message)
    _move_to(change, Change.State.REVIEWED, verb="reviewed", by=by, now=now)


@transaction.atomic
def accept_change(
    *,
    change: Change,
    by: User | None,
    now: datetime,
    reason: str = "",
    language: str = "",
    translations: Mapping[str, str] | None = None,
) -> None:
    """The gate: accepted only on evidence, with what speaks against it on the table, and by somebody else."""
    _lock(change)
    _refuse_decided(change)
    _refuse_own(change, by)
    if change.state != Change.State.REVIEWED:
        raise Refused(_("A second person has to review %(change)s first.") % {"change": change.reference})
    if by is not None and not rules.may_accept(by, change):
        raise Refused(_("The desk or the committee decides changes."))
    missing = queries.missing_evidence(change)
    if missing:
        raise Refused(" ".join(missing))
    manifest.ask_guards("strategy.accept_change", change=change, now=now)
    conflict = queries.find_conflict(change)
    if conflict:
        raise Refused(conflict.message)
    _decide(change, Change.State.ACCEPTED, "accepted", reason, language, translations, by=by, now=now)


@transaction.atomic
def reject_change(
    *,
    change: Change,
    reason: str,
    by: User | None,
    now: datetime,
    language: str = "",
    translations: Mapping[str, str] | None = None,
) -> None:
    """Rejected changes stay visible with the reason, so that the next person sees what was missing."""
    _lock(change)
    _refuse_decided(change)
    _refuse_own(change, by)
    if by is not None and not rules.may_reject(by, change):
        raise Refused(_("The desk or the committee decides changes."))
    if not reason.strip():
        raise Refused(_("Give the reason: whoever proposed the change will read it, and so will the next."))
    _decide(change, Change.State.REJECTED, "rejected", reason, language, translations, by=by, now=now)


@transaction.atomic
def withdraw_change(*, change: Change, by: User, now: datetime, reason: str = "", language: str = "") -> None:
    """The proposer takes a proposal back before it is decided; it stays visible as withdrawn, with its evidence."""
    _lock(change)
    _refuse_decided(change)
    if not rules.may_withdraw(by, change):
        raise Refused(
            _("Only whoever proposed a change can withdraw it. The desk or the committee can reject it.")
        )
    _decide(change, Change.State.WITHDRAWN, "withdrawn", reason, language, None, by=by, now=now)


def _lock(change: Change) -> None:
    """Decisions on one strategy follow each other: each sees what the one before it has written."""
    Strategy.objects.select_for_update().get(pk=change.strategy_id)
    change.refresh_from_db(fields=["state", "counter_search", "incorporated_in"])


def _refuse_decided(change: Change) -> None:
    if not rules.is_open(change):
        raise Refused(_("%(change)s is decided already.") % {"change": change.reference})


def _refuse_own(change: Change, by: User | None) -> None:
    if by is not None and rules.is_own(by, change):
        raise Refused(_("You proposed this change, so somebody else reviews and decides it."))


def _decide(
    change: Change,
    state: str,
    verb: str,
    reason: str,
    language: str,
    translations: Mapping[str, str] | None,
    *,
    by: User | None,
    now: datetime,
) -> None:
    if reason.strip():
        change.reason = put_text(reason.strip(), language or change.strategy.language, translations)
    change.decided_at = now
    _move_to(change, state, verb=verb, by=by, now=now)


def _move_to(change: Change, state: str, *, verb: str, by: User | None, now: datetime) -> None:
    before, change.state = change.state, state
    change.save(update_fields=["state", "reason", "decided_at"])
    write_event(record=change.record, verb=verb, by=by, now=now, changes={"state": [before, state]})
