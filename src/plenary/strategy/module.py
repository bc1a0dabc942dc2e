from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Edge, Kind, Module, Navigation, Slot

MODULE = Module(
    name="strategy",
    urls="plenary.strategy.urls",
    desk="plenary.strategy.desk.desk",
    kinds=(
        Kind(
            "strategy",
            "STR",
            _("Strategy"),
            _("Strategies"),
            page="plenary.strategy.permalinks.strategy_page",
            data="plenary.strategy.permalinks.strategy_data",
        ),
        Kind(
            "clause",
            "CLA",
            _("Clause"),
            _("Clauses"),
            page="plenary.strategy.permalinks.clause_page",
            data="plenary.strategy.permalinks.clause_data",
            state="plenary.strategy.permalinks.clause_state",
        ),
        Kind(
            "version",
            "VER",
            _("Version"),
            _("Versions"),
            page="plenary.strategy.permalinks.version_page",
            data="plenary.strategy.permalinks.version_data",
        ),
        Kind(
            "change",
            "CHG",
            pgettext_lazy("record", "Change"),
            _("Changes"),
            page="plenary.strategy.permalinks.change_page",
            data="plenary.strategy.permalinks.change_data",
        ),
    ),
    navigation=(Navigation(_("Strategy"), "strategies", order=10),),
    slots=(
        Slot("site.home", "strategy/_home_title.html", "plenary.strategy.slots.home_title", order=10),
        Slot("site.home", "strategy/_home_goal.html", "plenary.strategy.slots.home_goal", order=30),
        Slot("site.home", "strategy/_home_changes.html", "plenary.strategy.slots.home_changes", order=50),
    ),
    edges=(
        Edge("change-clause", "plenary.strategy.queries.edges_change_to_clause", _("changed the clause")),
        Edge("change-version", "plenary.strategy.queries.edges_change_to_version", _("came into force with")),
    ),
    verbs={
        "adopted": _("adopted"),
        "proposed": _("proposed"),
        "searched for evidence against": _("searched for evidence against"),
        "reviewed": _("reviewed"),
        "accepted": _("accepted"),
        "rejected": _("rejected"),
        "incorporated": _("came into force"),
        "added": _("added"),
        "edited": _("given new words"),
        "moved": _("moved"),
        "removed": _("removed"),
        "reviewed without a change": _("reviewed without a change"),
    },
)
