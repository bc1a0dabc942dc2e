"""Every write of accounts, roles and invitations. ``by`` is None for the program itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from plenary.kit import erasures, manifest
from plenary.kit.errors import Refused
from plenary.records.actions import write_event
from plenary.records.models import Notice, Organization

from . import mails, queries, rules
from .models import Invitation, Membership, Role, Scope, Token, User
from .tokens import MOST_DAYS, MOST_TOKENS, hash_of, make_secret

INVITATION_LASTS = timedelta(days=14)


@transaction.atomic
def create_account(*, email: str, password: str | None, name: str = "") -> User:
    """A new account, without any role; whoever makes it vouches for the e-mail address."""
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def rename_account(*, user: User, name: str) -> None:
    """How the person is called on pages. No event: a name is personal, and no record is touched."""
    user.name = name
    user.save(update_fields=["name"])


def end_session(*, user: User, session: UserSession) -> None:
    """Sign the account out on one device."""
    if session.user_id != user.pk:
        raise PermissionDenied
    session.end()


@transaction.atomic
def reset_second_factor(*, user: User) -> bool:
    """Remove the app, the passkeys and the recovery codes of somebody who lost them; whether there were any."""
    return Authenticator.objects.filter(user=user).delete()[0] > 0


@transaction.atomic
def grant_role(
    *, user: User, organization: Organization, role: str, by: User | None, now: datetime
) -> Membership:
    """Give a person a role in an organization; the organization's history says which, not whom."""
    _require(rules.may_give_role(by, organization, role))
    return _grant(user, organization, role, by, now)


@transaction.atomic
def withdraw_role(*, membership: Membership, by: User | None, now: datetime) -> None:
    """Take a role away; that of the installation's last administrator stays, or nobody could give it again."""
    _require(rules.may_give_role(by, membership.organization, membership.role))
    if membership.role == Role.ADMINISTRATOR:
        # Locked, so that two administrators who withdraw each other's role at once leave one.
        administrators = Membership.objects.select_for_update().filter(role=Role.ADMINISTRATOR)
        left = {held.user_id for held in administrators if held.pk != membership.pk and held.user.is_active}
        if not left:
            raise Refused(
                _(
                    "This is the last administrator of the installation. Make somebody else an administrator first, "
                    "then withdraw this role."
                )
            )
    if not Membership.objects.filter(pk=membership.pk).delete()[0]:
        return
    _forget_roles(membership.user)
    if by is not None:  # another object than the member's, where somebody gives up the own role
        _forget_roles(by)
    write_event(
        record=membership.organization.record,
        verb="role withdrawn",
        by=by,
        now=now,
        changes={"role": [membership.role, None], "user": "changed"},
    )


@transaction.atomic
def invite(
    *, organization: Organization, email: str, role: str, language: str, by: User, now: datetime
) -> Invitation:
    """Let a role wait for an e-mail address. Asked again, its time begins anew and older links end."""
    _require(rules.may_give_role(by, organization, role))
    invitation, created = Invitation.objects.select_for_update().get_or_create(
        organization=organization,
        role=role,
        email=email.lower(),
        closed_at=None,
        defaults={
            "language": language,
            "invited_by": by,
            "invited_at": now,
            "expires_at": now + INVITATION_LASTS,
        },
    )
    if not created:
        invitation.language, invitation.invited_by = language, by
        invitation.invited_at, invitation.expires_at = now, now + INVITATION_LASTS
        invitation.save()
    _write(invitation, "invited", by, now, {"role": [None, role]})
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User, now: datetime) -> None:
    """End an invitation that nobody has accepted: its link works no longer."""
    _require(rules.may_give_role(by, invitation.organization, invitation.role))
    if not Invitation.objects.filter(pk=invitation.pk, closed_at=None).update(closed_at=now, email=""):
        raise Refused(_("This invitation was accepted or withdrawn already."))
    _write(invitation, "invitation withdrawn", by, now, {"role": [invitation.role, None]})


@transaction.atomic
def accept_invitation(*, invitation: Invitation, by: User, now: datetime) -> Membership:
    """Take the role that waited for an address of this account."""
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organization__record")
        .get(pk=invitation.pk)
    )
    if not invitation.is_open(now):
        raise Refused(_("This invitation is no longer open. Ask whoever invited you for a new one."))
    if not queries.owns_address(by, invitation.email):
        raise Refused(
            _(
                "This invitation was sent to another e-mail address. Sign in with the account that has that address."
            )
        )
    # By whoever invited: the role is given in that person's name, and was checked when it was offered.
    membership = _grant(by, invitation.organization, invitation.role, invitation.invited_by, now)
    invitation.closed_at, invitation.accepted_by, invitation.email = now, by, ""
    invitation.save()
    _write(invitation, "invitation accepted", None, now, {"role": [None, invitation.role], "user": "changed"})
    return membership


