"""The desk reads statements."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.filters import Choice, Filters, Search
from plenary.kit.languages import content_language
from plenary.participation import actions, queries
from plenary.participation.forms import ModerationForm
from plenary.participation.models import Consultation, Statement

from .shared import PAGE, get_consultation

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


@access.ruled("participation.rules.may_moderate")
@require_http_methods(["GET", "HEAD", "POST"])
def moderation(request: HttpRequest, reference: str) -> HttpResponse:
    language = content_language(request)
    found = get_consultation(request, reference, language)
    state = request.GET.get("state", Statement.Moderation.WAITING)
    if state not in Statement.Moderation.values:
        raise Http404
    chosen = request.POST.getlist("statement")
    form = ModerationForm(request.POST or None, chosen=chosen)
    answer = submit(
        request,
        form,
        lambda now: _moderate(request, found, form, now),
        done=lambda changed: _moderated(form.cleaned_data["decision"], changed),
        to=request.get_full_path(),
    )
    if answer:
        return answer
    filters = Filters(
        request.GET,
        Search(_("Words of the statement")),
        Choice("origin", _("Where it comes from"), [("", _("anywhere")), *Statement.Origin.choices]),
    )
    asked = {"words": filters["q"], "origin": filters["origin"]}
    page = Paginator(queries.list_statements_of(found, state, **asked), PAGE).get_page(
        request.GET.get("page")
    )
    counts = queries.count_moderation(found, **asked)
    context = {
        "filters": filters,
        "consultation": found,
        "state": state,
        "tabs": [(value, label, counts[value]) for value, label in Statement.Moderation.choices],
        "page": page,
        "statements": queries.with_shares(page.object_list, language),
        "form": form,
        "chosen": chosen,
    }
    return render(request, "participation/moderation.html", context, status=status_of(form))


def _moderate(request: HttpRequest, found: Consultation, form: ModerationForm, now: datetime) -> int:
    assert request.user.is_authenticated  # what its access says, for the type checker
    return actions.moderate_statements(
        statements=queries.list_statements_to_moderate(found, form.chosen),
        decision=form.cleaned_data["decision"],
        reason=form.full_reason,
        by=request.user,
        now=now,
    )


def _moderated(decision: str, changed: int) -> str:
    if decision == Statement.Moderation.ACCEPTED:
        done = ngettext("%(count)s statement accepted.", "%(count)s statements accepted.", changed)
    else:
        done = ngettext("%(count)s statement rejected.", "%(count)s statements rejected.", changed)
    return done % {"count": number_format(changed, force_grouping=True)}
