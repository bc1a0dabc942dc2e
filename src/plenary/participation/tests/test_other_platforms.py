import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from plenary.kit.tables import Problems, read
from plenary.participation import decidim, queries
from plenary.participation.models import Consultation, Statement, StatementContext
from plenary.site.commands.import_polis import hash_of_files

from .factories import make_consultation, make_statements
from .test_importing import COMMENTS, SUMMARY, VOTES, make_export

pytestmark = pytest.mark.django_db
PROPOSALS = (
    "id;author/name;title/en;title/ca;body/en;body/ca;state;supports;endorsements/total_count;comments;url\r\n"
    '12;Jo;Free buses;Bus gratuït;"<p>Every <b>day</b>.</p><p>For all &amp; free.</p><script>x()</script>";;'
    "accepted;153;7;12;https://decidim.example.org/proposals/12\r\n"
    "13;Mo;;Més ombra;;Arbres;;0;;;javascript:alert(1)\r\n"
)


@pytest.fixture
def desk(client, alice):
    client.force_login(alice)
    return client


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, text in files.items():
            whole.writestr(name, text)
    return out.getvalue()


def send(client, *files: tuple[str, bytes], **more):
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post("/consultations/import", {"language": "en", "export": uploads} | more)


# Polis


def test_a_zip_and_single_files_become_a_consultation(desk, tmp_path):
    content = zipped(
        {"x/comments.csv": COMMENTS, "x/votes.csv": VOTES, "x/summary.csv": SUMMARY, "x/a.exe": "MZ"}
    )
    answer = send(desk, ("export.zip", content), licence="CC-BY-4.0")
    made = Consultation.objects.get()
    assert answer["Location"] == f"/consultations/{made.reference}" and made.licence == "CC-BY-4.0"
    assert made.source.sha256 == hash_of_files(
        make_export(tmp_path / "export"), ("comments.csv", "votes.csv", "summary.csv")
    )
    files = (("2024 comments.csv", COMMENTS), ("votes.csv", VOTES), ("summary.csv", SUMMARY))
    answer = send(desk, *((name, text.encode()) for name, text in files))
    assert answer["Location"] == f"/consultations/{made.reference}" and Consultation.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["participants-votes.csv", "2019 participant-votes.csv", "participants-votes (1).csv"]
)
def test_single_files_of_older_exports_hold_the_votes_by_person(desk, name):
    matrix = (
        "participant,group-id,n-comments,n-votes,n-agree,n-disagree,0,1\n7,,1,2,1,1,1,-1\n9,,0,1,1,0,1,\n"
    )
    comments = (
        "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
        "1700000000000,a,0,7,2,0,1,Ask first.\n1700000000000,a,1,7,0,1,1,Wait a year.\n"
    )
    answer = send(desk, ("comments.csv", comments.encode()), (name, matrix.encode()))
    assert answer.status_code == 302, answer.content.decode()
    made = Consultation.objects.get()
    shares = queries.count_shares(list(made.statements.values_list("pk", flat=True)))
    assert sorted((each.agree, each.disagree) for each in shares.values()) == [(0, 1), (2, 0)]


def test_where_the_sign_cannot_be_told_it_is_asked(desk):
    doubtful = (
        COMMENTS.replace(",2,1,1,", ",0,0,1,").replace(",1,0,0,", ",0,0,0,").replace(",0,1,-1,", ",0,0,-1,")
    )
    files = [("comments.csv", doubtful.encode()), ("votes.csv", VOTES.encode())]
    answer = send(desk, *files)
    assert answer.status_code == 409 and "agree is 1 or -1" in answer.content.decode()
    assert not Consultation.objects.exists()
    assert send(desk, *files, sign="agree=-1").status_code == 302


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("x.zip", b"PK\x03\x04 broken")], "damaged or has a password"),
        ([("x.zip", zipped({"readme.txt": "hello"}))], "comments.csv is missing"),
        ([("comments.csv", COMMENTS.encode())], "no votes"),
        ([("comments.csv", b"MZ\x90\0" * 50), ("votes.csv", VOTES.encode())], "Nothing was imported"),
    ],
)
def test_what_is_no_export_is_said_and_nothing_is_written(desk, files, said):
    answer = send(desk, *files)
    assert answer.status_code == 409 and said in answer.content.decode()
    assert not Consultation.objects.exists()


