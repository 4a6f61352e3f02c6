"""The plots of an evaluation: confusion matrices, ROC, precision-recall and reliability curves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from einthoven.arrays import BoolArray, Float64Array, Int64Array
from einthoven.evaluate.curve_plots import precision_recall_plot, reliability_plot, roc_plot
from einthoven.evaluate.formatting import number
from einthoven.evaluate.metrics import SingleLabelMetrics, TaskMetrics
from einthoven.evaluate.plot_style import COLORS, DARK_GREY, INK, STYLE, create_panels, label_color
from einthoven.files import atomic_write

PLOTS = ("confusion", "confusion_single", "roc", "precision_recall", "reliability")
"""Names of the plots."""
MOST_LABELS = 12
"""Number of labels that a plot shows at most, the most frequent ones."""


def draw_plots(metrics: TaskMetrics, truth: BoolArray, probabilities: Float64Array, folder: Path) -> list[Path]:
    """Draw the plots of a task as PNG files at 150 dpi.

    The files are named as in PLOTS; confusion_single.png is for 2 to 12 labels only. If there are more than 12 labels,
    the 12 most frequent ones are drawn. If a label has no positive or no negative records, its panels state that the
    curve is undefined.

    Parameters
    ----------
    metrics
        Metrics of the task.
    truth, probabilities
        Labels and probabilities, each of shape (records, labels), with the labels of `metrics`.
    folder
        Folder for the files.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    EinthovenError
        If a file cannot be written.
    """
    labels = metrics.labels
    if truth.shape != probabilities.shape or truth.shape[1:] != (len(labels),):
        raise ValueError(f"{truth.shape} and {probabilities.shape} do not fit {len(labels)} labels")
    frequent = np.argsort(-truth.sum(0), kind="stable")[:MOST_LABELS]
    columns = np.sort(frequent)
    shown = [labels[column] for column in columns]
    truth, probabilities = truth[:, columns], probabilities[:, columns]

    with style.context(["default", STYLE]):
        figures = {"confusion": _confusion_plot(metrics, shown)}
        if metrics.single_label and len(labels) <= MOST_LABELS:
            figures["confusion_single"] = _single_label_plot(metrics.single_label)
        figures["roc"] = roc_plot(metrics, shown, truth, probabilities)
        figures["precision_recall"] = precision_recall_plot(metrics, shown, truth, probabilities)
        figures["reliability"] = reliability_plot(metrics, shown, truth, probabilities)
        paths = []
        for name, figure in figures.items():
            path = folder / f"{name}.png"
            with atomic_write(path) as part:
                # Without matplotlib's version in it, the file depends on the picture alone.
                figure.savefig(part, format="png", metadata={"Software": None})
            paths.append(path)
    return paths


def _confusion_plot(metrics: TaskMetrics, shown: Sequence[str]) -> Figure:
    title = f"At each label's F1 threshold, {metrics.thresholds}: records and share of the row"
    figure, panels = create_panels(shown, metrics.labels, 2.1, title)
    for label, (axes,) in zip(shown, panels, strict=True):
        of_label = metrics.per_label[label]
        c = of_label.confusion
        _draw_matrix(axes, np.array([[c.tp, c.fn], [c.fp, c.tn]]), label_color(label, metrics.labels))
        axes.set_xticks([0, 1], ["model: yes", "model: no"])
        axes.set_yticks([0, 1], ["label: yes", "label: no"], rotation=90, va="center")
        axes.set_title(f"{label}   F1 {number(c.f1)}, threshold {number(of_label.threshold)}", loc="left")
    return figure


def _single_label_plot(single: SingleLabelMetrics) -> Figure:
    labels = single.labels
    figure = Figure(figsize=(6.5, 5.2), layout="constrained")
    figure.suptitle(
        f"Records with exactly one label ({single.records:,}): the label of highest probability\n"
        f"is correct in {number(single.accuracy)} of them. Records and share of the row.",
        x=0.01,
        ha="left",
        fontsize=10,
    )
    axes = figure.subplots()
    _draw_matrix(axes, np.array(single.confusion), COLORS[0])
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("label of highest probability")
    axes.set_ylabel("label of the record")
    return figure


def _draw_matrix(axes: Axes, counts: Int64Array, color: str) -> None:
    """Draw a confusion matrix: counts and row percentages, shaded by row percentage."""
    totals = counts.sum(1, keepdims=True)
    share = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    shades = LinearSegmentedColormap.from_list("shades", ["#FFFFFF", color])
    axes.imshow(share, cmap=shades, vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(np.arange(0.5, len(counts) - 1), minor=True)
    axes.set_yticks(np.arange(0.5, len(counts) - 1), minor=True)
    axes.grid(which="minor", color=DARK_GREY, linewidth=0.6)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(True)
    for row, column in np.ndindex(counts.shape):
        red, green, blue, _ = shades(share[row, column])
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.4
        percentage = f"{share[row, column]:.1%}" if totals[row] else "–"
        axes.text(
            column,
            row,
            f"{counts[row, column]:,}\n{percentage}",
            ha="center",
            va="center",
            color="#FFFFFF" if dark else INK,
        )
