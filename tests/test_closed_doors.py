"""A consultation that is closed to strangers, with all that the demonstration hangs on it, leaks at no address."""

from __future__ import annotations

import html
import re
from collections import deque
from urllib.parse import unquote

import pytest
from django.utils import timezone

from plenary.kit import access
from plenary.participation import actions
from plenary.participation.models import Consultation
from plenary.records.models import Record, Text
from plenary.records.outbox import run_consumers
from plenary.site.demo.loader import Story

NOWHERE = "99999"
MOST_PAGES = 700
PART = re.compile(r"<(?:(\w+):)?(\w+)>")
LINK = re.compile(
    r'(?:href|src)="(/[^"#]*)|"(?:page|data|trail|next|url|href)": ?"(?:https?://[^/"]+)?(/[^"#]*)"'
)
# The first part of an address, after the API's own, and which kind of record it takes.
FIRST = {
    "analyses": "analysis",
    "consultations": "consultation",
    "embed": "consultation",
    "findings": "finding",
    "statements": "statement",
    "surveys": "survey",
}
ANY = {"r", "trail", "records"}


@pytest.fixture
def closed(db):
    """The consultation of the demonstration on which most hangs, turned into one for the invited."""
    for chapter in Story(now=timezone.now(), password="only for this test").chapters():
        chapter()
    found = max(
        Consultation.objects.filter(is_draft=False, access=Consultation.Access.OPEN),
        key=lambda each: (each.analyses.exists(), each.surveys.exists(), each.statements.count()),
    )
    actions.edit_consultation(
        consultation=found, words={}, language="en", settings={"access": Consultation.Access.INVITED},
        by=None, now=timezone.now(),
    )  # fmt: skip
    while run_consumers():
        pass
    return found


def belonging(found):
    """The references of all that is part of it, by kind."""
    analyses = found.analyses.all()
    mine = {
        "consultation": [found.reference],
        "statement": [each.reference for each in found.statements.all()],
        "survey": [each.reference for each in found.surveys.all()],
        "analysis": [each.reference for each in analyses],
        "finding": [each.reference for one in analyses for each in one.findings.all()],
    }
    return {kind: references for kind, references in mine.items() if references}


def addresses(mine):
    """Every address that takes one of these references, and beside it the same with a reference that nothing has."""
    for row in access.rule_table():
        parts = row.address.split("/")
        first = parts[2] if parts[0] == "api" and len(parts) > 2 else parts[0]
        kinds = list(mine) if first in ANY else [FIRST[first]] if FIRST.get(first) in mine else []
        if "<" not in row.address:
            continue
        for kind in kinds:
            for reference in {mine[kind][0], mine[kind][-1]}:
                prefix = reference.partition("-")[0]
                yield tuple(_fill(row.address, name, mine) for name in (reference, f"{prefix}-{NOWHERE}"))


def _fill(address, reference, mine):
    def value(part):
        converter, name = part.groups()
        if name in ("reference", "rest"):
            return reference
        if name == "survey":
            return mine.get("survey", ["SRV-1"])[0] if NOWHERE not in reference else f"SRV-{NOWHERE}"
        return "1" if converter == "int" else "x"

    return "/" + PART.sub(value, address)


def test_each_address_answers_a_stranger_as_if_there_were_nothing(client, charlie, closed):
    mine = belonging(closed)
    assert set(mine) >= {"consultation", "statement", "analysis", "finding"}
    asked, told = 0, []
    for login in (False, True):
        if login:
            client.force_login(charlie)
        for address, nowhere in addresses(mine):
            for method in ("get", "post"):
                here, there = (getattr(client, method)(each) for each in (address, nowhere))
                asked += 1
                if here.status_code != there.status_code or here.status_code < 300:
                    told.append((login, method, address, here.status_code, there.status_code))
    assert asked > 400
    assert told == [], "\n".join(map(str, told))


def test_no_page_that_a_stranger_reaches_speaks_of_it(client, closed):
    mine = belonging(closed)
    references = [reference for each in mine.values() for reference in each]
    named = re.compile(rf"\b(?:{'|'.join(references)})\b")
    texts = Text.objects.filter(
        pk__in=Record.objects.filter(reference__in=references).exclude(kind="analysis").values("title")
    )
    words = {text.body for text in texts} | {closed.question.body}
    waiting = deque(
        [
            "/", "/consultations", "/consultations/feed.atom", "/consultations/calendar.ics", "/results", "/cycles",
            "/questions", "/translations", "/strategies", "/api/v1/openapi.json",
            *(f"/api/v1/{name}" for name in (
                "consultations", "statements", "records", "surveys", "findings", "analyses", "questions", "sources",
                "changes", "commitments", "meetings", "decisions", "organizations", "strategies",
            )),
            *(f"/api/v1/records?q={reference}" for reference in references[:3]),
        ]
    )  # fmt: skip
    seen, leaks = set(waiting), []
    while waiting and len(seen) < MOST_PAGES * 4:
        address = waiting.popleft()
        answer = client.get(address)
        if answer.status_code != 200 or answer.streaming:
            continue
        kind = answer.headers.get("Content-Type", "")
        if not kind.startswith(("text/", "application/json", "application/atom")):
            continue
        page = html.unescape(answer.content.decode())
        told = [word for word in words if word in page]
        own = set(named.findall(page)) - {each for each in references if each in unquote(address)}
        if address.startswith(("/changes/", "/api")):
            own = set()  # examples; and a change's history names its evidence by number, which opens nothing
        if told or own:
            leaks.append((address, sorted(own)[:5], told[:3]))
        for one, two in LINK.findall(page):
            link = html.unescape(one or two)
            if link in seen or link.startswith(("/static/", "/account/", "/language")) or "lang=" in link:
                continue
            seen.add(link)
            waiting.append(link)
    assert leaks == [], "\n".join(map(str, leaks))
