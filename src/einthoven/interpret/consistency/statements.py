"""Change statements by the rules of consistency: one at a time; the model's probability is always kept."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from einthoven.interpret.answer import Finding, FindingSource
from einthoven.ptbxl.vocabulary import NAMES

Statements = dict[str, Finding]
"""Statements by label, in the order of the answer."""


class Ruling(NamedTuple):
    """Decision of a measurement, a criterion or the rhythm about a statement."""

    label: str
    present: bool
    source: FindingSource
    reason: str
    """Sentence with the measured value and its limit."""
    possible: bool = False
    name: str | None = None
    """Name of a label that no model has."""


def by_label(findings: Iterable[Finding]) -> Statements:
    """Return findings by label.

    Parameters
    ----------
    findings
        Findings of an answer.

    Returns
    -------
    dict
        Findings by label, in their order.
    """
    return {finding.label: finding for finding in findings}


def apply_ruling(statements: Statements, ruling: Ruling) -> None:
    """Apply a ruling to the statements of an answer.

    Parameters
    ----------
    statements
        Statements by label, changed in place: a statement keeps its probability; one that the model lacks is added if
        reported.
    ruling
        Decision about one statement.
    """
    finding = statements.get(ruling.label)
    if finding is None:
        if not (ruling.present or ruling.possible):
            return
        finding = Finding(ruling.label, ruling.name or NAMES[ruling.label], None, present=False, threshold=None)
    statements[ruling.label] = finding._replace(
        present=ruling.present,
        possible=ruling.possible and not ruling.present,
        source=ruling.source,
        reason=ruling.reason,
    )


def retract(statements: Statements, label: str, reason: str, source: FindingSource = "criteria") -> None:
    """State that a statement is neither present nor possible, because another one excludes it.

    Parameters
    ----------
    statements
        Statements by label, changed in place.
    label
        Label of a statement; a statement that is not reported is left unchanged.
    reason
        A sentence.
    source
        Source of the exclusion.
    """
    if is_reported(statements, label):
        finding = statements[label]
        statements[label] = finding._replace(present=False, possible=False, source=source, reason=reason)


def weaken(statements: Statements, label: str, reason: str, source: FindingSource = "criteria") -> None:
    """State that a statement is possible at most.

    Parameters
    ----------
    statements
        Statements by label, changed in place.
    label
        Label of a statement; a statement that is not present is left unchanged.
    reason
        A sentence.
    source
        Source of the reason.
    """
    finding = statements.get(label)
    if finding and finding.present:
        statements[label] = finding._replace(present=False, possible=True, source=source, reason=reason)


def is_reported(statements: Mapping[str, Finding], label: str) -> bool:
    """Return whether a statement is present or possible.

    Parameters
    ----------
    statements
        Statements of an answer, by label.
    label
        Label of a statement.

    Returns
    -------
    bool
        False for a label without a statement.
    """
    finding = statements.get(label)
    return finding is not None and finding.reported


def is_present(statements: Mapping[str, Finding], label: str) -> bool:
    """Return whether a statement is present.

    Parameters
    ----------
    statements
        Statements of an answer, by label.
    label
        Label of a statement.

    Returns
    -------
    bool
        False for a label without a statement.
    """
    finding = statements.get(label)
    return finding is not None and finding.present
