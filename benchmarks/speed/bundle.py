"""How long a bundle takes for one 10-s ECG on one CPU thread, calibration included.

    python benchmarks/speed/bundle.py default edge

Prints Markdown: the time to load the bundle, and the median and the fastest of 300 ECGs of noise after 20 that warm up.
"""

import statistics
import sys
import time

import numpy as np

from einthoven.model.bundle import Bundle


def main() -> None:
    print("| bundle | MB | load, ms | one ECG: median, ms | fastest, ms |\n|---|---|---|---|---|")
    for name in sys.argv[1:]:
        began = time.perf_counter()
        bundle = Bundle.load(name)
        loading = time.perf_counter() - began
        size = (bundle.folder / "model.onnx").stat().st_size / 1e6
        rng, times = np.random.default_rng(0), []
        for _ in range(320):
            signal = rng.normal(0, 0.3, (12, 10 * bundle.card.rate)).astype(np.float32)
            began = time.perf_counter()
            bundle.probabilities(signal)
            times.append(1e3 * (time.perf_counter() - began))
        median, fastest = statistics.median(times[20:]), min(times[20:])
        print(f"| `{bundle.card.name}` | {size:.2f} | {1e3 * loading:.0f} | {median:.2f} | {fastest:.2f} |")


if __name__ == "__main__":
    main()
