from django.utils.translation import gettext_lazy as _

from plenary.kit.manifest import Module

MODULE = Module(
    name="people",
    urls="plenary.people.urls",
    verbs={"role granted": _("role granted")},
)
