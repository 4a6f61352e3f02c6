"""`einthoven evaluate` and `einthoven compare`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from einthoven.cli.answers import evaluate_answers
from einthoven.cli.common import FOLDER, PATH, TEST_FOLD, fold_list, print_table, resamples_option
from einthoven.errors import EinthovenError
from einthoven.terminal import print_escaped

if TYPE_CHECKING:
    from einthoven.datasets.annotations import Annotations
    from einthoven.evaluate.predictions import Predictions
    from einthoven.model.card import Card


@click.command()
@click.argument("model", metavar="RUN|BUNDLE")
@click.option(
    "--data",
    "folder",
    type=FOLDER,
    help="Folder of PTB-XL or of an imported set.  [default: the one the run was trained on]",
)
@click.option(
    "--fold",
    "folds",
    type=fold_list,
    metavar="FOLDS",
    help="Folds to evaluate on: 10, 1-8 or 1,2,5.  [default: 10; all of a set that the bundle was not trained on]",
)
@click.option("--task", "tasks", multiple=True, help="Task to evaluate. Repeat it for several.  [default: all]")
@click.option("--out", type=FOLDER, help="Folder for the results; a bundle needs it.  [default for a run: RUN/results]")
@resamples_option
@click.option("--uncalibrated", is_flag=True, help="Evaluate a bundle's scores before calibration.")
@click.option(
    "--recalibrate",
    type=fold_list,
    metavar="FOLDS",
    help="Refit a bundle's calibration and thresholds on these folds of an imported set, write it to --out-bundle, "
    "and evaluate it on the other folds.",
)
@click.option("--out-bundle", type=FOLDER, help="Folder of the bundle that --recalibrate writes.")
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
    folds: tuple[int, ...] | None,
    tasks: tuple[str, ...],
    out: Path | None,
    n_resamples: int,
    uncalibrated: bool,
    recalibrate: tuple[int, ...] | None,
    out_bundle: Path | None,
    into_card: bool,
    as_answered: bool,
    workers: int | None,
) -> None:
    """Evaluate a run or a bundle, and write a results page.

    The data are PTB-XL or an imported set. Give the folder of a run, the folder of a bundle, or the name of a shipped
    bundle (see `einthoven models`). Bundles need no torch. The validation folds set the thresholds.

    On a set that a bundle was not trained on (an external validation), its card's calibration and thresholds hold.
    Labels that only one of both has are left out.

    Prints a table, and writes metrics.json, predictions.csv, results.html and PNG figures. With --as-answered, a bundle
    is measured as users get it: every record is interpreted, refusals included.

    \b
    Examples:
      einthoven evaluate runs/first
      einthoven evaluate runs/first --fold 9 --task superclass
      einthoven evaluate default --data ptb-xl --out results
      einthoven evaluate default --data ptb-xl --out results --as-answered
      einthoven evaluate default --data sets/mine --out results
      einthoven evaluate default --data sets/mine --out results --as-answered
      einthoven evaluate default --data sets/mine --out r --recalibrate 1-5 \\
        --out-bundle bundles/mine
    """
    from einthoven.evaluate.card import write_results_into
    from einthoven.evaluate.evaluation import evaluate as measure
    from einthoven.evaluate.evaluation import with_own_task
    from einthoven.evaluate.results import check_folder, write_results
    from einthoven.evaluate.tables import summary_table
    from einthoven.model.bundle_files import CARD, bundle_folder

    if folds == ():
        raise click.UsageError("--fold must name at least one fold; write 10, 1-8 or 1,2,5.")
    if as_answered:
        if tasks or uncalibrated or into_card or recalibrate:
            raise click.UsageError("--as-answered goes without --task, --uncalibrated, --recalibrate and --into-card.")
        if not folder or not out:
            raise click.UsageError(
                "--as-answered needs --data (the folder of the data set) and --out (for the results)."
            )
        evaluate_answers(model, folder, folds, out, n_resamples, workers)
        return
    if workers:
        raise click.UsageError("--workers is for --as-answered.")
    if Path(model).is_dir() and not (Path(model) / CARD).exists():
        if uncalibrated or into_card or recalibrate:
            raise click.UsageError(
                f"{model} is a run; leave out --uncalibrated, --recalibrate and --into-card, which are for bundles."
            )
        results = out or Path(model) / "results"
        subject = _run(Path(model), folder, folds or TEST_FOLD, results)
    else:
        bundle_folder(model)  # an unknown name is reported before missing options
        if into_card and tasks:
            raise click.UsageError("--into-card needs the figures of all tasks; leave out --task.")
        if not folder or not out:
            raise click.UsageError(
                "A bundle needs --data (the folder of the data set) and --out (the folder for the results)."
            )
        results = out
        if into_card:
            check_folder(bundle_folder(model), [CARD])
        if (recalibrate is None) != (out_bundle is None) or recalibrate == ():
            raise click.UsageError("--recalibrate (folds) and --out-bundle (a new folder) go together.")
        if recalibrate and uncalibrated:
            raise click.UsageError("--recalibrate goes without --uncalibrated.")
        site = _Site(recalibrate, out_bundle, n_resamples) if recalibrate and out_bundle else None
        subject = _bundle(model, folder, folds, results, uncalibrated, site, into_card)
    annotations = with_own_task(subject.predictions, subject.annotations)
    evaluation = measure(
        subject.predictions,
        annotations,
        fold=subject.folds,
        validation_folds=subject.validation_folds,
        model=subject.name,
        run=subject.description,
        card=subject.card,
        external=subject.external,
        tasks=tasks,
        n_resamples=n_resamples,
    )
    write_results(evaluation, subject.predictions, annotations, results)
    if into_card:
        write_results_into(bundle_folder(model), evaluation)
    print_table(summary_table(evaluation))
    print_escaped(f"Open {results / 'results.html'} in a browser.", sys.stderr)


class _Subject(NamedTuple):
    """A model with its predictions and what they are evaluated against."""

    name: str
    description: dict[str, Any]
    folds: tuple[int, ...]
    validation_folds: tuple[int, ...]
    annotations: "Annotations"
    predictions: "Predictions"
    external: bool
    """Whether the model was trained on another data set."""
    card: "Card | None" = None
    """Card with the thresholds to use; None if the validation folds set them."""


class _Site(NamedTuple):
    """Settings for recalibrating a bundle."""

    folds: tuple[int, ...]
    out: Path
    n_resamples: int


def _run(path: Path, folder: Path | None, folds: tuple[int, ...], results: Path) -> _Subject:
    from einthoven.datasets.dataset import Dataset
    from einthoven.evaluate.results import check_folder
    from einthoven.train.predict import predict
    from einthoven.train.run import Run

    run = Run.open(path)
    check_folder(results)  # before the long prediction
    config = run.config
    dataset = Dataset.open(folder or Path(config.data), config.rate)
    external = dataset.annotations.facts.is_foreign_to(run.facts["data"])
    validation = () if external else config.validation_folds
    predictions = predict(run, dataset, tuple(sorted({*folds, *validation})))
    return _Subject(config.model, run.description(), folds, validation, dataset.annotations, predictions, external)


def _bundle(
    model: str,
    folder: Path,
    folds: tuple[int, ...] | None,
    results: Path,
    uncalibrated: bool,
    site: _Site | None,
    into_card: bool,
) -> _Subject:
    from einthoven.datasets.dataset import Dataset
    from einthoven.evaluate.bundles import calibrate_predictions, predict_with_bundle
    from einthoven.evaluate.recalibration import recalibrate
    from einthoven.evaluate.results import check_folder
    from einthoven.model.bundle import Bundle

    bundle = Bundle.load(model)
    check_folder(results)  # before the long prediction
    card = bundle.card
    dataset = Dataset.open(folder, card.rate)
    annotations = dataset.annotations
    external = annotations.facts.is_foreign_to(card.description()["data"])
    if site and not external:
        raise EinthovenError(f"{card.name} was trained on this data set; --recalibrate is for another one.", folder)
    if into_card and external:
        raise EinthovenError(
            f"{card.name} was not trained on this data set; its card states results on the one that it was trained on. "
            "Leave out --into-card: --out gets the external validation. For a card of this site, use --recalibrate.",
            folder,
        )
    if not external:
        folds = folds or TEST_FOLD
        scores = predict_with_bundle(bundle, dataset, tuple(sorted({*folds, *card.validation_folds})))
        predictions = scores if uncalibrated else calibrate_predictions(bundle, scores)
        return _Subject(card.name, card.description(), folds, card.validation_folds, annotations, predictions, external)
    others = sorted(set(map(int, annotations.folds)) - set(site.folds if site else ()))
    folds = folds or tuple(others)
    if site and (not folds or set(folds) & set(site.folds)):
        raise EinthovenError("--fold and --recalibrate need different folds.", folder)
    scores = predict_with_bundle(bundle, dataset, tuple(sorted({*folds, *(site.folds if site else ())})))
    if site:
        bundle = recalibrate(bundle, scores, annotations, site.folds, site.out, site.n_resamples)
        print_escaped(f"{bundle.folder}: recalibrated.", sys.stderr)
    predictions = scores if uncalibrated else calibrate_predictions(bundle, scores)
    description, own_card = bundle.card.description(), None if uncalibrated else bundle.card
    return _Subject(bundle.card.name, description, folds, (), annotations, predictions, external, own_card)


@click.command()
@click.argument("first", type=PATH)
@click.argument("second", type=PATH)
@click.option(
    "--data",
    "folder",
    type=FOLDER,
    help="Folder of PTB-XL or of an imported set.  [default: the one a run was trained on]",
)
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

    from einthoven.datasets.annotations import Annotations
    from einthoven.evaluate.compare import compare as difference
    from einthoven.evaluate.predictions import Predictions
    from einthoven.evaluate.tables import comparison_table

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
        raise click.UsageError("Give --data: CSV files do not state where the data set is.")
    annotations = Annotations.read(folder)
    known = None if annotations.facts.imported else annotations.known_labels()  # a set may lack a model's labels
    a, b = (Predictions.read(file, known) for file in files)
    comparison = difference(a, b, annotations, fold=fold, task=task, n_resamples=n_resamples)
    if as_json:
        click.echo(json.dumps(comparison.to_dict(), indent=1))
    else:
        print_table(comparison_table(comparison, str(first), str(second)))
