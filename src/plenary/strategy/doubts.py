"""What reading a file found doubtful or wrong, in the reader's language. The console says it in English, in detail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from .parsing import Doubt, StrategyFormatError

DOUBTS = {
    "ambiguous_kind": _("These words name both principles and commitments."),
    "comment_removed": _("An HTML comment was left out."),
    "count_mismatch": _("The text announces another number of items than follow."),
    "edition": _("The line below the title is kept as the edition, not as a clause."),
    "footnote": _("A footnote is kept as a paragraph of its own; its mark is left out of the sentence."),
    "foreign_word": _("A single word of another language stands in the text. It was left as it is."),
    "goal_from_sentence": _("No heading names the goal: this paragraph says it."),
    "invisible_character": _("Invisible characters were removed."),
    "level_guessed": _("A heading carries no number: it was taken to stand below the numbered one."),
    "list_left_out": _("A further list below the same heading was kept as paragraphs."),
    "mojibake": _("This looks like text read in a wrong encoding. It was left as it is."),
    "no_goal": _("No goal was recognized. Put it below a heading that says so."),
    "no_title": _("The text begins without a title: the name of the file is taken."),
    "number_differs": _("A number here repeats a clause that has another number, by its wording."),
    "paragraphs_taken": _(
        "No list follows the heading: each of its paragraphs was taken as a clause of its kind."
    ),
    "rejoined_sentence": _("A sentence that was broken across paragraphs was rejoined."),
    "second_goal": _("This could be a goal too. It was kept as it stands."),
    "skipped_number": _("An item of a list was kept as a paragraph: its number does not fit the others."),
    "stray_markup": _("Mark-up that has no partner was removed or kept as text."),
    "taken_by_wording": _("These items were taken as commitments because of their wording."),
    "title_only": _("A clause has no text beyond its title: the title is its text."),
    "trailing_text": _("The paragraphs after the last item of a list were taken as its text."),
    "unfinished_paragraph": _("The paragraph ends without a full stop."),
    "unmatched_item": _("An item of a list repeats no clause: it was kept as a paragraph."),
    "unusual_character": _("A character does not belong to the script of the rest. It was left as it is."),
    "variant_title": _("A clause is called by another title here."),
}

ERRORS = {
    "too_large": _("The file is too large. Split it, or ask the operator to raise the limit."),
    "empty": _("The file is empty: it holds no text at all."),
    "html": _("This is an HTML page. Save the text as Markdown or plain text and import that."),
    "not_text": _("This is not a text file. Save the document as plain text in UTF-8 and import that."),
    "not_utf8": _("The file is not in UTF-8, or a part of it is damaged. Save it as UTF-8, or get it again."),
    "no_text": _("The file holds no readable text: only mark-up, rules or comments."),
    "no_commitments": _(
        "No commitment was recognized. Mark each commitment by a heading, or by a list below a heading that names "
        "them, and check the language that you named."
    ),
}

_QUOTED = re.compile("“([^”]+)”")


@dataclass(frozen=True)
class DoubtInWords:
    line: int
    sentence: str
    quoted: str
    """The words of the file that it is about; empty where it quotes none."""


def doubt_in_words(doubt: Doubt) -> DoubtInWords:
    return DoubtInWords(
        doubt.line, str(DOUBTS.get(doubt.code, doubt.message)), " … ".join(_QUOTED.findall(doubt.message))
    )


def error_in_words(error: StrategyFormatError) -> str:
    """Why a file could not be read, and where."""
    words = str(ERRORS.get(error.code, error.message))
    if error.line is None:
        return words
    if error.column is None:
        return gettext("Line %(line)s: %(problem)s") % {"line": error.line, "problem": words}
    where = {"line": error.line, "column": error.column, "problem": words}
    return gettext("Line %(line)s, column %(column)s: %(problem)s") % where
