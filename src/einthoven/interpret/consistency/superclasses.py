"""Superclasses follow their statements: each is the union of its members in PTB-XL."""

from collections.abc import Iterator

from einthoven.interpret.answer import Finding
from einthoven.interpret.consistency.statements import Statements
from einthoven.ptbxl.vocabulary import STATEMENTS, SUPERCLASS_NAMES
from einthoven.text import capitalize

FOLLOWING = ("STTC", "CD", "HYP")
"""Superclasses that follow their statements here; NORM follows the conclusion, MI the infarct pattern."""

_MEMBERS = {
    superclass: tuple(code for code, statement in STATEMENTS.items() if statement.diagnostic_class == superclass)
    for superclass in SUPERCLASS_NAMES
}


def members(statements: Statements, superclass: str) -> Iterator[Finding]:
    """Find the reported statements of a superclass.

    Parameters
    ----------
    statements
        Statements of an answer, by label.
    superclass
        A superclass, such as CD.

    Yields
    ------
    Finding
        A statement of the superclass that is present or possible.
    """
    for label in _MEMBERS[superclass]:
        if (finding := statements.get(label)) and finding.reported:
            yield finding


def follow_statements(findings: Statements, statements: Statements) -> None:
    """State a superclass if one of its statements is stated.

    Parameters
    ----------
    findings
        The superclasses by label, changed in place.
    statements
        Statements of the same answer, by label.
    """
    for superclass in FOLLOWING:
        finding = findings.get(superclass)
        if finding is None or finding.present:
            continue
        reported = list(members(statements, superclass))
        measured = next((member for member in reported if member.present and member.source != "model"), None)
        if measured:
            findings[superclass] = finding._replace(
                present=True, possible=False, source=measured.source, reason=_sentence(measured)
            )
        elif reported and not finding.possible:
            findings[superclass] = finding._replace(possible=True, reason=_sentence(reported[0]))


def _sentence(finding: Finding) -> str:
    return f"{capitalize(finding.title)}."
