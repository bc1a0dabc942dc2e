"""The forms by which the desk runs a consultation."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from plenary.kit.languages import is_language_tag
from plenary.records.models import Organization, Record

from .forms import language_choices
from .models import Consultation
from .phases import first_disorder

DATES = ("opens_at", "closes_at", "final_closes_at", "answer_at", "ends_at")
MOST_ADDRESSES = 10_000


def _moment(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        help_text=help_text,
        required=required,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


class EditForm(forms.Form):
    """All about a consultation that the desk sets, in the groups in which the page shows it."""

    title = forms.CharField(label=_("Title"), max_length=200)
    question = forms.CharField(
        label=_("Question"),
        help_text=_("What people are asked. Every statement is an answer to it."),
        max_length=500,
        widget=_text(2),
    )
    introduction = forms.CharField(
        label=_("Introduction"),
        help_text=_("What it is about, what is settled already, and what will be done with the result."),
        required=False,
        max_length=5000,
        widget=_text(6),
    )
    language = forms.ChoiceField(
        label=_("Language of these words"),
        help_text=_(
            "Translations are made at their own desk; those of changed words wait there to be looked at."
        ),
    )
    why = forms.CharField(
        label=_("Why you change it"),
        help_text=_(
            "Everybody reads it in the history of the consultation. It is needed where the question changes after "
            "people have voted."
        ),
        required=False,
        max_length=500,
        widget=_text(2),
    )
    opens_at = _moment(_("Opens"), required=True)
    closes_at = _moment(_("Voting closes"), _("Leave it empty if there is no end yet."))
    final_closes_at = _moment(
        _("Final round closes"),
        _("With it, a shortlist of statements is put before everybody as one ballot when voting closes."),
    )
    answer_at = _moment(_("Day of the answer"), _("By when the votes are analysed and answered."))
    ends_at = _moment(_("Closed for good"), _("When the answer is settled."))
    access = forms.ChoiceField(
        label=_("Who takes part"), choices=Consultation.Access.choices, widget=forms.RadioSelect
    )
    members = forms.MultipleChoiceField(
        label=_("Organizations"),
        help_text=_("Whose members take part, where it is for members. They sign in with a role there."),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    voting_by = forms.ChoiceField(
        label=_("Who may vote"), choices=Consultation.TakingPart.choices, widget=forms.RadioSelect
    )
    writing_by = forms.ChoiceField(
        label=_("Who may write"), choices=Consultation.TakingPart.choices, widget=forms.RadioSelect
    )
    minimum_age = forms.IntegerField(
        label=_("Minimum age"), help_text=_("0 where there is none."), min_value=0, max_value=99
    )
    takes_statements = forms.BooleanField(label=_("People may write statements of their own"), required=False)
    moderation = forms.ChoiceField(
        label=_("Moderation"), choices=Consultation.Moderation.choices, widget=forms.RadioSelect
    )
    languages = forms.CharField(
        label=_("Languages"),
        help_text=_(
            "In which it is offered, as language tags with a space between them, such as “en fr ar pt-BR”. Empty for "
            "all."
        ),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    embed_origins = forms.CharField(
        label=_("Sites that may show its card"),
        help_text=_("One a line, such as “https://www.example.org”: no path, no wildcard."),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr"}),
    )

    GROUPS = (
        (_("Words"), ("title", "question", "introduction", "language", "why")),
        (_("Dates"), DATES),
        (_("Who takes part"), ("access", "members", "voting_by", "writing_by", "minimum_age", "languages")),
        (_("Statements"), ("takes_statements", "moderation")),
        (_("Other sites"), ("embed_origins",)),
    )

    def __init__(self, *args: Any, language: str, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organizations = {each.reference: each for each in organizations}
        names = [(each.reference, str(each.said["name"])) for each in organizations]
        self.fields["members"].choices = names  # type: ignore[attr-defined]
        self.fields["language"].choices = language_choices(language)  # type: ignore[attr-defined]
        zone = timezone.get_current_timezone_name()
        self.fields["opens_at"].help_text = _("All in the time zone %(zone)s.") % {"zone": zone}

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(label, [self[name] for name in names]) for label, names in self.GROUPS]

    def clean_languages(self) -> list[str]:
        tags = (
            list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["languages"].strip())))
            if (self.cleaned_data["languages"].strip())
            else []
        )
        wrong = [tag for tag in tags if not is_language_tag(tag)]
        if wrong:
            raise ValidationError(
                gettext("Not a language tag: %(tags)s. Write tags such as “en”, “ar” or “pt-BR”.")
                % {"tags": ", ".join(wrong)}
            )
        return tags

    def clean_embed_origins(self) -> list[str]:
        found, problems = [], []
        for number, line in enumerate(self.cleaned_data["embed_origins"].splitlines(), start=1):
            if line.strip():
                origin = https_origin(line.strip())
                if origin:
                    found.append(origin)
                else:
                    problems.append(
                        gettext(
                            "Line %(number)s is no site's address of the form https://www.example.org: “%(line)s”"
                        )
                        % {"number": number, "line": line.strip()[:80]}
                    )
        if problems:
            raise ValidationError(problems)
        return list(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not any(name in self.errors for name in DATES):
            wrong = first_disorder(*(data.get(name) for name in DATES))
            if wrong is not None:
                self.add_error(DATES[wrong[0]], wrong[1])
        if data.get("access") == Consultation.Access.MEMBERS and not data.get("members"):
            self.add_error("members", _("Name the organizations whose members take part."))
        return data

    @property
    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("title", "question", "introduction")}

    @property
    def chosen_members(self) -> list[Organization]:
        return [self.organizations[reference] for reference in self.cleaned_data["members"]]


def https_origin(text: str) -> str:
    """An address as the origin of a site (``https://host[:port]``), or empty where it is none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return ""
    host = parts.hostname or ""
    beyond = parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme != "https" or beyond or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+|localhost", host):
        return ""
    return f"https://{host}" + (f":{port}" if port and port != 443 else "")


class WhyForm(forms.Form):
    why = forms.CharField(
        label=_("Why"),
        help_text=_("Everybody reads it on the page of the consultation."),
        max_length=500,
        widget=_text(2),
    )


class ResumeForm(forms.Form):
    why = forms.CharField(
        label=_("What was settled"),
        help_text=_("Everybody reads it on the page of the consultation."),
        required=False,
        max_length=500,
        widget=_text(2),
    )


class ReopenForm(WhyForm):
    closes_at = _moment(
        _("Voting closes"),
        _("Later days move along where they would come too soon."),
        required=True,
    )
    field_order = ("closes_at", "why")


class DuplicateForm(forms.Form):
    opens_at = _moment(_("Opens"), required=True)
    closes_at = _moment(_("Voting closes"), _("Leave it empty if there is no end yet."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("Voting must close after it opens."))
        return data


class ReplyForm(forms.Form):
    body = forms.CharField(
        label=_("The answer"),
        help_text=_(
            "What you heard, what you will do about it, and what you will not do and why. An empty line parts "
            "paragraphs."
        ),
        max_length=20_000,
        widget=_text(10),
    )
    language = forms.ChoiceField(label=_("Its language"))
    leads_to = forms.CharField(
        label=_("What it leads to"),
        help_text=_(
            "References of changes, commitments or decisions, with spaces between them, such as “CHG-3 CMT-12”."
        ),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )

    def __init__(self, *args: Any, reading: str, find: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.find = find
        self.fields["language"].choices = language_choices(reading)  # type: ignore[attr-defined]
        self.fields["language"].initial = reading

    def clean_leads_to(self) -> list[Record]:
        asked = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["leads_to"].strip())))
        found = {reference: self.find(reference) for reference in asked if reference}
        wrong = [reference for reference, record in found.items() if record is None]
        if wrong:
            raise ValidationError(
                gettext("There is no record with this reference: %(references)s.")
                % {"references": ", ".join(wrong)}
            )
        return list(found.values())


