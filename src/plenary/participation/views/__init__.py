from .attributes import about_you, audience
from .consultations import consultations, new_consultation, terms
from .embedding import embed, embed_line
from .managing import manage_consultation
from .mine import mine
from .moderation import moderation
from .paper import paper
from .reach import gaps, reach, reach_csv
from .statements import statement, statements
from .voting import consultation
from .writing import write_statement

__all__ = [
    "about_you",
    "audience",
    "consultation",
    "consultations",
    "embed",
    "embed_line",
    "gaps",
    "manage_consultation",
    "mine",
    "moderation",
    "new_consultation",
    "paper",
    "reach",
    "reach_csv",
    "statement",
    "statements",
    "terms",
    "write_statement",
]
