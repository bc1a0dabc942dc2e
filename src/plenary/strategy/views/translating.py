"""Entering the words of a clause in another language."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.languages import content_language, language_name

from .. import actions, forms, queries
from .reading import signed_in, strategy_or_404, trail_to, wanted_version


@access.ruled("strategy.rules.may_translate", why=gettext_lazy("The desk enters translations."))
@require_http_methods(["GET", "HEAD", "POST"])
def translate(request: HttpRequest, strategy: str, local: str) -> HttpResponse:
    """What the clause lacks in the language asked for, beside the original; nothing missing leads to the clause."""
    home = strategy_or_404(request, strategy)
    clause = queries.get_clause_for(request.user, f"{strategy}.{local}")
    language = content_language(request)
    state = queries.get_shown_state(clause, wanted_version(request, home), language) if clause else None
    if clause is None or state is None:
        raise Http404
    page = reverse("clause", args=[home.reference, local])
    shown = f"{page}?lang={language}&version={state.version.number}"
    missing = queries.list_missing_words(state, language)
    if not missing and request.method != "POST":
        return redirect(shown)
    form = forms.TranslationForm(
        request.POST if request.method == "POST" else None,
        missing=missing or ("title", "text"),
        language=language,
    )
    answer = submit(
        request,
        form,
        lambda now: actions.translate_clause(
            state=state, language=language, by=signed_in(request), now=now, **form.cleaned_data
        ),
        done=_("The translation is there to be read."),
        to=shown,
    )
    if answer:
        return answer
    words = {"language": language_name(language)}
    context: dict[str, Any] = {
        "strategy": home,
        "clause": clause,
        "state": state,
        "heading": _("Add the translation into %(language)s") % words,
        "form": form,
        "trail": trail_to(home, (local, page), (_("Add the translation into %(language)s") % words, "")),
    }
    return render(request, "strategy/translate.html", context, status=status_of(form))
