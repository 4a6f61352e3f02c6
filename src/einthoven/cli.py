"""The command line: one command, one thin function a verb.

Everything heavy is imported inside the verb that needs it, so that `einthoven --help` answers at once.
"""

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from einthoven import __version__
from einthoven.errors import EinthovenError
from einthoven.files import explain

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
PATH = click.Path(path_type=Path)


def _folds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """Fold numbers as people write them: 9, 1-8, 1,2,5 or none."""
    if value is None:
        return None
    folds: list[int] = []
    try:
        for part in [] if value == "none" else value.split(","):
            first, _, last = part.partition("-")
            span = range(int(first), int(last or first) + 1)
            if not span:
                raise ValueError
            folds += span
    except ValueError:
        raise click.BadParameter(f"{value!r} is no list of folds; write 9, 1-8, 1,2,5 or none.") from None
    return tuple(folds)


def main() -> NoReturn:
    """Run the command line. What a user did wrong gives one sentence and exit code 2."""
    try:
        code = cli(prog_name="einthoven", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except EinthovenError as error:
        _stop(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("einthoven"):
            raise
        extra = "evaluate" if error.name in ("pandas", "sklearn", "matplotlib", "jinja2") else "train"
        _stop(f"This needs {error.name}, which is not installed: pip install 'einthoven[{extra}]'.")
    except BrokenPipeError:  # the reader of our output, such as head, has gone
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _stop(str(explain(error)))
    except (click.Abort, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


def _print(table: Any) -> None:
    """Print a rich table; whole also where the output is piped and has no width."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(table)


def _stop(sentence: str) -> NoReturn:
    sys.stderr.write(f"Error: {sentence}\n")
    sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="einthoven")
def cli() -> None:
    """Open 12-lead ECG interpretation: train on PTB-XL and measure as the field measures.

    Research software, not a medical device.

    \b
    A first run, on simulated tracings:
      einthoven data simulate sim
      einthoven train --data sim --out runs/first --epochs 5
      einthoven evaluate runs/first

    \b
    The real thing (CC BY 4.0, 0.6 GB at 100 Hz, 3 GB more at 500 Hz):
      einthoven data get ptb-xl --rate 100
      einthoven train --data ptb-xl --model smigiel-conv --task superclass --out runs/conv
      einthoven evaluate runs/conv --fold 10
    """


@cli.group()
def data() -> None:
    """Get PTB-XL, check a copy of it, or simulate its like."""


@data.command()
@click.argument("folder", type=FOLDER)
@click.option("--rate", type=click.Choice(["100", "500"]), help="Only this sampling rate, in Hz. [both]")
@click.option("--base-url", help="Another server with the same files. [default: PhysioNet]")
@click.option("--connections", type=click.IntRange(1, 32), default=8, show_default=True)
def get(folder: Path, rate: str | None, base_url: str | None, connections: int) -> None:
    """Download PTB-XL 1.0.3 into FOLDER, checking every file.

    Goes on where it was stopped. Run it again at any time: it fetches only what is missing or damaged.
    """
    from einthoven.ptbxl.download import BASE_URL, download

    summary = download(folder, int(rate) if rate else None, base_url or BASE_URL, connections)
    click.echo(summary)


@data.command()
@click.argument("folder", type=FOLDER)
def check(folder: Path) -> None:
    """Say whether the copy of PTB-XL in FOLDER is complete and whole; name what is damaged.

    Exit code 2 when anything is damaged. Having only one sampling rate is not damage.
    """
    from einthoven.ptbxl.check import check as check_folder

    report = check_folder(folder)
    for line in report.lines():
        click.echo(line)
    sys.exit(0 if report.whole else 2)


@data.command()
@click.argument("folder", type=FOLDER)
@click.option("--records", type=int, default=1000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--rate", "rates", type=click.Choice(["100", "500"]), multiple=True, default=["100"], show_default=True)
def simulate(folder: Path, records: int, seed: int, rates: tuple[str, ...]) -> None:
    """Write SIMULATED 12-lead ECGs into FOLDER in PTB-XL's layout, for demonstrations and tests only."""
    from einthoven.simulate.dataset import simulate as simulate_folder

    simulate_folder(folder, records, seed, [int(rate) for rate in rates])
    click.echo(f"{folder}: {records} simulated records (not real patients)")


@cli.command()
@click.option("--data", help="Folder with PTB-XL.")
@click.option("--model", help="Network; an unknown name lists the known ones. [smigiel-conv]")
@click.option("--task", "tasks", multiple=True, help="Task to learn; several may be given. [default: superclass]")
@click.option("--out", type=FOLDER, help="Folder of the new run.")
@click.option("--config", "file", type=FILE, help="TOML file with any of the settings below; options win over it.")
@click.option("--resume", "resumed", type=FOLDER, help="Go on with this run, which was stopped.")
@click.option("--rate", type=int, help="Sampling rate in Hz, 100 or 500. [100]")
@click.option("--window", type=float, help="What the network sees at once, in s. [10]")
@click.option("--stride", type=float, help="Distance of the windows averaged afterwards, in s. [1.25]")
@click.option("--train-folds", callback=_folds, metavar="FOLDS", help="[1-8]")
@click.option(
    "--validation-folds",
    callback=_folds,
    metavar="FOLDS",
    help="Selects the best epoch, sets thresholds; or none. [9]",
)
@click.option("--epochs", type=int, help="[15]")
@click.option("--batch-size", type=int, help="[64]")
@click.option("--optimizer", help="adamw or adam. [adamw]")
@click.option("--schedule", help="Of the learning rate: one-cycle or constant. [one-cycle]")
@click.option("--learning-rate", type=float, help="The highest of the schedule. [0.005]")
@click.option("--weight-decay", type=float, help="[0.01]")
@click.option("--standardise/--no-standardise", default=None, help="Scale by the training folds' mean and deviation.")
@click.option("--keep", help="Weights of the best epoch by validation macro AUROC, or the last. [best]")
@click.option("--seed", type=int, help="[0]")
@click.option("--devices", type=click.IntRange(1), default=1, show_default=True, help="GPUs, or processes on CPU.")
def train(out: Path | None, file: Path | None, resumed: Path | None, devices: int, **settings: Any) -> None:
    """Train a network on PTB-XL into a run folder.

    The defaults work; a network may bring its own (`seed` does). Stopped at any moment, --resume goes on.
    The run holds config.json, log.csv (a line an epoch), model.pt and checkpoint.pt.
    """
    if not settings["tasks"]:
        del settings["tasks"]
    given = {name: value for name, value in settings.items() if value is not None}
    if resumed and (out or file or given):
        raise click.UsageError("--resume takes the run's own settings; give no others with it.")
    if not resumed and not out:
        raise click.UsageError("Give --out, the folder for the new run, or --resume.")

    from einthoven.train.config import TrainConfig
    from einthoven.train.loop import resume as resume_run
    from einthoven.train.loop import train as train_run

    try:
        if resumed:
            run = resume_run(resumed, devices)
        else:
            assert out is not None
            run = train_run(TrainConfig.make(given, file), out, devices)
    except KeyboardInterrupt:
        if (place := resumed or out) and (place / "config.json").exists():
            click.echo(f"`einthoven train --resume {place}` goes on after the last whole epoch.", err=True)
        raise
    if os.environ.get("RANK", "0") == "0" and os.environ.get("LOCAL_RANK", "0") == "0":
        click.echo(f"{run.folder}: trained; now `einthoven evaluate {run.folder}`")


@cli.command()
@click.argument("run", type=FOLDER)
@click.option("--data", "folder", type=FOLDER, help="Folder with PTB-XL. [default: the one the run was trained on]")
@click.option(
    "--fold",
    "folds",
    callback=_folds,
    metavar="FOLDS",
    default="10",
    show_default=True,
    help="Fold or folds to measure on.",
)
@click.option("--out", type=FOLDER, help="Folder for the results. [default: RUN/results]")
@click.option("--rounds", type=click.IntRange(1), default=1000, show_default=True, help="Bootstrap rounds.")
def evaluate(run: Path, folder: Path | None, folds: tuple[int, ...], out: Path | None, rounds: int) -> None:
    """Measure what a run is worth, and write its results page.

    Thresholds come from the run's validation folds. Writes metrics.json, predictions.csv, results.html and PNG
    figures, and prints the table.
    """
    from einthoven.evaluate.report import write_results
    from einthoven.evaluate.results import evaluate as measure
    from einthoven.evaluate.tables import summary_table
    from einthoven.ptbxl.dataset import Dataset
    from einthoven.train.predict import predict
    from einthoven.train.run import Run

    if not folds:
        raise click.UsageError("--fold names no fold; give 10, or several such as 1-8.")
    trained = Run.open(run)
    dataset = Dataset.open(folder or Path(trained.config.data), trained.config.rate)
    validation = trained.config.validation_folds
    predictions = predict(trained, dataset, tuple(sorted({*folds, *validation})))
    metrics = measure(
        predictions,
        dataset.annotations,
        fold=folds,
        validation_folds=validation,
        model=trained.config.model,
        run=trained.description(),
        rounds=rounds,
    )
    place = out or run / "results"
    write_results(metrics, predictions, dataset.annotations, place)
    _print(summary_table(metrics))
    click.echo(f"{place / 'results.html'}: open it in a browser", err=True)


@cli.command()
@click.argument("first", type=PATH)
@click.argument("second", type=PATH)
@click.option("--data", "folder", type=FOLDER, help="Folder with PTB-XL. [default: the one a run was trained on]")
@click.option("--fold", type=int, default=10, show_default=True)
@click.option("--task", default="superclass", show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=1000, show_default=True, help="Bootstrap rounds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def compare(first: Path, second: Path, folder: Path | None, fold: int, task: str, rounds: int, as_json: bool) -> None:
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
    found = difference(a, b, annotations, fold=fold, task=task, rounds=rounds)
    if as_json:
        click.echo(json.dumps(found, indent=1))
    else:
        _print(comparison_table(found, str(first), str(second)))
