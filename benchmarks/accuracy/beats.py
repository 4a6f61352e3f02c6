"""How often PTB-XL's records have a heart rate, pacing spikes and P waves that fit their statements.

    python benchmarks/accuracy/beats.py --data ptb-xl --folds 9

Spikes in records that neither state PACE nor name a pacemaker count as false, though some are real. Prints Markdown.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from einthoven.ptbxl.dataset import Dataset
from einthoven.signal.bands import split
from einthoven.signal.beat_values import Beats
from einthoven.signal.beats import analyze_beats
from einthoven.signal.pacing import Pacing, find_spikes, is_captured, remove_spikes

STATEMENTS = ("SR", "AFIB", "AFLT", "PACE", "CLBBB", "PVC", "BIGU", "STACH", "SBRAD", "1AVB", "2AVB", "3AVB")
P_WAVES = ("leading", "absent", "dropped", "dissociated", None)


def analyze(signal: np.ndarray, rate: int) -> tuple[Pacing, Beats, tuple[float, float]]:
    start = time.thread_time()
    spikes = find_spikes(signal, rate)
    middle = time.thread_time()
    bands = split(remove_spikes(signal, rate, spikes), rate)
    later = time.thread_time()
    beats = analyze_beats(bands)
    captured = is_captured(spikes, beats.times_s, signal.shape[1] / rate)
    return Pacing(tuple(spikes.tolist()), captured), beats, (middle - start, time.thread_time() - later)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=int, nargs="+", default=[9])
    args = parser.parse_args()
    dataset = Dataset.open(args.data)
    rows = dataset.rows(tuple(args.folds))
    results = [analyze(dataset.signals[row].astype(np.float32) / 1000, dataset.rate) for row in rows]
    stated = dataset.annotations.statements.iloc[rows]
    rates = np.array([beats.rate_bpm is not None and pacing.captured is not False for pacing, beats, _ in results])
    spikes = np.array([bool(pacing.spikes) for pacing, _, _ in results])
    p_waves = np.array([[beats.p_waves == kind for kind in P_WAVES] for _, beats, _ in results])
    print("| records | number | rate, % | spikes, % | P waves leading | absent | dropped | dissociated | unclear |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in ("all", *STATEMENTS):
        of = np.ones(len(rows), bool) if name == "all" else stated[name].to_numpy()
        shares = [rates[of].mean(), spikes[of].mean(), *p_waves[of].mean(axis=0)]
        print(f"| {name} | {of.sum()} | " + " | ".join(f"{100 * share:.1f}" for share in shares) + " |")
    unpaced = ~stated["PACE"].to_numpy() & dataset.annotations.table["pacemaker"].iloc[rows].isna().to_numpy()
    find_ms, beats_ms = np.median([cost for *_, cost in results], axis=0) * 1000
    print(f"\nSpikes without a pacemaker: {spikes[unpaced].sum()} of {unpaced.sum()}.")
    print(f"Cost, median: spikes {find_ms:.2f} ms, beats {beats_ms:.2f} ms.")


if __name__ == "__main__":
    main()
