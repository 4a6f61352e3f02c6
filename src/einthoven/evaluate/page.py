"""The results page: one self-contained HTML file with the metrics and plots."""

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from einthoven.datasets.facts import PTB_XL
from einthoven.errors import EinthovenError
from einthoven.evaluate.formatting import DASH, interval, number
from einthoven.evaluate.metrics import Evaluation, Subgroup
from einthoven.evaluate.plot_style import DPI, label_color
from einthoven.files import explain, write_text
from einthoven.model.figures import Interval
from einthoven.ptbxl.vocabulary import SUPERCLASS_NAMES

CSS_DPI = 96
"""Pixels per inch in CSS, by its definition."""
HEADLINE = {
    "macro_auroc": "Macro AUROC",
    "macro_auprc": "Macro AUPRC",
    "fmax": "Fmax",
    "macro_f1": "Macro F1",
    "global_accuracy": "Global accuracy",
    "exact_match": "Exact match",
    "macro_f1_at_half": "Macro F1 at .5",
    "global_accuracy_at_half": "Global accuracy at .5",
    "exact_match_at_half": "Exact match at .5",
}
"""The averages at the top of the page by their fields, with their names there."""
GROUPS = {
    "age": "Age in years",
    "sex": "Sex",
    "device": "Recorder",
    "noise": "Signal noise",
    "validated_by_human": "Validated by a human",
}
"""The criteria of subgroups, in words."""


def write_page(evaluation: Evaluation, plots: Sequence[Path], path: Path) -> None:
    """Write the results page: one HTML file, without scripts, that loads nothing.

    Parameters
    ----------
    evaluation
        Evaluation to show. The page has no section for values that are None or empty.
    plots
        PNG files of `draw_plots`, which become part of the page.
    path
        The page.

    Raises
    ------
    EinthovenError
        If a plot cannot be read or the page cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("einthoven.evaluate"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "estimate": _estimate, "count": _count, "listed": _listed}
    labels = evaluation.top.labels
    page = environment.get_template("results.html").render(
        evaluation=evaluation,
        top=evaluation.top,
        plots={plot.stem: _inline(plot) for plot in plots},
        settings=list(_settings(evaluation.run)),
        data_name=evaluation.data.name if evaluation.data else PTB_XL.name,
        data_source=evaluation.data.source if evaluation.data else PTB_XL.source,
        headline=HEADLINE,
        label_words=SUPERCLASS_NAMES,
        group_words=GROUPS,
        colors={label: label_color(label, labels) for label in labels},
        all_no=_all_no(evaluation),
        names_mi=_names_mi(evaluation),
        scale_start=_scale_start(evaluation.subgroups),
    )
    write_text(path, page.lstrip())


def _estimate(value: float | Interval | None) -> str:
    """Format a number with or without interval; a line may break before the interval, not within."""
    if not isinstance(value, Interval):
        return number(value)
    figure, _, limits = interval(value).partition(" ")
    return Markup('{} <span class="range">{}</span>').format(figure, limits)


def _count(value: int | None) -> str:
    return DASH if value is None else f"{value:,}"


def _listed(value: object) -> str:
    """List one or several values, such as folds; a dash for none."""
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join(DASH if item is None else str(item) for item in values) or DASH


def _settings(run: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and values of the run's settings, those of nested ones as `versions.torch`."""
    for name, value in run.items():
        if isinstance(value, Mapping):
            yield from _settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _listed(value)


def _inline(path: Path) -> dict[str, Any]:
    """Return a PNG file as data URL, with its natural width and height in CSS pixels."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise explain(error, path) from error
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise EinthovenError("is not a PNG file; draw the plots again.", path)
    width, height = (int.from_bytes(data[at : at + 4]) * CSS_DPI // DPI for at in (16, 20))
    return {
        "url": f"data:image/png;base64,{base64.b64encode(data).decode()}",
        "width": width,
        "height": height,
    }


def _all_no(evaluation: Evaluation) -> float | None:
    """Return the global accuracy of predicting no label at all, to compare the model's with."""
    top = evaluation.top
    cells = top.records * len(top.labels)
    return 1 - sum(metrics.positives for metrics in top.per_label.values()) / cells if cells else None


def _names_mi(evaluation: Evaluation) -> bool:
    """Return whether the page mentions infarction as PTB-XL states it."""
    if evaluation.data:
        return False
    tasks = [evaluation.top, *evaluation.tasks.values()]
    return any("MI" in task.labels for task in tasks) or evaluation.acute_pattern is not None


def _scale_start(groups: Sequence[Subgroup]) -> float:
    """Return the start of the axis of the subgroups' intervals: a multiple of .05 below all of them."""
    lows = [group.macro_auroc.low for group in groups if group.macro_auroc]
    return min([0.95, *(math.floor(low * 20) / 20 for low in lows)])
