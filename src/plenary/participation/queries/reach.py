"""Who takes part, counted: never who said what."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.languages import language_name
from plenary.participation.attributes import attributes_for
from plenary.participation.models import Consultation, GapStep, Participant, ParticipantAttributes, Vote
from plenary.participation.reach import FEWEST, Reach, Table, make_table
from plenary.records.texts import with_texts

from .counting import NOT_WITHDRAWN, ON_ACCEPTED, STILL_MEANT

ORIGINS = (
    ("online", pgettext_lazy("origin", "On this site")),
    ("paper", pgettext_lazy("origin", "On paper or at a meeting")),
    ("import", pgettext_lazy("origin", "Imported from elsewhere")),
)


def get_reach(consultation: Consultation) -> Reach:
    """Who takes part against the audience wanted, fit to be published: small numbers are hidden.

    Answers enter the tables in the order in which they came, five at a time, so that of two looks at the page the later
    one never adds fewer than five people. Queries: five, and one for each attribute.
    """
    people = _people(consultation)
    total = people.count()
    said = ParticipantAttributes.objects.filter(participant__in=people, has_declined=False)
    answered = said.count()
    counted = answered - answered % FEWEST
    last = said.order_by("id").values_list("id", flat=True)[counted - 1 : counted].first() if counted else 0
    entered = said.filter(id__lte=last or 0)
    tables = [
        make_table(
            attribute.name,
            attribute.label,
            [(value.key, value.label) for value in attribute.values],
            _count(entered.exclude(**{attribute.name: ""}), attribute.name),
            people=total - (answered - counted),
            wanted=consultation.margins.get(attribute.name),
            others=pgettext_lazy("answers", "Others"),
        )
        for attribute in attributes_for(_names(consultation), consultation.languages)
    ]
    return Reach(
        people=total,
        answered=answered,
        waiting=answered - counted,
        has_audience=bool(consultation.margins),
        attributes=tuple(tables),
        by_language=_by_language(people, total),
        by_origin=_by_origin(people, total),
    )


def list_gap_steps(consultation: Consultation, language: str) -> list[GapStep]:
    """What was done about who is missing, the last first, each with its organization's ``said.name``."""
    found = list(
        GapStep.objects.filter(consultation=consultation).select_related("organization__record", "taken_by")
    )
    with_texts([step for step in found if step.organization], language, name="organization.record.title_id")
    return found


def _names(consultation: Consultation) -> list[str]:
    """What is asked, and what an audience was named for."""
    return [*consultation.attributes_asked, *consultation.margins]


def _people(consultation: Consultation) -> QuerySet[Participant]:
    """Everybody whose votes count: on accepted statements, not erased, and on no ballot that was withdrawn."""
    return Participant.objects.filter(Exists(_votes()), consultation=consultation, erased_at=None)


def _votes() -> QuerySet[Vote]:
    """The votes of the participant of the query around this one, as they are counted."""
    return Vote.objects.filter(ON_ACCEPTED, STILL_MEANT, NOT_WITHDRAWN, participant=OuterRef("pk"))


def _count(rows: QuerySet[Any], name: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(name).annotate(Count("pk")))


def _by_language(people: QuerySet[Participant], total: int) -> Table:
    first = _votes().order_by("id").values("language")[:1]
    counts = _count(people.annotate(read_in=Subquery(first)), "read_in")
    counts.pop("", None)
    order = sorted(counts, key=lambda tag: (-counts[tag], tag))
    return make_table(
        "read_in",
        _("Language of their first answer"),
        [(tag, language_name(tag)) for tag in order],
        counts,
        people=total,
    )


def _by_origin(people: QuerySet[Participant], total: int) -> Table:
    """Who came on paper has a ballot that was entered, who was imported an id from there; all others voted here."""
    origin = Case(
        When(~Q(imported_as=""), then=Value("import")),
        When(paper_ballot__isnull=False, then=Value("paper")),
        default=Value("online"),
    )
    counts = _count(people.annotate(came_by=origin), "came_by")
    return make_table("origin", _("How they took part"), ORIGINS, counts, people=total)
