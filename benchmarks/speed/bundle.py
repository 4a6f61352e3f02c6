"""Measure the time of a bundle for one 10-s ECG on one CPU thread, calibration included.

    python benchmarks/speed/bundle.py default edge

Prints Markdown: the time to load the bundle, and the median and the fastest of 300 simulated ECGs with noise after 20
that warm up, alone and with known RR intervals and measurements, which the Interpreter has already.
"""

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from einthoven import examples
from einthoven.model.bundle import Bundle
from einthoven.signal.recording_features import RecordingFeatures
from einthoven.signal.resampling import resample

HEADER = "| bundle | MB | load, ms | one ECG: median, ms | fastest, ms | measured before: median, ms | fastest, ms |"


def timed(compute: Callable[[np.ndarray], object], signals: list[np.ndarray]) -> str:
    times = []
    for signal in signals:
        began = time.perf_counter()
        compute(signal)
        times.append(1e3 * (time.perf_counter() - began))
    return f"{statistics.median(times[20:]):.2f} | {min(times[20:]):.2f}"


def main() -> None:
    print(f"{HEADER}\n|---|---|---|---|---|---|---|")
    recording, rng = examples.recording("normal"), np.random.default_rng(0)
    for name in sys.argv[1:]:
        began = time.perf_counter()
        bundle = Bundle.load(name)
        loading = time.perf_counter() - began
        size = (bundle.folder / "model.onnx").stat().st_size / 1e6
        ecg = resample(recording.signal, recording.rate, bundle.card.rate)
        signals = [(ecg + rng.normal(0, 0.01, ecg.shape)).astype(np.float32) for _ in range(320)]
        features = RecordingFeatures.measure(ecg, bundle.card.rate, bundle.card.leads)
        alone = timed(bundle.probabilities, signals)

        def known(signal: np.ndarray, bundle: Bundle = bundle, features: RecordingFeatures = features) -> np.ndarray:
            return bundle.card.calibrate(bundle.scores(signal, features))

        print(f"| `{bundle.card.name}` | {size:.2f} | {1e3 * loading:.0f} | {alone} | {timed(known, signals)} |")


if __name__ == "__main__":
    main()
