"""Inviting people, and the page on which an invitation is used."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from plenary.kit import access
from plenary.kit.answers import status_of, submit
from plenary.kit.errors import Refused
from plenary.kit.languages import content_language
from plenary.participation import actions, queries, voters, ways_in
from plenary.participation.lifecycle_forms import AddressesForm, CodesForm, JoinForm
from plenary.participation.models import Consultation
from plenary.participation.phases import Act

from .shared import PAGE, get_consultation
from .voting import show_consultation

if TYPE_CHECKING:
    from plenary.people.models import User

    from .voting import Request


def _desk(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # what its access says, for the type checker
    return request.user


@access.ruled("participation.rules.may_manage")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest, reference: str) -> HttpResponse:
    """Who was invited; addresses to invite, which are sent to only when they were confirmed."""
    language = content_language(request)
    found = get_consultation(request, reference, language)
    did = request.POST.get("do", "")
    if did in ("resend", "revoke", "revoke-list"):
        return _change(request, found, did)
    form = AddressesForm(
        request.POST or None, request.FILES or None, initial={"language": language.split("-")[0]}
    )
    is_valid = request.method == "POST" and form.is_valid()
    confirmed = did == "send" and is_valid and not form.problems
    if confirmed:
        answer = submit(
            request, form, lambda now: _invite(request, found, form, now), to=request.path, done=_sent
        )
        if answer:
            return answer
    now = timezone.now()
    page = Paginator(queries.list_invitations(found), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "consultation": found,
        "form": form,
        "good": form.good if is_valid else [],
        "problems": form.problems if is_valid else [],
        "to_confirm": is_valid and bool(form.good) and not form.errors,
        "counts": queries.count_invitations(found),
        "page": page,
        "printed": queries.count_printed(found),
        "codes_form": CodesForm(),
        "is_by_invitation": found.access == Consultation.Access.INVITED,
        "may_invite": found.allows(Act.INVITE, now),
    }
    status = 422 if is_valid and form.problems else status_of(form)
    return render(request, "participation/invitations.html", context, status=status)


def _invite(request: HttpRequest, found: Consultation, form: AddressesForm, now: datetime) -> int:
    return actions.invite_by_mail(
        consultation=found, addresses=form.good, language=form.cleaned_data["language"],
        root=request.build_absolute_uri("/"), by=_desk(request), now=now,
    )  # fmt: skip


def _sent(count: int) -> str:
    if not count:
        return _("All of them had been invited already. To send a mail again, choose it below.")
    return ngettext("%(count)s mail is on its way.", "%(count)s mails are on their way.", count) % {
        "count": count
    }


def _change(request: HttpRequest, found: Consultation, did: str) -> HttpResponse:
    ids = [int(each) for each in request.POST.getlist("invitation") if each.isdecimal() and len(each) < 19]
    now, by = timezone.now(), _desk(request)
    if did == "resend":
        count = actions.resend_invitations(
            consultation=found, ids=ids, root=request.build_absolute_uri("/"), by=by, now=now
        )
        said = _sent(count) if count else _("Choose at least one invitation first.")
    else:
        label = request.POST.get("label", "") if did == "revoke-list" else None
        count = actions.revoke_invitations(consultation=found, ids=ids, label=label, by=by, now=now)
        said = (
            ngettext("%(count)s invitation was revoked.", "%(count)s invitations were revoked.", count)
            % {"count": count}
            if count
            else _("Choose at least one invitation first.")
        )
    (messages.success if count else messages.warning)(request, said)
    return redirect("invitations", found.reference)


@access.ruled("participation.rules.may_manage")
@never_cache
@require_http_methods(["POST"])
def invitation_codes(request: HttpRequest, reference: str) -> HttpResponse:
    """A list of codes to be printed, as a file, this once."""
    found = get_consultation(request, reference, content_language(request))
    form = CodesForm(request.POST)
    answer = submit(
        request,
        form,
        lambda now: actions.make_codes(consultation=found, by=_desk(request), now=now, **form.cleaned_data),
        to=lambda codes: _as_file(request, found, codes),
    )
    if answer:
        return answer
    context = {"consultation": found, "form": form}
    return render(request, "participation/invitation_codes.html", context, status=status_of(form))


def _as_file(request: HttpRequest, found: Consultation, codes: list[str]) -> HttpResponse:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["code", "address"])
    join = request.build_absolute_uri(reverse("join"))
    writer.writerows([code, f"{join}?code={code}"] for code in codes)
    response = HttpResponse(table.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="codes-{found.reference}.csv"'
    return response


@access.everyone
@csrf_exempt  # a code that is not hers lets nobody in; the card's own form is looked at by voters.of_form
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request) -> HttpResponse:
    """Where a code is entered; looking uses nothing up, so that programs that look at links in mails do no harm."""
    if request.method == "POST":
        voters.refuse_foreign_forms(request, lets_in=True)
    code = (request.POST or request.GET).get("code", "")
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"code": code[:100]})
    sign_in = False
    if request.method == "POST" and form.is_valid():
        user = request.user if request.user.is_authenticated else None
        try:
            found, token = actions.redeem_code(code=form.cleaned_data["code"], user=user, now=timezone.now())
        except Refused as refusal:
            known = _let_in_before(request, form.cleaned_data["code"]) if refusal.code == "used" else None
            if known is not None:
                return redirect("consultation", known.reference)
            form.add_error("code", str(refusal.message))
            sign_in = refusal.code == "account"
        else:
            return _let_in(request, found, token)
    context = {"form": form, "sign_in": sign_in, "code": code[:100]}
    status = 409 if form.is_bound and form.errors else 200
    return render(request, "participation/join.html", context, status=status)


def _let_in(request: Request, found: Consultation, token: str) -> HttpResponse:
    """Straight to the card, which carries the token: so it works without cookies too."""
    if not token:
        response: HttpResponse = redirect("consultation", found.reference)
    else:
        asker = voters.of_token(token, found)
        assert asker is not None
        response = show_consultation(request, found, asker)
        voters.remember(response, asker, found)
    ways_in.keep_pass(response, found)
    return response


def _let_in_before(request: HttpRequest, code: str) -> Consultation | None:
    """The consultation that this browser entered with the code: a page that is loaded again does no harm."""
    invitation = queries.get_invitation(code)
    if invitation is None:
        return None
    found = invitation.consultation
    keys = queries.keys_of(request)
    return found if queries.admits(request.user, found, keys) else None
