"""Asking the machine."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from plenary.kit import access
from plenary.kit.errors import Refused
from plenary.records.queries import get_record_for
from plenary.translations import actions

from .shared import Asked, language_or_404, signed_in


@access.ruled(
    "translations.rules.may_use_machine", why=gettext_lazy("The desk has texts translated by a machine.")
)
@require_POST
def ask_machine(request: HttpRequest, language: str) -> HttpResponse:
    """What is missing of one whole, in the background; the list shows how far it is."""
    user, language = signed_in(request), language_or_404(language)
    asked = Asked.in_query(request.POST)
    whole = get_record_for(user, asked.of)
    if whole is None:
        raise Http404
    try:
        actions.ask_machine(whole=whole, language=language, by=user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(
            request, _("The machine has been asked. Its work stays marked until a person has read it.")
        )
    return HttpResponseRedirect(asked.address(language))
