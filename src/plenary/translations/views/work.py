"""The desk of translations: how far everything is, and the texts side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from plenary.kit import access
from plenary.kit.answers import REFUSED, status_of
from plenary.kit.errors import Refused
from plenary.translations import actions, machine, queries, rules
from plenary.translations.forms import TranslationForm
from plenary.translations.queries import TO_DO, Item, State, Whole, Work

from .shared import ALL, MINE, Asked, into, language_or_404, reading, signed_in, trail

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class Request(HttpRequest):
        htmx: HtmxDetails


PAGE = 10
WHY = gettext_lazy("The desk translates, and whoever contributes for an organization.")
_PLACE = "translations-place"


@access.ruled("translations.rules.may_translate", why=WHY)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How far everything is in every language, and the way back to where one was."""
    user = signed_in(request)
    work = queries.load_work(user, timezone.now())
    languages = work.languages()
    rows = [
        (whole, [(language, work.progress(language, whole.texts)) for language in languages])
        for whole in work.wholes(reading(request))
    ]
    context = {
        "languages": [(language, work.progress(language)) for language in languages],
        "rows": rows,
        "place": _remembered(request),
    }
    return render(request, "translations/overview.html", context)


def _remembered(request: HttpRequest) -> dict[str, str] | None:
    """Where the person was last: the language, and the address of her list."""
    place = request.session.get(_PLACE)
    return place if isinstance(place, dict) else None


@access.ruled("translations.rules.may_translate", why=WHY)
@require_safe
def work(request: HttpRequest, language: str) -> HttpResponse:
    """Texts beside their translations, ten at a time, in the order in which they should be done."""
    user, language = signed_in(request), language_or_404(language)
    asked = Asked.in_query(request.GET)
    found = queries.load_work(user, timezone.now())
    wholes = found.wholes(reading(request))
    whole = asked.whole_in(wholes)
    texts = asked.texts(found, whole, user)
    ids = asked.find(found, language, texts, user)
    page = Paginator(ids, PAGE).get_page(request.GET.get("page"))
    items = queries.list_items(found, list(page.object_list), language, asked.beside)
    here = request.get_full_path()
    request.session[_PLACE] = {"language": language, "address": here, "of": whole.key if whole else ""}
    context: dict[str, Any] = {
        "target": language,
        "asked": asked,
        "whole": whole,
        "wholes": wholes,
        "beside": _seconds(found, language),
        "tabs": _tabs(found, language, texts, user),
        "progress": found.progress(language, texts),
        "page": page,
        "items": items,
        "query": request.GET.urlencode(),
        "exports": _exports(found, ids),
        "trail": trail((into(language), "")),
        **_machine(request, found, language, whole),
    }
    return render(request, "translations/work.html", context)


def _seconds(work: Work, language: str) -> list[str]:
    """Languages that may stand beside the original."""
    return [tag for tag in work.languages() if tag != language]


def _tabs(work: Work, language: str, texts: list[int], user: Any) -> list[tuple[str, Any, int]]:
    progress = work.progress(language, texts)
    return [
        ("", _("to do"), progress.left),
        *((state.value, state.label, progress.counts[state]) for state in TO_DO),
        (State.DONE.value, State.DONE.label, progress.done),
        (MINE, _("mine"), len(work.find(language, texts, by=user))),
        (ALL, _("all"), progress.total),
    ]


def _exports(work: Work, ids: list[int]) -> list[tuple[str, int]]:
    """Original languages of these texts, with how many there are: a file of XLIFF holds one."""
    counts: dict[str, int] = {}
    for pk in ids:
        source = work.sources[pk][0]
        counts[source] = counts.get(source, 0) + 1
    return sorted(counts.items(), key=lambda entry: -entry[1])


def _machine(request: HttpRequest, work: Work, language: str, whole: Whole | None) -> dict[str, Any]:
    """What the page says of the machine; nothing where there is none, or for whom it is not."""
    if whole is None or whole.record_id is None or not rules.may_use_machine(signed_in(request)):
        return {}
    runs = queries.list_runs(whole.record_id, language)
    missing = work.progress(language, whole.texts).missing
    return {"machine_is_on": machine.is_on(), "runs": runs, "may_use_machine": bool(missing)}


@access.ruled("translations.rules.may_translate", why=WHY)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: Request, language: str, text: int) -> HttpResponse:
    """One text: what is there, what was there, and the field. Translations are sent here from the list as well."""
    user, language = signed_in(request), language_or_404(language)
    beside = Asked.in_query(request.GET).beside
    found = queries.load_work(user, timezone.now())
    if text not in found.pieces or found.state_of(text, language) is None:
        raise Http404
    [item] = queries.list_items(found, [text], language, beside)
    form = TranslationForm(request.POST or None, initial={"body": item.proposal, "seen": item.seen})
    theirs = None
    if request.method == "POST" and form.is_valid():
        try:
            _save(item, form, user)
        except actions.Meanwhile as conflict:
            theirs = conflict.present
            form.add_error(None, ValidationError(str(conflict.message), code=REFUSED))
        except Refused as refusal:
            form.add_error("body", ValidationError(str(refusal.message), code=REFUSED))
        else:
            return _saved(request, language, text)
    [item] = queries.list_items(found, [text], language, beside) if theirs else [item]
    context = {
        "target": language,
        "item": item,
        "form": form,
        "theirs": theirs,
        "body": form.data.get("body", item.proposal) if form.is_bound else item.proposal,
        "seen": item.seen if theirs or not form.is_bound else form.data.get("seen", item.seen),
        "query": request.POST.get("query", ""),
        "next": request.POST.get("next", ""),
    }
    status = status_of(form)
    if request.htmx and request.method == "POST":
        return render(request, "translations/_item.html", context | {"is_fragment": True}, status=status)
    context["history"] = queries.list_history(text, language)
    context["trail"] = trail(
        (into(language), reverse("translate", args=[language])), (item.record.reference, "")
    )
    return render(request, "translations/one.html", context, status=status)


def _save(item: Item, form: TranslationForm, user: Any) -> None:
    entered = form.cleaned_data
    actions.translate(
        text=item.text,
        record=item.record,
        part=item.piece.part,
        language=item.language,
        body=entered["body"],
        seen=entered["seen"] or None,
        by=user,
        now=timezone.now(),
    )


def _saved(request: Request, language: str, text: int) -> HttpResponse:
    """On to the next in the list that she came from; to htmx, the same text as it stands now."""
    done = _("The translation is saved.")
    if request.htmx:
        found = queries.load_work(signed_in(request), timezone.now())
        [item] = queries.list_items(found, [text], language)
        return render(request, "translations/_saved.html", {"item": item, "target": language, "done": done})
    messages.success(request, done)
    query, following = request.POST.get("query"), request.POST.get("next", "")
    if query is None:
        return HttpResponseRedirect(reverse("translate-text", args=[language, text]))
    kept = QueryDict(query)
    address = reverse("translate", args=[language])
    anchor = f"#text-{int(following)}" if following.isascii() and following.isdigit() else ""
    return HttpResponseRedirect(f"{address}?{kept.urlencode()}{anchor}" if kept else f"{address}{anchor}")
