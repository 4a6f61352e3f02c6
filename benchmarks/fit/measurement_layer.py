"""Train the measurement layer of the bundles (`src/einthoven/model/measurements.onnx`) on PTB-XL.

    python benchmarks/fit/measurement_layer.py --data ptb-xl [--features features.npz] [--write]

The layer predicts labels from measurements of the median beat and from RR intervals. It learns from folds 1-8. Boosted
trees read such numbers best, but their answers jump. So superclasses are learned from trees, in records whose numbers
are disturbed again and again; statements are learned from the labels. Prints what the layer adds to the shipped bundles
on fold 9, which chose only weight and limit, as Markdown. `--features` keeps the features in a file for the next time;
without `--write` nothing is changed. Needs torch.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn import functional as F

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.array_metrics import macro_auroc
from einthoven.files import atomic_write, write_text
from einthoven.model import measurement_layer as package
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import MEASUREMENTS, MEASUREMENTS_MODEL
from einthoven.model.calibration import Calibration
from einthoven.model.measurement_layer import FEATURES, MeasurementLayer
from einthoven.model.rhythm_layer import PACKAGED as RHYTHM_LAYER
from einthoven.onnx_session import load_session
from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.ptbxl.vocabulary import ACUTE_NAMES
from einthoven.recording import LEADS
from einthoven.signal.recording_features import RecordingFeatures
from einthoven.train.onnx_export import to_onnx

TRAINING, VALIDATION = tuple(range(1, 9)), 9
FLAGGED = ("pr_ms", "qt_ms", "cos_p_axis")  # the network also gets whether these are unknown
HIDDEN, EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY, DROPOUT = 256, 60, 128, 2e-3, 0.01, 0.1
LIMIT = 5.0  # of an input, in spreads
DISTURBED, EXCHANGED, NOISE = 10, 0.1, 0.1  # copies; largest share of numbers from another record; largest noise
WEIGHT, LIMIT_OF_CHANGE = 0.25, 0.5
MIN_RECORDS = 100  # positive ones for training; of fewer, fold 9 has too few to show a gain
TREES = {
    "max_iter": 600, "learning_rate": 0.03, "l2_regularization": 5, "max_leaf_nodes": 12, "min_samples_leaf": 30,
    "max_features": 0.3, "early_stopping": True, "n_iter_no_change": 30,
}  # fmt: skip
SEEDS = 2  # of the trees


class Table(NamedTuple):
    """The records with measurements."""

    rows: np.ndarray
    features: np.ndarray
    """Numbers of shape (records, FEATURES); NaN if unclear."""
    truth: np.ndarray
    """Labels, shape (records, labels)."""


def labels_of(bundle: Bundle, dataset: Dataset) -> tuple[str, ...]:
    """Return the labels that the layer predicts: not those of the rhythm layer, and no rare ones."""
    without = {*json.loads(RHYTHM_LAYER.read_text("utf-8"))["labels"], *ACUTE_NAMES}
    labels = [label for label in bundle.card.labels if label not in without]
    records = dataset.annotations.labels(labels)[dataset.rows(TRAINING)].sum(0)
    return tuple(label for label, count in zip(labels, records, strict=True) if count >= MIN_RECORDS)


def measure(dataset: Dataset, kept: Path | None) -> np.ndarray:
    """Return the features of all records; NaN in all of them without measurements."""
    if kept and kept.exists():
        return np.load(kept)["features"]
    features = np.full((len(dataset.signals), len(FEATURES)), np.nan, np.float32)
    for row, uv in enumerate(dataset.signals):
        waves, rr = reversed(RecordingFeatures.measure(uv / np.float32(1000), dataset.rate, LEADS))
        if waves is not None:
            features[row] = *waves, *rr
    if kept:
        np.savez_compressed(kept, features=features)
    return features


def table_of(dataset: Dataset, features: np.ndarray, labels: Sequence[str], folds: tuple[int, ...]) -> Table:
    rows = dataset.rows(folds)
    rows = rows[~np.isnan(features[rows]).all(1)]
    return Table(rows, features[rows], dataset.annotations.labels(labels)[rows])


class Network(nn.Module):
    """Two hidden layers behind a robust scale. Unknown numbers become the median."""

    def __init__(self, features: np.ndarray, labels: int) -> None:
        super().__init__()
        low, median, high = np.nanquantile(features, [0.25, 0.5, 0.75], axis=0)
        spread = np.maximum((high - low) / 1.35, np.nanstd(features, axis=0) / 3) + 1e-6
        self.register_buffer("centre", torch.tensor(median, dtype=torch.float32))
        self.register_buffer("spread", torch.tensor(spread, dtype=torch.float32))
        self.flagged = [FEATURES.index(name) for name in FLAGGED]
        inputs = len(FEATURES) + len(FLAGGED)
        self.layers = nn.Sequential(
            nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(),
            nn.Dropout(DROPOUT), nn.Linear(HIDDEN, labels),
        )  # fmt: skip
        nn.init.constant_(self.layers[-1].bias, -3)  # most labels are rare

    def forward(self, features: Tensor) -> Tensor:
        unknown = features.isnan()
        scaled = ((features - self.centre) / self.spread).clamp(-LIMIT, LIMIT)
        known = torch.where(unknown, torch.zeros_like(scaled), scaled)
        return self.layers(torch.cat([known, unknown[:, self.flagged].float()], 1))


def trees_of(table: Table, superclasses: Sequence[int]) -> list[list[HistGradientBoostingClassifier]]:
    """Return boosted trees for each superclass, of several seeds."""
    return [
        [
            HistGradientBoostingClassifier(**TREES, random_state=seed).fit(table.features, table.truth[:, k])
            for seed in range(SEEDS)
        ]
        for k in superclasses
    ]


def disturb(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return features of which some come from other records, with noise."""
    others = features[rng.permutation(len(features))]
    exchanged = rng.random(features.shape) < EXCHANGED * rng.random((len(features), 1))
    noise = rng.normal(size=features.shape) * np.nanstd(features, axis=0) * NOISE * rng.random((len(features), 1))
    return (np.where(exchanged, others, features) + noise).astype(np.float32)


