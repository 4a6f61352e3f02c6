"""The figures of an evaluation: confusion matrices, ROC, precision-recall and reliability curves.

They are drawn through matplotlib's object API with its default style, so that neither a display nor the
user's matplotlibrc plays a part and the same numbers give the same file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from einthoven.arrays import BoolArray, Float64Array, Int64Array
from einthoven.evaluate.array_metrics import ECE_BINS
from einthoven.evaluate.bootstrap import wilson
from einthoven.files import write_beside

DPI = 150
MOST_LABELS = 12
"""A figure shows at most so many labels, the most frequent ones."""
WIDTHS = (6.5, 7.0, 9.0)
"""Width of a figure with one, two, three panels side by side, in inches."""

# Okabe & Ito 2008, "Color Universal Design"; without yellow, which white paper swallows.
_SUPERCLASS_COLOURS = {
    "NORM": "#009E73",
    "MI": "#D55E00",
    "STTC": "#E69F00",
    "CD": "#0072B2",
    "HYP": "#CC79A7",
}
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_INK, _GREY = "#222222", "#C8C8C8"
_STYLE = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "axes.edgecolor": "#777777",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "text.parse_math": False,  # label names come from files
}


def draw_plots(metrics: dict[str, Any], truth: BoolArray, probabilities: Float64Array, folder: Path) -> list[Path]:
    """Draw the figures of the top task of `metrics` into `folder` as PNG files at 150 dpi.

    `truth` and `probabilities` are (records, labels), columns in the order of `metrics["labels"]`. Returns
    the files: confusion.png, confusion_single.png (where `metrics` has `single_label`, at most 12 labels),
    roc.png, precision_recall.png and reliability.png. Of more than 12 labels the most frequent 12 are drawn.
    A label without positive or without negative records gets empty curve panels that say so. Raises
    ValueError when the shapes do not fit, EinthovenError when a file cannot be written.
    """
    labels = metrics["labels"]
    if truth.shape != probabilities.shape or truth.shape[1:] != (len(labels),):
        raise ValueError(f"{truth.shape} and {probabilities.shape} do not fit {len(labels)} labels")
    frequent = np.argsort(-truth.sum(0), kind="stable")[:MOST_LABELS]
    columns = np.sort(frequent)
    shown = [labels[column] for column in columns]
    truth, probabilities = truth[:, columns], probabilities[:, columns]

    with style.context(["default", _STYLE]):
        figures = {"confusion": _confusion(metrics, shown)}
        single = metrics.get("single_label")
        if single and len(labels) <= MOST_LABELS:
            figures["confusion_single"] = _confusion_single(single)
        figures["roc"] = _roc(metrics, shown, truth, probabilities)
        figures["precision_recall"] = _precision_recall(metrics, shown, truth, probabilities)
        figures["reliability"] = _reliability(metrics, shown, truth, probabilities)
        paths = []
        for name, figure in figures.items():
            path = folder / f"{name}.png"
            with write_beside(path) as part:
                # without matplotlib's version in it, the file depends on the picture alone
                figure.savefig(part, format="png", metadata={"Software": None})
            paths.append(path)
    return paths


def label_colour(label: str, labels: Sequence[str]) -> str:
    """The colour of `label`, one of `labels`, in every figure and table, as #RRGGBB."""
    return _SUPERCLASS_COLOURS.get(label, _COLOURS[labels.index(label) % len(_COLOURS)])


def number(value: float | None, digits: int = 3) -> str:
    """`value` with so many decimals; a dash where it is None or not a number."""
    return "–" if value is None or np.isnan(value) else f"{value:.{digits}f}"


def interval(estimate: dict[str, float | None] | None) -> str:
    """An estimate {"value", "low", "high"} as `0.937 (0.927–0.947)`; a dash where it is undefined."""
    estimate = estimate or {}
    value, low, high = (number(estimate.get(key)) for key in ("value", "low", "high"))
    return value if low == "–" else f"{value} ({low}–{high})"


