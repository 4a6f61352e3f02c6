"""Train the rhythm layer of the bundles (`src/einthoven/model/rhythm_layer.json`) on PTB-XL.

    configs/acute/train.sh ptb-xl
    python benchmarks/fit/rhythm_layer.py --data ptb-xl --runs runs/acute/without-* [--beats beats.npz] [--write]

The layer corrects scores by the RR intervals of the whole recording. It learns from folds 1-8, with the scores of three
networks, each trained without three folds, of the folds that they have not seen. Of the candidates, it corrects the
labels whose AUROC rises by at least MIN_GAIN there, cross-validated over patients. Prints this gain, and the gain on
fold 9, which chose nothing, as Markdown. `--beats` keeps the heartbeats in a file for the next time; without `--write`
nothing is changed. Needs torch.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn import functional as F

from einthoven.arrays import Float64Array
from einthoven.datasets.dataset import Dataset
from einthoven.files import write_text
from einthoven.model.calibration import Calibration, logit
from einthoven.model.calibration import fit as fit_calibration
from einthoven.model.rhythm_layer import ONLY_LOWERED, PACKAGED, RhythmLayer
from einthoven.signal.bands import RATE, common_slope
from einthoven.signal.beat_times import beat_times
from einthoven.signal.rr_intervals import FEATURES, describe
from einthoven.train.predict import predict
from einthoven.train.run import Run

FOLDS = tuple(range(1, 10))
CANDIDATES = (
    "SR", "AFIB", "STACH", "SARRH", "SBRAD", "SVARR", "BIGU", "TRIGU", "PAC", "PVC", "AFLT", "SVTAC", "PSVT", "PACE",
)  # fmt: skip
MIN_GAIN = 0.005  # of AUROC
PARTS = 3  # of the cross-validation
HIDDEN, EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY, DROPOUT = 24, 40, 256, 3e-3, 0.3, 0.2
UNKNOWN = 0.1  # share of the records whose RR intervals are hidden, as those of noisy ones are
SHIFTED, SHIFT_S = 4, 0.005  # copies of each record with beats shifted by so much, for steady answers
DIGITS = 5


class Table(NamedTuple):
    """The data that the fit needs of each record."""

    rr: np.ndarray
    """RR features, shape (records, 1 + SHIFTED, FEATURES)."""
    scores: np.ndarray
    """Scores, shape (records, labels), of a network that has not seen the record."""
    truth: np.ndarray
    """Labels, shape (records, labels)."""
    folds: np.ndarray
    patients: np.ndarray

    def part(self, member: np.ndarray) -> "Table":
        return Table(*[values[member] for values in self])


def rr_of(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return RR features (1 + SHIFTED, records, FEATURES) of PTB-XL's records: as measured, and with shifted beats."""
    rng = np.random.default_rng(0)
    times = [np.array(beat_times(common_slope(dataset.signals[row] / np.float32(1000), RATE))) for row in rows]
    shifts = (0.0, *[SHIFT_S] * SHIFTED)
    return np.array([[describe((at + rng.normal(0, shift, len(at))).tolist()) for at in times] for shift in shifts])


def build(dataset: Dataset, runs: Sequence[Path], kept: Path | None) -> Table:
    """Build the table of folds 1 to 9."""
    rows, scores = [], []
    for folder in runs:
        run = Run.open(folder)
        unseen = tuple(fold for fold in FOLDS if fold not in run.config.train_folds)
        columns = [run.labels.index(label) for label in CANDIDATES]
        rows.append(dataset.rows(unseen))
        scores.append(predict(run, dataset, unseen).probabilities[:, columns])
    row = np.concatenate(rows)
    if kept and kept.exists():
        rr = np.load(kept)["rr"]
    else:
        rr = rr_of(dataset, row)
        if kept:
            np.savez_compressed(kept, rr=rr)
    annotations = dataset.annotations
    truth = annotations.labels(CANDIDATES)[row]
    return Table(rr.swapaxes(0, 1), np.concatenate(scores), truth, annotations.folds[row], annotations.patients[row])


