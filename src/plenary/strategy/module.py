from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Edge, Kind, Module, Navigation, Slot

MODULE = Module(
    name="strategy",
    urls="plenary.strategy.urls",
    api="plenary.strategy.api.router",
    desk="plenary.strategy.desk.desk",
    texts="plenary.strategy.queries.texts",
    translators="strategy.rules.may_translate",
    parts={
        "title": pgettext_lazy("part of a record", "title"),
        "text": pgettext_lazy("part of a record", "text"),
        "rationale": pgettext_lazy("part of a record", "reasons for a change"),
        "reason": pgettext_lazy("part of a record", "reason of a decision"),
    },
    kinds=(
        Kind(
            "strategy",
            "STR",
            _("Strategy"),
            _("Strategies"),
            page="plenary.strategy.permalinks.strategy_page",
            data="plenary.strategy.permalinks.strategy_data",
            schema="plenary.strategy.api.Strategy",
        ),
        Kind(
            "clause",
            "CLA",
            _("Clause"),
            _("Clauses"),
            page="plenary.strategy.permalinks.clause_page",
            data="plenary.strategy.permalinks.clause_data",
            schema="plenary.strategy.api.Clause",
            state="plenary.strategy.permalinks.clause_state",
        ),
        Kind(
            "version",
            "VER",
            _("Version"),
            _("Versions"),
            page="plenary.strategy.permalinks.version_page",
            data="plenary.strategy.permalinks.version_data",
            schema="plenary.strategy.api.Version",
        ),
        Kind(
            "change",
            "CHG",
            pgettext_lazy("record", "Change"),
            _("Changes"),
            page="plenary.strategy.permalinks.change_page",
            data="plenary.strategy.permalinks.change_data",
            schema="plenary.strategy.api.Change",
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
        "adopted": pgettext_lazy("event", "adopted"),
        "proposed": pgettext_lazy("event", "proposed"),
        "searched for evidence against": pgettext_lazy("event", "searched for evidence against"),
        "reviewed": pgettext_lazy("event", "reviewed"),
        "accepted": pgettext_lazy("event", "accepted"),
        "rejected": pgettext_lazy("event", "rejected"),
        "withdrawn": pgettext_lazy("event", "withdrawn"),
        "incorporated": pgettext_lazy("event", "came into force"),
        "added": pgettext_lazy("event", "added"),
        "edited": pgettext_lazy("event", "given new words"),
        "moved": pgettext_lazy("event", "moved"),
        "removed": pgettext_lazy("event", "removed"),
        "reviewed without a change": pgettext_lazy("event", "reviewed without a change"),
    },
)
