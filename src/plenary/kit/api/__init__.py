"""What every operation of the API is made of. A module's ``api.py`` imports from here; ``site/api.py`` assembles.

Reading goes through the modules' queries with ``request.user``, writing through their actions, as in views.
"""

from .paging import Listing, SortedListing, listed
from .routers import Bearer, Invalid, Router
from .schemas import (
    Date,
    DateTime,
    Day,
    Input,
    Line,
    Moment,
    Output,
    Paged,
    Problem,
    RecordFields,
    RecordRow,
    Reference,
    Said,
    Words,
)

__all__ = [
    "Bearer",
    "Date",
    "DateTime",
    "Day",
    "Input",
    "Invalid",
    "Line",
    "Listing",
    "Moment",
    "Output",
    "Paged",
    "Problem",
    "RecordFields",
    "RecordRow",
    "Reference",
    "Router",
    "Said",
    "SortedListing",
    "Words",
    "listed",
]
