"""Measure how often rhythms are named: simulated ones with known truth, and PTB-XL's by their statements.

    python benchmarks/accuracy/rhythms.py [--bundle default] [--number 100] [--data ptb-xl] [--folds 9]

Simulated tracings have random anatomy, rates, noise of 0.01-0.03 mV, and 100, 250 or 500 Hz. "Reassuring" counts the
answers "normal" and "rule-out". Without `--data` only these are made. Prints Markdown.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from einthoven import Interpreter, Recording
from einthoven.datasets.dataset import Dataset
from einthoven.interpret.interpretation import Interpretation
from einthoven.recording import LEADS
from einthoven.simulate.rhythms import RHYTHMS, simulate_rhythm

NAMED_AS = {
    "sinus rhythm": {"SR", "SARRH"},
    "sinus bradycardia": {"SBRAD"},
    "sinus tachycardia": {"STACH"},
    "2:1 AV block": {"2AVB"},
    "Mobitz I": {"2AVB"},
    "Mobitz II": {"2AVB"},
    "pause": {"SR", "SBRAD", "SARRH"},  # and the pause is stated
    "complete AV block, narrow escape": {"3AVB"},
    "complete AV block, wide escape": {"3AVB"},
    "ventricular tachycardia": {"WCT"},
    "idioventricular rhythm": {"IVR"},
    "supraventricular tachycardia": {"NCT", "SVTAC", "PSVT"},
    "junctional rhythm": {"JUNCTIONAL"},
    "atrial fibrillation": {"AFIB"},
    "atrial flutter, 2:1": {"AFLT", "NCT", "SVTAC"},
    "atrial flutter, variable": {"AFLT", "AFIB"},
    "ventricular fibrillation": {"NO-BEATS"},
    "asystole": {"NO-BEATS"},
    "spikes without capture": {"PACING-NO-CAPTURE"},
    "paced rhythm": {"PACE"},
    "bigeminy": {"BIGU"},
    "trigeminy": {"TRIGU"},
}
STATEMENTS = {
    "AFIB": {"AFIB"},
    "AFLT": {"AFLT"},
    "STACH": {"STACH"},
    "SBRAD": {"SBRAD"},
    "SARRH": {"SARRH"},
    "PACE": {"PACE"},
    "SVTAC": {"SVTAC", "NCT"},
    "PSVT": {"PSVT", "SVTAC", "NCT"},
    "BIGU": {"BIGU"},
    "2AVB": {"2AVB"},
    "3AVB": {"3AVB"},
}
SINUS = {"SR", "SBRAD", "STACH", "SARRH"}
CRITICAL = {"2AVB", "3AVB", "WCT", "NO-BEATS", "PACING-NO-CAPTURE"}


def simulated(name: str, number: int) -> Iterator[Recording]:
    for k in range(number):
        rate = (100, 250, 500)[k % 3]
        signal = simulate_rhythm(name, rate, np.random.default_rng([k, 22]))
        yield Recording(signal=signal, rate=rate, leads=LEADS, source=f"{name} {k}")


def is_named(name: str, result: Interpretation) -> bool:
    if name == "pause" and not any(pause.seconds >= 2.5 for pause in result.rhythm.pauses):
        return False
    return result.rhythm.code in NAMED_AS[name]


def simulated_table(interpreter: Interpreter, names: Sequence[str], number: int) -> None:
    print(f"| simulated rhythm | named, of {number} | normal | rule-out | other names |\n|---|---|---|---|---|")
    for name in names:
        results = list(interpreter.batch(simulated(name, number)))
        named = [is_named(name, result) for result in results]
        normal = sum(result.conclusion == "normal" for result in results)
        rule_out = sum(bool(result.mi and result.mi.decision == "rule-out") for result in results)
        others = Counter(result.rhythm.code for result, hit in zip(results, named, strict=True) if not hit)
        text = ", ".join(f"{code} {count}" for code, count in others.most_common())
        print(f"| {name} | {sum(named)} | {normal} | {rule_out} | {text} |", flush=True)


def real_table(interpreter: Interpreter, folder: Path, folds: tuple[int, ...]) -> None:
    dataset = Dataset.open(folder)
    rows = dataset.rows(folds)
    truth, ids = dataset.annotations.statements.iloc[rows], dataset.annotations.ecg_ids[rows]
    recordings = (
        Recording(signal=dataset.signals[row] / np.float32(1000), rate=dataset.rate, leads=LEADS, source=str(ecg))
        for row, ecg in zip(rows, ids, strict=True)
    )
    rhythms = [result.rhythm for result in interpreter.batch(recordings)]
    codes = np.array([rhythm.code for rhythm in rhythms])
    print("| statement | records | named, % | of others, % | names of its records |\n|---|---|---|---|---|")
    for label, named_as in STATEMENTS.items():
        of, hit = truth[label].to_numpy(), np.isin(codes, list(named_as))
        names = ", ".join(f"{code} {count}" for code, count in Counter(codes[of].tolist()).most_common())
        shares = f"{100 * hit[of].mean() if of.any() else np.nan:.1f} | {100 * hit[~of].mean():.2f}"
        print(f"| {label} | {of.sum()} | {shares} | {names} |")
    for label, counts in {
        "PVC": np.array([rhythm.premature_ventricular for rhythm in rhythms]),
        "PAC": np.array([rhythm.premature_supraventricular for rhythm in rhythms]),
    }.items():
        of = truth[label].to_numpy()
        print(
            f"| {label} | {of.sum()} | {100 * (counts[of] > 0).mean():.1f} | {100 * (counts[~of] > 0).mean():.2f} | |"
        )
    normal, uncertain = truth["NORM"].to_numpy(), np.isin(codes, ["UNCERTAIN", "BRADY", "TACHY"])
    other = normal & ~np.isin(codes, list(SINUS)) & ~uncertain
    print(f"\nRhythm uncertain: {100 * uncertain.mean():.2f} % of all, {100 * uncertain[normal].mean():.2f} % of NORM.")
    print(f"NORM records named other than sinus: {100 * other.sum() / normal.sum():.2f} % ({other.sum()}).")
    for k in np.flatnonzero(normal & np.isin(codes, list(CRITICAL))).tolist():
        print(f"NORM, but {ids[k]}: {rhythms[k].name}. {rhythms[k].reason}")
    for k in np.flatnonzero(truth["2AVB"].to_numpy() | truth["3AVB"].to_numpy()).tolist():
        print(f"AV block {ids[k]}: {rhythms[k].name}. {rhythms[k].reason}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", default="default")
    parser.add_argument("--number", type=int, default=100, help="simulated tracings of each rhythm")
    parser.add_argument("--rhythms", nargs="+", default=list(RHYTHMS), help="which are simulated")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--folds", type=int, nargs="+", default=[9])
    options = parser.parse_args()
    interpreter = Interpreter.load(options.bundle)
    if options.number:
        simulated_table(interpreter, options.rhythms, options.number)
    if options.data:
        real_table(interpreter, options.data, tuple(options.folds))


if __name__ == "__main__":
    main()
