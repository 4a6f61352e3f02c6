"""Name and origin of a data set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DatasetFacts:
    """Name, origin and licence of a data set."""

    name: str
    identity: str
    """Unique name of the set; for an imported set, with a digest of its content."""
    citation: str = ""
    licence: str = ""
    imported: bool = True
    """Whether `einthoven data import` made the set; otherwise it is PTB-XL, or simulated in its layout."""

    @property
    def source(self) -> str:
        """Name, citation and licence in one line."""
        return ", ".join(text for text in (self.name, self.citation, self.licence) if text)

    def is_foreign_to(self, trained_on: Mapping[str, Any]) -> bool:
        """Return whether a model was trained on another data set.

        Parameters
        ----------
        trained_on
            Facts about the training data from the model's run or card.

        Returns
        -------
        bool
            True if the identities of the sets differ.
        """
        return bool(trained_on.get("set", PTB_XL.identity) != self.identity)


PTB_XL = DatasetFacts("PTB-XL", "PTB-XL", "Wagner et al. 2020, Scientific Data 7:154", "CC BY 4.0", imported=False)
