"""The report of an import: a summary for people, and a table of everything that was left out or changed."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.datasets.imported import REPORT
from einthoven.datasets.stated import Problem
from einthoven.text import enumerate_names


@dataclass(frozen=True)
class ImportReport:
    """Summary of an import."""

    folder: Path
    records: int
    patients: int
    labels: dict[str, int]
    """Records of each label, the most frequent first."""
    folds: str
    """Origin of the folds."""
    problems: Counter[str]
    """Rows of the import report by problem."""
    unmapped: Counter[str]
    ignored: tuple[str, ...] = ()
    """Columns of the table of labels that were not used."""

    def lines(self) -> list[str]:
        """Describe the result for people.

        Returns
        -------
        list of str
            Lines of a text.
        """
        labels = [f"{label} {count:,}" for label, count in self.labels.items()]
        lines = [
            f"{self.folder}: {self.records:,} records of {self.patients:,} patients; {self.folds}.",
            f"{len(labels)} labels: {enumerate_names(labels, 20)}.",
        ]
        if self.ignored:
            lines.append(f"Columns that were not used: {enumerate_names(self.ignored)}.")
        if self.unmapped:
            codes = [f"{code} ({count:,})" for code, count in self.unmapped.most_common()]
            lines.append(f"Codes that the mapping lacks: {enumerate_names(codes, 20)}.")
        if self.problems:
            kinds = ", ".join(f"{kind} {count:,}" for kind, count in self.problems.most_common())
            lines.append(f"{self.folder / REPORT} lists: {kinds}.")
        return lines


def write_report(path: Path, problems: Iterable[Problem]) -> None:
    """Write the import report.

    Parameters
    ----------
    path
        The new file.
    problems
        Rows of the report.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Problem._fields)
        writer.writerows(problems)


def nothing_imported(problems: Sequence[Problem]) -> str:
    """Return the reason why no recording was imported.

    Parameters
    ----------
    problems
        Problems that were found.

    Returns
    -------
    str
        A sentence.
    """
    kinds = ", ".join(
        f"{kind} {count:,}" for kind, count in Counter(problem.problem for problem in problems).most_common()
    )
    first = f" First: {problems[0].source}: {problems[0].detail}" if problems else ""
    return f"no recording can be imported ({kinds or 'none found'}).{first}"
