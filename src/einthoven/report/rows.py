"""Convert a result to a table row."""

from collections.abc import Mapping
from typing import Any

from einthoven.interpret.interpretation import Failure, Result
from einthoven.model.card import Card
from einthoven.recording import Filters
from einthoven.signal.measurements.values import GLOBAL_NAMES

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
    "mi_decision": str,
    "mi_probability": float,
    "mi_prevalence": float,
    **dict.fromkeys(GLOBAL_NAMES, float),
    "present": str,
    "warnings": str,
    "model": str,
    "model_sha256": str,
}


def columns(card: Card) -> dict[str, type]:
    """Return the columns of a table for one model.

    Parameters
    ----------
    card
        The card of the model's bundle.

    Returns
    -------
    dict of type
        Column names in order. p_LABEL is a probability, score_LABEL an uncalibrated score.
    """
    kinds = ("score" if output.low_support else "p" for output in card.outputs)
    return {**_COLUMNS, **{f"{kind}_{label}": float for kind, label in zip(kinds, card.labels, strict=True)}}


def as_row(result: Result) -> Row:
    """Return the table row of a result.

    Parameters
    ----------
    result
        An interpretation or a failure.

    Returns
    -------
    dict
        Values by column name; of a failure only source and error.
    """
    if isinstance(result, Failure):
        return {"source": result.source, "error": result.reason}
    recording, mi = result.recording, result.mi
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
        "mi_decision": mi and mi.decision,
        "mi_probability": mi and mi.probability,
        "mi_prevalence": mi and mi.prevalence,
        **measured,
        "heart_rate_bpm": result.heart_rate_bpm,
        "present": ";".join(label for label, finding in findings.items() if finding.present),
        "warnings": " ".join(warning.text for warning in result.all_warnings),
        "model": str(result.model),
        "model_sha256": result.model.sha256,
        **{f"p_{label}": f.probability for label, f in findings.items() if f.probability is not None},
        **{f"score_{score.label}": score.score for score in result.scores_only},
    }
