"""The part of a bundle that only a port to another language uses: gate.json and placement.onnx."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from einthoven.errors import EinthovenError
from einthoven.model.bundle_files import CARD, GATE, PLACEMENT
from einthoven.model.port.limits import Gate
from einthoven.onnx_session import load_session

if TYPE_CHECKING:
    from einthoven.signal.electrodes.network import PlacementNetwork


@dataclass(frozen=True)
class Port:
    """Gate and placement network that decide if a port may answer."""

    gate: Gate
    content: bytes = field(repr=False)
    """Content of placement.onnx."""
    folder: Path

    @classmethod
    def of_files(cls, files: Mapping[str, bytes], folder: Path) -> Self | None:
        """Return the port of a bundle's files, after checking the gate.

        Parameters
        ----------
        files
            Contents by name.
        folder
            Folder of the bundle, for errors.

        Returns
        -------
        Port or None
            Port of the bundle; None without a gate, as in bundles of earlier releases.

        Raises
        ------
        EinthovenError
            If the gate is damaged or of another format, or the card does not name placement.onnx.
        """
        if GATE not in files:
            return None
        if PLACEMENT not in files:
            raise EinthovenError(f"names {GATE} but not {PLACEMENT}; export the bundle again.", folder / CARD)
        return cls(Gate.parse(files[GATE], folder / GATE), files[PLACEMENT], folder)

    @cached_property
    def placement(self) -> "PlacementNetwork":
        """The network that detects exchanged electrodes; EinthovenError if it is not one."""
        from einthoven.signal.electrodes.network import (  # needs SciPy, unlike results and cards
            AFTER,
            BEFORE,
            INDEPENDENT,
            INPUT,
            OUTPUT,
            PlacementNetwork,
        )

        exchanges, path = self.gate.exchanges, self.folder / PLACEMENT
        session = load_session(self.content, path)
        nodes = [*session.get_inputs(), *session.get_outputs()]
        expected = [(INPUT, [len(INDEPENDENT), BEFORE + AFTER]), (OUTPUT, [len(exchanges)])]
        if [(node.name, node.shape[1:]) for node in nodes] != expected:
            count = len(exchanges)
            raise EinthovenError(f"does not map median beats to {count} exchanges; get the bundle again.", path)
        return PlacementNetwork(exchanges, self.gate.limits.exchange, session)
