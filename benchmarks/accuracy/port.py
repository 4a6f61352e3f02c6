"""Compare the answers of a port of a bundle with those of the Interpreter: the port must never answer more.

    python benchmarks/accuracy/port.py --data ptb-xl [--model edge] [--every 1] [--changes-every 8]

Prints, for PTB-XL's folds 1-9 as they are, for changed records and signals of fold 9 that are no ECGs (those of
outliers.py and more), and for simulated rhythms, also at a wrong sampling rate: how many the Interpreter answers, how
many of them the port leaves unanswered, and each violation, as einthoven.evaluate.as_answered.port defines it.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from common import Signal, millivolts
from outliers import CHANGES

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.as_answered.port import excess, withholds_infarct
from einthoven.interpret.interpreter import Interpreter
from einthoven.model.port.answer import answer
from einthoven.recording import LEADS, Recording
from einthoven.simulate.exchanges import EXCHANGES, exchange
from einthoven.simulate.rhythms import RHYTHMS, simulate_rhythm

RATE = 100
HEADER = "signals | number | engine answers | port answers | engine on infarct | port on infarct | why not | violations"


def row(interpreter: Interpreter, name: str, signals: Iterable[tuple[Signal, float]]) -> None:
    recordings = [Recording(np.ascontiguousarray(signal, np.float32), rate, LEADS) for signal, rate in signals]
    answered = infarct = port_answered = port_infarct = 0
    reasons, violations = Counter[str](), Counter[str]()
    for recording, interpretation in zip(recordings, interpreter.batch(recordings), strict=True):
        port = answer(interpreter.bundle, recording.signal, recording.rate)
        answered += not interpretation.abstained
        infarct += not withholds_infarct(interpretation)
        port_answered += not port.reasons
        port_infarct += bool(port.infarct)
        if not interpretation.abstained:
            reasons.update(port.reasons + port.infarct_reasons)
        if problem := excess(port, interpretation):
            violations[f"{problem} ({interpretation.rhythm.code})"] += 1
    counts = f"{len(recordings):,} | {answered:,} | {port_answered:,} | {infarct:,} | {port_infarct:,}"
    why = ", ".join(f"{code} {count}" for code, count in reasons.most_common(6))
    print(f"| {name} | {counts} | {why} | {dict(violations) or 0} |", flush=True)


def changed(dataset: Dataset, rows: np.ndarray, name: str) -> Iterator[tuple[Signal, float]]:
    change = CHANGES[name]
    change, rate = change if isinstance(change, tuple) else (change, RATE)
    for record in rows:
        signal = change(millivolts(dataset, record), np.random.default_rng(int(record)))
        if signal.shape[1] >= 2.5 * rate:
            yield signal[:, : 10 * rate], rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="edge")
    parser.add_argument("--every", type=int, default=1, help="take only every n-th record of folds 1-8")
    parser.add_argument("--changes-every", type=int, default=8, help="and of fold 9 for the changes")
    options = parser.parse_args()
    interpreter, dataset = Interpreter.load(options.model), Dataset.open(options.data)
    print(f"| {HEADER} |\n{'|---' * (1 + HEADER.count('|'))}|")
    nine = dataset.rows((9,))
    row(interpreter, "fold 9", ((millivolts(dataset, record), RATE) for record in nine))
    for name in CHANGES:
        row(interpreter, name, changed(dataset, nine[:: options.changes_every], name))
    few = nine[:: 8 * options.changes_every]
    for name in EXCHANGES:
        row(interpreter, name, ((exchange(millivolts(dataset, record), name), RATE) for record in few))
    for name in RHYTHMS:
        for rate in (100, 250, 500):
            draws = (np.random.default_rng([rate, k]) for k in range(10))
            row(interpreter, f"{name}, {rate} Hz", ((simulate_rhythm(name, rate, rng), rate) for rng in draws))
        draws = (np.random.default_rng([1, k]) for k in range(30))
        slow = ((simulate_rhythm(name, 250, rng)[:, : 10 * RATE], RATE) for rng in draws)
        row(interpreter, f"{name}, 250 Hz read as 100 Hz", slow)
    for fold in range(1, 9):
        rows = dataset.rows((fold,))[:: options.every]
        row(interpreter, f"fold {fold}", ((millivolts(dataset, record), RATE) for record in rows))


if __name__ == "__main__":
    main()
