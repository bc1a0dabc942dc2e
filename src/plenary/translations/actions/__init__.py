"""Every write of translations."""

from .importing import Imported, import_units, keep_file
from .machine import ask_machine, run_machine
from .translating import Meanwhile, translate

__all__ = [
    "Imported",
    "Meanwhile",
    "ask_machine",
    "import_units",
    "keep_file",
    "run_machine",
    "translate",
]
