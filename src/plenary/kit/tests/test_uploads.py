from datetime import timedelta

import pytest

from plenary.kit import uploads

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 40 + b"\xff\xd9"
TIFF = b"II*\x00\x08\x00\x00\x00" + b"\0" * 20
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L" + b"\0" * 18


@pytest.fixture
def home(tmp_path, settings):
    settings.PLENARY_HOME = tmp_path
    return tmp_path


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (PDF, "application/pdf"),
        (JPEG, "image/jpeg"),
        (TIFF, "image/tiff"),
        (WEBP, "image/webp"),
    ],
)
def test_a_scan_is_known_by_what_it_holds(content, media_type):
    found = uploads.read_scan(content)
    assert found is not None and found.media_type == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00" + b"\0" * 200,
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        PNG[:40],
        PDF[:20],
        b"GIF89a",
        b"PK\x03\x04" + b"\0" * 100,
        b" " + PDF,
        b"II*\x00\xff\xff\xff\xff",
    ],
)
def test_whatever_else_is_no_scan(content):
    assert uploads.read_scan(content) is None


def test_a_file_is_kept_once_for_its_owner_alone_and_can_be_forgotten(home):
    scan = uploads.read_scan(PNG)
    assert uploads.keep(scan) == uploads.keep(scan) == scan.sha256
    [path] = [path for path in (home / "uploads").rglob("*") if path.is_file()]
    assert path.read_bytes() == PNG and path.stat().st_mode & 0o077 == 0
    answer = uploads.download(scan.sha256, scan.media_type, "scan")
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Disposition"] == 'attachment; filename="scan.png"'
    uploads.forget(scan.sha256, scan.media_type)
    uploads.forget(scan.sha256, scan.media_type)
    assert uploads.download(scan.sha256, scan.media_type, "scan") is None


def test_what_is_given_back_is_gone_after_a_day(home, now):
    from django.utils import timezone

    now = timezone.now()
    first = uploads.give_back(b"one", "csv", now)
    answer = uploads.returned(first, "text/csv", "one.csv")
    assert b"".join(answer.streaming_content) == b"one"
    uploads.give_back(b"two", "csv", now + timedelta(days=2))
    assert uploads.returned(first, "text/csv", "one.csv") is None
