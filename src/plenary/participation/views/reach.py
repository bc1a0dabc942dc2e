"""Who takes part against the audience wanted, and what is done about who is missing."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, reach_words, rules
from plenary.participation.attribute_forms import GapStepForm
from plenary.participation.models import Consultation, GapStep
from plenary.participation.reach import Gap, table_rows
from plenary.records.queries import list_organizations

from .shared import get_consultation

# Which organizations of the directory may know people of a sector.
KINDS = {
    "government": ("government", "country_team"),
    "international": ("entity", "country_team", "mechanism"),
    "business": ("company",),
    "civil-society": ("civil_society",),
    "academia": ("academia", "lab"),
    "technical": ("lab", "company"),
}


@access.everyone
@require_safe
def reach(request: HttpRequest, reference: str) -> HttpResponse:
    """Public: everybody sees who was heard and who was missing."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    counted = queries.get_reach(found)
    steps = queries.list_gap_steps(found, language)
    context = {
        "consultation": found,
        "reach": counted,
        "summary": reach_words.summary(counted),
        "attributes": [reach_words.show(table) for table in counted.attributes],
        "others": [reach_words.show(table) for table in (counted.by_language, counted.by_origin)],
        "gaps": [(gap.table.label, reach_words.missing(gap.cell)) for gap in counted.gaps],
        "steps": [(step, reach_words.name_of(step.attribute, step.value, found.languages)) for step in steps],
        "may_open": rules.may_open_consultation(request.user),
    }
    return render(request, "participation/reach.html", context)


@access.everyone
@require_safe
def reach_csv(request: HttpRequest, reference: str) -> HttpResponse:
    """The tables of the page as one file; hidden numbers are empty."""
    found = get_consultation(request, reference)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    rows = table_rows(queries.get_reach(found))
    names = (
        "attribute", "value", "count", "at_most", "said", "people", "share", "low", "high", "wanted", "gap"
    )  # fmt: skip
    writer.writerow(names)
    for row in rows:
        writer.writerow(["" if row[name] is None else _plain(row[name]) for name in names])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.reference}-reach.csv"'
    return response


def _plain(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


@access.ruled("participation.rules.may_open_consultation")
@require_http_methods(["GET", "HEAD", "POST"])
def gaps(request: HttpRequest, reference: str) -> HttpResponse:
    """For the desk: who is missing most, and what can be done about it; each step is kept and told in public."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    reach = queries.get_reach(found)
    known = {f"{gap.table.name}:{gap.cell.key}": gap for gap in reach.gaps}
    organizations = list_organizations(language)
    sent = request.POST.get("gap", "")
    forms = {
        key: GapStepForm(
            request.POST if key == sent else None,
            organizations=[each for each in organizations if _knows(gap, each.kind)],
            auto_id=f"id_{place}_%s",
            initial={"gap": key},
        )
        for place, (key, gap) in enumerate(known.items())
    }
    if request.method == "POST":
        if sent not in known:
            raise Http404
        answer = submit(
            request,
            forms[sent],
            lambda now: _take(request, found, known[sent], forms[sent], now),
            to=request.get_full_path(),
            done=_(
                "This was recorded, and stands on the public page. Words with a link of their own, to be passed on and "
                "counted, stand under “Reaching out”."
            )
            if request.POST.get("by_way_of") == GapStep.By.ORGANIZATION
            else _("This was recorded, and stands on the public page."),
        )
        if answer:
            return answer
    question = str(found.said["question"])
    page = request.build_absolute_uri(reverse("consultation", args=[found.reference]))
    context = {
        "consultation": found,
        "is_known": bool(reach.answered),
        "gaps": [
            {
                "key": key,
                "name": reach_words.name_of_gap(gap),
                "words": reach_words.missing(gap.cell),
                "form": forms[key],
                "pass_on": reach_words.words_to_pass_on(gap, question, page),
            }
            for key, gap in known.items()
        ],
        "steps": [
            (step, reach_words.name_of(step.attribute, step.value, found.languages))
            for step in queries.list_gap_steps(found, language)
        ],
        "invitations": _invitations(found),
    }
    status = status_of(forms.get(sent))
    return render(request, "participation/gaps.html", context, status=status)


def _take(request: HttpRequest, found: Consultation, gap: Gap, form: GapStepForm, now: datetime) -> GapStep:
    assert request.user.is_authenticated  # what its access says, for the type checker
    code = actions.new_code()
    question = str(found.said["question"])
    address = request.build_absolute_uri(reverse("outreach-link", args=[code]))
    pack = actions.Pack(reach_words.words_to_pass_on(gap, question, address), content_language(request), code)
    return actions.take_gap_step(
        consultation=found, gap=gap, by=request.user, now=now, pack=pack, **form.facts()
    )


def _knows(gap: Gap, kind: str) -> bool:
    return gap.table.name != "sector" or kind in KINDS.get(gap.cell.key, ())


def _invitations(found: Consultation) -> str:
    """Where people are invited by e-mail, if this installation does so."""
    try:
        return reverse("invitations", args=[found.reference])
    except NoReverseMatch:
        return ""
