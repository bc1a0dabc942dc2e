"""The modules from the bottom up: each may import those on lines before its own; those on one line are strangers.

Adding a module edits this list and no other: the settings, the import contracts and the tests read it.
"""

LAYERS = (
    ("records",),
    ("people",),
    ("meetings",),
    ("strategy",),
    ("translations",),
    ("participation", "delivery"),
    ("insight",),
    ("reports",),
)
