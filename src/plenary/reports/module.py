from plenary.kit.manifest import Module, Slot

MODULE = Module(
    name="reports",
    urls="plenary.reports.urls",
    api="plenary.reports.api.router",
    slots=(
        Slot("record.footer", "reports/_record_footer.html", "plenary.reports.slots.record_footer"),
        Slot("record.follow", "reports/_follow.html", "plenary.reports.slots.follow"),
        Slot("insight.finding", "reports/_finding.html", "plenary.reports.slots.finding"),
    ),
)