def train(table: Table, labels: Sequence[str]) -> Network:
    """Train the network."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    superclasses = [labels.index(name) for name in SUPERCLASSES]
    statements = [k for k in range(len(labels)) if k not in superclasses]
    trees, copies = trees_of(table, superclasses), []
    for _ in range(DISTURBED):
        features = disturb(table.features, rng)
        odds = [np.mean([each.decision_function(features) for each in seeds], 0) for seeds in trees]
        copies.append((torch.from_numpy(features), torch.from_numpy(np.stack(odds, 1)).float().sigmoid()))
    truth = torch.from_numpy(table.truth[:, statements]).float()
    network = Network(table.features, len(labels))
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = len(truth) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, EPOCHS * steps)
    for epoch in range(EPOCHS):
        features, taught = copies[epoch % DISTURBED]
        for chosen in torch.randperm(len(truth))[: steps * BATCH].reshape(steps, BATCH):
            odds = network(features[chosen])
            loss = F.binary_cross_entropy_with_logits(odds[:, superclasses], taught[chosen])
            loss = loss + F.binary_cross_entropy_with_logits(odds[:, statements], truth[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def print_gain(dataset: Dataset, features: np.ndarray, layer: MeasurementLayer) -> None:
    """Print figures of the shipped bundles on fold 9, with the layer and without."""
    rows = dataset.rows((VALIDATION,))
    print("| bundle | superclasses | statements | MI |")
    print("|---|---|---|---|")
    for name in ("default", "edge"):
        bundle = Bundle.load(name)
        labels = bundle.card.labels
        truth = dataset.annotations.labels(labels)[rows]
        for words, used in ((name, None), (f"{name} with the layer", layer)):
            changed = replace(bundle, layers=replace(bundle.layers, measurement=used))
            scores = np.array([scores_of(changed, dataset, row, features[row]) for row in rows])
            of = {label: k for k, label in enumerate(labels)}
            at = [of[label] for label in SUPERCLASSES]
            others = [
                k for k in range(len(labels)) if k not in at and labels[k] not in ACUTE_NAMES and truth[:, k].any()
            ]
            figures = [macro_auroc(truth[:, part], scores[:, part]) for part in (at, others)]
            figures.append(roc_auc_score(truth[:, of["MI"]], scores[:, of["MI"]]))
            print(f"| {words} | {' | '.join(f'{figure:.4f}' for figure in figures)} |", flush=True)


def scores_of(bundle: Bundle, dataset: Dataset, row: int, features: np.ndarray) -> np.ndarray:
    waves, rr = np.split(features, [len(package.WAVES)])
    signal = dataset.signals[row] / np.float32(1000)
    if np.isnan(features).all():
        return bundle.scores(signal)
    return bundle.scores(signal, RecordingFeatures(rr.astype(float), waves))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--features", type=Path, help="file for the features of all records")
    parser.add_argument("--write", action="store_true", help="replace the package's layer")
    options = parser.parse_args()
    torch.set_num_threads(1)
    dataset = Dataset.open(options.data)
    labels = labels_of(Bundle.load("default"), dataset)
    features = measure(dataset, options.features)
    network = train(table_of(dataset, features, labels, TRAINING), labels)
    content = to_onnx(network, torch.zeros(2, len(FEATURES)), "recordings", package.INPUT, [package.OUTPUT])
    session = load_session(content, "the new layer")
    uncalibrated = tuple(Calibration(1.0, 0.0) for _ in labels)
    layer = MeasurementLayer(labels, uncalibrated, WEIGHT, LIMIT_OF_CHANGE, content, session)
    if options.write:
        folder = Path(package.__file__).parent
        with atomic_write(folder / MEASUREMENTS_MODEL) as part:
            part.write_bytes(content)
        write_text(folder / MEASUREMENTS, json.dumps(layer.to_dict()) + "\n")
    print_gain(dataset, features, layer)


if __name__ == "__main__":
    main()