def reliability_bins(truth: BoolArray, probabilities: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Mean probability, share of positives and number of records in each of 15 equal-width bins.

    `truth` and `probabilities` are (records,); each answer is (15,), NaN where a bin is empty.
    """
    bins = np.minimum((probabilities * ECE_BINS).astype(int), ECE_BINS - 1)  # 1.0 belongs to the last bin
    counts = np.bincount(bins, minlength=ECE_BINS).astype(float)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(bins, probabilities, ECE_BINS) / counts
        share = np.bincount(bins, truth.astype(float), ECE_BINS) / counts
    return mean, share, counts


def _panels(
    metrics: dict[str, Any], shown: Sequence[str], height: float, title: str, ratios: Sequence[float] = (1.0,)
) -> tuple[Figure, list[list[Axes]]]:
    """A figure with a panel for each label, each of `height` inches and split downwards by `ratios`."""
    if len(shown) < len(metrics["labels"]):
        title += f"\nThe {len(shown)} most frequent of {len(metrics['labels'])} labels."
    columns = min(len(shown), len(WIDTHS))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(WIDTHS[columns - 1], 0.5 + 0.17 * title.count("\n") + height * rows), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    grid = figure.subplots(rows * len(ratios), columns, squeeze=False, height_ratios=[*ratios] * rows)
    cells = grid.reshape(rows, len(ratios), columns).transpose(0, 2, 1).reshape(-1, len(ratios))
    for spare in cells[len(shown) :].ravel():
        spare.remove()
    return figure, cells[: len(shown)].tolist()


def _matrix(axes: Axes, counts: Int64Array, colour: str) -> None:
    """A confusion matrix: counts and row percentages, shaded by row percentage."""
    totals = counts.sum(1, keepdims=True)
    share = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    shades = LinearSegmentedColormap.from_list("shades", ["#FFFFFF", colour])
    axes.imshow(share, cmap=shades, vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(np.arange(0.5, len(counts) - 1), minor=True)
    axes.set_yticks(np.arange(0.5, len(counts) - 1), minor=True)
    axes.grid(which="minor", color="#777777", linewidth=0.6)
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
            color="#FFFFFF" if dark else _INK,
        )


def _confusion(metrics: dict[str, Any], shown: Sequence[str]) -> Figure:
    title = f"At each label's F1 threshold, {metrics['thresholds']}: records and share of the row"
    figure, cells = _panels(metrics, shown, 2.1, title)
    for label, (axes,) in zip(shown, cells, strict=True):
        figures = metrics["per_label"][label]
        counts = np.array([[figures["tp"], figures["fn"]], [figures["fp"], figures["tn"]]])
        _matrix(axes, counts, label_colour(label, metrics["labels"]))
        axes.set_xticks([0, 1], ["model: yes", "model: no"])
        axes.set_yticks([0, 1], ["label: yes", "label: no"], rotation=90, va="center")
        axes.set_title(f"{label}   F1 {number(figures['f1'])}, threshold {number(figures['threshold'])}", loc="left")
    return figure


def _confusion_single(single: dict[str, Any]) -> Figure:
    labels = single["labels"]
    figure = Figure(figsize=(6.5, 5.2), layout="constrained")
    figure.suptitle(
        f"Records with exactly one label ({single['records']:,}): the label of highest probability\n"
        f"is the right one in {number(single['accuracy'])} of them. Records and share of the row.",
        x=0.01,
        ha="left",
        fontsize=10,
    )
    axes = figure.subplots()
    _matrix(axes, np.array(single["confusion"]), _COLOURS[0])
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("label of highest probability")
    axes.set_ylabel("label of the record")
    return figure


def _roc(metrics: dict[str, Any], shown: Sequence[str], truth: BoolArray, probabilities: Float64Array) -> Figure:
    title = "Receiver operating characteristic (ROC)\n"
    if any(figures["operating_points"] for figures in metrics["per_label"].values()):
        title += "Point: at the threshold set for specificity .95 on the validation fold. "
    if len(shown) > 1:
        title += "Grey: the other labels."
    figure, cells = _panels(metrics, shown, 3.0, title.rstrip())
    curves = {
        label: roc_curve(truth[:, column], probabilities[:, column])[:2]
        for column, label in enumerate(shown)
        if 0 < truth[:, column].sum() < len(truth)
    }
    for label, (axes,) in zip(shown, cells, strict=True):
        figures, colour = metrics["per_label"][label], label_colour(label, metrics["labels"])
        _unit_square(axes, "1 − specificity", "sensitivity")
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=0.8, linestyle=":")
        for other, curve in curves.items():
            if other != label:
                axes.plot(*curve, color=_GREY, linewidth=0.7)
        axes.set_title(f"{label}   AUROC {interval(figures['auroc'])}", loc="left")
        if label not in curves:
            _say_undefined(axes)
            continue
        axes.plot(*curves[label], color=colour, linewidth=1.8)
        point = (figures["operating_points"] or {}).get("specificity", {}).get("0.95")
        if point and point["sensitivity"] and point["specificity"]:
            sensitivity, false_alarms = point["sensitivity"]["value"], 1 - point["specificity"]["value"]
            axes.plot(
                false_alarms,
                sensitivity,
                "o",
                color=colour,
                markeredgecolor=_INK,
                markersize=6,
                clip_on=False,
            )
            left, low = false_alarms < 0.5, sensitivity < 0.25
            axes.annotate(
                f"sensitivity {number(sensitivity)}\nspecificity {number(1 - false_alarms)}",
                (false_alarms, sensitivity),
                (9 if left else -9, 4 if low else -4),
                textcoords="offset points",
                ha="left" if left else "right",
                va="bottom" if low else "top",
                bbox={"facecolor": "#FFFFFF", "edgecolor": "none", "alpha": 0.75, "pad": 1},
            )
    return figure


def _precision_recall(
    metrics: dict[str, Any], shown: Sequence[str], truth: BoolArray, probabilities: Float64Array
) -> Figure:
    title = "Precision and recall\nPoint: at the F1 threshold. Dashed: prevalence, the precision of guessing."
    figure, cells = _panels(metrics, shown, 3.0, title)
    for column, (label, (axes,)) in enumerate(zip(shown, cells, strict=True)):
        figures, colour = metrics["per_label"][label], label_colour(label, metrics["labels"])
        prevalence = float(truth[:, column].mean())
        _unit_square(axes, "recall (sensitivity)", "precision (PPV)")
        axes.set_title(f"{label}   AUPRC {number(figures['auprc'])}", loc="left")
        axes.axhline(prevalence, color="#777777", linewidth=0.8, linestyle="--")
        above = prevalence < 0.9
        axes.text(
            0.02,
            prevalence + (0.015 if above else -0.015),
            f"prevalence {prevalence:.3f}",
            va="bottom" if above else "top",
        )
        if not 0 < prevalence < 1:
            _say_undefined(axes)
            continue
        precision, recall, _ = precision_recall_curve(truth[:, column], probabilities[:, column])
        axes.plot(recall, precision, color=colour, linewidth=1.8, drawstyle="steps-post")
        if figures["sensitivity"] is not None and figures["ppv"] is not None:
            axes.plot(figures["sensitivity"], figures["ppv"], "o", color=colour, markeredgecolor=_INK, markersize=6)
    return figure


def _reliability(
    metrics: dict[str, Any], shown: Sequence[str], truth: BoolArray, probabilities: Float64Array
) -> Figure:
    title = (
        f"Reliability in {ECE_BINS} equal-width bins with 95 % intervals, and the records in each\n"
        "On the diagonal a probability means what it says; below it, it is too high."
    )
    figure, cells = _panels(metrics, shown, 3.7, title, ratios=(3, 1))
    edges = np.linspace(0, 1, ECE_BINS + 1)
    for column, (label, (axes, histogram)) in enumerate(zip(shown, cells, strict=True)):
        figures, colour = metrics["per_label"][label], label_colour(label, metrics["labels"])
        mean, share, counts = reliability_bins(truth[:, column], probabilities[:, column])
        filled = counts > 0
        _unit_square(axes, "", "share with the label")
        axes.tick_params(labelbottom=False)
        axes.plot([0, 1], [0, 1], color="#777777", linewidth=0.8, linestyle=":")
        positives = (share * counts)[filled].round()
        spread = [wilson(int(k), int(n)) for k, n in zip(positives, counts[filled], strict=True)]
        lows, highs = [i["low"] for i in spread], [i["high"] for i in spread]
        axes.vlines(mean[filled], lows, highs, color=colour, linewidth=1.2)
        legend = f"ECE {number(figures['ece'])}\nBrier {number(figures['brier'])}"
        axes.plot(mean[filled], share[filled], "o", color=colour, markersize=4.5, clip_on=False, label=legend)
        axes.legend(loc="upper left", frameon=False, handletextpad=0.2)
        axes.set_title(label, loc="left")
        histogram.stairs(counts, edges, fill=True, color=colour, alpha=0.7)
        histogram.set_xlim(0, 1)
        histogram.set_yscale("symlog", linthresh=1)  # the lowest bin holds most records of a rare label
        histogram.set_ylim(0, len(truth) * 1.5)
        histogram.set_yticks([1, 10, 100, 1000][: len(str(len(truth)))])
        histogram.set_yticks([], minor=True)
        histogram.set_yticklabels([f"{tick:,.0f}" for tick in histogram.get_yticks()])
        histogram.set_xlabel("probability")
        histogram.set_ylabel("records")
    figure.align_ylabels()
    return figure


def _unit_square(axes: Axes, x: str, y: str) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.set_yticks(np.linspace(0, 1, 6))


def _say_undefined(axes: Axes) -> None:
    axes.text(0.5, 0.5, "undefined: all records\nhave the same answer", ha="center", va="center")
