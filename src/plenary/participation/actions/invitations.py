"""Invitations by e-mail and on paper. What lets somebody in is never joined to what she says then."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries, tokens
from plenary.participation.models import Consultation, Invitation, Participant
from plenary.participation.phases import Act
from plenary.participation.tokens import Voter
from plenary.records.actions import write_event

if TYPE_CHECKING:
    from plenary.people.models import User

State = Invitation.State
MOST_CODES = 5_000  # of one printed list


@transaction.atomic
def invite_by_mail(
    *,
    consultation: Consultation,
    addresses: Sequence[str],
    language: str,
    root: str,
    by: User | None,
    now: datetime,
) -> int:
    """Queue a personal mail to each address that has none yet; returns how many. They are sent in the background.

    ``root`` is the address of this site, which their links begin with.
    """
    _require_open(consultation, now)
    known = queries.list_invited_addresses(consultation)
    new = [address for address in dict.fromkeys(each.lower() for each in addresses) if address not in known]
    made = Invitation.objects.bulk_create(
        [
            Invitation(
                consultation=consultation, email=address, language=language, state=State.QUEUED,
                invited_on=now.date(),
            )
            for address in new
        ],
        batch_size=500,
    )  # fmt: skip
    if made:
        _tell(consultation, "invited", {"by mail": [None, len(made)]}, by, now)
        ids = [each.pk for each in made]
        transaction.on_commit(lambda: _enqueue(ids, root))
    return len(made)


@transaction.atomic
def make_codes(
    *, consultation: Consultation, count: int, label: str, by: User | None, now: datetime
) -> list[str]:
    """Codes to be printed, each for one person. They are given out here and never again: their hashes are kept."""
    _require_open(consultation, now)
    if not 1 <= count <= MOST_CODES:
        raise Refused(_("Make between 1 and %(most)s codes at a time.") % {"most": MOST_CODES})
    codes = [tokens.make_code() for _each in range(count)]
    hashes = [tokens.hash_of_code(code) for code in codes]
    secrets.SystemRandom().shuffle(hashes)  # so that the order of the rows is not that of the printed list
    Invitation.objects.bulk_create(
        [
            Invitation(
                consultation=consultation, language="", label=label.strip(), code_hash=found, state=State.PRINTED,
                invited_on=now.date(),
            )
            for found in hashes
        ],
        batch_size=500,
    )  # fmt: skip
    _tell(consultation, "invited", {"on paper": [None, count]}, by, now)
    return codes


def _require_open(consultation: Consultation, now: datetime) -> None:
    if consultation.access != Consultation.Access.INVITED:
        raise Refused(_("This consultation is not by invitation. Change who takes part first."))
    if not consultation.allows(Act.INVITE, now):
        raise Refused(_("Nobody is invited any more: this consultation takes no more votes."))


def _enqueue(ids: Sequence[int], root: str) -> None:
    from plenary.participation.tasks import send_invitation

    for pk in ids:
        send_invitation.enqueue(pk, root)


def start_sending(*, invitation_id: int) -> tuple[Invitation, str] | None:
    """A fresh code for a mail that is about to be sent; None where there is nothing to send any more.

    The code is made here and goes into the mail: neither the queue nor the database ever holds it.
    """
    code = tokens.make_code()
    claimed = Invitation.objects.filter(pk=invitation_id, state=State.QUEUED).exclude(email="")
    if not claimed.update(code_hash=tokens.hash_of_code(code)):
        return None
    return Invitation.objects.select_related("consultation__record").get(pk=invitation_id), code


def finish_sending(*, invitation_id: int, is_sent: bool) -> None:
    """Keep whether the mail server took the mail."""
    Invitation.objects.filter(pk=invitation_id, state=State.QUEUED).update(
        state=State.SENT if is_sent else State.FAILED
    )


@transaction.atomic
def resend_invitations(
    *, consultation: Consultation, ids: Sequence[int], root: str, by: User | None, now: datetime
) -> int:
    """Mail a new code to those who did not use theirs, which opens nothing any more; returns to how many."""
    _require_open(consultation, now)
    waiting = Invitation.objects.select_for_update().filter(
        consultation=consultation, pk__in=ids, state__in=[State.SENT, State.FAILED, State.QUEUED]
    )
    chosen = list(waiting.exclude(email="").values_list("pk", flat=True))
    Invitation.objects.filter(pk__in=chosen).update(state=State.QUEUED, code_hash="")
    if chosen:
        _tell(consultation, "invited", {"by mail again": [None, len(chosen)]}, by, now)
        transaction.on_commit(lambda: _enqueue(chosen, root))
    return len(chosen)


@transaction.atomic
def revoke_invitations(
    *,
    consultation: Consultation,
    ids: Sequence[int],
    by: User | None,
    now: datetime,
    label: str | None = None,
) -> int:
    """End invitations that nobody used: their codes open nothing, their addresses are erased. Returns how many.

    With ``label``, a whole printed list.
    """
    chosen = Q(pk__in=ids)
    if label is not None:
        chosen |= Q(label=label, state=State.PRINTED)
    count = (
        Invitation.objects.filter(chosen, consultation=consultation)
        .exclude(state__in=[State.USED, State.REVOKED])
        .update(state=State.REVOKED, email="", code_hash="")
    )
    if count:
        _tell(consultation, "invitations revoked", {"count": [None, count]}, by, now)
    return count


@transaction.atomic
def redeem_code(*, code: str, user: User | None, now: datetime) -> tuple[Consultation, str]:
    """Use an invitation: its participant begins here, and nothing is kept that joins the two.

    Returns the consultation and the token by which she takes part; empty where her account does. No event: the time
    of one would tell whose code it was.
    """
    invitation = queries.get_invitation(code)
    if invitation is None:
        raise Refused(
            _(
                "This code opens nothing. Compare it with your invitation sign by sign. If it came by e-mail, a newer "
                "mail may have taken its place."
            ),
            code="unknown",
        )
    consultation = invitation.consultation
    if consultation.is_draft or consultation.access != Consultation.Access.INVITED:
        raise Refused(
            _("The consultation of this code is not open to invitations. Your code stays as it is.")
        )
    needs_account = Consultation.TakingPart.ACCOUNT in (consultation.voting_by, consultation.writing_by)
    if needs_account and user is None:
        raise Refused(
            _(
                "In this consultation everybody takes part with an account. Sign in, then enter your code: it was "
                "not used."
            ),
            code="account",
        )
    if invitation.state == State.USED:
        raise Refused(
            _(
                "This code was used already. Go on in the browser where it was entered, or by the personal link that "
                "you made there. If it was not you, ask for a new one."
            ),
            code="used",
        )
    # One statement, so that a code that is entered twice at once lets one person in.
    unused = Invitation.objects.filter(pk=invitation.pk, code_hash=invitation.code_hash)
    if not unused.exclude(state__in=[State.USED, State.REVOKED]).update(state=State.USED, email=""):
        raise Refused(_("This code was used already, just now."), code="used")
    token = "" if needs_account else tokens.mint(consultation.pk)
    voter = Voter(user=user) if needs_account else Voter(token_hash=tokens.read(token, consultation.pk))
    if queries.get_participant(consultation, voter) is None:
        Participant.objects.create(
            consultation=consultation, token_hash=voter.token_hash, user=voter.user, secret=secrets.token_bytes(32),
            terms=consultation.terms, since=now.date(),
        )  # fmt: skip
    return consultation, token


def forget_addresses(now: datetime) -> int:
    """Erase the addresses of invitations to what takes no more votes: they have served. Returns how many."""
    over = [
        pk
        for pk in queries.list_invitations_kept_in()
        if not Consultation.objects.get(pk=pk).allows(Act.INVITE, now)
    ]
    return Invitation.objects.filter(consultation__in=over).exclude(email="").update(email="")


def _tell(
    consultation: Consultation, verb: str, changes: dict[str, list[object]], by: User | None, now: datetime
) -> None:
    write_event(record=consultation.record, verb=verb, by=by, now=now, changes=changes)
