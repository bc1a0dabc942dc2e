"""Surveys to begin with, which institutions ask again and again. Their words are translated with the interface's, and
written into a survey in all its languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from .models import SurveyQuestion

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Kind = SurveyQuestion.Kind


@dataclass(frozen=True)
class Question:
    kind: str
    wording: str | _StrPromise
    options: tuple[str | _StrPromise, ...] = ()
    ends: tuple[str | _StrPromise, str | _StrPromise] = ("", "")
    is_required: bool = False
    help: str | _StrPromise = ""
    depends_on: int | None = None
    depends_values: tuple[int, ...] = ()


@dataclass(frozen=True)
class Template:
    title: str | _StrPromise
    introduction: str | _StrPromise
    questions: tuple[Question, ...]


_AGREE = (_("do not agree at all"), _("agree fully"))

TEMPLATES = {
    "trust": Template(
        _("Pulse of trust"),
        _(
            "Four short questions, asked again in every cycle, so that it can be seen whether trust grows or fades. "
            "Leave out what you do not want to answer."
        ),
        (
            Question(
                Kind.SCALE,
                _("How much do you trust the institution to act in the interest of everybody?"),
                ends=(_("not at all"), _("fully")),
            ),
            Question(Kind.SCALE, _("What people like me say here makes a difference."), ends=_AGREE),
            Question(Kind.SCALE, _("The institution says openly how it decides and why."), ends=_AGREE),
            Question(
                Kind.SCALE,
                _("On the whole, do new technologies bring more risks or more benefits to people like you?"),
                ends=(_("far more risks"), _("far more benefits")),
            ),
            Question(
                Kind.TEXT,
                _("What would have to happen for you to trust more?"),
                depends_on=1,
                depends_values=(1, 2),
            ),
        ),
    ),
    "benefits": Template(
        _("Benefits and risks of new technologies"),
        _(
            "What you hope for and what worries you. The same questions are asked in every cycle, of young people "
            "above all, and the answers are put before the next meeting."
        ),
        (
            Question(
                Kind.SCALE,
                _("How do you see the effect of new technologies on your own life?"),
                ends=(_("far more risks"), _("far more benefits")),
            ),
            Question(
                Kind.SEVERAL,
                _("Where do you expect benefits?"),
                (
                    _("health"), _("learning"), _("work and income"), _("public services"),
                    _("nature and climate"), _("contact with others"), _("nowhere"),
                ),
            ),
            Question(
                Kind.RANKING,
                _("Which risks weigh most? Put them in order; 1 is the greatest."),
                (
                    _("loss of privacy"), _("loss of work"), _("unfair treatment"), _("false information"),
                    _("power in few hands"),
                ),
            ),
            Question(
                Kind.CHOICE,
                _("Do you have a say in how new technologies are used where you live?"),
                (_("yes"), _("sometimes"), _("no"), _("I do not know")),
            ),
            Question(Kind.TEXT, _("What should be done first?")),
        ),
    ),
}  # fmt: skip


def build(key: str, phrase: Callable[..., Any], spec: Callable[..., Any], language: str) -> dict[str, Any]:
    """A template as ``actions.create_survey`` takes it, written in one language with all the others as translations."""
    template = TEMPLATES[key]

    def said(words: Any) -> Any:
        if not words:
            return ""
        found = {}
        for tag, _name in settings.LANGUAGES:
            with translation.override(tag):
                found[tag] = str(words)
        own = found.get(language, found["en"])
        # A catalogue that lacks the words gives them in English: that is no translation.
        others = {
            tag: body
            for tag, body in found.items()
            if tag != language and (tag == "en" or body != found["en"])
        }
        return phrase(own, others)

    return {
        "title": said(template.title),
        "introduction": said(template.introduction),
        "questions": [
            spec(
                kind=each.kind,
                wording=said(each.wording),
                help=said(each.help),
                is_required=each.is_required,
                options=[said(option) for option in each.options],
                lowest=1 if each.kind == Kind.SCALE else None,
                highest=5 if each.kind == Kind.SCALE else None,
                lowest_label=said(each.ends[0]),
                highest_label=said(each.ends[1]),
                depends_on=each.depends_on,
                depends_values=each.depends_values,
            )
            for each in template.questions
        ],
    }
