"""Everything that an evaluation leaves in its folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.evaluate.figures import draw_figures
from einthoven.evaluate.page import write_page
from einthoven.evaluate.predictions import Predictions
from einthoven.evaluate.results import fold_rows, scored, write
from einthoven.files import staging_folder
from einthoven.ptbxl.annotations import Annotations


def write_results(metrics: Mapping[str, Any], predictions: Predictions, annotations: Annotations, folder: Path) -> None:
    """Write metrics.json, predictions.csv, the figures of the top task and results.html into `folder`."""
    fold = metrics["fold"]
    rows = fold_rows(annotations, np.atleast_1d(fold).tolist())
    top = scored(predictions, annotations, rows, tuple(metrics["labels"]))
    with staging_folder(folder) as part:
        write(metrics, predictions, annotations, part)
        figures = draw_figures(dict(metrics), top.truth, top.scores, part)
        write_page(metrics, figures, part / "results.html")
