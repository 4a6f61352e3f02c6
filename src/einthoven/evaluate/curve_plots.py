"""Plots of curves: ROC, precision-recall and reliability, one panel for each label."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from einthoven.arrays import BoolArray, Float64Array
from einthoven.evaluate.array_metrics import ECE_BINS
from einthoven.evaluate.bootstrap import wilson
from einthoven.evaluate.formatting import interval, number
from einthoven.evaluate.metrics import OperatingPoint, TaskMetrics
from einthoven.evaluate.plot_style import (
    DARK_GREY,
    GREY,
    INK,
    create_panels,
    label_color,
    set_unit_square,
    write_undefined,
)


def roc_plot(metrics: TaskMetrics, shown: Sequence[str], truth: BoolArray, probabilities: Float64Array) -> Figure:
    """Plot the ROC curve of each label, with the operating point for a specificity of .95.

    Parameters
    ----------
    metrics
        Metrics of the task.
    shown
        The labels that get a panel.
    truth, probabilities
        Labels and probabilities, each of shape (records, shown labels).

    Returns
    -------
    Figure
        The plot.
    """
    title = "Receiver operating characteristic (ROC)\n"
    if any(of_label.operating_points for of_label in metrics.per_label.values()):
        title += "Point: at the threshold set for specificity .95 on the validation fold. "
    if len(shown) > 1:
        title += "Grey: the other labels."
    figure, panels = create_panels(shown, metrics.labels, 3.0, title.rstrip())
    curves = {
        label: roc_curve(truth[:, column], probabilities[:, column])[:2]
        for column, label in enumerate(shown)
        if 0 < truth[:, column].sum() < len(truth)
    }
    for label, (axes,) in zip(shown, panels, strict=True):
        of_label, color = metrics.per_label[label], label_color(label, metrics.labels)
        set_unit_square(axes, "1 − specificity", "sensitivity")
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
        for other, curve in curves.items():
            if other != label:
                axes.plot(*curve, color=GREY, linewidth=0.7)
        axes.set_title(f"{label}   AUROC {interval(of_label.auroc)}", loc="left")
        if label not in curves:
            write_undefined(axes)
            continue
        axes.plot(*curves[label], color=color, linewidth=1.8)
        if of_label.operating_points:
            _mark_point(axes, of_label.operating_points.specificity["0.95"], color)
    return figure


def _mark_point(axes: Axes, point: OperatingPoint, color: str) -> None:
    """Mark an operating point on a ROC curve, with its sensitivity and specificity next to the curve."""
    if not (point.sensitivity and point.specificity):
        return
    sensitivity, specificity = point.sensitivity.value, point.specificity.value
    x = 1 - specificity
    axes.plot(x, sensitivity, "o", color=color, markeredgecolor=INK, markersize=6, clip_on=False)
    left, low = x < 0.5, sensitivity < 0.25
    axes.annotate(
        f"sensitivity {number(sensitivity)}\nspecificity {number(specificity)}",
        (x, sensitivity),
        (9 if left else -9, 4 if low else -4),
        textcoords="offset points",
        ha="left" if left else "right",
        va="bottom" if low else "top",
        bbox={"facecolor": "#FFFFFF", "edgecolor": "none", "alpha": 0.75, "pad": 1},
    )


def precision_recall_plot(
    metrics: TaskMetrics, shown: Sequence[str], truth: BoolArray, probabilities: Float64Array
) -> Figure:
    """Plot precision against recall for each label, with the F1 threshold and the prevalence.

    Parameters
    ----------
    metrics
        Metrics of the task.
    shown
        The labels that get a panel.
    truth, probabilities
        Labels and probabilities, each of shape (records, shown labels).

    Returns
    -------
    Figure
        The plot.
    """
    title = "Precision and recall\nPoint: at the F1 threshold. Dashed: prevalence, the precision of guessing."
    figure, panels = create_panels(shown, metrics.labels, 3.0, title)
    for column, (label, (axes,)) in enumerate(zip(shown, panels, strict=True)):
        of_label, color = metrics.per_label[label], label_color(label, metrics.labels)
        prevalence = float(truth[:, column].mean())
        set_unit_square(axes, "recall (sensitivity)", "precision (PPV)")
        axes.set_title(f"{label}   AUPRC {number(of_label.auprc)}", loc="left")
        axes.axhline(prevalence, color=DARK_GREY, linewidth=0.8, linestyle="--")
        above = prevalence < 0.9
        axes.text(
            0.02,
            prevalence + (0.015 if above else -0.015),
            f"prevalence {prevalence:.3f}",
            va="bottom" if above else "top",
        )
        if not 0 < prevalence < 1:
            write_undefined(axes)
            continue
        precision, recall, _ = precision_recall_curve(truth[:, column], probabilities[:, column])
        axes.plot(recall, precision, color=color, linewidth=1.8, drawstyle="steps-post")
        at_threshold = of_label.confusion
        if at_threshold.sensitivity is not None and at_threshold.ppv is not None:
            axes.plot(at_threshold.sensitivity, at_threshold.ppv, "o", color=color, markeredgecolor=INK, markersize=6)
    return figure


def reliability_plot(
    metrics: TaskMetrics, shown: Sequence[str], truth: BoolArray, probabilities: Float64Array
) -> Figure:
    """Plot the share of positives against the probability for each label, over a histogram of the probabilities.

    Parameters
    ----------
    metrics
        Metrics of the task.
    shown
        The labels that get a panel.
    truth, probabilities
        Labels and probabilities, each of shape (records, shown labels).

    Returns
    -------
    Figure
        The plot.
    """
    title = (
        f"Reliability in {ECE_BINS} equal-width bins with 95 % intervals, and the records in each\n"
        "On the diagonal the probability is the share of positives; below it, it is too high."
    )
    figure, panels = create_panels(shown, metrics.labels, 3.7, title, ratios=(3, 1))
    for column, (label, (axes, histogram)) in enumerate(zip(shown, panels, strict=True)):
        of_label, color = metrics.per_label[label], label_color(label, metrics.labels)
        mean, share, counts = reliability_bins(truth[:, column], probabilities[:, column])
        filled = counts > 0
        set_unit_square(axes, "", "share with the label")
        axes.tick_params(labelbottom=False)
        axes.plot([0, 1], [0, 1], color=DARK_GREY, linewidth=0.8, linestyle=":")
        positives = (share * counts)[filled].round()
        spread = [i for k, n in zip(positives, counts[filled], strict=True) if (i := wilson(int(k), int(n)))]
        axes.vlines(mean[filled], [i.low for i in spread], [i.high for i in spread], color=color, linewidth=1.2)
        legend = f"ECE {number(of_label.ece)}\nBrier {number(of_label.brier)}"
        axes.plot(mean[filled], share[filled], "o", color=color, markersize=4.5, clip_on=False, label=legend)
        axes.legend(loc="upper left", frameon=False, handletextpad=0.2)
        axes.set_title(label, loc="left")
        _draw_histogram(histogram, counts, color)
    figure.align_ylabels()
    return figure


def _draw_histogram(axes: Axes, counts: Float64Array, color: str) -> None:
    records = int(counts.sum())
    axes.stairs(counts, np.linspace(0, 1, ECE_BINS + 1), fill=True, color=color, alpha=0.7)
    axes.set_xlim(0, 1)
    axes.set_yscale("symlog", linthresh=1)  # the lowest bin holds most records of a rare label
    axes.set_ylim(0, records * 1.5)
    axes.set_yticks([1, 10, 100, 1000][: len(str(records))])
    axes.set_yticks([], minor=True)
    axes.set_yticklabels([f"{tick:,.0f}" for tick in axes.get_yticks()])
    axes.set_xlabel("probability")
    axes.set_ylabel("records")


def reliability_bins(truth: BoolArray, probabilities: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Divide records into 15 bins of equal width by their probability.

    Parameters
    ----------
    truth, probabilities
        Labels and probabilities of the records, each of shape (records,).

    Returns
    -------
    tuple of Float64Array
        Mean probability, share of positives and number of records of each bin, (15,) each. NaN if a bin is empty.
    """
    bins = np.minimum((probabilities * ECE_BINS).astype(int), ECE_BINS - 1)  # 1.0 belongs to the last bin
    counts = np.bincount(bins, minlength=ECE_BINS).astype(float)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(bins, probabilities, ECE_BINS) / counts
        share = np.bincount(bins, truth.astype(float), ECE_BINS) / counts
    return mean, share, counts
