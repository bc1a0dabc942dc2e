import shutil

import pytest

from plenary.kit import pdf, qr
from plenary.kit.errors import Refused

TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title)
#set text(font: json(bytes(sys.inputs.fonts)), lang: "en")
= #data.title
#data.text
"""
pytestmark = pytest.mark.skipif(
    shutil.which("fc-list") is None, reason="no fontconfig here, so nobody knows which fonts there are"
)


def make(text: str, *languages: str, **more) -> bytes:
    return pdf.render(TEMPLATE, {"title": "Title", "text": text}, languages=languages or ["en"], **more)


def test_a_pdf_is_tagged_and_declares_its_standard():
    made = make("Words.")
    assert made.startswith(b"%PDF-") and b"/StructTreeRoot" in made and b"pdfuaid" in made


def test_what_people_wrote_is_never_mark_up():
    assert make('#panic("run") #include "/etc/passwd" $x$ *b* \\ `').startswith(b"%PDF-")


@pytest.mark.parametrize(("language", "text"), [("ar", "مرحبا"), ("zh-hans", "你好"), ("ru", "Привет")])
def test_every_language_of_the_interface_has_its_font(language, text):
    assert make(text, language).startswith(b"%PDF-")


def test_a_missing_font_is_told_by_its_name_and_package(monkeypatch):
    monkeypatch.setitem(pdf.FONTS, "zh", ("Noto Nowhere", "fonts-noto-cjk"))
    with pytest.raises(Refused, match=r"Noto Nowhere is missing .* fonts-noto-cjk"):
        make("你好", "zh")


def test_a_character_without_a_font_is_told_and_never_printed_as_a_box():
    with pytest.raises(Refused, match=r"U\+0378"):
        make("A \u0378 sign")


def test_control_characters_print_nothing():
    assert make("a\0b\x07c\ufeff").startswith(b"%PDF-")


def test_what_takes_too_long_is_stopped():
    with pytest.raises(Refused, match=r"longer than 0.01 seconds"):
        make("Words.", seconds=0.01)


def test_a_template_that_is_wrong_is_our_own_fault():
    with pytest.raises(RuntimeError, match=r"unknown variable"):
        pdf.render("#nothing", {}, languages=["en"])


def test_the_families_of_a_language_come_after_the_general_one():
    assert pdf.fonts_for("en", "zh-Hant", "ar") == ["Noto Sans", "Noto Sans CJK SC", "Noto Sans Arabic"]


def test_a_code_is_a_picture_without_script():
    drawn = qr.svg("https://example.org/consultations/CON-1?lang=ar&x=<script>")
    assert drawn.startswith("<?xml") or drawn.startswith("<svg")
    assert "<script" not in drawn and "<path" in drawn
