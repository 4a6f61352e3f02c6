"""Ask other ECGs of the same patients whether suspected exchanges of electrodes are right, on folds 3, 4, 7 and 8.

    python benchmarks/fit/electrodes.py --data ptb-xl --scores scores.npz
    python benchmarks/accuracy/suspected_electrodes.py --data ptb-xl --scores scores.npz

The scores are of networks that did not see these records. An exchange is likely if the median beat resembles those of
the patient's other ECGs more once the exchange is undone. As a control, the same exchanges are undone in records in
which nothing is suspected. Prints Markdown.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from common import existing_path, millivolts, percent

from einthoven.datasets.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.signal.bands import RATE, split
from einthoven.signal.electrodes.network import INDEPENDENT, PlacementNetwork, median_beat, probability_of_any
from einthoven.signal.steep_places import find_beats
from einthoven.simulate.exchanges import EXCHANGES

GROUPS = ("NORM", "MI", "AFIB", "CLBBB", "CRBBB", "IVCD", "PACE", "LVH", "RVH")
CONTROLS = 1500
WAVES = slice(12, 72)  # samples of the median beat that are compared: P wave to T wave


def beat_of(dataset: Dataset, row: int) -> np.ndarray | None:
    bands = split(millivolts(dataset, row), RATE)
    return median_beat(bands.ecg[[LEADS.index(lead) for lead in INDEPENDENT]], find_beats(bands.common_slope))


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return 1 minus the cosine of the angle between two beats."""
    x, y = one[:, WAVES].ravel(), other[:, WAVES].ravel()
    return float(1 - x @ y / np.sqrt((x @ x) * (y @ y)))


def nearer_if_undone(dataset: Dataset, row: int, name: str) -> bool | None:
    """Return whether the patient's other ECGs are nearer once an exchange is undone; None if there are no others."""
    patients = dataset.annotations.table["patient_id"].to_numpy()
    others = [beat_of(dataset, k) for k in np.flatnonzero(patients == patients[row]) if k != row]
    beat, others = beat_of(dataset, row), [other for other in others if other is not None]
    if beat is None or not others:
        return None
    undone = np.linalg.pinv(EXCHANGES[name]) @ beat
    return bool(np.median([distance(undone, o) for o in others]) < np.median([distance(beat, o) for o in others]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--scores", type=existing_path, required=True)
    options = parser.parse_args()
    dataset, network = Dataset.open(options.data, RATE), PlacementNetwork.load()
    with np.load(options.scores) as scores:
        rows, log_odds = scores["rows"], scores["log_odds"].astype(float)
    names = np.array(network.exchanges)[log_odds.argmax(axis=1)]
    suspected = probability_of_any(log_odds) >= network.threshold

    print("| as recorded | records | suspected |\n|---|---|---|")
    for group in GROUPS:
        member = dataset.annotations.labels((group,))[rows, 0].astype(bool)
        print(f"| {group} | {member.sum():,} | {percent(suspected[member])} |")
    print("\nsuspected:", dict(Counter(names[suspected].tolist()).most_common()))

    found = [nearer_if_undone(dataset, row, name) for row, name in zip(rows[suspected], names[suspected], strict=True)]
    known = np.array([nearer for nearer in found if nearer is not None])
    print(f"with another ECG of the patient: {len(known)}; nearer to it if undone: {percent(known)}")
    rng = np.random.default_rng(0)
    drawn = zip(rng.choice(rows[~suspected], CONTROLS), rng.choice(names[suspected], CONTROLS), strict=True)
    controls = [nearer_if_undone(dataset, row, name) for row, name in drawn]
    known = np.array([nearer for nearer in controls if nearer is not None])
    print(f"controls with another ECG: {len(known)}; nearer to it if undone: {percent(known)}")


if __name__ == "__main__":
    main()
