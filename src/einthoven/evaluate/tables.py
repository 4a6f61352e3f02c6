"""Results as tables for the terminal."""

from collections.abc import Sequence

from rich.table import Table

from einthoven.evaluate.formatting import DASH, number
from einthoven.evaluate.metrics import Comparison, Evaluation
from einthoven.model.figures import Interval
from einthoven.text import enumerate_names


def summary_table(evaluation: Evaluation) -> Table:
    """Show the top task: a row for each label and one for the macro averages.

    Parameters
    ----------
    evaluation
        The evaluation to show.

    Returns
    -------
    rich.table.Table
        Table whose caption has the other averages and the macro AUROC of the other tasks.
    """
    top = evaluation.top
    simulated = " - SIMULATED DATA" if evaluation.simulated else ""
    name = f" of {evaluation.data.name}" if evaluation.data else ""
    table = Table(title=f"{evaluation.model}: {top.task}, fold {_list(evaluation.folds)}{name}{simulated}")
    table.add_column("label", no_wrap=True)
    for name in ("positives", "AUROC (95 %)", "AUPRC", "F1", "sens.", "spec.", "PPV", "NPV", "ECE"):
        table.add_column(name, justify="right", no_wrap=True)
    for label, metrics in top.per_label.items():
        c = metrics.confusion
        values = (metrics.auprc, c.f1, c.sensitivity, c.specificity, c.ppv, c.npv, metrics.ece)
        table.add_row(label, str(metrics.positives), _interval(metrics.auroc), *map(number, values))
    table.add_section()
    macro = top.headline
    averages = (number(mean.value if mean else None) for mean in (macro.macro_auprc, macro.macro_f1))
    table.add_row("macro", "", _interval(macro.macro_auroc), *averages)
    table.caption = "\n".join(_caption(evaluation))
    return table


def comparison_table(comparison: Comparison, a: str, b: str) -> Table:
    """Show the differences between two models.

    Parameters
    ----------
    comparison
        Comparison to show.
    a, b
        Names of the models.

    Returns
    -------
    rich.table.Table
        A row for each metric.
    """
    table = Table(title=f"{b} against {a}: {comparison.task}, fold {comparison.fold}")
    table.add_column("metric", no_wrap=True)
    for name in (a, b, "difference (95 %)", "p"):
        table.add_column(name, justify="right")
    differences = {"macro AUROC": comparison.macro_auroc, "macro AUPRC": comparison.macro_auprc}
    differences |= {f"{label} AUROC": metrics.auroc for label, metrics in comparison.per_label.items()}
    for name, d in differences.items():
        if d is None:
            table.add_row(name, *[DASH] * 4)
        else:
            table.add_row(name, number(d.a), number(d.b), _interval(d.difference, "+.3f"), number(d.p_value))
    table.caption = (
        f"{comparison.records:,} records of {comparison.patients:,} patients that both predicted; "
        f"{comparison.bootstrap.n_resamples} paired bootstrap resamples of patients"
    )
    return table


def _caption(evaluation: Evaluation) -> list[str]:
    top = evaluation.top
    averages = top.headline
    lines = [
        f"{top.records:,} records of {top.patients:,} patients; thresholds: {top.thresholds}",
        f"global accuracy {_interval(averages.global_accuracy)}, exact match "
        f"{_interval(averages.exact_match)}, Fmax {number(averages.fmax)}",
    ]
    if single := top.single_label:
        lines.append(f"argmax accuracy on the {single.records:,} single-label records {number(single.accuracy)}")
    if legacy := evaluation.legacy:
        lines.append(
            f"scored as published ({legacy.rule}): global accuracy {number(legacy.global_accuracy)}, "
            f"always answering no {number(legacy.all_no_accuracy)}"
        )
    if evaluation.trained_on:
        lines.insert(0, f"TRAINED ON fold {_list(evaluation.trained_on)}: these metrics are too optimistic")
    if data := evaluation.data:
        if data.external:
            lines.insert(0, f"External validation on {data.name}: the model was trained on other data")
        if data.records_left_out:
            lines.append(f"left out, {data.records_left_out:,} records of which a label is unknown")
        for what, labels in (("lacks", data.labels_lacking), ("has, but the model lacks", data.labels_not_predicted)):
            if labels:
                lines.append(f"left out, {len(labels)} labels that {data.name} {what}: {enumerate_names(labels)}")
    others = [f"{name} {_interval(task.headline.macro_auroc)}" for name, task in evaluation.tasks.items()]
    if others:
        lines.append("macro AUROC of the other tasks: " + "; ".join(others))
    if top.labels_left_out:
        lines.append("too few records for the macro averages: " + ", ".join(top.labels_left_out))
    return lines


def _interval(interval: Interval | None, form: str = ".3f") -> str:
    return format(interval, form) if interval else DASH


def _list(folds: Sequence[int]) -> str:
    return ", ".join(map(str, folds))
