"""How often exchanged electrodes are detected, and what becomes of the infarct answer, on fold 9 of PTB-XL.

    python benchmarks/accuracy/electrodes.py --data ptb-xl [--bundle edge] [--challenge quality]

benchmarks/fit/electrodes.py fits the detector; its threshold comes from this fold. Prints Markdown: what is
suspected in records as recorded, what is detected of each simulated exchange, how many records labelled normal have an
infarct pattern ruled in by the model alone and by the answer, and the time per record. With `--challenge`, also what is
suspected in the fit recordings of the PhysioNet/CinC Challenge 2011, as accuracy/quality.py reads them.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from common import millivolts, percent
from quality import read_challenge

from einthoven import Interpretation, Interpreter, Recording
from einthoven.datasets.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.signal.bands import RATE, split
from einthoven.signal.electrodes.detect import detect_exchange
from einthoven.signal.quality import assess
from einthoven.simulate.exchanges import EXCHANGES, SUSPECTED_AS, exchange

GROUPS = ("NORM", "MI", "STTC", "CD", "HYP", "AFIB", "CLBBB", "CRBBB", "LAFB", "WPW", "PACE", "PVC", "LVH", "RVH")


def changed(signal: np.ndarray, name: str | None) -> np.ndarray:
    """The signal with an exchange, or with a limb lead stored upside down."""
    if name is None or name in EXCHANGES:
        return exchange(signal, name) if name else signal
    return np.where(np.array(LEADS)[:, None] == name.removesuffix(" inverted"), -signal, signal)


def suspected(signals: Sequence[np.ndarray]) -> np.ndarray:
    """What is suspected in each record; "" for nothing."""
    return np.array([detect_exchange(split(signal, RATE), LEADS).suspected or "" for signal in signals])


def ruled_in(interpretations: Sequence[Interpretation]) -> tuple[np.ndarray, np.ndarray]:
    """By the model alone and by the answer; a refused record is not."""
    answers = [interpretation.mi for interpretation in interpretations]
    alone = np.array([mi is not None and mi.probability >= mi.rule_in_from for mi in answers])
    return alone, np.array([mi is not None and mi.decision == "rule-in" for mi in answers])


def in_challenge(folder: Path) -> Counter[str]:
    """What is suspected in the recordings of the challenge that the gate accepts."""
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
    parser.add_argument("--challenge", type=Path)
    options = parser.parse_args()
    dataset, interpreter = Dataset.open(options.data), Interpreter.load(options.bundle)
    rows = dataset.rows((9,))
    signals = [millivolts(dataset, row) for row in rows]
    normal = dataset.annotations.labels(("NORM",))[rows, 0].astype(bool)

    flags = suspected(signals)
    print("| fold 9, as recorded | records | suspected |\n|---|---|---|")
    print(f"| all | {len(rows):,} | {percent(flags != '')} |")
    for group in GROUPS:
        member = dataset.annotations.labels((group,))[rows, 0].astype(bool)
        print(f"| {group} | {member.sum():,} | {percent(flags[member] != '')} |")
    names, counts = np.unique(flags[flags != ""], return_counts=True)
    print("\nsuspected as recorded:", dict(zip(names.tolist(), counts.tolist(), strict=True)))

    print("\n| exchange | detected | named rightly | NORM: ruled in by the model | by the answer |")
    print("|---|---|---|---|---|")
    for name in (None, *EXCHANGES, *(f"{lead} inverted" for lead in LEADS[:6])):
        simulated = [changed(signal, name) for signal in signals]
        found = suspected(simulated)
        recordings = [Recording(signal, RATE, LEADS) for signal, known in zip(simulated, normal, strict=True) if known]
        alone, answered = ruled_in([interpreter(recording, force=True) for recording in recordings])
        right = percent(found == SUSPECTED_AS.get(name, name)) if name else "-"
        shares = f"{percent(found != '')} | {right} | {percent(alone)} | {percent(answered)}"
        print(f"| {name or 'none'} | {shares} |", flush=True)

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
