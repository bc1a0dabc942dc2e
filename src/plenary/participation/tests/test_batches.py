import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook as Book
from openpyxl import load_workbook

from plenary.kit import tables
from plenary.kit.tables import Table
from plenary.participation import actions, batches, paper_codes, queries
from plenary.participation.actions import Facts
from plenary.participation.models import Participant, Statement, Submission
from plenary.records.models import Event

from .factories import NOW, make_consultation, make_statements

pytestmark = pytest.mark.django_db
SENT = {"kind": "meeting", "held_on": "2026-03-01", "language": "fr"}


@pytest.fixture(autouse=True)
def _home(tmp_path, settings):
    settings.PLENARY_HOME = tmp_path


@pytest.fixture
def consultation():
    return make_consultation()


def said_in(page: str) -> str:
    """The notices and the problems of a page, without mark-up."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1]).split())


def send(client, consultation, content, **more):
    path = f"/consultations/{consultation.reference}/submissions/import"
    return client.post(path, SENT | more | {"file": SimpleUploadedFile("in.xlsx", content)}, follow=True)


def fill(content: bytes, answers: list[list[int]], said: list[list[str]]) -> bytes:
    """The template with answers behind its first codes and with statements."""
    book = load_workbook(io.BytesIO(content))
    for at, row in enumerate(answers):
        for column, value in enumerate(row):
            book["ballots"].cell(at + 2, column + 2, value)
    for row in said:
        book["statements"].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def template_of(client, consultation, name="template.xlsx", codes=5) -> bytes:
    path = f"/consultations/{consultation.reference}/submissions/template/{name}"
    return client.get(path, {"codes": codes}).content


def test_the_template_that_is_given_out_is_the_one_that_is_read(client, alice, consultation):
    one, two = make_statements(consultation, "One.", "=2+2 is four.")
    client.force_login(alice)
    filled = fill(
        template_of(client, consultation), [[1, 2], [3, None]], [["Une idée.", "fr"], ["one", "en"], ["", ""]]
    )
    page = said_in(send(client, consultation, filled).content.decode())
    assert (
        "Entered. Ballots: 2. Statements: 1." in page and f"noted as said here too: {one.reference}" in page
    )
    shares = queries.count_shares([one.pk, two.pk])
    assert (shares[one.pk].agree, shares[one.pk].passed, shares[two.pk].disagree) == (1, 1, 1)
    page = send(client, consultation, filled)
    assert page.status_code == 422 and "entered already" in page.content.decode()
    assert Participant.objects.count() == 2


def test_the_sheet_that_explains_is_not_read_as_statements(client, alice, consultation):
    make_statements(consultation, "One.", "Two.")
    client.force_login(alice)
    filled = fill(template_of(client, consultation), [[1, 2]], [])
    page = said_in(send(client, consultation, filled).content.decode())
    assert "Entered. Ballots: 1. Statements: 0." in page
    assert Statement.objects.count() == 2


def test_every_row_is_checked_before_one_is_written_and_comes_back_beside_its_cell(
    client, alice, consultation
):
    one, two = make_statements(consultation, "One.", "Two.")
    client.force_login(alice)
    code, entered = paper_codes.mint_many(consultation.pk, 2)
    facts = Facts(kind="meeting", held_on=NOW.date(), language="en")
    earlier = actions.enter_submission(consultation=consultation, facts=facts, by=None, now=NOW)
    actions.enter_ballot(submission=earlier, code=entered, answers={one.pk: 1}, by=None, now=NOW)
    book = Book()
    book.active.title = "ballots"
    for row in (
        ["ballot", one.reference, two.reference, "STM-99999"],
        [code, 1, "yes", None],
        [code, 1, 2, None],
        [entered, 1, 1, None],
        ["ABC-DEF-GHJ", 1, None, None],
        [None, 1, "=1+1", None],
        [paper_codes.mint(consultation.pk), None, None, None],
    ):
        book.active.append(row)
    sheet = book.create_sheet("statements")
    for row in (
        ["statement", "language"],
        ["Good.", "fr"],
        ["x" * 281, "fr"],
        ["Good", "??"],
        ["=HYPERLINK(1)", "fr"],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    answer = send(client, consultation, out.getvalue())
    page = answer.content.decode()
    assert answer.status_code == 422 and "11 cells are wrong" in said_in(page)
    for said in ("stands in row 2 already", "has been entered already", "no ballot of this consultation"):
        assert said in page
    assert not Submission.objects.exclude(pk=earlier.pk).exists() and Statement.objects.count() == 2
    address = re.search(r'href="([^"]*/returned/[^"]*)"', page)[1]
    returned = b"".join(client.get(address).streaming_content)
    wrong = load_workbook(io.BytesIO(returned))
    assert wrong["ballots"]["C2"].comment.text.startswith("1 for agree")
    assert wrong["ballots"]["E1"].value.startswith("problem: D:") and wrong["ballots"]["D1"].comment
    assert "at most 280" in wrong["statements"]["C3"].value
    assert wrong["statements"]["A5"].data_type == "s"


def test_a_csv_comes_back_as_csv(client, alice, consultation):
    make_statements(consultation, "One.")
    client.force_login(alice)
    content = "\ufeffstatement;language\r\nGut.;de\r\n;de\r\n".encode()
    page = send(client, consultation, content).content.decode()
    address = re.search(r'href="([^"]*/returned/[^"]*\.csv)"', page)[1]
    returned = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
    assert returned.splitlines()[2] == ";de;A: The statement is missing."


def test_a_single_sheet_as_csv_is_enough(client, alice, consultation):
    [one] = make_statements(consultation, "One.")
    client.force_login(alice)
    rows = template_of(client, consultation, "ballots.csv", codes=2).decode("utf-8-sig").splitlines()
    assert rows[0] == f"ballot,{one.reference}" and len(rows) == 3
    send(client, consultation, "\n".join([rows[0], f"{rows[1]},2", rows[2]]).encode())
    assert queries.count_shares([one.pk])[one.pk].disagree == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"MZ\x90\0", "neither a workbook"),
        (b"PK\x03\x04 broken", "cannot be unpacked"),
        (b"name,vote\n1,2\n", "fill in our template"),
        (b"statement,language\n", "holds no statement"),
        (b"", "The submitted file is empty"),
    ],
)
def test_what_is_no_table_of_ours_is_said_and_nothing_is_written(client, alice, consultation, content, said):
    client.force_login(alice)
    answer = send(client, consultation, content)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Submission.objects.exists()


def test_too_large_a_file_is_refused(client, alice, consultation, settings):
    settings.PLENARY_UPLOAD_LIMIT = 10
    client.force_login(alice)
    assert send(client, consultation, b"statement,language\n").status_code == 413


def test_a_file_is_one_submission_with_few_events(consultation):
    statements = make_statements(consultation, "One.", "Two.")
    codes = paper_codes.mint_many(consultation.pk, 300)
    rows = [["ballot", *(each.reference for each in statements)], *([code, "1", "2"] for code in codes)]
    reading = batches.read(
        tables.read(tables.write_xlsx([Table("ballots", rows)])),
        consultation_id=consultation.pk,
        statements=queries.map_accepted_references(consultation),
        entered=set(),
        language="en",
    )
    before = Event.objects.count()
    actions.enter_batch(
        consultation=consultation,
        facts=Facts(kind="meeting", held_on=NOW.date(), language="en"),
        batch=reading.batch,
        sha256="a" * 64,
        by=None,
        now=NOW,
    )
    assert Event.objects.count() == before + 2
    assert queries.count_people([consultation.pk]) == {consultation.pk: 300}


def test_files_are_for_the_desk_and_bad_names_are_not_found(client, alice, bob, consultation):
    path = f"/consultations/{consultation.reference}/submissions"
    client.force_login(bob)
    for rest in ("import", "template/template.xlsx", "returned/x"):
        assert client.get(f"{path}/{rest}").status_code == 403
    client.force_login(alice)
    assert client.get(f"{path}/import").status_code == 200
    for rest in ("template/x.xlsx", "returned/x", f"returned/{'0' * 32}.csv", "returned/..%2f..%2fkeys"):
        assert client.get(f"{path}/{rest}").status_code == 404
