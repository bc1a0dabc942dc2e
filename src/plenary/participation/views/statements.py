"""What was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plenary.kit import access
from plenary.kit.filters import Filters, Search
from plenary.kit.languages import content_language
from plenary.participation import queries, rules
from plenary.participation.models import Statement

from .shared import PAGE, get_consultation

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


@access.everyone
@require_safe
def statements(request: HttpRequest, reference: str) -> HttpResponse:
    """What was said, with counts and shares."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    filters = Filters(request.GET, Search(_("Words of the statement")))
    statements = queries.list_statements_of(found, Statement.Moderation.ACCEPTED, words=filters["q"])
    page = Paginator(statements, PAGE).get_page(request.GET.get("page"))
    flagged = queries.count_flagged_people(found)
    without = "flagged" if flagged and request.GET.get("without") == "flagged" else ""
    context = {
        "consultation": found,
        "filters": filters,
        "page": page,
        "statements": queries.with_shares(page.object_list, language, without_flagged=bool(without)),
        "flagged": flagged,
        "without": without,
    }
    return render(request, "participation/statements.html", context)


@access.everyone
@require_safe
def statement(request: HttpRequest, reference: str) -> HttpResponse:
    language = content_language(request)
    found = queries.get_statement_for(request.user, reference, language, queries.keys_of(request))
    if found is None:
        raise Http404
    context = {
        "statement": found,
        "shares": queries.count_shares([found.pk]).get(found.pk),
        "provenance": queries.list_provenance(found),
        "hands": queries.list_hands(found),
        "context": queries.get_context(found, language),
        "translations": queries.list_translations(found),
        "merged": queries.list_merged_into(found, language),
        "rewordings": queries.list_rewordings(found),
        "history": queries.tell_decisions(queries.list_decisions_about(found), language)
        if rules.may_moderate(request.user)
        else [],
        "may_moderate": rules.may_moderate(request.user),
    }
    return render(request, "participation/statement.html", context)