class AddressesForm(forms.Form):
    """Addresses pasted or in a file. What is wrong is named by its line; what is right stays to be confirmed."""

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        help_text=_("One a line. A name before an address does no harm, nor do further columns of a table."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "ltr", "spellcheck": "false"}),
    )
    file = forms.FileField(label=_("Or a file with them"), help_text=_("Plain text or CSV."), required=False)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    problems: list[str]
    good: list[str]

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > 2_000_000:
            raise ValidationError(_("The file is too large. Send at most 2 MB of addresses."))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError(
                _("The file is no plain text. Save the list as CSV or text in UTF-8.")
            ) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        text = "\n".join(part for part in (data.get("addresses", ""), data.get("file", "")) if part)
        self.good, self.problems = read_addresses(text)
        if not self.errors and not self.good and not self.problems:
            self.add_error("addresses", _("Write at least one address, or choose a file."))
        if len(self.good) > MOST_ADDRESSES:
            self.add_error(
                "addresses",
                gettext("At most %(most)s addresses at a time. Part the list.") % {"most": MOST_ADDRESSES},
            )
        return data


def read_addresses(text: str) -> tuple[list[str], list[str]]:
    """The addresses of a list, each once, and what is wrong with the other lines, with their numbers."""
    good: dict[str, int] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        cell = re.split(r"[,;\t]", line.strip(), maxsplit=1)[0].strip().strip('"').strip()
        if not cell:
            continue
        if number == 1 and cell.casefold() in ("email", "e-mail", "address", "mail"):
            continue
        inside = re.search(r"<([^<>]*)>", cell)
        address = (inside.group(1) if inside else cell).strip()
        shown = {"number": number, "line": line.strip()[:80]}
        try:
            validate_email(address)
        except ValidationError:
            problems.append(gettext("Line %(number)s is no e-mail address: “%(line)s”") % shown)
            continue
        if address.lower() in good:
            shown["first"] = good[address.lower()]
            problems.append(
                gettext("Line %(number)s repeats the address of line %(first)s: “%(line)s”") % shown
            )
            continue
        good[address.lower()] = number
    return list(good), problems


class CodesForm(forms.Form):
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=5000, initial=100)
    label = forms.CharField(
        label=_("Name of the list"),
        help_text=_("For you alone, so that you can end a list that was lost: “Letter of May”."),
        max_length=80,
    )


class JoinForm(forms.Form):
    code = forms.CharField(
        label=_("Your code"),
        help_text=_("As it stands in your invitation; spaces, hyphens and small letters do not matter."),
        max_length=100,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
