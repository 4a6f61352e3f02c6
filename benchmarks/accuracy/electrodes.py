"""Measure how often exchanged electrodes are detected, and the effect on the infarct answer, on fold 9 of PTB-XL.

    python benchmarks/accuracy/electrodes.py --data ptb-xl [--bundle edge] [--challenge quality]

benchmarks/fit/electrodes.py trains the detector without this fold. Prints Markdown: suspicions in records as recorded,
detections of each simulated exchange, the share of records labelled normal with an infarct pattern ruled in by the
model alone and by the answer, the answers if an exchange remains undetected, and the time per record. With
`--challenge`, also the suspicions in the fit recordings of the PhysioNet/CinC Challenge 2011, as accuracy/quality.py
reads them.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress
from pathlib import Path
from time import perf_counter

import numpy as np
from common import existing_path, millivolts, percent
from quality import read_challenge

from einthoven import Interpreter, Recording
from einthoven.datasets.dataset import Dataset
from einthoven.interpret.decisions import DecisionRule
from einthoven.model.bundle import Bundle
from einthoven.recording import LEADS
from einthoven.signal.bands import RATE, split
from einthoven.signal.electrodes.detect import detect_exchange
from einthoven.signal.quality import assess
from einthoven.simulate.exchanges import EXCHANGES, SUSPECTED_AS, exchange

FALSE_ALARMS = 0.01  # share of the fold as recorded at which detection is also measured
FEWEST = 20  # undetected records of an exchange whose answers are counted
GROUPS = ("NORM", "MI", "STTC", "CD", "HYP", "AFIB", "CLBBB", "CRBBB", "LAFB", "WPW", "PACE", "PVC", "LVH", "RVH")
ANSWERS = ("infarct ruled in", "acute ruled in", "normal", "infarct ruled out")
"""Possible answers if an exchange remains undetected."""


def changed(signal: np.ndarray, name: str | None) -> np.ndarray:
    """Return the signal with an exchange, or with a limb lead stored upside down."""
    if name is None or name in EXCHANGES:
        return exchange(signal, name) if name else signal
    return np.where(np.array(LEADS)[:, None] == name.removesuffix(" inverted"), -signal, signal)


def detected(signals: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the suspicion in each record, "" for none, and the probability of any exchange, 0 if unknown."""
    found = [detect_exchange(split(signal, RATE), LEADS) for signal in signals]
    return np.array([one.suspected or "" for one in found]), np.array([one.probability or 0.0 for one in found])


def ruled_in(bundle: Bundle, signals: Iterable[np.ndarray]) -> np.ndarray:
    """Return whether the model alone rules in an infarct pattern in each signal."""
    rule = DecisionRule(bundle.card, {})
    found = (rule(rule.probabilities(scores)).mi for scores in bundle.batch_scores(signals))
    return np.array([mi is not None and mi.decision == "rule-in" for mi in found])


def answers(interpreter: Interpreter, signals: Sequence[np.ndarray]) -> np.ndarray:
    """Return whether each of ANSWERS holds for each signal, shape (signals, ANSWERS); none holds if it is refused."""
    held = []
    for signal in signals:
        answer = interpreter(Recording(signal, RATE, LEADS))
        mi, acute = (part.decision if part else None for part in (answer.mi, answer.acute))
        held.append([mi == "rule-in", acute == "rule-in", answer.conclusion == "normal", mi == "rule-out"])
    return np.array(held, bool).reshape(-1, len(ANSWERS))


def in_challenge(folder: Path) -> Counter[str]:
    """Count the suspicions in the recordings of the challenge that the gate accepts."""
    counts: Counter[str] = Counter()
    for signal in read_challenge(folder)[0]:
        bands = split(signal, 500)
        if (quality := assess(signal, 500, LEADS, bands)).acceptable:
            found = detect_exchange(bands, LEADS, [lead.lead for lead in quality.leads if lead.lost_share == 1])
            counts["unclear" if found.probability is None else found.suspected or "none"] += 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bundle", default="edge")
    parser.add_argument("--challenge", type=existing_path)
    options = parser.parse_args()
    dataset, interpreter = Dataset.open(options.data), Interpreter.load(options.bundle)
    rows = dataset.rows((9,))
    signals = [millivolts(dataset, row) for row in rows]
    normal = dataset.annotations.labels(("NORM",))[rows, 0].astype(bool)

    flags, probabilities = detected(signals)
    strict = np.quantile(probabilities, 1 - FALSE_ALARMS)
    print("| fold 9, as recorded | records | suspected |\n|---|---|---|")
    print(f"| all | {len(rows):,} | {percent(flags != '')} |")
    for group in GROUPS:
        member = dataset.annotations.labels((group,))[rows, 0].astype(bool)
        print(f"| {group} | {member.sum():,} | {percent(flags[member] != '')} |")
    names, counts = np.unique(flags[flags != ""], return_counts=True)
    print("\nsuspected as recorded:", dict(zip(names.tolist(), counts.tolist(), strict=True)))

    print("\n| exchange | detected | at 1 % of fold 9 | named rightly | NORM: ruled in by the model | by the answer |")
    print("|---|---|---|---|---|---|")
    undetected = {}
    for name in (None, *EXCHANGES, *(f"{lead} inverted" for lead in LEADS[:6])):
        simulated = [changed(signal, name) for signal in signals]
        found, probabilities = detected(simulated)
        missed = np.flatnonzero(found == "")
        held = answers(interpreter, [simulated[k] for k in missed])
        undetected[name] = missed, held
        answered = np.zeros(len(rows), bool)  # a suspected exchange withholds the answer
        answered[missed] = held[:, ANSWERS.index("infarct ruled in")]
        alone = ruled_in(interpreter.bundle, compress(simulated, normal))
        right = percent(found == SUSPECTED_AS.get(name, name)) if name else "-"
        shares = map(percent, (found != "", probabilities >= strict))
        print(f"| {name or 'none'} | {' | '.join(shares)} | {right} |", end=" ")
        print(f"{percent(alone)} | {percent(answered[normal])} |", flush=True)

    print(f"\n| undetected | records | {' | '.join(ANSWERS)} |\n|---|---|{'---|' * len(ANSWERS)}")
    without, as_recorded = undetected[None]
    for name, (missed, held) in undetected.items():
        _, exchanged, same = np.intersect1d(missed, without, return_indices=True)
        if name and len(same) >= FEWEST:
            means = zip(held[exchanged].mean(0), as_recorded[same].mean(0), strict=True)
            shares = [f"{share:.1%}, as recorded {before:.1%}" for share, before in means]
            print(f"| {name} | {len(same):,} | {' | '.join(shares).replace('%', ' %')} |")

    if options.challenge:
        print("\nChallenge 2011:", dict(in_challenge(options.challenge)))
    bands, times = [split(signal, RATE) for signal in signals[:500]], []
    for of_record in bands:
        start = perf_counter()
        detect_exchange(of_record, LEADS)
        times.append(perf_counter() - start)
    print(f"\n{1000 * np.median(times):.2f} ms per record at the median, one thread, bands known")


if __name__ == "__main__":
    main()
