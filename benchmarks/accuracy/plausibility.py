"""Measure how often amplitudes are called implausible, in PTB-XL's ECGs and in ECGs of a wrong scale.

    python benchmarks/accuracy/plausibility.py --data ptb-xl [--every 20] [--fit]

--fit prints the weights of outlier.SCALE_WEIGHTS, from folds 1 to 8. Prints Markdown. Fold 10 is left out.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import Signal, millivolts

from einthoven.datasets.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.signal import outlier
from einthoven.signal.bands import RATE, split
from einthoven.signal.electrodes.detect import detect_exchange
from einthoven.signal.plausibility import SHORT, implausible, scaled_separately

CHANGES: dict[str, Callable[[Signal], Signal]] = {
    "each lead 1 mV from peak to peak, as in LUDB": lambda s: s / np.maximum(np.ptp(s, axis=1, keepdims=True), 1e-3),
    "× 5": lambda s: 5 * s,
    "/ 5": lambda s: s / 5,
    "× 10": lambda s: 10 * s,
    "/ 10": lambda s: s / 10,
    "× 1000": lambda s: 1000 * s,
    "/ 1000": lambda s: s / 1000,
    "upside down": lambda s: -s,
}


def code(signal: Signal) -> str | None:
    """Return the code of an implausibility; "inverted" if the detector of exchanged electrodes finds this."""
    bands = split(np.ascontiguousarray(signal, np.float32), RATE)
    score = outlier.score(bands, LEADS)
    found = implausible(score, scaled=scaled_separately(bands, LEADS))
    if found is None and detect_exchange(bands, LEADS).suspected == "all inverted":
        return "inverted"
    return "wrong unit (refused)" if score.wrong_unit else found and found[0]


def fit(dataset: Dataset) -> None:
    """Print the weights of the leads' log sizes that best estimate a common factor (generalized least squares)."""
    rows = [LEADS.index(lead) for lead in outlier.INDEPENDENT]
    ecgs = (split(millivolts(dataset, row), RATE).ecg[rows] for row in dataset.rows(tuple(range(1, 9))))
    sizes = np.log(np.maximum(np.array([np.sqrt(np.square(ecg).mean(1)) for ecg in ecgs]), 1e-3))
    weights = np.linalg.solve(np.cov(sizes.T), np.ones(len(rows)))
    print("SCALE_WEIGHTS =", tuple((weights / weights.sum()).round(3).tolist()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=20, help="take only every n-th record for the changes")
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    if options.fit:
        return fit(dataset)
    rows = dataset.rows(tuple(range(1, 10)))
    names = [*SHORT, "wrong unit (refused)", "inverted"]
    print(f"| | ECGs | {' | '.join(names)} | any |\n|---|---|{'---|' * (len(names) + 1)}")
    changes = {"as recorded": lambda s: s, **CHANGES}
    for name, change in changes.items():
        chosen = rows if name == "as recorded" else rows[:: options.every]
        counts = Counter(code(change(millivolts(dataset, row))) for row in chosen)
        shares = [counts[key] / len(chosen) for key in names]
        cells = " | ".join(f"{100 * share:.2f} %" for share in [*shares, sum(shares)])
        print(f"| {name} | {len(chosen):,} | {cells} |", flush=True)
    return None


if __name__ == "__main__":
    main()
