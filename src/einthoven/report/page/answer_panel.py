"""The column with critical values, the answers about an infarct, rhythm, conclusion, ST segment and criteria."""

from collections.abc import Iterator, Sequence

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import InfarctPattern
from einthoven.interpret.interpretation import Interpretation
from einthoven.recording import LEADS
from einthoven.report.answer_text import (
    ACUTE_QUESTION,
    CRITICAL,
    INFARCT_QUESTION,
    acute_facts,
    acute_text,
    conclusion_parts,
    criterion_text,
    critical_text,
    infarct_text,
    rhythm_text,
    sentence,
)
from einthoven.report.clinical_order import sections
from einthoven.report.comparison_text import comparison_heading
from einthoven.report.page.drawing import Box
from einthoven.report.page.font import wrapped
from einthoven.report.page.text_column import GREY, NOTE_SIZE, TEXT_SIZE, TextColumn
from einthoven.report.st_table import LIMIT_NOTE, POINTS, format_mv, st_table
from einthoven.report.summary import (
    format_rare_percent,
)
from einthoven.text import printable

RED = "#b3261e"
_COLOURS = {"rule-in": RED, "undecided": "#a87900", "rule-out": "#5b6b7b"}
_NOT_INTERPRETED = "#333333"
_GUTTER = 27.0
"""Width of the column of questions, in mm."""
_ANSWER_SIZE, _LINE_SIZE = 3.6, 3.0  # mm
ST_HEIGHT = 15.5
"""Height of the ST table, in mm."""
_ST_FIRST = 11.0  # mm, of the names of its points
_MAX_CRITICAL, _MAX_CONCLUSION_LINES = 4, 4


def answer_panel(column: TextColumn, interpretation: Interpretation) -> None:
    """Fill a column with critical values, the answers about an infarct, rhythm and conclusion.

    Parameters
    ----------
    column
        The column.
    interpretation
        Reasons replace the answers if it abstains.
    """
    critical = interpretation.critical
    for value in critical[:_MAX_CRITICAL]:
        top = column.y
        column.labelled(CRITICAL, critical_text(value), _GUTTER, _LINE_SIZE, RED)
        _stroke(column, top, RED)
    if (more := len(critical) - _MAX_CRITICAL) > 0:
        column.labelled("", f"and {more} more critical value{'s' * (more > 1)}", _GUTTER, NOTE_SIZE, RED)
    column.space(0.8 if critical else 0)
    conclusion, why = ("", "") if interpretation.abstained else conclusion_parts(interpretation)
    lines = wrapped(why, NOTE_SIZE, column.width - _GUTTER)
    reserved = 1.32 * (_LINE_SIZE + NOTE_SIZE * min(len(lines), _MAX_CONCLUSION_LINES)) + 0.7
    column.bottom -= reserved
    if interpretation.abstained:
        top = column.y
        column.labelled("", "Not interpreted", _GUTTER, _ANSWER_SIZE)
        _details(column, map(sentence, interpretation.abstained_because), TEXT_SIZE)
        _stroke(column, top, _NOT_INTERPRETED)
    else:
        _acute(column, interpretation.acute)
        _infarct(column, interpretation.mi)
    column.space(0.6)
    column.labelled("Rhythm", rhythm_text(interpretation.rhythm), _GUTTER, _LINE_SIZE)
    _details(column, [sentence(interpretation.rhythm.reason)] if interpretation.rhythm.reason else [])
    column.bottom += reserved
    if conclusion:
        column.space(0.6)
        column.labelled("Conclusion", conclusion, _GUTTER, _LINE_SIZE)
        if why:
            column.labelled("", sentence(why), _GUTTER, NOTE_SIZE, bold=False)
    if comparison := interpretation.comparison:
        column.space(0.6)
        words = f"{sentence(comparison_heading(comparison))} {comparison.in_words}"
        column.labelled("Changes", printable(words), _GUTTER, NOTE_SIZE, bold=False)


def st_panel(column: TextColumn, interpretation: Interpretation) -> bool:
    """Add the ST table to a column if there is room for all of it.

    Parameters
    ----------
    column
        The column.
    interpretation
        The interpretation of the recording.

    Returns
    -------
    bool
        Whether there was room, or nothing to show.
    """
    rows = st_table(interpretation)[: len(LEADS)]
    if rows and column.room < ST_HEIGHT:
        return False
    if rows:
        column.space(1.0)
        cells = [["ST in mV", *(row.lead + "*" * row.limit_reached for row in rows)]]
        cells += [[point, *(format_mv(row.values[k]) for row in rows)] for k, point in enumerate(POINTS)]
        width = (column.width - _ST_FIRST) / len(LEADS)
        column.table(cells, [_ST_FIRST] + [width] * len(rows), 2.1 if width > 7 else 1.9)
    if any(row.limit_reached for row in rows):
        column.text(LIMIT_NOTE, 2.1, colour=GREY)
    return True


def criteria_panel(column: TextColumn, interpretation: Interpretation) -> None:
    """Add the criteria that are met, with their reasons, to a column, as far as there is room.

    Criteria that the conclusion names are not repeated.

    Parameters
    ----------
    column
        The column.
    interpretation
        The interpretation of the recording.
    """
    said = " ".join(interpretation.conclusion_reasons)
    met = [c for section in sections(interpretation) for c in section.criteria if c.reason.rstrip(".") not in said]
    if met:
        column.space(1.0)
        column.heading("Criteria met")
        column.bullets(map(criterion_text, met))


def _acute(column: TextColumn, acute: AcutePattern | None) -> None:
    if acute is None:
        return
    top = column.y
    _answer(column, ACUTE_QUESTION, acute_text(acute))
    details = (" ".join(acute_facts(acute)), " ".join(map(sentence, acute.advice)))
    _details(column, [text for text in details if text.strip()])
    _stroke(column, top, _COLOURS[acute.decision])
    column.space(0.8)


def _infarct(column: TextColumn, mi: InfarctPattern | None) -> None:
    if mi is None:
        return
    top = column.y
    _answer(column, INFARCT_QUESTION, infarct_text(mi))
    probability, prevalence, rule_in, rule_out = map(
        format_rare_percent, (mi.probability, mi.prevalence, mi.rule_in_from, mi.rule_out_below)
    )
    column.probability(
        f"Probability {probability} at {prevalence} prevalence",
        mi.probability,
        (mi.rule_out_below, mi.rule_in_from),
        _GUTTER,
        f"rule-out {rule_out}, rule-in {rule_in}",
    )
    _details(column, [" ".join(map(sentence, mi.caveats))] if mi.caveats else [])
    _stroke(column, top, _COLOURS[mi.decision])


def _answer(column: TextColumn, question: str, text: str) -> None:
    """Add an answer in large letters, in smaller ones if it needs several lines."""
    lines = wrapped(text, _ANSWER_SIZE, column.width - _GUTTER, True)
    column.labelled(question, text, _GUTTER, _ANSWER_SIZE if len(lines) == 1 else _LINE_SIZE)


def _details(column: TextColumn, texts: Iterator[str] | Sequence[str], size: float = NOTE_SIZE) -> None:
    """Add sentences below an answer."""
    column.x, column.width = column.x + _GUTTER, column.width - _GUTTER
    for text in texts:
        column.text(printable(text), size)
    column.x, column.width = column.x - _GUTTER, column.width + _GUTTER


def _stroke(column: TextColumn, top: float, colour: str) -> None:
    """Add a coloured stroke left of an answer; the words next to it have the same meaning."""
    if column.y > top:
        column.items.append(Box(column.x - 2.2, top + 0.6, 1.0, column.y - top, colour))
