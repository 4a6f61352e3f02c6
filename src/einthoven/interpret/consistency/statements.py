"""Statements as the rules of consistency change them: one at a time, the model's probability always kept."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from einthoven.interpret.answer import Finding, FindingSource
from einthoven.ptbxl.vocabulary import NAMES

Statements = dict[str, Finding]
"""By label, in the order of the answer."""


class Ruling(NamedTuple):
    """What a measurement, a criterion or the rhythm decides about a statement."""

    label: str
    present: bool
    source: FindingSource
    reason: str
    """With the measured value and its limit."""
    possible: bool = False
    name: str | None = None
    """Of a label that no model has."""


def by_label(findings: Iterable[Finding]) -> Statements:
    """Return findings by label.

    Parameters
    ----------
    findings
        Of an answer.

    Returns
    -------
    dict
        In their order.
    """
    return {finding.label: finding for finding in findings}


def apply_ruling(statements: Statements, ruling: Ruling) -> None:
    """Apply a ruling to the statements of an answer.

    Parameters
    ----------
    statements
        Changed in place: the statement keeps its probability; one that the model does not have is added if reported.
    ruling
        About one statement.
    """
    known = statements.get(ruling.label)
    if known is None:
        if not (ruling.present or ruling.possible):
            return
        known = Finding(ruling.label, ruling.name or NAMES[ruling.label], None, present=False, threshold=None)
    statements[ruling.label] = known._replace(
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
        Changed in place.
    label
        Of a statement; nothing happens if it is not reported.
    reason
        A sentence.
    source
        What excludes it.
    """
    if is_reported(statements, label):
        finding = statements[label]
        statements[label] = finding._replace(present=False, possible=False, source=source, reason=reason)


def weaken(statements: Statements, label: str, reason: str, source: FindingSource = "criteria") -> None:
    """State that a statement is possible at most.

    Parameters
    ----------
    statements
        Changed in place.
    label
        Of a statement; nothing happens if it is not present.
    reason
        A sentence.
    source
        What speaks against it.
    """
    finding = statements.get(label)
    if finding and finding.present:
        statements[label] = finding._replace(present=False, possible=True, source=source, reason=reason)


def is_reported(statements: Mapping[str, Finding], label: str) -> bool:
    """Return whether a statement is present or possible.

    Parameters
    ----------
    statements
        Of an answer.
    label
        Of a statement.

    Returns
    -------
    bool
        False for a label that is not among them.
    """
    finding = statements.get(label)
    return finding is not None and finding.reported


def is_present(statements: Mapping[str, Finding], label: str) -> bool:
    """Return whether a statement is present.

    Parameters
    ----------
    statements
        Of an answer.
    label
        Of a statement.

    Returns
    -------
    bool
        False for a label that is not among them.
    """
    finding = statements.get(label)
    return finding is not None and finding.present
