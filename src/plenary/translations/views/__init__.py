from .exchange import export, import_file
from .machine import ask_machine
from .work import one, overview, work

__all__ = ["ask_machine", "export", "import_file", "one", "overview", "work"]
