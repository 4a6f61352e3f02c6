"""The results page: one HTML file that needs nothing else, from the numbers of metrics.json and figures."""

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from einthoven.errors import EinthovenError
from einthoven.evaluate.plots import DPI, interval, label_colour, number
from einthoven.files import explain, write_text
from einthoven.ptbxl.vocabulary import SUPERCLASS_NAMES

CSS_DPI = 96
"""Pixels an inch in CSS, by its definition."""
HEADLINE = {
    "macro_auroc": "Macro AUROC",
    "macro_auprc": "Macro AUPRC",
    "fmax": "Fmax",
    "macro_f1": "Macro F1",
    "global_accuracy": "Global accuracy",
    "exact_match": "Exact match",
    "macro_f1_at_0.5": "Macro F1 at .5",
    "global_accuracy_at_0.5": "Global accuracy at .5",
    "exact_match_at_0.5": "Exact match at .5",
}
"""The figures at the top of the page and their names there."""
GROUPS = {
    "age": "Age in years",
    "sex": "Sex",
    "device": "Recorder",
    "noise": "Signal noise",
    "validated_by_human": "Validated by a human",
}
"""The ways to divide the records, in words."""


def write_page(metrics: Mapping[str, Any], figures: Sequence[Path], path: Path) -> None:
    """Write the results page of `metrics` to `path`: one HTML file, without scripts, that loads nothing.

    `metrics` is what metrics.json holds. `figures` are the PNG files of `draw_plots`, which become part of
    the page. Sections that `metrics` lacks, and figures that are not given, are left out. Raises
    EinthovenError when a figure cannot be read or the page cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("einthoven.evaluate"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "estimate": _estimate, "count": _count, "listed": _listed}
    page = environment.get_template("results.html").render(
        m=metrics,
        figures={figure.stem: _inline(figure) for figure in figures},
        settings=list(_settings(metrics.get("run", {}))),
        headline=HEADLINE,
        label_words=SUPERCLASS_NAMES,
        group_words=GROUPS,
        colours={label: label_colour(label, metrics["labels"]) for label in metrics["labels"]},
        all_no=_all_no(metrics),
        names_mi=_names_mi(metrics),
        scale_start=_scale_start(metrics.get("subgroups", [])),
    )
    write_text(path, page.lstrip())


def _estimate(value: float | dict[str, float | None] | None) -> str:
    """A figure with or without interval; a line may break before the interval, not within."""
    if not isinstance(value, dict):
        return number(value)
    figure, _, limits = interval(value).partition(" ")
    return Markup('{} <span class="range">{}</span>').format(figure, limits) if limits else figure


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _listed(value: object) -> str:
    """One or several folds; a dash for none."""
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join("–" if item is None else str(item) for item in values) or "–"


def _settings(run: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The names and values of the run's settings, those of nested ones as `versions.torch`."""
    for name, value in run.items():
        if isinstance(value, Mapping):
            yield from _settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _listed(value)


def _inline(path: Path) -> dict[str, Any]:
    """A PNG file as data URL, with its natural width and height in CSS pixels."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise explain(error, path) from error
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise EinthovenError(f"{path}: is not a PNG file; draw the figures again.")
    width, height = (int.from_bytes(data[at : at + 4]) * CSS_DPI // DPI for at in (16, 20))
    return {
        "url": f"data:image/png;base64,{base64.b64encode(data).decode()}",
        "width": width,
        "height": height,
    }


def _all_no(metrics: Mapping[str, Any]) -> float | None:
    """The global accuracy of answering "no" to everything, without which the model's own says little."""
    cells = metrics["records"] * len(metrics["labels"])
    return 1 - sum(figures["positives"] for figures in metrics["per_label"].values()) / cells if cells else None


def _names_mi(metrics: Mapping[str, Any]) -> bool:
    """Whether the page speaks of infarction."""
    tasks = [metrics, *metrics.get("tasks", {}).values()]
    return any("MI" in task["labels"] for task in tasks) or "acute_pattern" in metrics


def _scale_start(groups: Sequence[Mapping[str, Any]]) -> float:
    """Where the axis of the subgroups' intervals begins: a multiple of .05 below all of them."""
    lows: list[float] = [group["macro_auroc"]["low"] for group in groups if group["macro_auroc"]]
    return min([0.95, *(math.floor(low * 20) / 20 for low in lows)])
