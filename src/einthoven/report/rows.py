"""Convert a result to a table row: a column for each measurement, criterion and label."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from einthoven.interpret.criteria import Context, evaluate_criteria
from einthoven.interpret.interpretation import Failure, Interpretation, Result
from einthoven.model.card import Card
from einthoven.recording import LEADS, Filters, Patient
from einthoven.report.answer_text import over_time_texts
from einthoven.signal.measurements.values import GLOBAL_NAMES, LEAD_NAMES, Measurements

Row = dict[str, str | float | bool | None]

_COLUMNS: Mapping[str, type] = {
    "source": str,
    "error": str,
    "format": str,
    "rate_hz": float,
    "duration_s": float,
    "recorded_at": str,
    "device": str,
    **dict.fromkeys(Filters._fields, float),
    "acceptable": bool,
    "abstained": bool,
    "abstained_because": str,
    "conclusion": str,
    "conclusion_reasons": str,
    "critical": str,
    "rhythm": str,
    "rhythm_name": str,
    "rhythm_regular": bool,
    "atrial_rate_bpm": float,
    "pauses": float,
    "longest_pause_s": float,
    "premature_ventricular": float,
    "premature_supraventricular": float,
    "acute_decision": str,
    "acute_probability": float,
    "acute_prevalence": float,
    "acute_territory": str,
    "mi_decision": str,
    "mi_probability": float,
    "mi_prevalence": float,
    "mi_territory": str,
    "electrodes_suspected": str,
    "electrodes_probability": float,
    "pacing_spikes": float,
    "pacing_captured": bool,
    **dict.fromkeys(GLOBAL_NAMES, float),
    "present": str,
    "possible": str,
    "over_time": str,
    "warnings": str,
    "model": str,
    "model_sha256": str,
}


_LEAD_COLUMNS = {lead: tuple([f"{lead}_{name}" for name in LEAD_NAMES]) for lead in LEADS}
"""Columns of the measurements of each lead, in their order."""


@cache
def _criterion_columns() -> Mapping[str, str]:
    """Return the columns of criteria by code: those of any ECG are the same."""
    codes = [criterion.code for criterion in evaluate_criteria(Measurements(), Patient(), Context())]
    return {code: f"crit_{code}" for code in codes}


def columns(card: Card) -> dict[str, type]:
    """Return the columns of a table for one model.

    Parameters
    ----------
    card
        The card of the model's bundle.

    Returns
    -------
    dict of type
        Column names in order. p_LABEL is a probability, score_LABEL an uncalibrated score, crit_CODE whether a
        criterion is met (empty if that cannot be determined), LEAD_NAME a measurement of one lead, such as V2_st_j_mv.
    """
    kinds = ("score" if output.score_only else "p" for output in card.outputs)
    labels = {f"{kind}_{label}": float for kind, label in zip(kinds, card.labels, strict=True)}
    of_leads = [column for of_lead in _LEAD_COLUMNS.values() for column in of_lead]
    return {
        **_COLUMNS,
        **labels,
        **dict.fromkeys(_criterion_columns().values(), bool),
        **dict.fromkeys(of_leads, float),
    }


def as_row(result: Result) -> Row:
    """Return the table row of a result.

    Parameters
    ----------
    result
        An interpretation or a failure.

    Returns
    -------
    dict
        Values by column name; of a failure only source and error. Several codes or labels are separated by semicolons.
    """
    if isinstance(result, Failure):
        return {"source": result.source, "error": result.reason}
    recording = result.recording
    findings = {finding.label: finding for finding in result.findings + result.statements}
    measured: dict[str, Any] = {name: getattr(result.measurements, name, None) for name in GLOBAL_NAMES}
    return {
        "source": recording.source,
        "format": recording.format,
        "rate_hz": recording.rate_hz,
        "duration_s": recording.duration_s,
        "recorded_at": recording.recorded_at and recording.recorded_at.isoformat(),
        "device": recording.device,
        **(recording.filters._asdict() if recording.filters else {}),
        "acceptable": result.quality.acceptable,
        "abstained": result.abstained,
        "abstained_because": "; ".join(result.abstained_because),
        "conclusion": result.conclusion,
        "conclusion_reasons": "; ".join(result.conclusion_reasons),
        "critical": ";".join([value.code for value in result.critical]),
        **_rhythm(result),
        **_infarct(result),
        "electrodes_suspected": result.electrodes.suspected,
        "electrodes_probability": result.electrodes.probability,
        "pacing_spikes": len(result.pacing.spikes),
        "pacing_captured": result.pacing.captured,
        **measured,
        "heart_rate_bpm": result.heart_rate_bpm,
        "present": ";".join(label for label, finding in findings.items() if finding.present),
        "possible": ";".join(label for label, finding in findings.items() if finding.possible),
        "over_time": "; ".join(over_time_texts(result.over_time)),
        "warnings": " ".join(warning.text for warning in result.all_warnings),
        "model": str(result.model),
        "model_sha256": result.model.sha256,
        **{f"p_{label}": f.probability for label, f in findings.items() if f.probability is not None},
        **{f"score_{score.label}": score.score for score in result.scores_only},
        **{f"crit_{criterion.code}": criterion.met for criterion in result.criteria},
        **_leads(result.measurements),
    }


def _rhythm(result: Interpretation) -> Row:
    rhythm = result.rhythm
    return {
        "rhythm": rhythm.code,
        "rhythm_name": rhythm.name,
        "rhythm_regular": rhythm.regular,
        "atrial_rate_bpm": rhythm.atrial_rate_bpm,
        "pauses": len(rhythm.pauses),
        "longest_pause_s": max([pause.seconds for pause in rhythm.pauses], default=None),
        "premature_ventricular": rhythm.premature_ventricular,
        "premature_supraventricular": rhythm.premature_supraventricular,
    }


def _infarct(result: Interpretation) -> Row:
    row: Row = {}
    for name, answer in (("acute", result.acute), ("mi", result.mi)):
        if answer:
            row |= {
                f"{name}_decision": answer.decision,
                f"{name}_probability": answer.probability,
                f"{name}_prevalence": answer.prevalence,
                f"{name}_territory": ";".join(answer.territory),
            }
    return row


def _leads(measurements: Measurements | None) -> Row:
    row: Row = {}
    if measurements:
        for lead, of_lead in _LEAD_COLUMNS.items():
            if values := measurements.leads.get(lead):
                row.update(zip(of_lead, values, strict=True))
    return row
