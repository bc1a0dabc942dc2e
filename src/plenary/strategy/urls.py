from django.urls import path, register_converter

from .converters import LocalReference
from .views import adopting, changing, importing, reading

register_converter(LocalReference, "local")

urlpatterns = [
    path("strategies", reading.strategy_list, name="strategies"),
    path("strategies/import", importing.import_strategy, name="strategy-import"),
    path("strategies/<str:strategy>", reading.reader, name="strategy"),
    path("strategies/<str:strategy>/compare", reading.compare, name="strategy-compare"),
    path("strategies/<str:strategy>/changes", changing.change_list, name="strategy-changes"),
    path("strategies/<str:strategy>/adopt", adopting.adopt, name="strategy-adopt"),
    path("strategies/<str:strategy>/<local:local>", reading.clause, name="clause"),
    path("changes/new", changing.propose, name="change-propose"),
    path("changes/<str:reference>", changing.change, name="change"),
    path("changes/<str:reference>/evidence", changing.evidence, name="change-evidence"),
    path("changes/<str:reference>/source", changing.outside_source, name="change-source"),
    path("changes/<str:reference>/search", changing.counter_search, name="change-search"),
    path("changes/<str:reference>/review", changing.review, name="change-review"),
    path("changes/<str:reference>/accept", changing.accept, name="change-accept"),
    path("changes/<str:reference>/withdraw", changing.withdraw, name="change-withdraw"),
    path("changes/<str:reference>/reject", changing.reject, name="change-reject"),
]
