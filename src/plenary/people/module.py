from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Module, Navigation

MODULE = Module(
    name="people",
    urls="plenary.people.urls",
    api="plenary.people.api.router",
    bearer="plenary.people.api.bearer",
    navigation=(Navigation(_("People and roles"), "roles", order=90, roles=("administrator",)),),
    ticks=("plenary.people.actions.tick_news",),
    verbs={
        "role granted": pgettext_lazy("event", "role granted"),
        "role withdrawn": pgettext_lazy("event", "role withdrawn"),
        "invited": pgettext_lazy("event", "invited to a role"),
        "invitation withdrawn": pgettext_lazy("event", "invitation withdrawn"),
        "invitation accepted": pgettext_lazy("event", "invitation accepted"),
    },
)
