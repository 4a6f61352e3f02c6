"""Facts stated about recordings, and the matching of rows to recordings."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple


class Problem(NamedTuple):
    """A row of the import report."""

    source: str
    """The recording, as the set names it; "" if it is about none."""
    problem: str
    """A stable word, such as `unreadable`."""
    detail: str
    """A sentence."""


@dataclass(frozen=True)
class Stated:
    """Facts stated about one recording."""

    codes: frozenset[str]
    unknown: frozenset[str] = frozenset()
    """Codes for which it is not stated whether they apply."""
    patient: str = ""
    fold: int | None = None
    age: float | None = None
    sex: int | None = None
    """0 male, 1 female."""


@dataclass(frozen=True)
class StatedTable:
    """The rows of a table of labels."""

    rows: dict[str, Stated]
    """Facts by the name of the file in the table."""
    problems: list[Problem] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    """Columns that are neither of a role nor labels of 0 and 1."""


def match_files(table: StatedTable, sources: Sequence[str]) -> tuple[dict[str, Stated], list[Problem]]:
    """Find the recording that each row of a table is about.

    Parameters
    ----------
    table
        Names files by their path or the end of it, with or without ending.
    sources
        Paths of the recordings below the folder, with `/`.

    Returns
    -------
    rows : dict
        Stated facts by source.
    problems : list of Problem
        Rows without a recording, with several, and recordings without a row.
    """
    by_name = defaultdict[str, list[str]](list)
    for source in sources:
        path = PurePosixPath(source)
        for name in {source, str(path.with_suffix("")), path.name, path.stem}:
            by_name[name].append(source)
    rows, problems = dict[str, Stated](), list[Problem]()
    for name, stated in table.rows.items():
        found = _candidates(name, by_name)
        exact = [source for source in found if source == name]
        if len(exact or found) != 1:
            problem = Problem(name, "ambiguous-name", f"Recordings of this name: {', '.join(sorted(found)[:3])}.")
            problems.append(
                problem if found else Problem(name, "no-recording", "The table names a file that is not there.")
            )
        elif (source := (exact or found)[0]) in rows and rows[source] != stated:
            problems.append(Problem(name, "contradictory-rows", f"Another row is about {source} too and counts."))
        else:
            rows[source] = stated
    unlabelled = [source for source in sources if source not in rows]
    problems += [Problem(source, "no-labels", "The table has no usable row for it.") for source in unlabelled]
    return rows, problems


def _candidates(name: str, by_name: dict[str, list[str]]) -> list[str]:
    """Return the recordings that a table's name fits: the whole of it, or else without its first folders."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    tails = ("/".join(parts[at:]) for at in range(len(parts)))
    return next((by_name[tail] for tail in tails if tail in by_name), [])
