"""``plenary import-polis``: what it prints and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from plenary.participation.models import Consultation
from plenary.participation.tests.test_importing import COMMENTS, VOTES, make_export
from plenary.records.models import Record
from plenary.site import cli

pytestmark = pytest.mark.django_db
CONVERSATIONS = Path(__file__).parents[5] / "shared" / "data" / "conversations"


def test_an_export_is_imported_and_told(tmp_path, capsys):
    assert cli.main(["import-polis", str(make_export(tmp_path)), "--language", "en"]) == 0
    told = capsys.readouterr().out
    assert "2 accepted (1 of them not moderated there), 0 waiting, 1 rejected" in told
    assert "5  rows, 1 of them revised later" in told
    assert "agree is +1 in the files, known from the counts" in told
    assert "Imported as CON-1" in told


def test_the_same_export_again_is_recognized(tmp_path, capsys):
    make_export(tmp_path)
    cli.main(["import-polis", str(tmp_path)])
    assert cli.main(["import-polis", str(tmp_path)]) == 0
    assert "Already imported as CON-1: nothing was written." in capsys.readouterr().out
    assert Consultation.objects.count() == 1


def test_a_changed_export_is_another_one(tmp_path):
    cli.main(["import-polis", str(make_export(tmp_path))])
    cli.main(["import-polis", str(make_export(tmp_path, VOTES + "1500000700000,x,1,8,0\n"))])
    assert Consultation.objects.count() == 2


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    assert cli.main(["import-polis", str(make_export(tmp_path)), "--dry-run", "--strict"]) == 0
    assert "1 waiting" in capsys.readouterr().out
    assert not Record.objects.exists()


def test_every_bad_line_is_listed_and_nothing_is_written(tmp_path, capsys):
    make_export(tmp_path, VOTES + "1500000700000,x,99,8,0\n1500000800000,x,1,8,5\n")
    assert cli.main(["import-polis", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "line 7" in told
    assert "line 8" in told
    assert "--skip-bad" in told
    assert not Record.objects.exists()
    assert cli.main(["import-polis", str(tmp_path), "--skip-bad"]) == 0
    assert "Left out: votes.csv, line 8" in capsys.readouterr().out


def test_a_sign_that_cannot_be_told_is_asked_for(tmp_path, capsys):
    make_export(tmp_path)
    (tmp_path / "comments.csv").write_text(COMMENTS.replace(",2,1,1,", ",,,1,").replace(",1,0,0,", ",,,0,")
                                           .replace(",0,1,-1,", ",,,-1,"), "utf-8")  # fmt: skip
    assert cli.main(["import-polis", str(tmp_path)]) == 2
    assert "--sign" in capsys.readouterr().err
    assert cli.main(["import-polis", str(tmp_path), "--sign", "agree=+1"]) == 0
    assert "as given" in capsys.readouterr().out


@pytest.mark.parametrize("more", [["--about", "STR-9.C1"], ["--language", "not a tag"]])
def test_a_wrong_option_imports_nothing(tmp_path, more):
    assert cli.main(["import-polis", str(make_export(tmp_path)), *more]) == 2
    assert not Record.objects.exists()


def test_an_export_without_votes_is_refused_with_the_reason(capsys):
    folder = CONVERSATIONS / "march-on.operation-marchin-orders" / "export"
    if not folder.is_dir():
        pytest.skip("the shared conversations are not here")
    assert cli.main(["import-polis", str(folder)]) == 2
    assert "holds no votes" in capsys.readouterr().err
