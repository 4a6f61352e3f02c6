"""The walls of the heart that infarct statements name."""

from collections.abc import Mapping

from einthoven.interpret.answer import Finding
from einthoven.interpret.consistency.statements import is_reported
from einthoven.interpret.walls import WALLS_OF_STATEMENT, in_order
from einthoven.ptbxl.vocabulary import NAMES, STATEMENTS

INFARCTS = tuple(code for code, statement in STATEMENTS.items() if statement.diagnostic_class == "MI")
"""Statements of PTB-XL's superclass MI: infarcts of any age, and subendocardial injury."""


def infarct_territory(statements: Mapping[str, Finding]) -> tuple[str, ...]:
    """Return the walls that the reported infarct statements name.

    Parameters
    ----------
    statements
        Statements of an answer, by label.

    Returns
    -------
    tuple of str
        Walls of the present statements if there are any, else of the possible ones: septal, anterior, lateral, inferior
        or posterior.
    """
    reported = [statements[label] for label in INFARCTS if is_reported(statements, label)]
    chosen = [finding for finding in reported if finding.present] or reported
    return in_order({wall for finding in chosen for wall in WALLS_OF_STATEMENT[finding.label]})


def missing_territory_reason(statements: Mapping[str, Finding]) -> str:
    """Return why an infarct pattern has no territory.

    Parameters
    ----------
    statements
        Statements of an answer that reports no infarct statement.

    Returns
    -------
    str
        A sentence with the most probable territory.
    """
    candidates = [f for label in INFARCTS if (f := statements.get(label)) and f.probability is not None]
    if not candidates:
        return "The territory is unclear: the model has no statements about it."
    likeliest = max(candidates, key=lambda finding: finding.probability or 0.0)
    share = f"{NAMES[likeliest.label]} {100 * (likeliest.probability or 0):.0f} %"
    return f"The territory is unclear: none reaches its threshold; the most probable is {share}."
