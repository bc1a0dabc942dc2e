"""Themes of statements and open answers. Needs scikit-learn, which is imported where it is used.

Examples
--------
>>> from opinion.text import find_themes
>>> find_themes({}).themes
()
"""

from .space import load_embedding
from .telling import describe, texts_of, with_votes
from .themes import GroupStand, Part, Theme, Themes, find_themes

__all__ = [
    "GroupStand",
    "Part",
    "Theme",
    "Themes",
    "describe",
    "find_themes",
    "load_embedding",
    "texts_of",
    "with_votes",
]
