from plenary.kit.manifest import Consumer, Module, Slot

MODULE = Module(
    name="reports",
    urls="plenary.reports.urls",
    api="plenary.reports.api.router",
    consumers=(Consumer("reports.news", "plenary.reports.news.tell_steps"),),
    slots=(
        Slot("record.footer", "reports/_record_footer.html", "plenary.reports.slots.record_footer"),
        Slot("record.follow", "reports/_follow.html", "plenary.reports.slots.follow"),
        Slot("participation.outcome", "reports/_outcome.html", "plenary.reports.slots.outcome"),
        Slot("participation.outcomes", "reports/_outcomes.html", "plenary.reports.slots.outcomes"),
        Slot("insight.finding", "reports/_finding.html", "plenary.reports.slots.finding"),
    ),
)
