"""Reports words and characters that look out of place; it never changes them."""

from __future__ import annotations

import re

from .blocks import Block
from .characters import is_han
from .model import Notes

_STRAY_WORD = re.compile(r"(?<=[\u3400-\u9fff])\s?\b([a-z]{2,15})\b\s?(?=[\u3400-\u9fff])")
_MOJIBAKE = re.compile(
    "Ã[\u0080-\u00bf©¨ª«±³´¶¼]|â€[œ™\u009d“”¦]|Â[\u00a0-\u00bf]|\ufffd|(?:Ð[\u0090-\u00bf]){2}"
)


def suspect(blocks: list[Block], language: str, notes: Notes) -> None:
    """Report stray words of another language, characters of the other Chinese script, and mojibake."""
    chinese = language.lower().startswith("zh")
    foreign = _foreign_to_script(blocks) if chinese else None
    for block in blocks:
        for text in (block.full, *block.more):
            _suspect_text(text, block.line, foreign, notes)


def _suspect_text(text: str, line: int, foreign: str | None, notes: Notes) -> None:
    for word in _STRAY_WORD.findall(text):
        notes.add(
            "foreign_word", f"The word “{word}” stands alone between Chinese characters. Left as it is.", line
        )
    odd = _MOJIBAKE.search(text)
    if odd:
        notes.add("mojibake", f"“{odd[0]}” looks like text read in a wrong encoding. Left as it is.", line)
    if foreign:
        for char in dict.fromkeys(char for char in text if is_han(char) and not _fits(char, foreign)):
            message = f"The character “{char}” does not belong to the script of the rest. Left as it is."
            notes.add("unusual_character", message, line)


def _foreign_to_script(blocks: list[Block]) -> str | None:
    """The character set nearly all ideographs fit: simplified, traditional, or None where neither."""
    sample = [char for block in blocks for char in block.text[:2000] if is_han(char)][:20_000]
    for charset in ("gb2312", "big5"):
        if sample and sum(_fits(char, charset) for char in sample) >= 0.98 * len(sample):
            return charset
    return None


def _fits(char: str, charset: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
