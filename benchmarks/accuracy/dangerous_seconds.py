"""Measure whether a dangerous rhythm in the last seconds of a normal ECG is detected, and how often falsely.

    python benchmarks/accuracy/dangerous_seconds.py --data ptb-xl [--bundle default] [--number 50] [--every 5]

Simulated ventricular fibrillation and tachycardia replace the last 2 to 6 s of PTB-XL's first NORM records of fold 9.
Every fifth record of folds 1 to 9 is read unchanged. Prints Markdown.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from common import millivolts

from einthoven import Interpreter, Recording
from einthoven.datasets.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.simulate.rhythms import simulate_rhythm

CODES = ("NO-BEATS", "WCT")
FADE_S = 0.06


def spliced(dataset: Dataset, name: str, seconds: int, number: int) -> Iterator[Recording]:
    rows = dataset.rows((9,))
    normal = rows[dataset.annotations.statements["NORM"].to_numpy()[rows]]
    for row in normal[:number].tolist():
        signal, rate = millivolts(dataset, row), dataset.rate
        drawn = simulate_rhythm(name, rate, np.random.default_rng([row, seconds]))
        times = np.arange(signal.shape[1]) / rate
        share = np.clip((times - (times[-1] - seconds)) / FADE_S, 0, 1)
        mixed = np.asarray(signal * (1 - share) + drawn * share, np.float32)
        yield Recording(signal=mixed, rate=rate, leads=LEADS, source=str(row))


def noticed_table(interpreter: Interpreter, dataset: Dataset, number: int) -> None:
    print(f"| in the last | s | critical, of {number} | normal | ruled out |\n|---|---|---|---|---|")
    for name in ("ventricular fibrillation", "ventricular tachycardia"):
        for seconds in range(2, 7):
            results = list(interpreter.batch(spliced(dataset, name, seconds, number)))
            critical = sum(any(value.code in CODES for value in result.critical) for result in results)
            normal = sum(result.conclusion == "normal" for result in results)
            decisions = [{part.decision for part in (result.mi, result.acute) if part} for result in results]
            ruled_out = sum("rule-out" in of_result for of_result in decisions)
            print(f"| {name} | {seconds} | {critical} | {normal} | {ruled_out} |", flush=True)


def unchanged(interpreter: Interpreter, dataset: Dataset, every: int) -> None:
    rows = dataset.rows(tuple(range(1, 10)))[::every]
    ids = dataset.annotations.ecg_ids[rows]
    recordings = (
        Recording(signal=millivolts(dataset, row), rate=dataset.rate, leads=LEADS, source=str(ecg))
        for row, ecg in zip(rows.tolist(), ids, strict=True)
    )
    print(f"\n{len(rows):,} unchanged records with one of these critical values:\n")
    for result in interpreter.batch(recordings):
        for value in result.critical:
            if value.code in CODES:
                print(f"- {result.recording.source}, {value.code}: {result.rhythm.name}. {value.reason}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bundle", default="default")
    parser.add_argument("--number", type=int, default=50, help="records that are changed")
    parser.add_argument("--every", type=int, default=5, help="one of how many records is read unchanged")
    options = parser.parse_args()
    interpreter, dataset = Interpreter.load(options.bundle), Dataset.open(options.data)
    noticed_table(interpreter, dataset, options.number)
    unchanged(interpreter, dataset, options.every)


if __name__ == "__main__":
    main()
