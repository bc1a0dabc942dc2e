"""Who may do what in a consultation, and when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from plenary.people.rules import is_desk, is_staff

from .models import Consultation, Survey
from .phases import Act

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from plenary.people.models import User

    Viewer = User | AnonymousUser


def may_open_consultation(user: Viewer) -> bool:
    return is_desk(user)


def may_manage(user: Viewer) -> bool:
    """Run consultations: their words, dates, ways in and what comes of them."""
    return is_desk(user)


def may_register_questions(user: Viewer) -> bool:
    """Put questions on the register, word them and publish their answers."""
    return is_desk(user)


def may_add_views(user: Viewer) -> bool:
    """Put something forward for or against a question of the register."""
    return is_staff(user)


def may_moderate(user: Viewer) -> bool:
    return is_desk(user)


def must_sign_in(consultation: Consultation, act: Act, *, has_account: bool) -> bool:
    """Whether this consultation takes such an act from accounts alone, and she acts without one.

    The final ballot is a vote, and so is the survey; a statement is written.
    """
    by = consultation.writing_by if act == Act.WRITE else consultation.voting_by
    return by == Consultation.TakingPart.ACCOUNT and not has_account


def may_enter(user: Viewer | None) -> bool:
    """Print paper, enter what comes back, and read what other platforms exported."""
    return user is None or is_desk(user)


def takes_paper(consultation: Consultation, now: datetime) -> bool:
    """Whether what came on paper may be entered, corrected and withdrawn: until the results stand."""
    return consultation.allows(Act.ENTER, now)


def may_vote(consultation: Consultation, now: datetime) -> bool:
    """Everybody who sees an open consultation may vote in it, with an account or without."""
    return consultation.is_open(now)


def may_vote_finally(consultation: Consultation, now: datetime) -> bool:
    """Everybody who sees a consultation may fill in its final ballot, whether she voted before or not."""
    return consultation.allows(Act.VOTE_FINALLY, now)


def may_write(consultation: Consultation, now: datetime) -> bool:
    return consultation.takes_statements and consultation.allows(Act.WRITE, now)


def may_give_attributes(consultation: Consultation, now: datetime) -> bool:
    """Whether those who take part are asked about themselves; each of them may leave everything empty."""
    return bool(consultation.attributes_asked) and consultation.allows(Act.GIVE_ATTRIBUTES, now)


def may_appeal(consultation: Consultation, now: datetime) -> bool:
    """Its author may appeal about a rejected statement, as long as statements are decided."""
    return consultation.allows(Act.APPEAL, now)


def may_edit_surveys(user: Viewer) -> bool:
    return is_desk(user)


def may_answer_survey(survey: Survey, now: datetime) -> bool:
    """Whether a survey takes answers; who must sign in for it, ``must_sign_in`` says."""
    return survey.published_at is not None and survey.consultation.allows(Act.ANSWER_SURVEY, now)


def may_erase(user: Viewer) -> bool:
    """Erase somebody at her request. She herself needs nobody's leave."""
    return user.is_authenticated and (is_desk(user) or user.has_role("administrator"))


def may_judge_flags(user: Viewer) -> bool:
    """Whether people acted as one is for a person to say."""
    return is_desk(user)
