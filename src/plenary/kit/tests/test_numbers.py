from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils.formats import date_format
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from plenary.kit.numbers import read_number, show_number, show_percent, type_number
from plenary.kit.templatetags.kit import moment


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("3,5", "3.5"),
        ("3.5", "3.5"),
        ("٣٫٥", "3.5"),
        ("٣,٥", "3.5"),
        ("١٬٢٣٤", "1234"),
        ("٦٫١٤٠", "6.14"),
        ("۱۲۳", "123"),
        ("６１４０", "6140"),
        ("1 234,5", "1234.5"),
        ("1\u202f234\u00a0567", "1234567"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("12,34,567", "1234567"),
        ("0,125", "0.125"),
        ("−4", "-4"),
        ("\u200f٤٥", "45"),
    ],
)
def test_numbers_are_read_as_people_type_them(typed, number):
    assert read_number(typed) == Decimal(number)


@pytest.mark.parametrize(
    "typed", ["", "about ten", "45 %", "1e5", "NaN", "1,2,3", "12 34", "½", "²", "5 people"]
)
def test_words_and_near_numbers_are_refused_with_what_was_typed(typed):
    with pytest.raises(ValueError, match="is not a number"):
        read_number(typed)


@pytest.mark.parametrize("typed", ["6,140", "6.140", "٦,١٤٠"])
def test_what_can_be_read_in_two_ways_is_asked_back_with_both(typed):
    with pytest.raises(ValueError, match=r"Write 6140 or 6\.1400"):
        read_number(typed)


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=4, allow_nan=False))
def test_a_number_shown_in_a_field_is_read_back_as_itself(value):
    assert read_number(type_number(value)) == value


def test_numbers_are_shown_without_idle_zeros_in_the_readers_way():
    assert show_number(Decimal("6140.0000")) == "6,140"
    assert show_number(None) == ""
    with override("fr"):
        assert read_number(show_number(Decimal("1234.5"))) == Decimal("1234.5")


@pytest.mark.parametrize(
    ("percent", "shown"),
    [(12.5, "13"), (11.5, "12"), (100 * 0.145, "15"), (12.4999, "12"), (-0.5, "-1"), (0, "0")],
)
def test_shares_are_rounded_as_people_round_by_hand(percent, shown):
    assert show_percent(percent) == f"{shown}\u00a0%"


# The same day, time, number and share as six languages write them.
WRITTEN = {
    "ar": ("3 مايو 2026", "3 مايو 2026، 09:05", "1\u00a0234\u00a0567,5"),
    "zh-hans": ("2026年5月3日", "2026年5月3日 09:05", "1,234,567.5"),
    "en": ("3 May 2026", "3 May 2026, 09:05", "1,234,567.5"),
    "fr": ("3 mai 2026", "3 mai 2026 09:05", "1\u00a0234\u00a0567,5"),
    "ru": ("3 мая 2026 г.", "3 мая 2026 г. 9:05", "1\u00a0234\u00a0567,5"),
    "es": ("3 de mayo de 2026", "3 de mayo de 2026 a las 09:05", "1\u00a0234\u00a0567,5"),
}


@pytest.mark.parametrize("language", WRITTEN)
def test_dates_and_numbers_are_written_as_the_language_does(language):
    at = datetime(2026, 5, 3, 9, 5, tzinfo=UTC)
    with override(language):
        written = (
            date_format(at.date()),
            date_format(at, "DATETIME_FORMAT"),
            show_number(Decimal("1234567.5")),
        )
        assert moment(at).startswith(written[1]) and "UTC" in moment(at)
    assert written == WRITTEN[language]


@pytest.mark.parametrize("language", WRITTEN)
def test_a_number_shown_can_be_typed_again(language):
    with override(language):
        assert read_number(show_number(Decimal("1234567.5"))) == Decimal("1234567.5")
