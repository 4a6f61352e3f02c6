"""Public data sets that Einthoven knows by name: address, licence, citation, and mapping of labels."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from einthoven.datasets.mapping import LabelMapping, mapping_from_facts
from einthoven.errors import EinthovenError
from einthoven.ptbxl.download import MARK, Publication

KNOWN = Path(__file__).parent / "known"


@dataclass(frozen=True)
class KnownSet:
    """A public data set."""

    name: str
    title: str
    url: str
    """URL of the folder with SHA256SUMS.txt, or of a page about the set if it cannot be downloaded here."""
    part: str
    """The folder below `url` that holds the set."""
    records: int
    licence: str
    citation: str
    header_field: str | None
    """The field of the headers that states the codes; None if the headers state none."""
    mapping: LabelMapping
    patient_folders: bool
    """Whether the folder of a recording names its patient."""
    by_hand: str
    """Instructions to get the set if `einthoven data get` cannot; otherwise ""."""
    note: str

    def __str__(self) -> str:
        """One line for people."""
        hint = f" Not downloaded: {self.by_hand}." if self.by_hand else ""
        note = f" {self.note}" if self.note else ""
        return f"{self.name}: {self.title}, {self.records:,} records, {self.licence}; {self.citation}.{note}{hint}"

    @property
    def publication(self) -> Publication:
        """The set as an argument of `download`."""
        return Publication(self.title, self.url, self.part, MARK + self.name)


def known_names() -> list[str]:
    """Return the names of the known data sets, except PTB-XL.

    Returns
    -------
    list of str
        Names in alphabetical order.
    """
    return sorted(path.stem for path in KNOWN.glob("*.toml"))


def known_set(name: str) -> KnownSet:
    """Return a known data set.

    Parameters
    ----------
    name
        Name of the set: one of `known_names`.

    Returns
    -------
    KnownSet
        The content of its file.

    Raises
    ------
    EinthovenError
        If there is none of this name.
    """
    if name not in known_names():
        raise EinthovenError(f"There is no data set {name!r}; choose one of ptb-xl, {', '.join(known_names())}.")
    path = KNOWN / f"{name}.toml"
    facts = tomllib.loads(path.read_text(encoding="utf-8"))
    return KnownSet(
        name=name,
        title=facts["title"],
        url=facts["url"],
        part=facts.get("part", ""),
        records=facts["records"],
        licence=facts["licence"],
        citation=facts["citation"],
        header_field=facts.get("header_field"),
        mapping=mapping_from_facts(facts.get("mapping", {}), path),
        patient_folders=facts.get("patient_folders", False),
        by_hand=facts.get("by_hand", ""),
        note=facts.get("note", ""),
    )
