"""Pictures of a result as SVG text, ready to stand in a page.

The pictures carry class names and presentation attributes only, no styles and no scripts, so that a page with a strict
content security policy can embed them and its style sheet can recolour them. All words are passed in. Each group has a
mark of its own beside its colour. The same result and words give the same bytes. What a picture shows can be had as
rows too (`profile_rows`, `plot_rows`), for a table beside it.
"""

from .atlas import Atlas, Pin, View, draw_view, make_atlas
from .bar import BarLabels, opinion_bar
from .map import MapLabels, opinion_map
from .plot import PlotLabels, PlotRow, division_consensus_plot, plot_rows
from .profile import ProfileLabels, ProfileRow, group_profile, profile_rows
from .svg import COLOURS, MARKS, text

__all__ = [
    "COLOURS",
    "MARKS",
    "Atlas",
    "BarLabels",
    "MapLabels",
    "Pin",
    "PlotLabels",
    "PlotRow",
    "ProfileLabels",
    "ProfileRow",
    "View",
    "division_consensus_plot",
    "draw_view",
    "group_profile",
    "make_atlas",
    "opinion_bar",
    "opinion_map",
    "plot_rows",
    "profile_rows",
    "text",
]
