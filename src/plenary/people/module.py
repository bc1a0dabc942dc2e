from django.utils.translation import pgettext_lazy

from plenary.kit.manifest import Module

MODULE = Module(
    name="people",
    urls="plenary.people.urls",
    verbs={"role granted": pgettext_lazy("event", "role granted")},
)
