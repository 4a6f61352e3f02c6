"""An answer as a row of a table."""

from collections.abc import Mapping
from typing import Any

from einthoven.model.card import Card
from einthoven.report.words import INTERVALS

Row = dict[str, str | float | bool | None]

_COLUMNS: Mapping[str, type] = {
    "source": str,
    "error": str,
    "format": str,
    "rate_hz": float,
    "duration_s": float,
    "acceptable": bool,
    "abstained": bool,
    "abstained_because": str,
    "mi_decision": str,
    "mi_probability": float,
    "mi_prevalence": float,
    "heart_rate_bpm": float,
    **dict.fromkeys(INTERVALS, float),
    "present": str,
    "warnings": str,
    "model": str,
    "model_sha256": str,
}


def columns(card: Card) -> dict[str, type]:
    """Names and types of a table's columns, in order: p_LABEL is a probability, score_LABEL no more than a score."""
    labels = card.facts["labels"]
    return {**_COLUMNS, **{f"{'score' if one['thresholds'] is None else 'p'}_{one['name']}": float for one in labels}}


def as_row(answer: Mapping[str, Any]) -> Row:
    """The row of an answer, in the shape of `Interpretation.to_dict`; of a file that failed only source and error."""
    recording = answer["recording"]
    if "error" in answer:
        return {"source": recording["source"], "error": answer["error"]}
    mi = answer["mi"] or {}
    findings = {finding["label"]: finding for finding in answer["findings"] + answer["statements"]}
    return {
        "source": recording["source"],
        "format": recording["format"],
        "rate_hz": recording["rate_hz"],
        "duration_s": recording["duration_s"],
        "acceptable": answer["quality"]["acceptable"],
        "abstained": answer["abstained"],
        "abstained_because": "; ".join(answer["abstained_because"]),
        "mi_decision": mi.get("decision"),
        "mi_probability": mi.get("probability"),
        "mi_prevalence": mi.get("prevalence"),
        "heart_rate_bpm": answer["heart_rate_bpm"],
        **(answer["intervals"] or {}),
        "present": ";".join(label for label, finding in findings.items() if finding["present"]),
        "warnings": " ".join([*recording["warnings"], *answer["warnings"]]),
        "model": f"{answer['model']['name']} {answer['model']['version']}",
        "model_sha256": answer["model"]["sha256"],
        **{f"p_{label}": finding["probability"] for label, finding in findings.items()},
        **{f"score_{score['label']}": score["score"] for score in answer["scores_only"]},
    }
