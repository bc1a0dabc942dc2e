"""What participants said about themselves: to her alone what one of them said, to the engine all of it in columns."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Min

from plenary.participation.attributes import NAMES, Attribute, attributes_for
from plenary.participation.models import Consultation, Participant, ParticipantAttributes, Vote


def get_attributes(participant: Participant | None) -> ParticipantAttributes | None:
    """Her answers, or that she gave none; None where she was not asked yet. One query."""
    if participant is None:
        return None
    return ParticipantAttributes.objects.filter(participant=participant).first()


def map_attributes(consultation: Consultation) -> dict[str, Attribute]:
    """What people can be asked about themselves, by name in the usual order, with all that it is called. No query."""
    return {each.name: each for each in attributes_for(NAMES, consultation.languages)}


def list_attributes_for_analysis(
    consultation: Consultation, participants: Sequence[int]
) -> dict[str, list[str]]:
    """What these participants said, as columns by attribute in their order, and as ``read_in`` the language of their
    first answer; empty where it is not known. Three queries at most. For the engine alone: nothing publishes it.
    """
    place = {participant: at for at, participant in enumerate(participants)}
    names = [name for name in NAMES if name in {*consultation.attributes_asked, *consultation.margins}]
    columns = {name: [""] * len(place) for name in [*names, "read_in"]}
    said = ParticipantAttributes.objects.filter(participant__consultation=consultation, has_declined=False)
    for participant, *values in said.values_list("participant_id", *names).iterator(chunk_size=10_000):
        at = place.get(participant)
        if at is not None:
            for name, value in zip(names, values, strict=True):
                columns[name][at] = value
    votes = Vote.objects.filter(statement__consultation=consultation)
    first = votes.order_by().values("participant").annotate(first=Min("id")).values("first")
    languages = Vote.objects.filter(id__in=first).values_list("participant_id", "language")
    for participant, language in languages.iterator(chunk_size=10_000):
        if participant in place:
            columns["read_in"][place[participant]] = language
    return columns
