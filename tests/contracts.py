"""The contract of the layers for import-linter, read from the list of modules, so that no second list is kept."""

from __future__ import annotations

from typing import Any

from importlinter.contracts.layers import LayersContract

from plenary.site.modules import LAYERS


class ModuleLayers(LayersContract):
    """Modules import downwards only: ``site`` on top, ``kit`` at the bottom, the modules between them."""

    type_name = "modules"

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        pile = [" | ".join(f"plenary.{module}" for module in layer) for layer in reversed(LAYERS)]
        layers = ["plenary.site", *pile, "plenary.kit"]
        super().__init__(name, session_options, contract_options | {"layers": layers})
