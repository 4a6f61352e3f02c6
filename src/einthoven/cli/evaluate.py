"""`einthoven evaluate` and `einthoven compare`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from einthoven.cli.answers import evaluate_answers
from einthoven.cli.common import FOLDER, PATH, fold_list, print_table, resamples_option
from einthoven.errors import EinthovenError
from einthoven.terminal import print_escaped

if TYPE_CHECKING:
    from einthoven.evaluate.predictions import Predictions
    from einthoven.ptbxl.annotations import Annotations


@click.command()
@click.argument("model", metavar="RUN|BUNDLE")
@click.option("--data", "folder", type=FOLDER, help="Folder with PTB-XL.  [default: the one the run was trained on]")
@click.option(
    "--fold",
    "folds",
    type=fold_list,
    metavar="FOLDS",
    default="10",
    show_default=True,
    help="Folds to evaluate on: 10, 1-8 or 1,2,5.",
)
@click.option("--task", "tasks", multiple=True, help="Task to evaluate. Repeat it for several.  [default: all]")
@click.option("--out", type=FOLDER, help="Folder for the results; a bundle needs it.  [default for a run: RUN/results]")
@resamples_option
@click.option("--uncalibrated", is_flag=True, help="Evaluate a bundle's scores before calibration.")
@click.option("--into-card", is_flag=True, help="Also write the figures into the bundle's card.json.")
@click.option(
    "--as-answered",
    is_flag=True,
    help="Measure the answers of the whole engine (quality gate, rhythm, criteria, consistency) next to the bare "
    "model, and write as-answered.json.",
)
@click.option("--workers", type=click.IntRange(1), help="Worker processes of --as-answered.  [default: one per CPU]")
def evaluate(
    model: str,
    folder: Path | None,
    folds: tuple[int, ...],
    tasks: tuple[str, ...],
    out: Path | None,
    n_resamples: int,
    uncalibrated: bool,
    into_card: bool,
    as_answered: bool,
    workers: int | None,
) -> None:
    """Evaluate a run or a bundle on PTB-XL, and write a results page.

    Give the folder of a run, the folder of a bundle, or the name of a shipped bundle (see `einthoven models`). Bundles
    need no torch. The validation folds set the thresholds.

    Prints a table, and writes metrics.json, predictions.csv, results.html and PNG figures. With --as-answered, a bundle
    is measured as users get it: every record is interpreted, refusals included.

    \b
    Examples:
      einthoven evaluate runs/first
      einthoven evaluate runs/first --fold 9 --task superclass
      einthoven evaluate default --data ptb-xl --out results
      einthoven evaluate default --data ptb-xl --out results --as-answered
    """
    from einthoven.evaluate.card import write_results_into
    from einthoven.evaluate.evaluation import evaluate as measure
    from einthoven.evaluate.results import check_folder, write_results
    from einthoven.evaluate.tables import summary_table
    from einthoven.model.bundle import bundle_folder
    from einthoven.model.bundle_files import CARD

    if not folds:
        raise click.UsageError("--fold must name at least one fold; write 10, 1-8 or 1,2,5.")
    if as_answered:
        if tasks or uncalibrated or into_card:
            raise click.UsageError("--as-answered goes without --task, --uncalibrated and --into-card.")
        if not folder or not out:
            raise click.UsageError("--as-answered needs --data (the folder with PTB-XL) and --out (for the results).")
        evaluate_answers(model, folder, folds, out, n_resamples, workers)
        return
    if workers:
        raise click.UsageError("--workers is for --as-answered.")
    if Path(model).is_dir() and not (Path(model) / CARD).exists():
        if uncalibrated or into_card:
            raise click.UsageError(
                f"{model} is a run; leave out --uncalibrated and --into-card, which are for bundles."
            )
        results = out or Path(model) / "results"
        subject = _run(Path(model), folder, folds, results)
    else:
        bundle_folder(model)  # an unknown name is reported before missing options
        if into_card and tasks:
            raise click.UsageError("--into-card needs the figures of all tasks; leave out --task.")
        if not folder or not out:
            raise click.UsageError(
                "A bundle needs --data (the folder with PTB-XL) and --out (the folder for the results)."
            )
        results = out
        if into_card:
            check_folder(bundle_folder(model), [CARD])
        subject = _bundle(model, folder, folds, results, uncalibrated)
    evaluation = measure(
        subject.predictions,
        subject.annotations,
        fold=folds,
        validation_folds=subject.validation_folds,
        model=subject.name,
        run=subject.description,
        tasks=tasks,
        n_resamples=n_resamples,
    )
    write_results(evaluation, subject.predictions, subject.annotations, results)
    if into_card:
        write_results_into(bundle_folder(model), evaluation)
    print_table(summary_table(evaluation))
    print_escaped(f"Open {results / 'results.html'} in a browser.", sys.stderr)


class _Subject(NamedTuple):
    """A model with its predictions and what they are evaluated against."""

    name: str
    description: dict[str, Any]
    validation_folds: tuple[int, ...]
    annotations: "Annotations"
    predictions: "Predictions"


def _run(path: Path, folder: Path | None, folds: tuple[int, ...], results: Path) -> _Subject:
    from einthoven.evaluate.results import check_folder
    from einthoven.ptbxl.dataset import Dataset
    from einthoven.train.predict import predict
    from einthoven.train.run import Run

    run = Run.open(path)
    check_folder(results)  # before the long prediction
    config = run.config
    dataset = Dataset.open(folder or Path(config.data), config.rate)
    predictions = predict(run, dataset, tuple(sorted({*folds, *config.validation_folds})))
    return _Subject(config.model, run.description(), config.validation_folds, dataset.annotations, predictions)


def _bundle(model: str, folder: Path, folds: tuple[int, ...], results: Path, uncalibrated: bool) -> _Subject:
    from einthoven.evaluate.bundles import calibrate_predictions, predict_with_bundle
    from einthoven.evaluate.results import check_folder
    from einthoven.model.bundle import Bundle
    from einthoven.ptbxl.dataset import Dataset

    bundle = Bundle.load(model)
    check_folder(results)  # before the long prediction
    card = bundle.card
    dataset = Dataset.open(folder, card.rate)
    scores = predict_with_bundle(bundle, dataset, tuple(sorted({*folds, *card.validation_folds})))
    predictions = scores if uncalibrated else calibrate_predictions(bundle, scores)
    return _Subject(card.name, card.description(), card.validation_folds, dataset.annotations, predictions)


@click.command()
@click.argument("first", type=PATH)
@click.argument("second", type=PATH)
@click.option("--data", "folder", type=FOLDER, help="Folder with PTB-XL.  [default: the one a run was trained on]")
@click.option("--fold", type=int, default=10, show_default=True, help="Fold to compare on.")
@click.option("--task", default="superclass", show_default=True, help="Task to compare on.")
@resamples_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def compare(
    first: Path, second: Path, folder: Path | None, fold: int, task: str, n_resamples: int, as_json: bool
) -> None:
    """Compare the predictions of two models with a paired bootstrap.

    FIRST and SECOND are each the folder of an evaluated run, or a CSV file with the columns ecg_id, label and
    probability, which any model can write. The differences are SECOND minus FIRST, on the records that both predicted.

    \b
    Examples:
      einthoven compare runs/first runs/second
      einthoven compare runs/first other.csv --json
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
                raise EinthovenError(f"not found; run `einthoven evaluate {path}` first.", files[-1])
        else:
            files.append(path)
    if not folder:
        raise click.UsageError("Give --data: CSV files do not state where PTB-XL is.")
    annotations = Annotations.read(folder)
    a, b = (Predictions.read(file, annotations.known_labels()) for file in files)
    comparison = difference(a, b, annotations, fold=fold, task=task, n_resamples=n_resamples)
    if as_json:
        click.echo(json.dumps(comparison.to_dict(), indent=1))
    else:
        print_table(comparison_table(comparison, str(first), str(second)))
