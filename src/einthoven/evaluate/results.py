"""Everything that an evaluation leaves in its folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.evaluate.evaluation_data import evaluation_data, fold_rows
from einthoven.evaluate.page import write_page
from einthoven.evaluate.plots import draw_plots
from einthoven.evaluate.predictions import Predictions
from einthoven.files import staging_folder, write_text
from einthoven.ptbxl.annotations import Annotations


def write_results(metrics: Mapping[str, Any], predictions: Predictions, annotations: Annotations, folder: Path) -> None:
    """Write metrics.json, predictions.csv, the figures of the top task and results.html into `folder`."""
    fold = metrics["fold"]
    rows = fold_rows(annotations, np.atleast_1d(fold).tolist())
    top = evaluation_data(predictions, annotations, rows, tuple(metrics["labels"]))
    with staging_folder(folder) as part:
        write(metrics, predictions, annotations, part)
        figures = draw_plots(dict(metrics), top.truth, top.scores, part)
        write_page(metrics, figures, part / "results.html")


def write(metrics: Mapping[str, Any], predictions: Predictions, annotations: Annotations, folder: Path) -> None:
    """Write `metrics.json`, and `predictions.csv` for the records of its fold, into `folder`."""
    fold = metrics["fold"]
    rows = fold_rows(annotations, [fold] if isinstance(fold, int) else fold)
    predictions.select(annotations.ecg_ids[rows]).write(folder / "predictions.csv")
    text = json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(folder / "metrics.json", text + "\n")
