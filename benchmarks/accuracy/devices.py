"""Measure the cost of another recorder: networks trained on some recorders of PTB-XL and tested on the others.

    python benchmarks/accuracy/devices.py --data ptb-xl [--runs runs/devices] [--on-all runs/acute/without-*]
        [--statistics]

Trains the network of `edge` from random weights on folds 1-9 of AT-6 and AT-60, with and without an ambulance's noise,
unless `--runs` holds the networks already (about three minutes of CPU time each). Each is tested on CS-12, CS-12 E and
CS100, folds 1-9, without the patients that it was trained on. `--on-all` adds networks that configs/acute/train.sh
trained on all recorders, each on the folds that it has not seen. `--statistics` prints amplitudes and filters of each
recorder instead. Fold 10 is not used. Prints Markdown.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from common import millivolts
from lightning_fabric import Fabric
from small_qrs import measured_sizes

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.array_metrics import Ranking, mean_defined
from einthoven.evaluate.bootstrap import bootstrap
from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.train.batches import Inputs
from einthoven.train.config import TrainConfig
from einthoven.train.loop import TrainingLoop
from einthoven.train.predict import probabilities_of
from einthoven.train.run import Run

FOLDS = tuple(range(1, 10))
TRAINED_ON = ("AT-6", "AT-60")
TESTED_ON = ("CS-12", "CS-12 E", "CS100")
SETTINGS: Mapping[str, object] = {
    "model": "s4d-edge",
    "tasks": ("superclass", "statements", "acute"),
    "stride": 2.5,
    "epochs": 18,
    "augment": True,
    "auxiliary_weight": 0.5,
    "superclass_weight": 0.2,
    "acute_weight": 0.1,
    "train_folds": FOLDS,
    "validation_folds": (),
    "keep": "last",
}
"""Settings of configs/acute/fold-out.toml, but with two more epochs."""
VARIANTS: Mapping[str, Mapping[str, object]] = {"without noise": {}, "ambulance noise": {"ambulance_share": 0.3}}
ACUTE = "ACUTE"
LABELS = (*SUPERCLASSES, ACUTE)
MIN_POSITIVES = 20
N_RESAMPLES = 1000
STATISTICS_OF = 400  # records of each recorder
BANDS_HZ = {"below 0.6 Hz": (0.0, 0.6), "25 to 40 Hz": (25.0, 40.0), "above 40 Hz": (40.0, 50.0)}


def recorder(device: str) -> str:
    """Return the family of a PTB-XL recorder: its name without version and spaces."""
    words = device.split()
    if words[0].startswith("AT-60"):
        return "AT-60"
    if words[0].startswith("AT-6"):
        return "AT-6"
    return "CS-12 E" if words[:2] == ["CS-12", "E"] else words[0]


def rows_of(dataset: Dataset, recorders: Sequence[str]) -> np.ndarray:
    """Return the records of some recorders in folds 1-9."""
    families = np.array([recorder(str(device)) for device in dataset.annotations.table["device"]])
    return np.flatnonzero(np.isin(families, recorders) & np.isin(dataset.annotations.folds, FOLDS))


def trained(dataset: Dataset, config: TrainConfig, folder: Path) -> Run:
    """Return the run in a folder; train it on TRAINED_ON if it does not exist."""
    if (folder / "SHA256SUMS").exists():
        return Run.open(folder)
    annotations = dataset.annotations
    used = np.isin(np.arange(len(annotations.table)), rows_of(dataset, TRAINED_ON))
    table = annotations.table.assign(strat_fold=np.where(used, annotations.folds, 0))
    part = replace(dataset, annotations=replace(annotations, table=table))
    labels = tuple(dict.fromkeys(label for task in config.tasks for label in annotations.task(task)))
    run = Run.new(folder, config, labels, {"recorders": TRAINED_ON})
    fabric = Fabric(accelerator="cpu", devices=1, precision="32-true")
    fabric.launch()
    run.write_config()
    TrainingLoop(fabric, run, part).fit()
    return run


def print_results(dataset: Dataset, runs: Mapping[str, Run], on_all: Sequence[Run]) -> None:
    """Print the AUROC on each recorder, of networks that were not trained on it and of networks trained on all."""
    annotations, inputs = dataset.annotations, Inputs.from_dataset(dataset, str(SETTINGS["model"]))
    trained_patients = annotations.patients[rows_of(dataset, TRAINED_ON)]
    print("| tested on | records | trained | superclasses | MI | ACUTE | positives |\n|---|---|---|---|---|---|---|")
    for family in TESTED_ON:
        rows = rows_of(dataset, (family,))
        rows = rows[~np.isin(annotations.patients[rows], trained_patients)]
        truth = annotations.labels(LABELS)[rows].astype(bool)
        scores = {name: _scores(run, inputs, rows) for name, run in runs.items()}
        if on_all:
            scores["on all recorders"] = _unseen_scores(on_all, inputs, rows, annotations.folds[rows])
        for name, columns in scores.items():
            cells = areas(truth, columns, annotations.patients[rows])
            positives = f"{truth[:, LABELS.index('MI')].sum():,}, {truth[:, -1].sum()}"
            print(f"| {family} | {len(rows):,} | {name} | {' | '.join(cells)} | {positives} |", flush=True)


def _scores(run: Run, inputs: Inputs, rows: np.ndarray) -> np.ndarray:
    """Return the probabilities of LABELS."""
    p = probabilities_of(run.trained_model(), inputs, rows, run.config)
    return p[:, [run.labels.index(label) for label in LABELS]]


def _unseen_scores(runs: Sequence[Run], inputs: Inputs, rows: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the probabilities of LABELS, each record by the network that was not trained on its fold."""
    scores = np.full((len(rows), len(LABELS)), np.nan)
    for run in runs:
        unseen = ~np.isin(folds, run.config.train_folds)
        scores[unseen] = _scores(run, inputs, rows[unseen])
    return scores


