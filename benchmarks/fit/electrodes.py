"""Train the network that detects exchanged electrodes (`src/einthoven/signal/electrodes/placement.onnx`) on PTB-XL.

    python benchmarks/fit/electrodes.py --data ptb-xl [--scores scores.npz] [--write]

Median beats of folds 1-8 get exchanges of electrodes at random, again and again; no label is used. The threshold is the
probability that 1 % of folds 3, 4, 7 and 8 reach as recorded, scored by networks that did not see them; `--scores`
keeps these scores in a file. Without `--write` the script compares the result with the package's network; with it,
the script replaces that network. Needs torch. benchmarks/accuracy/electrodes.py measures the detections on fold 9.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from placement_network import CLASSES, LogOdds, Placement, class_shares, disturb, exchange_at_random
from torch.nn import functional as F

from einthoven.datasets.dataset import Dataset
from einthoven.files import atomic_write, write_text
from einthoven.onnx_session import load_session
from einthoven.recording import LEADS
from einthoven.signal.bands import RATE, split
from einthoven.signal.electrodes import network as package
from einthoven.signal.electrodes.values import PRIOR
from einthoven.signal.steep_places import find_beats
from einthoven.train.onnx_export import to_onnx

FOLDS = tuple(range(1, 9))
HELD_OUT = ((3, 4), (7, 8))  # folds that give the threshold, each pair scored by a network of the other folds
FALSE_ALARMS = 0.01  # share of the records in which an exchange is suspected as recorded


@dataclass(frozen=True)
class Settings:
    """Settings of the training."""

    channels: int = 24  # of the first convolution
    dropout: float = 0.2
    epochs: int = 60
    batch: int = 256
    learning_rate: float = 3e-3  # the highest of a cycle
    weight_decay: float = 1e-2
    share_correct: float = 0.2  # of beats that are learned as recorded
    seed: int = 0


class Beats(NamedTuple):
    """The records with at least two whole beats."""

    rows: np.ndarray
    folds: np.ndarray
    medians: np.ndarray
    """Median beats in mV, shape (records, INDEPENDENT, samples)."""

    def select(self, chosen: np.ndarray) -> "Beats":
        return Beats(*(values[chosen] for values in self))


def read_beats(dataset: Dataset, folds: tuple[int, ...]) -> Beats:
    leads = [LEADS.index(lead) for lead in package.INDEPENDENT]
    beats = {}
    for row in dataset.rows(folds).tolist():
        bands = split(dataset.signals[row] / np.float32(1000), RATE)
        beat = package.median_beat(bands.ecg[leads], find_beats(bands.common_slope))
        if beat is not None:
            beats[row] = beat
    rows = np.array(list(beats))
    return Beats(rows, dataset.annotations.folds[rows], np.stack(list(beats.values())))


def train(beats: Beats, settings: Settings) -> Placement:
    """Train a network; return it ready to score."""
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    records = torch.from_numpy(beats.medians)
    network = Placement(settings.channels, settings.dropout)
    optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    steps = settings.epochs * (len(records) // settings.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, steps)
    prior = class_shares(settings.share_correct).log()  # so that the outputs are likelihoods, not posteriors
    for _ in range(steps):
        chosen = records[torch.randint(0, len(records), (settings.batch,))]
        exchanged, targets = exchange_at_random(chosen, settings.share_correct)
        # forward
        loss = F.cross_entropy(network(disturb(exchanged)) + prior, targets)
        # backward
        optimizer.zero_grad()
        loss.backward()
        # step
        optimizer.step()
        schedule.step()
    return network.eval()


def held_out_log_odds(beats: Beats, folds: tuple[int, ...], settings: Settings) -> np.ndarray:
    """Return log odds (records, CLASSES) of records as recorded, of a network that did not see their folds."""
    held = np.isin(beats.folds, folds)
    network = LogOdds(train(beats.select(~held), settings))
    with torch.inference_mode():
        return network(torch.from_numpy(beats.medians[held])).numpy()


def card(threshold: float, content: bytes, settings: Settings) -> dict[str, object]:
    """Return the content of `placement.json`."""
    return {
        "format": 1,
        "version": date.today().isoformat(),
        "licence": "Apache-2.0; trained on PTB-XL 1.0.3 (Wagner et al. 2020, CC BY 4.0)",
        "input": {
            "name": package.INPUT,
            "leads": list(package.INDEPENDENT),
            "unit": "mV",
            "rate_hz": RATE,
            "before_samples": package.BEFORE,
            "after_samples": package.AFTER,
            "beat": "median of the whole beats, 0.6 to 42 Hz, aligned at the steepest part of the QRS complex",
        },
        "output": "log_odds: natural logarithm of the likelihood ratio of each exchange against electrodes in their "
        "places; the probability of any exchange is o / (1 + o) with o = prior / (1 - prior) * mean(exp(log_odds))",
        "exchanges": CLASSES,
        "prior": PRIOR,
        "threshold": threshold,
        "training": {
            "command": "python benchmarks/fit/electrodes.py --data DATA --write",
            "folds": list(FOLDS),
            "threshold_from": f"{FALSE_ALARMS:.0%} of folds 3, 4, 7 and 8, scored by networks that did not see them",
            "settings": asdict(settings),
            "versions": {name: version(name) for name in ("einthoven", "torch")},
        },
        "files": {package.MODEL.name: sha256(content).hexdigest()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--scores", type=Path, help="file for the log odds of folds 3, 4, 7 and 8")
    parser.add_argument("--write", action="store_true", help="replace the package's network")
    options = parser.parse_args()
    settings, dataset = Settings(), Dataset.open(options.data, RATE)
    beats, odds = read_beats(dataset, FOLDS), {}
    for folds in HELD_OUT:
        odds[folds] = held_out_log_odds(beats, folds, settings)
        print(f"scored folds {folds}", flush=True)
    scores = np.concatenate(list(odds.values()))
    if options.scores:
        rows = np.concatenate([beats.rows[np.isin(beats.folds, folds)] for folds in odds])
        np.savez_compressed(options.scores, rows=rows, log_odds=scores)
    threshold = float(np.quantile(package.probability_of_any(scores.astype(float)), 1 - FALSE_ALARMS))
    example = torch.zeros(2, len(package.INDEPENDENT), package.BEFORE + package.AFTER)
    network = LogOdds(train(beats, settings)).eval()
    content = to_onnx(network, example, "beats", package.INPUT, [package.OUTPUT])
    if options.write:
        with atomic_write(package.MODEL) as part:
            part.write_bytes(content)
        write_text(package.CARD, json.dumps(card(threshold, content, settings), indent=1) + "\n")
        return
    shipped = package.PlacementNetwork.load()
    unseen = read_beats(dataset, (9,)).medians
    session = load_session(content, "the new network")
    difference = np.abs(session.run(None, {package.INPUT: unseen})[0] - shipped.log_odds(unseen))
    print(f"threshold {threshold:.4f}, the package's {shipped.threshold:.4f}")
    print(f"log odds of fold 9 differ from the package's by {np.median(difference):.2g} at the median")


if __name__ == "__main__":
    main()
