"""Fields of a block of lines by array arithmetic: numbers eight digits at a time, texts by their bytes.

A block is some whole lines of a table. Where anything in it is out of the ordinary the answer is ``None``, which says
nothing about right or wrong: then the block is read record by record, which is slower and exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["MOST_DIGITS", "Fields", "cut", "numbers", "texts"]

Array = np.ndarray[Any, np.dtype[Any]]
COMMA, LINE_END, MINUS, QUOTE, ZERO = 44, 10, 45, 34, 48
MOST_DIGITS = 18  # always fits int64
LONGEST_TEXT = 64
WORD = 8
# Multipliers that spread bytes over a hash; odd numbers without a pattern.
MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5,
       0x85EBCA77C2B2AE63, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Fields:
    """Where the fields of a block stand.

    Attributes
    ----------
    raw : ndarray of uint8, shape (bytes,)
        The block after `LONGEST_TEXT` zeros, so that a word that ends within the first field can be read.
    words : ndarray of uint64, shape (bytes − 7,)
        The eight bytes from each place on, the first the least significant; a view of `raw`.
    ends : ndarray of int, shape (lines, columns)
        Where the comma or line end after each field stands.
    """

    raw: Array
    words: Array
    ends: Array

    def span(self, column: int) -> tuple[Array, Array]:
        """Start and end of each field of a column."""
        end = np.ascontiguousarray(self.ends[:, column])
        if column:
            return self.ends[:, column - 1] + 1, end
        start = np.empty_like(end)
        start[:1] = LONGEST_TEXT
        np.add(self.ends[:-1, -1], 1, out=start[1:])
        return start, end


def cut(block: bytes, columns: int) -> Fields | None:
    """The fields of a block.

    Parameters
    ----------
    block : bytes
        Whole lines.
    columns : int
        Fields that each line must have.

    Returns
    -------
    Fields or None
        ``None`` if a line has another number of fields, or quotation marks do more than enclose fields.
    """
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    if b"\r" in block:
        return None
    if not block.endswith(b"\n"):
        block += b"\n"
    raw = np.frombuffer(bytes(LONGEST_TEXT) + block, dtype=np.uint8)
    places = np.flatnonzero((raw == COMMA) | (raw == LINE_END))
    if b'"' in block:
        plain = _without_quotes(raw, places)
        if plain is None:
            return None
        raw = plain
        places = np.flatnonzero((raw == COMMA) | (raw == LINE_END))
    if places.size % columns:
        return None
    ends: Array = places.reshape(-1, columns)
    pattern = np.full(columns, COMMA, dtype=np.uint8)
    pattern[-1] = LINE_END
    if not np.all(raw[places].reshape(-1, columns) == pattern):
        return None
    words: Array = np.ndarray((raw.size - WORD + 1,), dtype="<u8", buffer=raw, strides=(1,))
    return Fields(raw, words, ends)


def _without_quotes(raw: Array, places: Array) -> Array | None:
    """The bytes without quotation marks, if each pair of these encloses a whole field without commas or line ends."""
    quotes = np.flatnonzero(raw == QUOTE)
    if quotes.size % 2:
        return None
    opening, closing = quotes[::2], quotes[1::2]
    before, after = raw[opening - 1], raw[closing + 1]
    # The first field of the block stands after the zeros.
    begins = (before == COMMA) | (before == LINE_END) | (opening == LONGEST_TEXT)
    ends = (after == COMMA) | (after == LINE_END)
    one_field = np.searchsorted(places, opening) == np.searchsorted(places, closing)
    return raw[raw != QUOTE] if np.all(begins & ends & one_field) else None


def numbers(fields: Fields, column: int) -> Array | None:
    """A column of whole numbers.

    Parameters
    ----------
    fields : Fields
    column : int
        From 0.

    Returns
    -------
    ndarray of int8, int32 or int64, shape (lines,), or None
        ``None`` if a field is anything else: empty, with a sign +, with leading zeros ("007" and "7" are different
        ids, and as numbers they would become one), or of more than 18 digits.
    """
    raw = fields.raw
    start, end = fields.span(column)
    if start.size == 0:
        return np.empty(0, dtype=np.int8)
    first = raw[start]
    negative = first == MINUS
    signed = bool(negative.any())
    if signed:
        start = start + negative
        first = raw[start]
    length = end - start
    longest, shortest = int(length.max()), int(length.min())
    if shortest < 1 or longest > MOST_DIGITS:
        return None
    if (longest > 1 or signed) and np.any((first == ZERO) & ((length > 1) | negative)):
        return None
    if longest == 1:
        digit = first - np.uint8(ZERO)
        if np.any(digit > 9):
            return None
        value = digit.astype(np.int8)
    else:
        wide = _many_digits(fields.words, end, length, longest)
        if wide is None:
            return None
        value = wide.astype(np.int32 if longest <= 9 else np.int64)
    return np.where(negative, -value, value) if signed else value


def _many_digits(words: Array, end: Array, length: Array, longest: int) -> Array | None:
    total, scale = None, 1
    for first in range(0, longest, WORD):
        own = length - first if longest <= WORD else np.clip(length - first, 0, WORD)
        part = _eight_digits(words[end - (first + WORD)], own)
        if part is None:
            return None
        total = part if total is None else total + part * np.uint64(scale)
        scale *= 10**WORD
    return total


def _eight_digits(word: Array, length: Array) -> Array | None:
    """The number in the last `length` bytes of each word: neighbours are joined to pairs, fours and eights at once."""
    unused = _unused_bits(length)
    digits = word ^ np.uint64(0x3030303030303030)
    digits >>= unused
    digits <<= unused
    beyond = digits + np.uint64(0x7676767676767676)
    beyond |= digits  # now the top bit of each byte that is more than 9
    if np.bitwise_or.reduce(beyond) & np.uint64(0x8080808080808080):
        return None
    pairs = np.right_shift(digits, np.uint64(8), out=beyond)
    digits *= np.uint64(10)
    pairs += digits
    mask = np.uint64(0x000000FF000000FF)
    fours = np.bitwise_and(pairs, mask, out=digits)
    fours *= np.uint64(0x000F424000000064)
    pairs >>= np.uint64(16)
    pairs &= mask
    pairs *= np.uint64(0x0000271000000001)
    fours += pairs
    fours >>= np.uint64(32)
    return fours


def _unused_bits(length: Array) -> Array:
    return np.asarray(8 * WORD - (length << 3)).view(np.uint64)


def texts(fields: Fields, column: int) -> tuple[list[str], Array] | None:
    """A column of any texts.

    Parameters
    ----------
    fields : Fields
    column : int
        From 0.

    Returns
    -------
    names : list of str
        Distinct texts.
    codes : ndarray of int, shape (lines,)
        Place of each line's text in `names`.
    None
        If a text is empty, longer than 64 bytes, or has blanks around it.
    """
    start, end = fields.span(column)
    if start.size == 0:
        return [], np.empty(0, dtype=np.intp)
    length = end - start
    longest = int(length.max())
    if int(length.min()) < 1 or longest > LONGEST_TEXT:
        return None
    parts = [_bytes_of(fields.words[end - (at + WORD)], length - at) for at in range(0, longest, WORD)]
    codes, first = _distinct(parts)
    if first is None:
        return None
    spans = zip(start[first].tolist(), end[first].tolist(), strict=True)
    names = [fields.raw[low:high].tobytes().decode("utf-8") for low, high in spans]
    if any(name != name.strip() for name in names):
        return None
    return names, codes


def _bytes_of(word: Array, length: Array) -> Array:
    """The last `length` bytes of each word, 0 to 8; zeros in place of the others."""
    unused = _unused_bits(np.clip(length, 0, WORD))
    return (word >> unused) << unused


def _distinct(parts: list[Array]) -> tuple[Array, Array | None]:
    """Codes of equal rows and a place of each code; no places if two different rows have the same hash."""
    mixed = parts[0]
    if len(parts) > 1:
        mixed = sum((part * np.uint64(factor) for part, factor in zip(parts, MIX, strict=False)), mixed * 0)
        mixed ^= mixed >> np.uint64(29)
    # Files are often sorted: of each run only the head is looked at.
    change = np.append(True, mixed[1:] != mixed[:-1])
    heads = np.flatnonzero(change)
    _, at, inverse = np.unique(mixed[heads], return_index=True, return_inverse=True)
    codes = inverse[np.cumsum(change) - 1]
    first = heads[at]
    same = all(np.array_equal(part, part[first][codes]) for part in parts) if len(parts) > 1 else True
    return codes, first if same else None
