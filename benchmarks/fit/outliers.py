"""Fit the parameters of the outlier score (`src/einthoven/signal/outlier.npz`) on PTB-XL's signals.

    python benchmarks/fit/outliers.py --data ptb-xl [--write]

Folds 1-8 give the scale and the scatter matrix of the features, fold 9 the limits; no label is used. Without `--write`
the script compares the result with the package's parameters; with it, the script replaces them.
benchmarks/accuracy/outliers.py measures the refusals.
"""

import argparse
from pathlib import Path

import numpy as np

from einthoven.datasets.dataset import Dataset
from einthoven.files import atomic_write
from einthoven.recording import LEADS
from einthoven.signal import outlier
from einthoven.signal.bands import RATE, split

REFUSED = 0.004  # share of fold 9 beyond any of the limits
SHRINKAGE = 0.02  # of the leads' scatter; chosen on fold 9, as the features were
TAIL = 0.01  # the spread of the spectrum's features reaches to these quantiles, on either side


def fit(dataset: Dataset) -> dict[str, np.ndarray]:
    """Fit the parameters: folds 1-8, and for the limits fold 9."""
    rows = dataset.rows(tuple(range(1, 10)))
    ninth = dataset.annotations.folds[rows] == 9
    features = [outlier.features(split(dataset.signals[r] / np.float32(1000), RATE), LEADS) for r in rows]
    parameters, distances = {}, []
    for aspect in outlier.FITTED:
        values = np.stack([of_record[aspect] for of_record in features])
        train = values[~ninth & np.isfinite(values).all(axis=1)]
        median = np.median(train, axis=0)
        low, high = np.quantile(train, [TAIL, 1 - TAIL], axis=0)
        spread = np.std(train, axis=0)
        # the spectrum's features are skewed; the leads' are not, and their extremes should count in full
        scale = np.stack([median, spread, spread] if aspect == "leads" else [median, median - low, high - median])
        x = outlier.standardize(train, scale)
        scatter = x.T @ x / len(x)
        if aspect == "leads":
            scatter = (1 - SHRINKAGE) * scatter + SHRINKAGE * np.diag(np.diag(scatter))
        parameters |= {f"{aspect}_scale": scale, f"{aspect}_scatter": scatter}
        distances.append([outlier.distance(v, scale, scatter) for v in values[ninth]])
    parameters |= limits(np.array(distances))
    return {name: np.asarray(values, np.float32) for name, values in parameters.items()}


def limits(distances: np.ndarray) -> dict[str, np.ndarray]:
    """Return a limit of each aspect from distances (aspects, records).

    Equally many records are beyond each limit, and at most REFUSED of all are beyond any."""
    lowest: dict[str, np.ndarray] = {}
    ordered = np.sort(distances, axis=1)
    for rank in range(1, ordered.shape[1]):
        candidates = ordered[:, -rank - 1]
        if (distances > candidates[:, None]).any(axis=0).mean() > REFUSED:
            break
        lowest = {f"{aspect}_limit": np.array(at) for aspect, at in zip(outlier.FITTED, candidates, strict=True)}
    return lowest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace the package's parameters")
    options = parser.parse_args()
    parameters = fit(Dataset.open(options.data, RATE))
    with np.load(outlier.PARAMETERS) as package:
        for name, values in parameters.items():
            difference = np.abs(values - package[name]).max()
            print(f"{name} {values.shape}: differs from the package's by {difference:.2g} at most")
    if options.write:
        with atomic_write(outlier.PARAMETERS) as part, part.open("wb") as file:
            np.savez_compressed(file, **parameters)


if __name__ == "__main__":
    main()
