from __future__ import annotations

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from plenary.kit import access
from plenary.kit.errors import Refused

from . import actions, queries
from .forms import TokenForm
from .models import User


class SignIn(LoginView):
    template_name = "people/sign_in.html"
    redirect_authenticated_user = True


def _person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # the views that ask require it
    return request.user


@access.signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own API tokens. A new one's secret stands in the answer to the form, and nowhere else."""
    user, now, secret = _person(request), timezone.now(), ""
    today = timezone.localdate(now)
    form = TokenForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        end = timezone.make_aware(datetime.combine(given["last_day"] + timedelta(days=1), time()))
        try:
            _token, secret = actions.create_token(
                user=user, name=given["name"], scopes=given["scopes"], expires_at=end, now=now
            )
            form = TokenForm(today=today)
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
    context = {"form": form, "secret": secret, "now": now, "tokens": queries.list_tokens_of(user)}
    return render(request, "people/tokens.html", context, status=400 if form.errors else 200)


@access.signed_in
@require_POST
def revoke_token(request: HttpRequest, number: int) -> HttpResponse:
    token = queries.get_token_of(_person(request), number)
    if token is None:
        raise Http404
    actions.revoke_token(token=token)
    messages.success(
        request,
        _("“%(name)s” is revoked. Programs that use it get no answer any more.") % {"name": token.name},
    )
    return redirect("tokens")
