"""Home, the desk, the language, the source, the style guide."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from plenary import __version__
from plenary.kit import access, style_guide
from plenary.kit.desk import gather
from plenary.kit.languages import content_language
from plenary.records import actions, queries

from . import api_page, source_code


@access.everyone
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "site/home.html")


@access.signed_in
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # what its access says, for the type checker
    notices = queries.list_notices_of(request.user, content_language(request))
    followed = queries.list_followed_by(request.user, content_language(request))
    has_unread = any(notice.read_at is None for notice in notices)
    work = gather(request, timezone.now())
    context = {"desk": work, "notices": notices, "has_unread": has_unread, "followed": followed}
    return render(request, "site/desk.html", context)


@access.signed_in
@require_POST
def mark_notices_read(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    actions.mark_notices_read(user=request.user, now=timezone.now())
    return redirect("desk")


@access.everyone
@require_safe
@never_cache
def switch_language(request: HttpRequest) -> HttpResponse:
    """Remember the interface's language in a cookie and go back to the page.

    A plain link to a preference, and no write: so pages that everybody shares need no form token.
    """
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("home")
    response = redirect(back)
    response.status_code = 303
    language = request.GET.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            secure=settings.PLENARY_HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response


@access.everyone
@require_safe
def source(request: HttpRequest) -> HttpResponse:
    """The source code of what is running, to download."""
    name = f"plenary-{__version__}.tar.gz"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(source_code.archive(), content_type="application/gzip", headers=headers)


@access.everyone
@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """The style guide: every component of the kit in every state."""
    return render(request, "kit/style.html", style_guide.guide(request))


@access.everyone
@require_safe
def style_question(request: HttpRequest) -> HttpResponse:
    """The page behind the style guide's dialog."""
    return render(request, "kit/style/question.html")


@access.everyone
@require_safe
def api(request: HttpRequest) -> HttpResponse:
    """How the API is used, and every operation of it."""
    context = {"root": request.build_absolute_uri("/api/v1"), **api_page.described()}
    return render(request, "site/api.html", context)
