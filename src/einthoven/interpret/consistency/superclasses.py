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
        Of an answer.
    superclass
        Such as CD.

    Yields
    ------
    Finding
        Present or possible.
    """
    for label in _MEMBERS[superclass]:
        if (finding := statements.get(label)) and finding.reported:
            yield finding


def follow_statements(findings: Statements, statements: Statements) -> None:
    """State a superclass if one of its statements is stated.

    Parameters
    ----------
    findings
        The superclasses, changed in place.
    statements
        Of the same answer.
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
