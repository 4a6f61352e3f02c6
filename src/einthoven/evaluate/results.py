"""Write the results of an evaluation: metrics.json, predictions.csv, plots and results.html."""

import json
from collections.abc import Sequence
from pathlib import Path

from einthoven.datasets.annotations import Annotations
from einthoven.evaluate.evaluation_data import evaluation_data, fold_rows
from einthoven.evaluate.metrics import Evaluation
from einthoven.evaluate.page import write_page
from einthoven.evaluate.plots import PLOTS, draw_plots
from einthoven.evaluate.predictions import Predictions
from einthoven.files import atomic_write, resolve_output, staging_folder, write_text
from einthoven.model.json_fields import JsonFields

FILES = ("metrics.json", "predictions.csv", "results.html", *(f"{name}.png" for name in PLOTS))
"""Names of the files that `write_results` writes."""
AS_ANSWERED = "as-answered.json"
"""The file that `write_as_answered` writes."""


def check_folder(folder: Path, names: Sequence[str] = FILES) -> None:
    """Check that files can be written to a folder, before the long evaluation.

    Parameters
    ----------
    folder
        Folder for the files; created if it does not exist.
    names
        Names of the files; by default those of `write_results`.

    Raises
    ------
    EinthovenError
        If a file cannot be written there, or would replace a recording.
    """
    with staging_folder(folder):
        for name in names:
            resolve_output(folder / name)


def write_results(evaluation: Evaluation, predictions: Predictions, annotations: Annotations, folder: Path) -> None:
    """Write metrics.json, predictions.csv, the plots of the top task and results.html.

    Parameters
    ----------
    evaluation
        The evaluation to show.
    predictions
        Predictions of at least the evaluated records.
    annotations
        The data set.
    folder
        Folder for the files. Files of the same names are replaced, all at once; others stay.

    Raises
    ------
    EinthovenError
        If a file cannot be written.
    """
    rows = fold_rows(annotations, evaluation.folds)
    known = fold_rows(annotations, evaluation.folds, evaluation.top.labels)
    top = evaluation_data(predictions, annotations, known, evaluation.top.labels)
    with staging_folder(folder) as staging:
        predictions.select(annotations.ecg_ids[rows]).write(staging / "predictions.csv")
        text = json.dumps(evaluation.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        write_text(staging / "metrics.json", text + "\n")
        plots = draw_plots(evaluation.top, top.truth, top.scores, staging)
        write_page(evaluation, plots, staging / "results.html")


def write_as_answered(measured: JsonFields, folder: Path) -> None:
    """Write as-answered.json.

    Parameters
    ----------
    measured
        An `einthoven.evaluate.as_answered.metrics.AsAnswered`.
    folder
        Folder for the file; a file of the same name is replaced.

    Raises
    ------
    EinthovenError
        If the file cannot be written.
    """
    text = json.dumps(measured.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
    with atomic_write(folder / AS_ANSWERED) as path:
        write_text(path, text + "\n")
