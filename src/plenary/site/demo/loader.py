"""Loads the demonstration by the same actions as people's clicks, at the times when the story says they happened.

Everything is made from the data files beside this one and from fixed seeds: two loads on one day are alike but for
the participants' secrets.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from plenary.delivery import actions as delivery
from plenary.delivery.models import Commitment, Indicator, Review, Round
from plenary.insight import actions as insight
from plenary.insight.models import Analysis, Finding
from plenary.meetings import actions as meetings
from plenary.meetings.models import AgendaItem, Meeting
from plenary.participation import actions as participation
from plenary.participation.actions import BulkAnswers, BulkVote, Facts, NewStatement
from plenary.participation.actions.voting import Voter  # type: ignore[attr-defined]
from plenary.participation.models import (
    Comment,
    Consultation,
    ParticipantAttributes,
    Statement,
    Submission,
    Survey,
)
from plenary.participation.queries import get_reach
from plenary.people import actions as people
from plenary.people.models import Role, User
from plenary.records import actions as records
from plenary.records.models import Organization, Provenance, Record, Text
from plenary.strategy import actions as strategy
from plenary.strategy.models import Change, Clause
from plenary.strategy.parsing import parse_strategy
from plenary.translations import actions as translations

Words = dict[str, str]
"""The same words in six languages, by language."""

SOURCE_LANGUAGE = "en"
# In which languages the people of the story read what they vote on, and how often each.
READ_IN = {"en": 30, "es": 20, "fr": 16, "ar": 14, "zh": 12, "ru": 8}
# Packs of the demonstration: kind of place, language, how many opened the page by the link, how many voted there.
PACKS = [
    ("message", "en", 61, 24),
    ("poster", "ar", 12, 9),
    ("picture", "es", 40, 11),
    ("short", "zh-hans", 8, 3),
]


def load_once() -> str:
    """Load the story unless it is there; returns the password of the fictional accounts.

    The password is made for this installation and kept in its folder, since a known one would open whatever was
    entered into a demonstration that somebody made public.
    """
    kept = Path(settings.PLENARY_HOME) / "demonstration-password"
    if not kept.exists():
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        story = Story(now=timezone.now(), password=password)
        with transaction.atomic():
            for chapter in tqdm(
                story.chapters(), desc="Setting up the demonstration", unit="chapter", disable=None
            ):
                chapter()
            kept.touch(mode=0o600)
            kept.write_text(password + "\n", "utf-8")
    return kept.read_text("utf-8").strip()


def accounts() -> list[tuple[str, str]]:
    """The fictional accounts: e-mail address and role."""
    return [(person["email"], person["role"]) for person in _data("story.json")["people"]]


def _data(name: str) -> Any:
    return json.loads(_file(name))


def _file(name: str) -> bytes:
    return (resources.files(__package__) / name).read_bytes()


class Story:
    """One load of the story. ``now`` is the day on which it is told; the data files count days from it."""

    def __init__(self, *, now: datetime, password: str) -> None:
        self.now = now
        self.password = password
        self.story = _data("story.json")
        self.consultation_data = {
            entry["key"]: entry for entry in _data("consultation.json")["consultations"]
        }
        self.phases = {entry["key"]: entry for entry in _data("phases.json")["consultations"]}
        self.organizations: dict[str, Organization] = {}
        self.users: dict[str, User] = {}
        self.clauses: dict[str, Clause] = {}
        self.consultations: dict[str, Consultation] = {}
        self.statements: dict[tuple[str, str], Statement] = {}
        self.changes: dict[str, Change] = {}
        self.commitments: dict[str, Commitment] = {}
        self.indicators: dict[str, Indicator] = {}
        self.rounds: dict[str, Round] = {}
        self.reviews: dict[str, Review] = {}
        self.agenda: dict[int, AgendaItem] = {}

    def chapters(self) -> list[Callable[[], None]]:
        """What is told, in order: a chapter may rest on those before it."""
        return [
            self.make_organizations_and_accounts,
            self.import_the_strategy,
            self.make_commitments,
            *(partial(self.hold_consultation, key) for key in self.consultation_data),
            self.begin_a_translation,
            self.analyse_and_change_the_text,
            self.show_every_phase,
            self.read_what_people_write,
            self.keep_the_register,
            self.reach_out,
            self.see_who_is_missing,
            self.suspect_a_campaign,
            *(partial(self.hold_round, data) for data in self.story["rounds"]),
            self.feel_the_pulse,
            self.survey_benefits_and_risks,
            self.comment_on_clauses,
            self.bring_paper,
            self.prepare_the_next_meeting,
        ]

    # People

    def make_organizations_and_accounts(self) -> None:
        for data in self.story["organizations"]:
            name: Words = data["name"]
            self.organizations[data["key"]] = records.create_organization(
                name=name[SOURCE_LANGUAGE], language=SOURCE_LANGUAGE, kind=data["kind"], by=None,
                now=self.day(-366), translations=name,
            )  # fmt: skip
        for data in self.story["people"]:
            user = people.create_account(email=data["email"], password=self.password, name=data["name"])
            self.users[data["email"].split("@")[0]] = user
            if data["role"] in Role.values:
                people.grant_role(
                    user=user, organization=self.organizations[data["organization"]], role=data["role"], by=None,
                    now=self.day(-366),
                )  # fmt: skip

    # The text

    def import_the_strategy(self) -> None:
        data = _file("strategy.en.md")
        version = self.story["versions"][0]
        self.first = strategy.import_strategy(
            parsed=parse_strategy(data, language=SOURCE_LANGUAGE, name="strategy.en.md"),
            sha256=hashlib.sha256(data).hexdigest(), file_name="strategy.en.md", by=self.users["desk"],
            now=self.day(version["adopted_in_days"]), adopted_on=self.date(version["adopted_in_days"]),
            review_by=self.date(version["review_by_in_days"]), translations=_data("strategy.translations.json"),
        )  # fmt: skip
        self.clauses = {clause.local: clause for clause in self.first.strategy.clauses.all()}

    # Listening

    def read_what_people_write(self) -> None:
        """Statements of participants: some wait, others were rejected, appealed about, merged, given other words."""
        data = _data("moderation.json")
        consultation, desk, now = self.consultations[data["consultation"]], self.users["desk"], self.day(-2)
        made = []
        for entry in data["written"]:
            voter = Voter(token_hash=hashlib.sha256(entry["text"].encode()).digest())
            item = participation.write_statement(
                consultation=consultation, voter=voter, body=entry["text"], language=entry["language"], now=now,
                anyway=True,
            )  # fmt: skip
            made.append(item)
            if entry.get("accepted") or entry is data["written"][0]:
                participation.moderate_statements(
                    statements=[item], decision="accepted", reason="", by=desk, now=now
                )
            if "rejected" in entry:
                participation.moderate_statements(
                    statements=[item], decision="rejected", reason=entry["rejected"], by=desk, now=now
                )
            if "appeal" in entry:
                participation.appeal(
                    consultation=consultation,
                    statement=item,
                    voter=voter,
                    text=entry["appeal"],
                    now=self.day(-1),
                )
            if "merged_into" in entry:
                participation.merge_statement(
                    statement=item, into=made[entry["merged_into"]], by=desk, now=self.day(-1)
                )
            if "is_meta" in entry:
                participation.mark_meta(statements=[item], is_meta=True, by=desk, now=self.day(-1))
            if "reworded" in entry:
                participation.reword_statement(
                    statement=item, body=entry["reworded"], changes_meaning=False, by=desk, now=self.day(-1)
                )

    def hold_consultation(self, key: str) -> None:
        """Opened by the desk with its first statements. The votes come in with ``vote``, before and after analyses."""
        data = self.consultation_data[key]
        opened = self.day(data["opens_in_days"])
        now = min(opened, self.day(-1))  # one that lies ahead was announced yesterday
        consultation = participation.open_consultation(
            title=data["title"][SOURCE_LANGUAGE], question=data["question"][SOURCE_LANGUAGE],
            introduction=data["intro"][SOURCE_LANGUAGE], language=SOURCE_LANGUAGE,
            about=self.clauses[data["clause"]].record, opens_at=opened,
            closes_at=self.day(data["closes_in_days"]), by=self.users["desk"], now=now,
            translations=_by_language(title=data["title"], question=data["question"], introduction=data["intro"]),
        )  # fmt: skip
        if data.get("followed_by"):
            records.follow(record=consultation.record, user=self.users[data["followed_by"]])
        consultation.embed_origins = data.get("embed_origins", [])
        consultation.save(update_fields=["embed_origins"])
        self.consultations[key] = consultation
        made = participation.add_statements(
            consultation=consultation, by=self.users["desk"], now=now,
            statements=[_new_statement(entry) for entry in data["statements"]],
        )  # fmt: skip
        for entry, statement in zip(data["statements"], made, strict=True):
            self.statements[key, entry["key"]] = statement

    def begin_a_translation(self) -> None:
        """A seventh language, in which some is done, some comes from a machine, some is stale and most is missing."""
        data = _data("translations.json")
        key, language = data["consultation"], data["language"]
        consultation, opened = self.consultations[key], self.day(self.consultation_data[key]["opens_in_days"])
        questions = {"question": consultation.question, "title": consultation.record.title}
        for part, text in questions.items():
            assert text is not None
            translations.translate(
                text=text, record=consultation.record, part=part, language=language, body=data[part],
                by=self.users["contributor"], now=opened + timedelta(days=1),
            )  # fmt: skip
        for name, body in data["human"].items():
            record = self.statements[key, name].record
            assert record.title is not None
            translations.translate(
                text=record.title, record=record, part="statement", language=language, body=body,
                by=self.users["contributor"], now=opened + timedelta(days=2),
            )  # fmt: skip
        for name, body in data["machine"].items():
            title = self.statements[key, name].record.title
            assert title is not None
            records.put_translation(
                text=title, language=language, body=body, provenance=Provenance.MACHINE,
                now=opened + timedelta(days=3),
            )  # fmt: skip
        for name, words in data["stale"].items():
            title = self.statements[key, name].record.title
            assert title is not None
            before = records.put_text(words["before"], SOURCE_LANGUAGE, {language: words["words"]})
            records.carry_translations(before=before, after=title)

    def show_every_phase(self) -> None:
        """Beside the one that is open: one announced, one in its final round, one answered, one closed."""
        for key, data in self.phases.items():
            self.consultation_data[key] = data
            self.hold_consultation(key)
            if data["groups"]:
                first, last = data["vote_days"]
                self.vote(key, part=slice(0, 100), days=(first, last))
            self.set_days(key, data)
            if "final_closes_in_days" in data:
                self.hold_final_round(key, data)
            if "answer" in data:
                self.answer(key, data["answer"], data["answer_in_days"])
        data = self.consultation_data["small-members"]
        self.set_days("small-members", {"answer_in_days": -280, "ends_in_days": -250})
        self.answer("small-members", data["outcome"], -280)

    def hold_final_round(self, key: str, data: dict[str, Any]) -> None:
        """All of its statements on one ballot, and the first who sent it."""
        consultation = self.consultations[key]
        statements = [self.statements[key, entry["key"]] for entry in data["statements"]]
        begins = self.day(data["closes_in_days"])
        participation.set_ballot(
            consultation=consultation, statements=statements, by=self.users["desk"], now=begins
        )
        chance = random.Random(f"{key} ballots")
        for person in range(24):
            answers = {item.reference: chance.choices((1, -1, 0), (5, 2, 1))[0] for item in statements}
            voter = Voter(token_hash=hashlib.sha256(f"{key} ballot {person}".encode()).digest())
            participation.send_ballot(
                consultation=consultation, voter=voter, answers=answers,
                languages=dict.fromkeys(answers, SOURCE_LANGUAGE), now=begins + timedelta(hours=1 + person),
            )  # fmt: skip

    def set_days(self, key: str, data: dict[str, Any]) -> None:
        days = {
            name: self.day(data[f"{short}_in_days"])
            for name, short in (
                ("final_closes_at", "final_closes"),
                ("answer_at", "answer"),
                ("ends_at", "ends"),
            )
            if f"{short}_in_days" in data
        }
        consultation = self.consultations[key]
        participation.edit_consultation(
            consultation=consultation, words={}, language=SOURCE_LANGUAGE, settings=days, by=self.users["desk"],
            now=consultation.record.created_at,
        )  # fmt: skip

    def answer(self, key: str, words: Words, in_days: int) -> None:
        participation.publish_reply(
            consultation=self.consultations[key], body=words[SOURCE_LANGUAGE], language=SOURCE_LANGUAGE,
            leads_to=[self.clauses[self.consultation_data[key]["clause"]].record], by=self.users["desk"],
            now=self.day(in_days) + timedelta(hours=1), translations=words,
        )  # fmt: skip

    def vote(self, key: str, *, part: slice, days: tuple[int, int]) -> None:
        """Part of the people of every group vote, each with her group's leanings, on days within a span."""
        data = self.consultation_data[key]
        chance = random.Random(f"{data['seed']} {part.start} {part.stop}")
        reading = random.Random(f"{data['seed']} languages {part.start} {part.stop}")
        votes: list[BulkVote] = []
        for group, size in data["groups"].items():
            for person in list(range(size))[
                slice(*(round(size * share / 100) for share in (part.start, part.stop)))
            ]:
                at = self.day(chance.randint(*days)) + timedelta(minutes=chance.randrange(600))
                language = reading.choices(list(READ_IN), list(READ_IN.values()))[0]
                for entry in chance.sample(data["statements"], len(data["statements"])):
                    if entry.get("pattern") and chance.random() < data["answer_rate"]:
                        value = chance.choices((1, -1, 0), entry["pattern"][group])[0]
                        at += timedelta(seconds=chance.randint(3, 20))
                        statement = self.statements[key, entry["key"]]
                        votes.append(BulkVote(f"{group}{person}", statement.pk, value, at, language))
        votes.sort(key=lambda vote: vote.at)
        participation.record_votes(
            consultation=self.consultations[key], votes=votes, by=None, now=self.day(days[1])
        )

    def bring_paper(self) -> None:
        """A meeting with ballots, raised hands and what was said there, and a letter."""
        data = _data("paper.json")
        key = data["consultation"]
        statements = {
            name: statement
            for (consultation, name), statement in self.statements.items()
            if consultation == key
        }
        for entry in (data["meeting"], data["letter"]):
            now = self.day(entry["in_days"] + 1)
            submission = participation.enter_submission(
                consultation=self.consultations[key], by=self.users["desk"], now=now,
                facts=Facts(
                    kind=entry["kind"], held_on=self.date(entry["in_days"]), language=entry["language"],
                    place=entry["place"], organization=entry["organization"], people=entry["people"],
                ),
            )  # fmt: skip
            self.enter_ballots(submission, entry, [*statements.values()][:12], now)
            hands = {statements[name].pk: tuple(three) for name, three in entry.get("hands", {}).items()}
            participation.count_hands(submission=submission, hands=hands, by=self.users["desk"], now=now)
            said = participation.enter_statements(
                submission=submission, statements=[(each["text"], each["language"]) for each in entry["said"]],
                by=self.users["desk"], now=now,
            )  # fmt: skip
            for statement, each in zip(said.added, entry["said"], strict=True):
                self.translate(statement.record.title, each["translations"])
            participation.moderate_statements(
                statements=said.added, decision="accepted", reason="", by=self.users["desk"], now=now
            )

    def enter_ballots(
        self, submission: Submission, entry: dict[str, Any], statements: list[Statement], now: datetime
    ) -> None:
        accepted = [each for each in statements if each.moderation == Statement.Moderation.ACCEPTED]
        chance = random.Random(entry.get("seed"))
        for _sheet in range(entry.get("ballots", 0)):
            answers = {
                each.pk: chance.choices((1, -1, 0), (6, 3, 1))[0]
                for each in accepted
                if chance.random() < 0.9
            }
            participation.enter_ballot(
                submission=submission, code="", answers=answers, by=self.users["desk"], now=now
            )

    def feel_the_pulse(self) -> None:
        """The same survey in three cycles, each a consultation of its own; the young begin with less trust."""
        data = _data("surveys.json")["pulse"]
        survey: Survey | None = None
        for cycle in data["cycles"]:
            opens, closes = self.day(cycle["opens_in_days"]), self.day(cycle["closes_in_days"])
            consultation = participation.open_consultation(
                title=data["title"][SOURCE_LANGUAGE], question=data["question"][SOURCE_LANGUAGE],
                language=SOURCE_LANGUAGE, about=self.clauses["C2"].record, opens_at=opens, closes_at=closes,
                takes_statements=False, by=self.users["desk"], now=opens,
                translations=_by_language(title=data["title"], question=data["question"]),
            )  # fmt: skip
            if survey is None:
                survey = participation.use_template(
                    consultation=consultation, template="trust", language=SOURCE_LANGUAGE, by=self.users["desk"],
                    now=opens,
                )  # fmt: skip
            else:
                survey = participation.copy_survey(
                    survey=survey, to=consultation, by=self.users["desk"], now=opens
                )
            participation.publish_survey(survey=survey, by=self.users["desk"], now=opens)
            self.answer_the_pulse(survey, cycle)

    def answer_the_pulse(self, survey: Survey, cycle: dict[str, Any]) -> None:
        chance = random.Random(f"pulse {cycle['opens_in_days']}")
        answers, ages = [], {}
        for person in range(cycle["people"]):
            age = chance.choices(("15-24", "25-34", "35-49", "50-64", ""), (22, 20, 25, 18, 15))[0]
            means = cycle["young" if age == "15-24" else "all"]
            given = {
                number: min(5, max(1, round(chance.gauss(mean, 1.1))))
                for number, mean in enumerate(means, start=1)
                if chance.random() < cycle["answer_rate"]
            }
            at = self.day(chance.randint(cycle["opens_in_days"], cycle["closes_in_days"] - 1))
            answers.append(BulkAnswers(str(person), given, at))
            ages[str(person)] = age
        made = participation.record_answers(
            survey=survey, answers=answers, by=None, now=self.day(cycle["closes_in_days"])
        )
        ParticipantAttributes.objects.bulk_create(
            [
                ParticipantAttributes(
                    participant=made[key], age=age, given_on=self.date(cycle["closes_in_days"])
                )
                for key, age in ages.items()
                if age
            ]
        )

    def survey_benefits_and_risks(self) -> None:
        """A survey that is open now, with every kind of question, some answers, and words that wait to be read."""
        opened = self.day(-20)
        survey = participation.use_template(
            consultation=self.consultations["ask-before"], template="benefits", language=SOURCE_LANGUAGE,
            by=self.users["desk"], now=opened,
        )  # fmt: skip
        participation.publish_survey(survey=survey, by=self.users["desk"], now=opened)
        chance = random.Random("benefits")
        words = _data("surveys.json")["words"]
        answers = []
        for person in range(70):
            said = (
                words[person]
                if person < len(words)
                else {"text": "", "language": SOURCE_LANGUAGE, "state": ""}
            )
            given = {
                1: min(5, max(1, round(chance.gauss(3.2, 1.1)))),
                2: sorted(chance.sample(range(1, 7), chance.randint(1, 3))),
                3: chance.sample((1, 2, 3, 4, 5), 5) if chance.random() < 0.3 else [4, 1, 5, 3, 2],
                4: chance.choices((1, 2, 3, 4), (2, 5, 6, 2))[0],
                5: said["text"],
            }
            answers.append(
                BulkAnswers(
                    str(person),
                    given,
                    self.day(-chance.randint(2, 19)),
                    said["language"],
                    is_read=said["state"] != "waiting",
                )
            )
        participation.record_answers(survey=survey, answers=answers, by=None, now=self.day(-1))

    def comment_on_clauses(self) -> None:
        strategy_of_all = self.first.strategy
        readers = [
            Voter(token_hash=hashlib.sha256(b"a reader of the story %d" % number).digest())
            for number in range(30)
        ]

        def say(entry: dict[str, Any], clause: Clause, place: int, above: Comment | None = None) -> Comment:
            at = self.day(-30 + place)
            comment = participation.write_comment(
                clause=clause, voter=readers[place], body=entry["text"], language=entry["language"],
                stance=entry.get("stance", ""), answers=above, now=at,
            )  # fmt: skip
            if entry["state"] != "waiting":
                participation.moderate_comments(
                    comments=[comment], decision=entry["state"], reason=entry.get("reason", ""),
                    by=self.users["desk"], now=at + timedelta(hours=5),
                )  # fmt: skip
            for reader in readers[30 - entry.get("useful", 0) :]:
                participation.mark_useful(comment=comment, voter=reader, useful=True, now=self.day(-3))
            return comment

        place = 0
        for entry in _data("surveys.json")["comments"]:
            clause = strategy_of_all.clauses.select_related("record", "strategy__record").get(
                local=entry["clause"]
            )
            comment = say(entry, clause, place)
            for reply in entry["replies"]:
                place += 1
                say(reply, clause, place, comment)
            place += 1

    # Understanding and deciding

    def analyse(self, key: str, in_days: int) -> None:
        now = self.day(in_days)
        analysis = insight.start_analysis(
            consultation=self.consultations[key], by=self.users["desk"], now=now
        )
        insight.run_analysis(analysis=analysis, now=now)

    def analyse_and_change_the_text(self) -> None:
        self.vote("small-members", part=slice(0, 100), days=(-329, -291))
        self.hear_who_they_are(
            self.consultations["small-members"], _data("audience.json")["small"], asked_in=-329, said_in=-291
        )
        self.analyse("small-members", -289)
        self.vote("ask-before", part=slice(0, 70), days=(-239, -152))
        self.analyse("ask-before", -150)
        proposals = sorted(self.story["changes"], key=lambda data: data["proposed_in_days"])
        decided = [data for data in proposals if data["state"] != "proposed"]
        for data in decided:
            self.propose(data)
        self.hold_meeting("spring-meeting", [self.changes[data["key"]].record for data in decided])
        for data in decided:
            self.decide_on(data)
        version = self.story["versions"][1]
        strategy.adopt_version(
            strategy=self.first.strategy, by=self.users["committee"], now=self.day(version["adopted_in_days"]),
            adopted_on=self.date(version["adopted_in_days"]), review_by=self.date(version["review_by_in_days"]),
        )  # fmt: skip
        self.vote("ask-before", part=slice(70, 100), days=(-130, -6))
        self.analyse("ask-before", -5)
        for data in proposals:
            if data not in decided:
                self.propose(data)

    def keep_the_register(self) -> None:
        """Questions that need a collective answer, with views from the consultations; one is answered."""
        for data in self.story["questions"]:
            words, background = data["question"], data["background"]
            raised = self.day(data["raised_in_days"])
            question = participation.raise_question(
                question=words[SOURCE_LANGUAGE], background=background[SOURCE_LANGUAGE], language=SOURCE_LANGUAGE,
                concern=data["concern"], raised_in=self.clauses[data["raised_in"]].record, by=self.users["desk"],
                now=raised, translations=words, background_translations=background,
            )  # fmt: skip
            for stance in ("for", "against"):
                for source in self.evidence(data["consultation"], data[stance]):
                    participation.add_view(
                        question=question, source=source, by=self.users["desk"], now=self.day(-120),
                        stance="supports" if stance == "for" else "contradicts",
                    )  # fmt: skip
            if "answer" in data:
                participation.answer_question(
                    question=question, answer=data["answer"][SOURCE_LANGUAGE], language=SOURCE_LANGUAGE,
                    clauses=[self.clauses[clause] for clause in data["clauses"]], by=self.users["desk"],
                    now=self.day(data["answered_in_days"]), translations=data["answer"],
                )  # fmt: skip

    def reach_out(self) -> None:
        """Packs for kinds of places in several languages, and how many came by each."""
        consultation = self.consultations["ask-before"]
        question = {each.language: each.body for each in consultation.question.translations.all()}
        question[SOURCE_LANGUAGE] = consultation.question.body
        for number, (platform, language, seen, joined) in enumerate(PACKS):
            code = f"demo{number + 2}{language[0]}"
            pack = participation.make_pack(
                consultation=consultation, platform=platform, language=language, code=code, by=self.users["desk"],
                now=self.day(-230),
                words=f"{question[language[:2]]} http://localhost:8000/o/{code}",
            )  # fmt: skip
            for what, count in (("seen", seen), ("joined", joined)):
                for _one in range(count):
                    participation.count_outreach(code=pack.code, what=what, now=self.day(-200))

    def see_who_is_missing(self) -> None:
        """Six in ten say something about themselves; the young and Africa are missing, and an organization is asked."""
        data, consultation = _data("audience.json"), self.consultations["ask-before"]
        self.hear_who_they_are(consultation, data, asked_in=-239, said_in=-20)
        gaps = get_reach(consultation).gaps
        if gaps:
            participation.take_gap_step(
                consultation=consultation, gap=gaps[0], by_way_of="organization", note=data["step"],
                organization=self.organizations[data["asked"]], by=self.users["desk"], now=self.day(-4),
            )  # fmt: skip

    def hear_who_they_are(
        self, consultation: Consultation, data: dict[str, Any], *, asked_in: int, said_in: int
    ) -> None:
        """Name the audience wanted, and let people say something about themselves; not all do."""
        participation.set_audience(
            consultation=consultation, margins=data["wanted"], asked=list(data["said"]), by=self.users["desk"],
            now=self.day(asked_in),
        )  # fmt: skip
        chance = random.Random(data["seed"])
        said = {}
        for person in consultation.participants.order_by("pk"):
            if chance.random() < data["answer_rate"]:
                said[person] = {
                    name: chance.choices(list(shares), list(shares.values()))[0]
                    for name, shares in data["said"].items()
                    if chance.random() < data["each_rate"]
                }
        participation.record_attributes(consultation=consultation, said=said, now=self.day(said_in))

    def suspect_a_campaign(self) -> None:
        """Thirty ballots alike within minutes: the next analysis flags them, and the desk has to judge."""
        data = self.consultation_data["ask-before"]
        chance = random.Random(f"{data['seed']} campaign")
        entries = [entry for entry in data["statements"] if entry.get("pattern")]
        ballot = [(entry, chance.choice((1, -1))) for entry in entries]
        votes = []
        for person in range(30):
            at = self.day(-3) + timedelta(seconds=6 * person)
            for entry, value in ballot:
                at += timedelta(seconds=2)
                votes.append(
                    BulkVote(
                        f"copy {person}",
                        self.statements["ask-before", entry["key"]].pk,
                        value,
                        at,
                        SOURCE_LANGUAGE,
                    )
                )
        votes.sort(key=lambda vote: vote.at)
        participation.record_votes(
            consultation=self.consultations["ask-before"], votes=votes, by=None, now=self.day(-3)
        )
        self.analyse("ask-before", -2)
        note = _data("report.json")["note"]
        analysis = Analysis.objects.filter(consultation=self.consultations["ask-before"]).latest(
            "record__number"
        )
        insight.write_note(
            analysis=analysis, section="parting", body=note[SOURCE_LANGUAGE], language=SOURCE_LANGUAGE,
            by=self.users["desk"], now=self.day(-1), translations=note,
        )  # fmt: skip

    def propose(self, data: dict[str, Any]) -> None:
        proposer, now = self.users[data["proposed_by"]], self.day(data["proposed_in_days"])
        wording: Words = data["text"] if "text" in data else self.longer(data["clause"], data["appends"])
        change = strategy.propose_change(
            strategy=self.first.strategy, operation=data["operation"], clause=self.clauses[data["clause"]],
            text=wording[SOURCE_LANGUAGE], rationale=data["rationale"][SOURCE_LANGUAGE],
            evidence=self.evidence(data["consultation"], data["supports"]), by=proposer, now=now,
            translations=_by_language(text=wording, rationale=data["rationale"]),
        )  # fmt: skip
        self.changes[data["key"]] = change
        for source in self.evidence(data["consultation"], data["contradicts"]):
            strategy.add_evidence(change=change, source=source, stance="contradicts", by=proposer, now=now)
        if data["search"]:
            strategy.record_counter_search(
                change=change, searched=data["search"][SOURCE_LANGUAGE], by=proposer, now=now,
                translations=data["search"],
            )  # fmt: skip

    def longer(self, clause: str, sentence: Words) -> Words:
        """A clause's text in force with one more paragraph, in every language."""
        state = self.clauses[clause].states.select_related("text").latest("version__number")
        assert state.text is not None
        present = {each.language: each.body for each in state.text.translations.all()}
        present[state.text.source_language] = state.text.body
        return {language: f"{present[language]}\n\n{words}" for language, words in sentence.items()}

    def evidence(self, consultation: str, keys: list[str]) -> list[Record]:
        """For each statement the finding that rests on it, or the statement itself where none does."""
        found = []
        for key in keys:
            statement = self.statements[consultation, key]
            findings = Finding.objects.filter(statements=statement, kind__in=("consensus", "division"))
            finding = findings.order_by("-analysis", "order").first()
            found.append(finding.record if finding else statement.record)
        return list(dict.fromkeys(found))

    def decide_on(self, data: dict[str, Any]) -> None:
        change, now = self.changes[data["key"]], self.day(data["decided_in_days"])
        strategy.review_change(change=change, by=self.users["administrator"], now=now)
        decide = strategy.reject_change if data["state"] == "rejected" else strategy.accept_change
        decide(
            change=change, reason=data["decision_reason"][SOURCE_LANGUAGE], language=SOURCE_LANGUAGE,
            translations=data["decision_reason"], by=self.users[data["decided_by"]], now=now,
        )  # fmt: skip

    def hold_meeting(self, key: str, agenda: list[Record]) -> Meeting:
        data = next(entry for entry in self.story["meetings"] if entry["key"] == key)
        title: Words = data["title"]
        now = self.day(min(data["in_days"], -1))  # one that lies ahead was called yesterday
        meeting = meetings.hold_meeting(
            title=title[SOURCE_LANGUAGE], language=SOURCE_LANGUAGE, kind=data["kind"],
            held_on=self.date(data["in_days"]), by=self.users["desk"], now=now,
        )  # fmt: skip
        self.translate(meeting.record.title, title)
        for record in agenda:
            self.agenda[record.pk] = meetings.put_on_agenda(
                meeting=meeting, record=record, by=self.users["desk"], now=now
            )
        return meeting

    def prepare_the_next_meeting(self) -> None:
        silent = [self.commitments[clause].record for clause in ("C1", "C2")]
        self.hold_meeting("winter-meeting", [self.changes["one-term"].record, *silent])

    # Delivering and accounting

    def make_commitments(self) -> None:
        for data in self.story["commitments"]:
            start, end = data["period"]["from_in_days"], data["period"]["to_in_days"]
            commitment = delivery.make_commitment(
                clause=self.clauses[data["clause"]], owner=self.organizations[data["owner"]],
                co_owners=[self.organizations[key] for key in data["co_owners"]],
                starts_on=self.date(start), ends_on=self.date(end), by=self.users["desk"], now=self.day(start),
            )  # fmt: skip
            self.commitments[data["clause"]] = commitment
            for entry in data["indicators"]:
                name, unit = entry["name"], entry["unit"]
                indicator = delivery.add_indicator(
                    commitment=commitment, name=name[SOURCE_LANGUAGE], unit=unit[SOURCE_LANGUAGE],
                    language=SOURCE_LANGUAGE, direction=entry["direction"], baseline=_decimal(entry["baseline"]),
                    target=_decimal(entry["target"]), rollup="latest", by=self.users["desk"], now=self.day(start),
                )  # fmt: skip
                self.translate(indicator.record.title, name)
                self.translate(indicator.unit, unit)
                self.indicators[entry["key"]] = indicator

    def hold_round(self, data: dict[str, Any]) -> None:
        opens, closes = data["opens_in_days"], data["closes_in_days"]
        title: Words = data["title"]
        made = delivery.open_round(
            strategy=self.first.strategy, title=title[SOURCE_LANGUAGE], language=SOURCE_LANGUAGE,
            opens_on=self.date(opens), closes_on=self.date(closes), by=self.users["desk"], now=self.day(opens),
        )  # fmt: skip
        self.translate(made.record.title, title)
        self.rounds[data["key"]] = made
        for report in self.story["reports"]:
            if report["round"] == data["key"]:
                self.report(made, report)
        if data["state"] != "closed":
            return
        reviews = [entry for entry in self.story["reviews"] if entry["round"] == data["key"]]
        for entry in reviews:
            self.review(made, entry)
        if reviews:
            self.decide([entry["key"] for entry in reviews])
        closed = max([closes + 1, *(entry["reviewed_in_days"] + 1 for entry in reviews)])
        delivery.close_round(round=made, by=self.users["desk"], now=self.day(closed))

    def report(self, in_round: Round, data: dict[str, Any]) -> None:
        writer = self.users[_WRITERS[data["organization"]]]
        now = self.day(data["submitted_in_days"])
        report = delivery.start_report(
            round=in_round, commitment=self.commitments[data["clause"]],
            organization=self.organizations[data["organization"]], by=writer, now=now - timedelta(days=2),
        )  # fmt: skip
        figures: dict[int, Decimal | str] = {}
        promised = next(entry for entry in self.story["commitments"] if entry["clause"] == data["clause"])
        for entry in promised["indicators"]:
            value = next(value for value in entry["values"] if value["round"] == data["round"])
            indicator = self.indicators[entry["key"]]
            figures[indicator.pk] = (
                value["missing_reason"][SOURCE_LANGUAGE]
                if value["value"] is None
                else _decimal(value["value"])
            )
        content = delivery.ReportContent(
            self_rating=data["self_rating"], narrative=data["narrative"][SOURCE_LANGUAGE],
            language=SOURCE_LANGUAGE, figures=figures,
        )  # fmt: skip
        delivery.submit_report(report=report, content=content, by=writer, now=now)
        delivery.accept_report(report=report, by=self.users["desk"], now=now + timedelta(days=1))
        report.refresh_from_db()
        self.translate(report.narrative, data["narrative"])

    def review(self, in_round: Round, data: dict[str, Any]) -> None:
        review = delivery.review_commitment(
            round=in_round, commitment=self.commitments[data["clause"]], body=self.organizations[data["body"]],
            completion=data["rating"], result=data["result"], findings=data["findings"][SOURCE_LANGUAGE],
            language=SOURCE_LANGUAGE, by=self.users["committee"], now=self.day(data["reviewed_in_days"]),
        )  # fmt: skip
        self.translate(review.findings, data["findings"])
        self.reviews[data["key"]] = review

    def decide(self, reviews: list[str]) -> None:
        """The committee's meeting looks at its reviews and decides."""
        self.hold_meeting("autumn-meeting", [self.reviews[key].record for key in reviews])
        for data in self.story["decisions"]:
            decision = meetings.decide(
                item=self.agenda[self.reviews[data["review"]].pk], text=data["text"][SOURCE_LANGUAGE],
                language=SOURCE_LANGUAGE, owner=self.organizations[data["owner"]],
                due=self.date(data["due_in_days"]), by=self.users["committee"], now=self.day(data["decided_in_days"]),
            )  # fmt: skip
            self.translate(decision.record.title, data["text"])

    # Time and words

    def day(self, in_days: int) -> datetime:
        """Nine o'clock in the morning of a day counted from today."""
        return self.now.astimezone(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(
            days=in_days
        )

    def date(self, in_days: int) -> date:
        return self.day(in_days).date()

    def translate(self, text: Text | None, words: Words) -> None:
        assert text is not None
        for language, body in words.items():
            if language != text.source_language:
                records.put_translation(text=text, language=language, body=body)


# Who writes an organization's reports.
_WRITERS = {"dialogue": "contributor", "skills": "skills", "harbours": "harbours"}


def _by_language(**texts: Words) -> dict[str, dict[str, str]]:
    """Language → name → words, from name → language → words."""
    languages = {language for words in texts.values() for language in words} - {SOURCE_LANGUAGE}
    return {language: {name: words[language] for name, words in texts.items()} for language in languages}


def _new_statement(entry: dict[str, Any]) -> NewStatement:
    return NewStatement(
        body=entry["text"], language=entry["language"], translations=entry["translations"],
        provenance=entry["provenance"], origin=Statement.Origin.PARTICIPANT, moderation=entry["moderation"],
        reason=entry["reason"][SOURCE_LANGUAGE] if "reason" in entry else "",
    )  # fmt: skip


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))
