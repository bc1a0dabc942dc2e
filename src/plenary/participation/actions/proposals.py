"""Proposals of a Decidim site as statements of a consultation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from plenary.kit.errors import Refused
from plenary.participation import queries, rules
from plenary.participation.decidim import Proposal
from plenary.participation.models import Consultation, Statement, StatementContext
from plenary.participation.wording import MAX_LENGTH, same_words, tidy
from plenary.records.actions import create_source, put_text
from plenary.records.models import Provenance, Source, Text

from .statements import NewStatement, add_statements

if TYPE_CHECKING:
    from plenary.people.models import User


@dataclass(frozen=True)
class ProposalsImported:
    added: list[Statement]
    known: int
    """How many were said in the consultation already, in the same words, or imported before."""


@transaction.atomic
def import_proposals(
    *,
    consultation: Consultation,
    proposals: Sequence[Proposal],
    sha256: str,
    name: str,
    language: str,
    by: User | None,
    now: datetime,
) -> ProposalsImported:
    """Add proposals as statements that wait for moderation; their support there is kept as context, not as votes.

    The title becomes the statement, since a statement is one sentence; the long text stands beside it.
    """
    if not rules.may_enter(by):
        raise PermissionDenied
    if not rules.takes_paper(consultation, now):
        raise Refused(_("This consultation does not take input from elsewhere now. Nothing was imported."))
    said = queries.map_same_words(consultation)
    imported = queries.imported_ids(consultation)
    new: list[Proposal] = []
    seen: set[str] = set()
    for proposal in proposals:
        same = same_words(_title(proposal))
        if same in said or same in seen or _key(proposal) in imported:
            continue
        seen.add(same)
        new.append(proposal)
    if not new:
        raise Refused(_("All of these proposals are in the consultation already. Nothing was imported."))
    source = create_source(
        title=f"Decidim: {name}", language=language, kind=Source.Kind.FILE, by=by, now=now, sha256=sha256
    )
    added = add_statements(
        consultation=consultation,
        statements=[_statement(each) for each in new],
        by=by,
        now=now,
        verb="imported",
    )
    StatementContext.objects.bulk_create(
        [
            StatementContext(
                statement=statement,
                source=source,
                body=_body(proposal),
                url=proposal.url,
                state=proposal.state,
                supports=proposal.supports,
                endorsements=proposal.endorsements,
                comments=proposal.comments,
            )
            for proposal, statement in zip(new, added, strict=True)
        ],
        batch_size=500,
    )
    return ProposalsImported(added, len(proposals) - len(new))


def _key(proposal: Proposal) -> str:
    return f"decidim:{proposal.id}"[:40]


def _title(proposal: Proposal) -> str:
    return _short(next(iter(proposal.titles.values())))


def _short(words: str) -> str:
    return Truncator(tidy(words)).chars(MAX_LENGTH)


def _statement(proposal: Proposal) -> NewStatement:
    original, *_others = proposal.titles
    return NewStatement(
        _title(proposal),
        original,
        translations={tag: _short(words) for tag, words in proposal.titles.items() if tag != original},
        provenance=Provenance.IMPORTED,
        origin=Statement.Origin.IMPORT,
        moderation=Statement.Moderation.WAITING,
        imported_as=_key(proposal),
    )


def _body(proposal: Proposal) -> Text | None:
    if not proposal.bodies:
        return None
    original, *_others = proposal.bodies
    return put_text(proposal.bodies[original], original, dict(proposal.bodies))