def _grant(user: User, organization: Organization, role: str, by: User | None, now: datetime) -> Membership:
    membership, created = Membership.objects.get_or_create(user=user, organization=organization, role=role)
    if created:
        _forget_roles(user)
        write_event(
            record=organization.record,
            verb="role granted",
            by=by,
            now=now,
            changes={"role": [None, role], "user": "changed"},
        )
    return membership


def _forget_roles(user: User) -> None:
    """So that the rules ask anew; the person of a request stands behind a proxy, hence no look into ``__dict__``."""
    with suppress(AttributeError):
        del user.roles


def _write(
    invitation: Invitation, verb: str, by: User | None, now: datetime, changes: dict[str, object]
) -> None:
    write_event(record=invitation.organization.record, verb=verb, by=by, now=now, changes=changes)


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


@transaction.atomic
def erase_account(*, user: User, now: datetime, is_replay: bool = False) -> None:
    """Destroy an account with everything that is kept of its person; what she did in a role stays, without her.

    ``is_replay``: the list of erasures names it already.
    """
    memberships = Membership.objects.select_for_update().filter(role=Role.ADMINISTRATOR)
    administrators = {held.user_id for held in memberships if held.user.is_active}
    if administrators == {user.pk} and not is_replay:
        raise Refused(
            _(
                "You are the last administrator of the installation. Make somebody else an administrator first, then "
                "erase your account."
            )
        )
    line = {
        "erased": "account",
        "account": user.pk,
        "joined_at": user.joined_at.isoformat(),
        "at": now.isoformat(),
    }
    manifest.erase_with_account(user, now)
    user.delete()
    if not is_replay:
        erasures.note(line)


@transaction.atomic
def replay_erasure(line: Mapping[str, Any], now: datetime) -> bool:
    """Erase again an account that an older backup brought back; whether it was there."""
    user = User.objects.filter(pk=int(line.get("account") or 0)).first()
    if user is None or user.joined_at.isoformat() != line.get("joined_at"):
        return False  # another person's, whose account got the number anew
    erase_account(user=user, now=now, is_replay=True)
    return True


# News by mail. A notice is claimed before its mail is sent, so that no fault sends it twice; a refusal frees it again.

NEWS_LASTS = timedelta(days=7)  # what is older is on the desk; a restored or imported past is not mailed
MOST_ATTEMPTS = 5
WAIT = {User.Mailing.IMMEDIATELY: timedelta(minutes=10), User.Mailing.DAILY: timedelta(hours=24)}


def set_mailing(*, user: User, mailing: str, language: str) -> None:
    """How often she is told by mail, and in which language. No event: it is hers alone."""
    user.mailing, user.language = mailing, language
    user.save(update_fields=["mailing", "language"])


def stop_mailing(*, user_id: int) -> None:
    User.objects.filter(pk=user_id).update(mailing=User.Mailing.NEVER)


def tick_news(now: datetime) -> None:
    """Queue a mail for everybody who has news and wants it now."""
    from .tasks import mail_news

    for user_id in queries.list_accounts_with_news(
        now, since=now - NEWS_LASTS, most=MOST_ATTEMPTS, wait=WAIT
    ):
        mail_news.enqueue(user_id)


def mail_news_to(*, user_id: int, now: datetime) -> bool:
    """Send one mail with all her news; whether one was sent. Handed out twice, the second finds nothing."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id, is_active=True).first()
        if user is None or user.mailing == User.Mailing.NEVER:
            return False
        notices = queries.list_news_of(user, since=now - NEWS_LASTS, most=MOST_ATTEMPTS)
        waiting = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
        if not notices:
            return False
        waiting.update(mailed_at=now, mail_attempts=F("mail_attempts") + 1)
        User.objects.filter(pk=user_id).update(mail_tried_at=now)
    try:
        mails.send_news(user, notices)
    except mails.NotSent:
        waiting.update(mailed_at=None)
        return False
    return True


# API tokens. A person's own keys, hers alone to know, so they write no event; what is done with one is written as hers.


@transaction.atomic
def create_token(
    *, user: User, name: str, scopes: Sequence[str], expires_at: datetime, now: datetime
) -> tuple[Token, str]:
    """A new token, and its secret, which is told once and not kept."""
    if not scopes or not set(scopes) <= set(Scope.values):
        raise Refused(_("A token reads, writes, or both."))
    if not now < expires_at <= now + timedelta(days=MOST_DAYS):
        raise Refused(_("A token is valid for a year at most, and expires in the future."))
    User.objects.select_for_update().get(pk=user.pk)  # two requests at once count one another
    if user.tokens.count() >= MOST_TOKENS:
        raise Refused(_("You have as many tokens as one person can have. Revoke one that you no longer use."))
    secret = make_secret()
    token = Token.objects.create(
        user=user,
        name=name,
        hash=hash_of(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    return token, secret


def revoke_token(*, token: Token) -> None:
    """Nobody gets in with it from now on."""
    token.delete()


def note_use_of_token(*, token: Token, today: date) -> None:
    """Remember the day, so that its person sees which of her tokens are in use. One write a day."""
    if token.last_used_on != today:
        Token.objects.filter(pk=token.pk).update(last_used_on=today)