def train(table: Table, labels: Sequence[str]) -> RhythmLayer:
    """Train a layer that corrects some of CANDIDATES."""
    torch.manual_seed(0)
    at = [CANDIDATES.index(label) for label in labels]
    scores, truth = table.scores[:, at], table.truth[:, at]
    calibrations = [fit_calibration(y, s) for y, s in zip(truth.T, scores.T, strict=True)]
    log_odds = np.stack([c.slope * logit(s) + c.intercept for c, s in zip(calibrations, scores.T, strict=True)], 1)
    centre, spread = table.rr[:, 0].mean(0), np.maximum(table.rr[:, 0].std(0), 1e-3)
    hidden, output = nn.Linear(len(labels) + len(FEATURES), HIDDEN), nn.Linear(HIDDEN, len(labels))
    nn.init.zeros_(output.weight)
    nn.init.zeros_(output.bias)
    optimizer = torch.optim.AdamW(
        [*hidden.parameters(), *output.parameters()], LEARNING_RATE, weight_decay=WEIGHT_DECAY
    )
    steps = EPOCHS * (len(scores) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, steps)
    known = torch.from_numpy((table.rr - centre) / spread).float()
    unknown = torch.from_numpy(-centre / spread).float()
    before, bounded = (torch.from_numpy(values).float() for values in (log_odds, RhythmLayer.bounded(log_odds)))
    targets = torch.from_numpy(truth).float()
    lowered = torch.tensor([label in ONLY_LOWERED for label in labels])
    for _ in range(steps):
        chosen = torch.randint(0, len(scores), (BATCH,))
        rr = known[chosen, torch.randint(0, known.shape[1], (BATCH,))]
        rr = torch.where(torch.rand(BATCH, 1) < UNKNOWN, unknown, rr)
        # forward
        units = F.relu(hidden(torch.cat([bounded[chosen], rr], 1)))
        added = output(F.dropout(units, DROPOUT))
        corrected = before[chosen] + torch.where(lowered, -F.softplus(added), added)
        loss = F.binary_cross_entropy_with_logits(corrected, targets[chosen], reduction="none").sum(1).mean()
        # backward
        optimizer.zero_grad()
        loss.backward()
        # step
        optimizer.step()
        schedule.step()
    weights = [
        np.round(np.vstack([layer.weight.detach().numpy().T, layer.bias.detach().numpy()]).astype(float), DIGITS)
        for layer in (hidden, output)
    ]
    rounded = tuple(Calibration(round(c.slope, DIGITS), round(c.intercept, DIGITS)) for c in calibrations)
    return RhythmLayer(tuple(labels), rounded, np.round(centre, DIGITS), np.round(spread, DIGITS), *weights)


def cross_validated(table: Table, labels: Sequence[str]) -> np.ndarray:
    """Return scores (records, CANDIDATES), each part of the patients corrected by a layer trained on the others."""
    corrected = table.scores.copy()
    for part in range(PARTS):
        out = table.patients % PARTS == part
        corrected[out] = train(table.part(~out), labels).correct(table.scores[out], CANDIDATES, table.rr[out, 0])
    return corrected


def aurocs(table: Table, scores: Float64Array) -> dict[str, float]:
    """Return the AUROC of each candidate; NaN without positive records."""
    columns = zip(CANDIDATES, table.truth.T, scores.T, strict=True)
    return {label: roc_auc_score(y, s) if y.any() else np.nan for label, y, s in columns}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--beats", type=Path)
    parser.add_argument("--write", action="store_true", help="replace the package's layer")
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = build(Dataset.open(options.data), options.runs, options.beats)
    of_fit = table.folds < FOLDS[-1]
    training, nine = table.part(of_fit), table.part(~of_fit)
    before, after = (aurocs(training, s) for s in (training.scores, cross_validated(training, CANDIDATES)))
    labels = [label for label in CANDIDATES if after[label] - before[label] >= MIN_GAIN]
    layer = train(training, labels)
    nine_before = aurocs(nine, nine.scores)
    nine_after = aurocs(nine, layer.correct(nine.scores, CANDIDATES, nine.rr[:, 0]))
    hidden = aurocs(nine, layer.correct(nine.scores, CANDIDATES, np.zeros_like(nine.rr[:, 0])))
    print("| label | records | folds 1-8 | cross-validated | fold 9 | corrected | RR intervals unknown |")
    print("|---|---|---|---|---|---|---|")
    for k, label in enumerate(CANDIDATES):
        figures = [f"{values[label]:.3f}" for values in (before, after, nine_before, nine_after, hidden)]
        chosen = f"**{label}**" if label in labels else label
        print(f"| {chosen} | {training.truth[:, k].sum():,} | {' | '.join(figures)} |")
    if options.write:
        write_text(PACKAGED, json.dumps(layer.to_dict()) + "\n")
    package = RhythmLayer.parse(PACKAGED.read_bytes(), PACKAGED)
    package = replace(package, calibrations=layer.calibrations)
    if package.labels == layer.labels:
        same = (
            layer.correct(nine.scores, CANDIDATES, nine.rr[:, 0]),
            package.correct(nine.scores, CANDIDATES, nine.rr[:, 0]),
        )
        print(f"\nScores differ from the package's layer by {np.abs(same[0] - same[1]).max():.2g} at most")
    else:
        print(f"\nThe package's layer corrects {', '.join(package.labels)}")


if __name__ == "__main__":
    main()
