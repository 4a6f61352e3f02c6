"""Fit the detector of exchanged electrodes (`src/einthoven/signal/electrodes/exchanges.npz`) on PTB-XL's signals.

    python benchmarks/fit/electrodes.py --data ptb-xl [--write]

Folds 1-8 as recorded and with each simulated exchange give a network with one hidden layer; no label is used. Each
beat is disturbed a little, so that an almost flat lead need not be exactly flat. Fold 9 gives the threshold. Without
`--write` the script compares what it fits with the package's parameters, with it replaces them.
benchmarks/accuracy/electrodes.py measures what is detected.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from einthoven.datasets.dataset import Dataset
from einthoven.files import write_beside
from einthoven.recording import LEADS
from einthoven.signal.bands import RATE, split
from einthoven.signal.electrodes import detect
from einthoven.signal.heart_rate import find_beats
from einthoven.simulate.exchanges import EXCHANGES, SUSPECTED_AS

FALSE_ALARMS = 0.01  # share of fold 9 in which an exchange is suspected as recorded
HIDDEN, EPOCHS = 96, 24
NOISE_MV, MIXING = 0.008, 0.02  # root mean square of added noise; of the share of other leads in each lead


def median_beats(dataset: Dataset, folds: tuple[int, ...]) -> np.ndarray:
    """The median beats (records, independent leads, samples); records with fewer than two whole beats are left out."""
    at = [LEADS.index(lead) for lead in detect.INDEPENDENT]
    beats = []
    for row in dataset.rows(folds):
        bands = split(dataset.signals[row] / np.float32(1000), RATE)
        beats.append(detect.median_beat(bands.ecg[at], find_beats(bands.common_slope)))
    return np.stack([beat for beat in beats if beat is not None])


def disturbed(beats: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Beats with noise, and with a little of the other leads in each lead."""
    mixing = MIXING * rng.standard_normal((len(beats), beats.shape[1], beats.shape[1]), np.float32)
    return beats + mixing @ beats + NOISE_MV * rng.standard_normal(beats.shape, np.float32)


def fit(dataset: Dataset) -> dict[str, np.ndarray]:
    """The network from folds 1-8, the threshold from fold 9."""
    rng = np.random.default_rng(0)
    beats = median_beats(dataset, tuple(range(1, 9)))
    matrices = [np.eye(8), *EXCHANGES.values()]
    names = [name for name in EXCHANGES if name not in SUSPECTED_AS]
    classes = [0, *(1 + names.index(SUSPECTED_AS.get(name, name)) for name in EXCHANGES)]
    values = [detect.features(disturbed(matrix.astype(np.float32) @ beats, rng)) for matrix in matrices]
    x, exchange = np.concatenate(values), np.repeat(classes, len(beats))
    center, spread = x.mean(axis=0), x.std(axis=0)
    x = (x - center) / spread
    options = {"alpha": 1e-3, "batch_size": 1024, "learning_rate_init": 2e-3, "max_iter": EPOCHS, "random_state": 0}
    warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is chosen
    model = MLPClassifier((HIDDEN,), **options).fit(x, exchange)
    (hidden, output), (hidden_bias, output_bias) = model.coefs_, model.intercepts_
    parameters = {"center": center, "spread": spread, "hidden": hidden, "hidden_bias": hidden_bias}
    parameters |= {"output": output[:, 1:] - output[:, :1], "output_bias": output_bias[1:] - output_bias[0]}
    network = {name: value.astype(np.float16) for name, value in parameters.items()}
    values = detect.features(median_beats(dataset, (9,)))
    odds = detect.log_odds(values, {name: value.astype(np.float32) for name, value in network.items()})
    threshold = np.quantile(detect.probability_of_any(odds), 1 - FALSE_ALARMS)
    return network | {"names": np.array(names), "threshold": np.float32(threshold)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace the package's parameters")
    options = parser.parse_args()
    parameters = fit(Dataset.open(options.data, RATE))
    if options.write:
        with write_beside(detect.PARAMETERS) as part, part.open("wb") as file:
            np.savez_compressed(file, **parameters)
        return
    with np.load(detect.PARAMETERS) as package:
        for name in parameters.keys() - {"names"}:
            difference = np.abs(parameters[name].astype(float) - package[name].astype(float)).max()
            print(f"{name} {parameters[name].shape}: differs from the package's by {difference:.2g} at most")


if __name__ == "__main__":
    main()
