"""Mappings: from the codes of a data set (SNOMED CT, AHA, SCP or its own) to Einthoven's labels."""

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.text import split_list

SHIPPED = Path(__file__).parent / "mappings"
_SEPARATORS = ";|"
_KEYS = {"source", "extends", "superclasses", "codes"}
_MAX_LABEL = 60


class Entry(NamedTuple):
    """Meaning of one code."""

    labels: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Labels that are neither stated nor ruled out by the code."""


class Mapped(NamedTuple):
    """The labels of one recording."""

    labels: frozenset[str]
    unknown: frozenset[str]
    unmapped: tuple[str, ...]
    """Stated codes that the mapping does not have."""


@dataclass(frozen=True)
class LabelMapping:
    """Maps codes to labels."""

    entries: Mapping[str, Entry] | None = None
    """Entries by code. If None, every code is a label of the same name."""
    superclasses: bool = False
    """Whether a statement also counts as its diagnostic superclass (IMI as MI)."""
    source: str = ""
    """Origin of the mapping, in words."""

    def apply(self, codes: Iterable[str], unknown_codes: Iterable[str] = ()) -> Mapped:
        """Map the codes of one recording.

        Parameters
        ----------
        codes
            The stated codes.
        unknown_codes
            Codes for which the data set does not state whether they apply.

        Returns
        -------
        Mapped
            Labels of the recording. A label that one code states is known, regardless of the other codes.
        """
        stated = sorted(codes)
        entries = {code: self._entry(code) for code in stated}
        labels = {label for entry in entries.values() if entry for label in entry.labels}
        unknown = {label for entry in entries.values() if entry for label in entry.unknown}
        unknown |= {label for code in unknown_codes if (entry := self._entry(code)) for label in entry.labels}
        if self.superclasses:
            labels |= _superclasses(labels)
            unknown |= _superclasses(unknown)
        unmapped = tuple(code for code, entry in entries.items() if entry is None)
        return Mapped(frozenset(labels), frozenset(unknown - labels), unmapped)

    def _entry(self, code: str) -> Entry | None:
        return Entry((code,)) if self.entries is None else self.entries.get(code)


def mapping_names() -> list[str]:
    """Return the names of the mappings that come with the package.

    Returns
    -------
    list of str
        Names in alphabetical order.
    """
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read_mapping(name_or_path: str | Path) -> LabelMapping:
    """Read a mapping.

    Parameters
    ----------
    name_or_path
        Name of a shipped mapping, or a TOML or CSV file. docs/how-to/own-data.md has the format.

    Returns
    -------
    LabelMapping
        Mapping, checked.

    Raises
    ------
    EinthovenError
        If there is no such mapping, or it has another format.
    """
    if str(name_or_path) in mapping_names():
        name_or_path = SHIPPED / f"{name_or_path}.toml"
    path = Path(name_or_path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        names = ", ".join(mapping_names())
        raise EinthovenError(f"there is no such file, and no mapping of that name ({names}).", path) from None
    except UnicodeDecodeError:
        raise EinthovenError("is not UTF-8 text; save the mapping as TOML or CSV in UTF-8.", path) from None
    except OSError as error:
        raise explain(error, path) from error
    if path.suffix.lower() == ".csv":
        return LabelMapping(_csv_entries(text, path))
    try:
        return mapping_from_facts(tomllib.loads(text), path)
    except tomllib.TOMLDecodeError as error:
        raise EinthovenError(f"is not a TOML file ({error}).", path) from None


def mapping_from_facts(facts: Mapping[str, Any], path: Path) -> LabelMapping:
    """Return the mapping that a TOML file describes.

    Parameters
    ----------
    facts
        Content of the file.
    path
        Path of the file, for errors.

    Returns
    -------
    LabelMapping
        Mapping with the codes of `extends`, replaced or completed by those of `codes`.

    Raises
    ------
    EinthovenError
        If a key is unknown or a value is of another kind.
    """
    if wrong := sorted(set(facts) - _KEYS):
        raise EinthovenError(f"has the key {wrong[0]!r}; a mapping has {', '.join(sorted(_KEYS))}.", path)
    codes, base = facts.get("codes", {}), facts.get("extends")
    parent = read_mapping(str(base)) if base else LabelMapping()
    superclasses = facts.get("superclasses", parent.superclasses)
    if not isinstance(codes, dict) or not isinstance(superclasses, bool):
        raise EinthovenError("needs a table [codes], and true or false for superclasses.", path)
    own = {code: _entry(value, code, path) for code, value in codes.items()}
    entries = {**(parent.entries or {}), **own} if own or parent.entries else None
    return LabelMapping(entries, superclasses, str(facts.get("source", parent.source)))


def check_label(label: str, where: str | Path) -> str:
    """Check that a text can be the name of a label, and return it.

    Parameters
    ----------
    label
        Any text.
    where
        The file that has it, for errors.

    Returns
    -------
    str
        The name, unchanged.

    Raises
    ------
    EinthovenError
        If it is empty, longer than 60 characters or not printable.
    """
    if not (label.strip() == label and 0 < len(label) <= _MAX_LABEL and label.isprintable()):
        raise EinthovenError(
            f"{label[:_MAX_LABEL]!r} cannot be a label; use 1 to {_MAX_LABEL} printable characters.", where
        )
    return label


def _superclasses(labels: Iterable[str]) -> set[str]:
    return {STATEMENTS[label].diagnostic_class for label in labels if label in STATEMENTS} - {""}


def _entry(value: Any, code: str, path: Path) -> Entry:
    """Return the meaning of a code: a label, a list of labels, or a table with `labels` and `unknown`."""
    table = value if isinstance(value, dict) else {"labels": value}
    lists = [[item] if isinstance(item, str) else item for item in (table.get("labels", []), table.get("unknown", []))]
    if set(table) - {"labels", "unknown"} or not all(
        isinstance(items, list) and all(isinstance(item, str) for item in items) for items in lists
    ):
        raise EinthovenError(
            f"maps {code!r} to {value!r}; give a label, a list of labels, or {{ labels = [...], unknown = [...] }}.",
            path,
        )
    return Entry(*(_checked(items, path) for items in lists))


def _csv_entries(text: str, path: Path) -> dict[str, Entry]:
    rows = csv.DictReader(text.splitlines())
    if not {"code", "label"} <= set(rows.fieldnames or ()):
        raise EinthovenError("needs the columns code and label (and may have unknown).", path)
    entries = dict[str, Entry]()
    for row in rows:
        code = (row["code"] or "").strip()
        found = [_checked(split_list(row.get(name) or "", _SEPARATORS), path) for name in ("label", "unknown")]
        before = entries.get(code, Entry())
        entries[code] = Entry(before.labels + found[0], before.unknown + found[1])
    return entries


def _checked(labels: Iterable[str], path: Path) -> tuple[str, ...]:
    return tuple(check_label(label, path) for label in labels)
