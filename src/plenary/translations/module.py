from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Module, Navigation, Slot

MODULE = Module(
    name="translations",
    urls="plenary.translations.urls",
    desk="plenary.translations.desk.desk",
    navigation=(
        Navigation(
            _("Translations"),
            "translations",
            order=90,
            roles=("contributor", "approver", "desk", "administrator"),
        ),
    ),
    slots=(Slot("text.translated", "translations/_correct.html", "plenary.translations.slots.correct"),),
    verbs={
        "translated": pgettext_lazy("event", "translated"),
        "translations imported": pgettext_lazy("event", "translations imported"),
        "machine translation asked for": pgettext_lazy("event", "machine translation asked for"),
        "machine translation ended": pgettext_lazy("event", "machine translation ended"),
    },
)
