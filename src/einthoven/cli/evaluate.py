"""`einthoven evaluate` and `einthoven compare`: what models are worth."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from einthoven.cli.common import FOLDER, PATH, fold_list, print_table
from einthoven.errors import EinthovenError
from einthoven.terminal import print_escaped

if TYPE_CHECKING:
    from einthoven.evaluate.predictions import Predictions
    from einthoven.ptbxl.annotations import Annotations


@click.command()
@click.argument("model", metavar="RUN_OR_BUNDLE")
@click.option("--data", "folder", type=FOLDER, help="Folder with PTB-XL. [default: the one the run was trained on]")
@click.option(
    "--fold",
    "folds",
    callback=fold_list,
    metavar="FOLDS",
    default="10",
    show_default=True,
    help="Fold or folds to measure on.",
)
@click.option("--task", "tasks", multiple=True, help="Task to measure; several may be given. [all that it answers]")
@click.option("--out", type=FOLDER, help="Folder for the results. [default for a run: RUN/results]")
@click.option("--resamples", type=click.IntRange(1), default=1000, show_default=True, help="Bootstrap resamples.")
@click.option("--uncalibrated", is_flag=True, help="A bundle's scores as the run gave them, before calibration.")
@click.option("--into-card", is_flag=True, help="Also write the figures into the bundle's card.json.")
def evaluate(
    model: str,
    folder: Path | None,
    folds: tuple[int, ...],
    tasks: tuple[str, ...],
    out: Path | None,
    resamples: int,
    uncalibrated: bool,
    into_card: bool,
) -> None:
    """Measure what a run or a bundle is worth, and write its results page.

    Give a run's folder, a bundle's folder, or a shipped bundle by name (`einthoven models` lists them), which
    needs no torch. Thresholds come from the validation folds. Writes metrics.json, predictions.csv, results.html
    and PNG figures, and prints the table.
    """
    from einthoven.evaluate.card import write_results_into
    from einthoven.evaluate.evaluation import evaluate as measure
    from einthoven.evaluate.results import write_results
    from einthoven.evaluate.tables import summary_table
    from einthoven.model.bundle import find
    from einthoven.model.bundle_files import CARD

    if not folds:
        raise click.UsageError("--fold names no fold; give 10, or several such as 1-8.")
    if Path(model).is_dir() and not (Path(model) / CARD).exists():
        if uncalibrated or into_card:
            raise click.UsageError("--uncalibrated and --into-card are for bundles; this is a run.")
        subject, place = _run(Path(model), folder, folds), out or Path(model) / "results"
    else:
        find(model)  # a name that nobody knows is answered before what else is missing
        if into_card and tasks:
            raise click.UsageError("--into-card needs all tasks; leave --task out.")
        if not folder or not out:
            raise click.UsageError("For a bundle, give --data (PTB-XL) and --out (the results).")
        subject, place = _bundle(model, folder, folds, uncalibrated), out
    evaluation = measure(
        subject.predictions,
        subject.annotations,
        fold=folds,
        validation_folds=subject.validation_folds,
        model=subject.name,
        run=subject.description,
        tasks=tasks,
        n_resamples=resamples,
    )
    write_results(evaluation, subject.predictions, subject.annotations, place)
    if into_card:
        write_results_into(find(model), evaluation)
    print_table(summary_table(evaluation))
    print_escaped(f"{place / 'results.html'}: open it in a browser", sys.stderr)


class _Subject(NamedTuple):
    """What is measured."""

    name: str
    description: dict[str, Any]
    validation_folds: tuple[int, ...]
    annotations: "Annotations"
    predictions: "Predictions"


def _run(path: Path, folder: Path | None, folds: tuple[int, ...]) -> _Subject:
    from einthoven.ptbxl.dataset import Dataset
    from einthoven.train.predict import predict
    from einthoven.train.run import Run

    run = Run.open(path)
    config = run.config
    dataset = Dataset.open(folder or Path(config.data), config.rate)
    predictions = predict(run, dataset, tuple(sorted({*folds, *config.validation_folds})))
    return _Subject(config.model, run.description(), config.validation_folds, dataset.annotations, predictions)


def _bundle(model: str, folder: Path, folds: tuple[int, ...], uncalibrated: bool) -> _Subject:
    from einthoven.evaluate.bundles import calibrate_predictions, predict_with_bundle
    from einthoven.model.bundle import Bundle
    from einthoven.ptbxl.dataset import Dataset

    bundle = Bundle.load(model)
    card = bundle.card
    dataset = Dataset.open(folder, card.rate)
    scores = predict_with_bundle(bundle, dataset, tuple(sorted({*folds, *card.validation_folds})))
    predictions = scores if uncalibrated else calibrate_predictions(bundle, scores)
    return _Subject(card.name, card.description(), card.validation_folds, dataset.annotations, predictions)


@click.command()
@click.argument("first", type=PATH)
@click.argument("second", type=PATH)
@click.option("--data", "folder", type=FOLDER, help="Folder with PTB-XL. [default: the one a run was trained on]")
@click.option("--fold", type=int, default=10, show_default=True)
@click.option("--task", default="superclass", show_default=True)
@click.option("--resamples", type=click.IntRange(1), default=1000, show_default=True, help="Bootstrap resamples.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def compare(
    first: Path, second: Path, folder: Path | None, fold: int, task: str, resamples: int, as_json: bool
) -> None:
    """Is SECOND better than FIRST? Paired bootstrap differences on the records that both predicted.

    Each is a run that was evaluated, or a CSV file with the columns ecg_id, label, probability: the predictions
    of anybody's model.
    """
    import json

    from einthoven.evaluate.compare import compare as difference
    from einthoven.evaluate.predictions import Predictions
    from einthoven.evaluate.tables import comparison_table
    from einthoven.ptbxl.annotations import Annotations

    files = []
    for path in (first, second):
        if path.is_dir():
            from einthoven.train.run import Run

            folder = folder or Path(Run.open(path).config.data)
            files.append(path / "results" / "predictions.csv")
            if not files[-1].exists():
                raise EinthovenError(f"{files[-1]}: not found; run `einthoven evaluate {path}` first.")
        else:
            files.append(path)
    if not folder:
        raise click.UsageError("Give --data: two predictions files do not say where PTB-XL lies.")
    annotations = Annotations.read(folder)
    a, b = (Predictions.read(file, annotations.known_labels()) for file in files)
    comparison = difference(a, b, annotations, fold=fold, task=task, n_resamples=resamples)
    if as_json:
        click.echo(json.dumps(comparison.to_dict(), indent=1))
    else:
        print_table(comparison_table(comparison, str(first), str(second)))