def test_a_zip_that_unpacks_to_too_much_is_not_unpacked(desk, monkeypatch):
    from plenary.participation.views import importing

    monkeypatch.setattr(importing, "MOST_UNPACKED", 100)
    answer = send(desk, ("x.zip", zipped({"comments.csv": "x" * 10_000})))
    assert answer.status_code == 409 and "far too large" in answer.content.decode()


def test_too_large_and_no_file_at_all(desk, settings):
    settings.PLENARY_UPLOAD_LIMIT = 10
    assert send(desk, ("comments.csv", COMMENTS.encode())).status_code == 413
    assert send(desk).status_code == 422


def test_imports_are_for_the_desk(client, bob):
    consultation = make_consultation()
    client.force_login(bob)
    for path in ("/consultations/import", f"/consultations/{consultation.reference}/proposals"):
        assert client.get(path).status_code == 403 and client.post(path).status_code == 403


# Decidim


def propose(client, consultation, content: bytes):
    path = f"/consultations/{consultation.reference}/proposals"
    return client.post(
        path, {"language": "en", "file": SimpleUploadedFile("proposals.csv", content)}, follow=True
    )


def test_proposals_become_statements_with_their_languages_and_their_support_as_context(desk, client):
    consultation = make_consultation()
    page = propose(desk, consultation, PROPOSALS.encode()).content.decode()
    assert "Imported: 2." in page
    first, second = Statement.objects.order_by("pk")
    assert (first.record.title.body, first.origin, first.moderation) == ("Free buses", "import", "waiting")
    [translation] = queries.list_translations(first)
    assert (translation.language, translation.body, translation.provenance) == (
        "ca",
        "Bus gratuït",
        "imported",
    )
    assert (second.record.title.body, second.record.title.source_language) == ("Més ombra", "ca")
    context = StatementContext.objects.get(statement=first)
    assert (context.supports, context.endorsements, context.comments) == (153, 7, 12)
    assert context.body.body == "Every day.\n\nFor all & free."
    assert StatementContext.objects.get(statement=second).url == ""
    assert queries.count_shares([first.pk]) == {}
    page = desk.get(f"/statements/{first.reference}").content.decode()
    assert "153 supports" in page and "no votes here" in page and "For all &amp; free." in page
    answer = propose(desk, consultation, PROPOSALS.encode())
    assert answer.status_code == 409 and "in the consultation already" in answer.content.decode()


def test_what_was_said_already_is_left_out_and_told(desk):
    consultation = make_consultation()
    make_statements(consultation, "FREE BUSES!")
    page = propose(desk, consultation, PROPOSALS.encode()).content.decode()
    assert "Imported: 1." in page and "1 were here already" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name;vote\n1;2\n", "no proposals as Decidim exports them"),
        (b"id;title/en\n1;A\n1;B\n;C\n3;\n", "CSV, row 3, column A: The same id stands in row 2."),
        (b"MZ\x90\0", "neither a workbook"),
    ],
)
def test_bad_proposals_are_told_by_row_and_nothing_is_written(desk, content, said):
    answer = propose(desk, make_consultation(), content)
    assert answer.status_code == 409 and said in answer.content.decode()
    assert not Statement.objects.exists()


def test_older_and_newer_names_of_columns_are_known():
    table = read(b"id;title;body;votes;likes/total_count\n1;A;B;3;4\n").tables[0]
    [proposal] = decidim.read_proposals(table, Problems(), language="fr")
    assert (proposal.titles, proposal.bodies) == ({"fr": "A"}, {"fr": "B"})
    assert (proposal.supports, proposal.endorsements) == (3, 4)
