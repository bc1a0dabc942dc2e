import shutil
import subprocess

import pytest

from plenary.participation import paper_codes, queries
from plenary.participation.models import Participant
from plenary.participation.paper_forms import read_references
from plenary.records.actions import put_translation

from .factories import cast, make_consultation, make_statements

pytestmark = pytest.mark.django_db
PRINT = {"what": "ballot", "language": "en", "which": "all", "copies": "2", "paper": "a4"}


def text_of(pdf: bytes) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here")
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


# Codes of ballots


def test_a_code_is_read_however_it_was_typed_and_only_where_it_belongs():
    code = paper_codes.mint(7)
    assert paper_codes.read(code.lower().replace("-", " "), 7) == code
    assert paper_codes.read(code, 8) is None
    assert paper_codes.read(code[:-1], 7) is None
    assert paper_codes.read("", 7) is None


def test_a_slip_of_the_pen_is_told():
    code = paper_codes.mint(7)
    slips = [code[:2] + mark + code[3:] for mark in paper_codes.ALPHABET if mark != code[2]]
    assert sum(paper_codes.read(slip, 7) is not None for slip in slips) <= 1


def test_many_codes_are_all_different():
    assert len(set(paper_codes.mint_many(7, 500))) == 500


# What is printed


def test_statements_are_named_by_number_and_by_span():
    assert read_references("STM-4, 7 ;9-11") == ["STM-4", "STM-7", "STM-9", "STM-10", "STM-11"]


def test_those_with_the_fewest_votes_are_printed():
    consultation = make_consultation()
    first, second, third = make_statements(consultation, "One.", "Two.", "Three.")
    cast(second)
    found = queries.list_statements_for_paper(consultation, "en", fewest=2)
    assert found == [first, third]
    assert queries.list_statements_for_paper(consultation, "en", references=[third.reference]) == [third]


def test_the_desk_prints_ballots_with_codes_of_their_own(client, alice):
    consultation = make_consultation()
    make_statements(consultation, "Ask #people first.", "Then *answer*.")
    client.force_login(alice)
    answer = client.post(f"/consultations/{consultation.reference}/paper", PRINT)
    assert answer["Content-Type"] == "application/pdf"
    words = text_of(answer.content)
    assert words.count("Ask #people first.") == 2 and "At least" not in words
    codes = {word for word in words.split() if paper_codes.read(word, consultation.pk)}
    assert len(codes) == 2
    assert Participant.objects.count() == 0


def test_a_sheet_in_another_language(client, alice):
    consultation = make_consultation()
    [statement] = make_statements(consultation, "Ask first.")
    put_translation(text=statement.record.title, language="fr", body="Demandez d’abord.")
    client.force_login(alice)
    sent = PRINT | {"what": "sheet", "language": "fr", "large": "on", "paper": "us-letter"}
    answer = client.post(f"/consultations/{consultation.reference}/paper", sent)
    assert "Demandez d’abord." in text_of(answer.content)


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"which": "chosen", "chosen": "rubbish"}, 422, "not a statement’s number"),
        ({"which": "chosen", "chosen": ""}, 422, "Name at least one"),
        ({"which": "chosen", "chosen": "STM-999999"}, 409, "nothing to print"),
        ({"copies": "201"}, 422, "200"),
        ({"which": "fewest", "count": ""}, 422, "Say how many"),
    ],
)
def test_what_cannot_be_printed_is_said_and_what_was_typed_is_kept(client, alice, changed, status, said):
    consultation = make_consultation()
    make_statements(consultation)
    client.force_login(alice)
    answer = client.post(f"/consultations/{consultation.reference}/paper", PRINT | changed)
    assert answer.status_code == status
    assert said.replace("’", "&#x27;") in answer.content.decode()


def test_too_much_at_once_is_refused(client, alice):
    consultation = make_consultation()
    make_statements(consultation, *(f"Idea {number}." for number in range(30)))
    client.force_login(alice)
    answer = client.post(f"/consultations/{consultation.reference}/paper", PRINT | {"copies": "150"})
    assert answer.status_code == 409 and "at most 100 ballots" in answer.content.decode()


def test_paper_is_for_the_desk(client, alice, bob, charlie):
    consultation = make_consultation()
    address = f"/consultations/{consultation.reference}/paper"
    assert client.get(address).status_code == 302
    client.force_login(charlie)
    assert client.get(address).status_code == 403
    client.force_login(bob)
    assert client.post(address, PRINT).status_code == 403
    client.force_login(alice)
    assert client.delete(address).status_code == 405


def test_no_such_consultation(client, alice):
    client.force_login(alice)
    assert client.get("/consultations/CON-99/paper").status_code == 404
