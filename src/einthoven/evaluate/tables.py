"""Results as tables for the terminal."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

_LABEL_COLUMNS = ("auprc", "f1", "sensitivity", "specificity", "ppv", "npv", "ece")


def summary_table(metrics: Mapping[str, Any]) -> Table:
    """The top task of `metrics` (as in metrics.json): a row for each label and one for the macro averages.

    The caption has the other headline figures and the macro AUROC of the other tasks.
    """
    simulated = " - SIMULATED DATA" if metrics["simulated"] else ""
    table = Table(title=f"{metrics['model']}: {metrics['task']}, fold {_folds(metrics['fold'])}{simulated}")
    table.add_column("label", no_wrap=True)
    for name in ("positives", "AUROC (95 %)", "AUPRC", "F1", "sens.", "spec.", "PPV", "NPV", "ECE"):
        table.add_column(name, justify="right", no_wrap=True)
    for label, row in metrics["per_label"].items():
        figures = (_number(row[column]) for column in _LABEL_COLUMNS)
        table.add_row(label, str(row["positives"]), _interval(row["auroc"]), *figures)
    macro = (metrics["macro_auprc"], metrics["macro_f1"])
    table.add_section()
    table.add_row("macro", "", _interval(metrics["macro_auroc"]), *(_number(m and m["value"]) for m in macro))
    table.caption = "\n".join(_caption(metrics))
    return table


def comparison_table(comparison: Mapping[str, Any], a: str, b: str) -> Table:
    """What `compare` found, with `a` and `b` as the names of the two models."""
    table = Table(title=f"{b} against {a}: {comparison['task']}, fold {comparison['fold']}")
    table.add_column("figure", no_wrap=True)
    for name in (a, b, "difference (95 %)", "p"):
        table.add_column(name, justify="right")
    figures = {"macro AUROC": comparison["macro_auroc"], "macro AUPRC": comparison["macro_auprc"]}
    figures |= {f"{label} AUROC": row["auroc"] for label, row in comparison["per_label"].items()}
    for name, figure in figures.items():
        if figure is None:
            table.add_row(name, *["–"] * 4)
        else:
            values = (_number(figure["a"]), _number(figure["b"]), _interval(figure["difference"], "+.3f"))
            table.add_row(name, *values, _number(figure["p_value"]))
    table.caption = (
        f"{comparison['records']:,} records of {comparison['patients']:,} patients that both predicted; "
        f"{comparison['bootstrap']['rounds']} paired bootstrap rounds over patients"
    )
    return table


def _caption(metrics: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{metrics['records']:,} records of {metrics['patients']:,} patients; thresholds: {metrics['thresholds']}",
        f"global accuracy {_interval(metrics['global_accuracy'])}, exact match "
        f"{_interval(metrics['exact_match'])}, Fmax {_number(metrics['fmax'])}",
    ]
    if single := metrics.get("single_label"):
        accuracy = _number(single["accuracy"])
        lines.append(f"argmax accuracy on the {single['records']:,} single-label records {accuracy}")
    if published := metrics.get("as_published"):
        lines.append(
            f"scored as published ({published['rule']}): "
            f"global accuracy {_number(published['global_accuracy'])}, "
            f"always answering no {_number(published['all_no_accuracy'])}"
        )
    if metrics["trained_on"]:
        lines.insert(0, f"TRAINED ON fold {_folds(metrics['trained_on'])}: these figures flatter")
    others = [f"{name} {_interval(other['macro_auroc'])}" for name, other in metrics["tasks"].items()]
    if others:
        lines.append("macro AUROC of the other tasks: " + "; ".join(others))
    if metrics["labels_left_out"]:
        lines.append("not in the macro averages for want of records: " + ", ".join(metrics["labels_left_out"]))
    return lines


def _number(value: float | None, form: str = ".3f") -> str:
    return "–" if value is None else format(value, form)


def _interval(interval: Mapping[str, float] | None, form: str = ".3f") -> str:
    if interval is None:
        return "–"
    value, low, high = (format(interval[name], form) for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _folds(fold: int | list[int]) -> str:
    return str(fold) if isinstance(fold, int) else ", ".join(map(str, fold))
