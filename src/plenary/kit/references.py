"""A form's field for public references: people write FND-3, a view says how the record behind it is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

FindRecord = Callable[[str], Any]
"""The record that the person may see under a reference, or None."""


class ReferenceField(forms.CharField):
    """Public references such as FND-3, several with commas; cleans to the records behind them."""

    find: FindRecord | None = None

    def clean(self, value: Any) -> Any:
        found = []
        for reference in (super().clean(value) or "").replace(";", ",").split(","):
            reference = reference.strip()
            if not reference:
                continue
            record = self.find(reference.upper()) if self.find else None
            if record is None:
                raise forms.ValidationError(
                    _("There is no record %(reference)s. References look like FND-3 or SRC-1."),
                    params={"reference": reference},
                )
            found.append(record)
        return found