def areas(truth: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> list[str]:
    """Return the AUROC with its 95 % interval over patients: mean of the superclasses, MI, ACUTE."""
    rankings = [Ranking.from_scores(p, y) for y, p in zip(truth.T, scores.T, strict=True)]
    known = truth.sum(axis=0) >= MIN_POSITIVES
    required = np.concatenate([truth[:, known], ~truth[:, known]], axis=1)

    def statistic(weights: np.ndarray) -> dict[str, np.ndarray]:
        each = np.stack([ranking.areas(weights)[0] for ranking in rankings], axis=-1)
        mean = mean_defined(each[:, : len(SUPERCLASSES)])
        return {"superclasses": mean, "MI": each[:, LABELS.index("MI")], ACUTE: each[:, -1]}

    estimates = bootstrap(statistic, patients, required, n_resamples=N_RESAMPLES)
    cells = [f"{estimates.interval(name):.3f}" for name in ("superclasses", "MI", ACUTE)]
    return cells if known[-1] else [*cells[:2], "-"]


def print_statistics(dataset: Dataset) -> None:
    """Print patients, amplitudes and filters of each recorder: medians, with the 5th and 95th percentile."""
    annotations, rng = dataset.annotations, np.random.default_rng(0)
    infarct, normal = annotations.labels(("MI", "NORM")).T.astype(bool)
    print(f"| recorder | records | MI | NORM | QRS, NORM only | {' | '.join(BANDS_HZ)} |")
    print(f"|---|---|---|---|---|{'---|' * len(BANDS_HZ)}")
    for family in (*TRAINED_ON, *TESTED_ON):
        rows = rows_of(dataset, (family,))
        shares = [f"{100 * of[rows].mean():.0f} %" for of in (infarct, normal)]
        chosen = rng.permutation(rows[normal[rows]])[:STATISTICS_OF]
        sizes = [size for size in measured_sizes(dataset, chosen) if not np.isnan(size)]
        bands = np.array([rms_in_bands(millivolts(dataset, row), dataset.rate) for row in chosen])
        cells = [_spread(sizes, 2), *(_spread(column, 3) for column in bands.T)]
        print(f"| {family} | {len(rows):,} | {' | '.join(shares)} | {' | '.join(cells)} |", flush=True)


def rms_in_bands(signal: np.ndarray, rate: int) -> list[float]:
    """Return the root mean square in mV of the usual lead in each of BANDS_HZ, without the mean."""
    spectrum = np.abs(np.fft.rfft(signal - signal.mean(axis=1, keepdims=True))) ** 2
    frequency = np.fft.rfftfreq(signal.shape[1], 1 / rate)
    power = 2 * spectrum / signal.shape[1] ** 2
    return [
        float(np.median(np.sqrt(power[:, (frequency >= low) & (frequency < high)].sum(axis=1))))
        for low, high in BANDS_HZ.values()
    ]


def _spread(values: Sequence[float] | np.ndarray, digits: int) -> str:
    low, median, high = np.percentile(values, [5, 50, 95])
    return f"{median:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, default=Path("runs/devices"))
    parser.add_argument("--on-all", type=Path, nargs="+", default=[], help="runs of configs/acute/train.sh, to compare")
    parser.add_argument("--statistics", action="store_true", help="print amplitudes and filters, and train nothing")
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    if options.statistics:
        print_statistics(dataset)
        return
    runs = {
        name: trained(
            dataset,
            TrainConfig.make({"data": str(options.data), **SETTINGS, **settings}),
            options.runs / name.replace(" ", "-"),
        )
        for name, settings in VARIANTS.items()
    }
    print_results(dataset, runs, list(map(Run.open, options.on_all)))


if __name__ == "__main__":
    main()
