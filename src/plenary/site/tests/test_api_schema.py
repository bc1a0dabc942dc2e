"""The API against its own description: whatever is sent, it answers as it says that it answers."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import jsonschema_rs
import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi.definitions import OPENAPI_31

from plenary.kit.api.schemas import REFERENCE
from plenary.people.actions import create_token
from plenary.people.models import User
from plenary.records.models import Record
from plenary.site import api
from plenary.site.demo.loader import Story
from plenary.site.wsgi import application

# A record of the demonstration for the first part of an address.
KINDS = {
    "analyses": "analysis", "changes": "change", "clauses": "clause", "commitments": "commitment",
    "consultations": "consultation", "decisions": "decision", "findings": "finding", "indicators": "indicator",
    "meetings": "meeting", "organizations": "organization", "questions": "collectivequestion",
    "records": "statement", "reports": "report",
    "reviews": "review", "rounds": "round", "sources": "source", "statements": "statement",
    "surveys": "survey", "comments": "comment",
    "strategies": "strategy", "versions": "version",
}  # fmt: skip


def test_the_description_is_openapi_3_1():
    described = api.schema()
    assert described["openapi"].startswith("3.1")
    faults = jsonschema_rs.validator_for(OPENAPI_31).iter_errors(described)
    assert [(error.message, list(error.instance_path)) for error in faults] == []
    for name, schema in described["components"]["schemas"].items():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema)
        assert name.replace("_", "").isalnum()


def test_the_check_finds_a_fault_in_the_description():
    broken = {"openapi": "3.1.0", "info": {"title": "x"}, "paths": {}}
    assert list(jsonschema_rs.validator_for(OPENAPI_31).iter_errors(broken))


def test_no_two_types_share_a_name():
    """Ninja would keep the last one of them, and describe the other wrongly."""
    from pydantic import BaseModel

    names: dict[str, set[type]] = {}

    def collect(model):
        for child in model.__subclasses__():
            if child.__module__.startswith("plenary."):
                names.setdefault(child.__name__, set()).add(child)
            collect(child)

    collect(BaseModel)
    assert len(names) > 60
    assert {name for name, models in names.items() if len(models) > 1} == set()


@pytest.fixture
def one_connection():
    """The application closes a connection in the midst of a transaction after each request: here that is the test's."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def told(db, one_connection):
    """The demonstration, and the secret of a token of somebody who reports."""
    for chapter in (story := Story(now=timezone.now(), password="only for this test")).chapters():
        chapter()
    assert story.rounds
    user = User.objects.filter(memberships__role="contributor").first()
    now = timezone.now()
    _token, secret = create_token(
        user=user, name="test", scopes=["read", "write"], expires_at=now + timedelta(days=1), now=now
    )
    return secret


def tries(examples: int, secret: str):
    """Every operation with a test of it: schemathesis's own values at the borders, and random ones, good and bad."""
    settings = {"max-examples": examples, "deterministic": True, "database": "none", "mode": "all"}
    accepted = {"expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]}
    config = SchemathesisConfig.from_dict(
        {
            "seed": 20260301,
            "generation": settings,
            # Whether a reference that is sent exists, no schema can say.
            "operations": [
                {"include-method": ["POST", "PUT"], "checks": {"positive_data_acceptance": accepted}}
            ],
        }
    )
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=config)
    project = described.config
    turns, shapes = itertools.count(), set()
    real = dict(Record.objects.order_by("id").values_list("kind", "reference"))
    for found in described.get_all_operations():
        operation = found.ok()

        # The borders of parameters that many operations share are tried on the first of them.
        shape = (operation.method, str(sorted(each.name for each in operation.iter_parameters())))
        modes = [HypothesisTestMode.FUZZING]
        if list(operation.body) or shape not in shapes:
            modes += [HypothesisTestMode.EXAMPLES, HypothesisTestMode.COVERAGE]
        shapes.add(shape)

        def answers_as_described(case):
            cache.clear()  # the limit of writes a minute has its own test
            reference = str(case.path_parameters.get("reference", ""))
            if re.fullmatch(REFERENCE, reference) and next(turns) % 4 == 1:  # else there is nothing, as often
                case.path_parameters["reference"] = real[KINDS[case.operation.path.split("/")[1]]]
            # Uncompressed: the client that asks within the process does not unpack.
            case.call_and_validate(
                headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"}
            )

        yield (
            operation.label,
            create_test(
                operation=operation,
                test_func=answers_as_described,
                config=HypothesisTestConfig(
                    project=project,
                    modes=modes,
                    settings=project.get_hypothesis_settings(operation=operation),
                    seed=20260301,
                ),
            ),
        )


def test_whatever_is_sent_it_answers_as_described(told):
    wrong, tried = [], 0
    for label, attempt in tries(3, told):
        tried += 1
        try:
            attempt()
        except Exception as error:
            wrong.append(f"{label}: {error}")
    assert tried > 40
    assert wrong == [], "\n\n".join(wrong)
