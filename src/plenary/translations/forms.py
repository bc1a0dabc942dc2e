"""What translators enter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from .words import LONGEST


class TranslationForm(forms.Form):
    """The words, and what their translator had before her."""

    body = forms.CharField(
        label=_("Translation"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea,
        error_messages={"required": _("Write the translation first. Nothing was changed.")},
    )
    seen = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("XLIFF 2 (.xlf) or PO (.po), as it was exported here and then translated."),
        error_messages={"empty": _("This file is empty.")},
    )

    def clean_file(self) -> Any:
        given: UploadedFile = self.cleaned_data["file"]
        if given.size is not None and given.size > settings.PLENARY_UPLOAD_LIMIT:
            raise forms.ValidationError(
                _(
                    "The file is larger than %(size)s. Export the consultation or strategy in parts, by state."
                ),
                params={"size": filesizeformat(settings.PLENARY_UPLOAD_LIMIT)},
                code="too_large",
            )
        return given

    def is_too_large(self) -> bool:
        return self.has_error("file", "too_large")
