"""Measure how small QRS complexes, by low voltage or a wrong gain, change the rule-in of an infarct pattern.

    python benchmarks/accuracy/small_qrs.py --data ptb-xl --bundle default [--every 2]
    python benchmarks/accuracy/small_qrs.py --data ptb-xl --runs runs/acute/without-* [--every 2]

The first command multiplies the records of fold 9 by gains and prints the rule-ins of the model alone and the engine.
The second chooses the size to which small QRS complexes are enlarged, USUAL_MV of einthoven.interpret.small_qrs, on
folds 1-8 with the networks of configs/acute/train.sh, each on the folds that it has not seen. Prints Markdown.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from common import millivolts, percent

from einthoven import Interpretation
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.thresholds import at_specificity
from einthoven.interpret.decisions import MI, RULE_IN
from einthoven.interpret.interpreter import Interpreter
from einthoven.interpret.small_qrs import qrs_size_mv
from einthoven.recording import LEADS, Recording
from einthoven.signal.analysis import analyze_segments
from einthoven.signal.segments import segments

GAINS = (1.0, 0.7, 0.5, 0.3)
SIZES_MV = (1.0, 1.1, 1.2, 1.3, 1.5)
SPECIFICITY = 0.95
LOW_VOLTAGE = ("LOWV-LIMB", "LOWV-CHEST")


def answers(interpreter: Interpreter, dataset: Dataset, rows: np.ndarray, gain: float) -> list[Interpretation]:
    """Return the answers for the records, multiplied by a gain."""
    recordings = map(dataset.recording, rows.tolist())
    return list(interpreter.batch(replace(each, signal=each.signal * np.float32(gain)) for each in recordings))


def print_answers(interpreter: Interpreter, dataset: Dataset, rows: np.ndarray) -> None:
    """Print the rule-ins at each gain, for all records and for those with small QRS complexes as recorded."""
    infarct, labelled = dataset.annotations.labels((MI, "LVOLT"))[rows].T.astype(bool)
    card = interpreter.bundle.card
    output = next(output for output in card.outputs if output.label == MI)
    assert output.thresholds
    threshold = output.thresholds.rule_in[RULE_IN]
    groups = {"all": np.ones(len(rows), bool)}
    print(
        "| records | gain | without MI | ruled in, model alone | answer | ruled out | with MI | model alone | answer |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for gain in GAINS:
        of_gain = answers(interpreter, dataset, rows, gain)
        if gain == 1:
            low = [any(c.met for c in answer.criteria if c.code in LOW_VOLTAGE) for answer in of_gain]
            groups["low voltage"] = labelled | np.array(low)
            groups["QRS below 1 mV"] = np.array([(qrs_size_mv(a.measurements) or 9) < 1 for a in of_gain])
        alone = np.array([bool(a.mi and a.mi.probability >= threshold) for a in of_gain])
        decision = np.array([a.mi.decision if a.mi else "" for a in of_gain])
        for name, member in groups.items():
            without, infarcts = member & ~infarct, member & infarct
            shares = (alone[without], decision[without] == "rule-in", decision[without] == "rule-out")
            cells = [f"{without.sum():,}", *map(percent, shares), f"{infarcts.sum():,}"]
            cells += [percent(alone[infarcts]), percent(decision[infarcts] == "rule-in")]
            print(f"| {name} | {gain:g} | {' | '.join(cells)} |", flush=True)


def measured_sizes(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return QRS sizes in mV; NaN if unknown."""
    recordings = (Recording(millivolts(dataset, row), dataset.rate, LEADS) for row in rows.tolist())
    cut = (segment for recording in recordings for segment in segments(recording, dataset.rate))
    sizes = [qrs_size_mv(analysis.measurements) for analysis in analyze_segments(cut, LEADS, force=True)]
    return np.array([np.nan if size is None else size for size in sizes])


def print_choice(dataset: Dataset, runs: Sequence[Path], every: int) -> None:
    """Print the effect of enlarging to different sizes on folds 1-8, by networks that did not see the records."""
    from einthoven.train.batches import Inputs
    from einthoven.train.predict import probabilities_of
    from einthoven.train.run import Run

    folds = dataset.annotations.folds
    every_row, every_size, scores = [], [], []
    for folder in runs:
        run = Run.open(folder)
        unseen = tuple(fold for fold in range(1, 9) if fold not in run.config.train_folds)
        rows = dataset.rows(unseen)[::every]
        size, model = measured_sizes(dataset, rows), run.trained_model()
        rows, size = rows[~np.isnan(size)], size[~np.isnan(size)]
        signals = np.asarray(dataset.signals[rows], np.float32)

        def predict(factor: np.ndarray, run=run, model=model, signals=signals) -> np.ndarray:
            scaled = np.clip(np.rint(signals * factor[:, None, None]), -32768, 32767).astype(np.int16)
            p = probabilities_of(model, Inputs(scaled, None), np.arange(len(scaled)), run.config)
            return p[:, run.labels.index(MI)]

        factors = [gain * np.ones(len(rows)) for gain in GAINS] + [usual / size for usual in SIZES_MV]
        scores.append(np.stack([predict(factor) for factor in factors], axis=1))
        every_row.append(rows)
        every_size.append(size)
    row, size, p = (np.concatenate(parts) for parts in (every_row, every_size, scores))
    infarct = dataset.annotations.labels((MI,))[row, 0].astype(bool)
    threshold = at_specificity(infarct, p[:, 0], SPECIFICITY)
    print(f"{len(row):,} records of folds {sorted(set(folds[row].tolist()))}, {infarct.sum():,} with MI\n")
    print("| enlarged to | smaller | records | gain | ruled in without MI | with MI |\n|---|---|---|---|---|---|")
    for j, usual in enumerate((None, *SIZES_MV)):
        for k, gain in enumerate(GAINS):
            ruled_in = p[:, k] >= threshold
            if usual is not None:
                ruled_in &= (size * gain >= usual) | (p[:, len(GAINS) + j - 1] >= threshold)
            for name, member in (("all", size > 0), ("QRS below 1 mV", size < 1)):
                shares = [percent(ruled_in[member & of]) for of in (~infarct, infarct)]
                small = "-" if usual is None else f"{(size < usual).mean():.1%}".replace("%", " %")
                print(f"| {usual or 'not'} | {small} | {name} | {gain:g} | {' | '.join(shares)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bundle", default="default")
    parser.add_argument("--runs", type=Path, nargs="+", help="of configs/acute/train.sh: choose the size on folds 1-8")
    parser.add_argument("--every", type=int, default=1, help="take only every n-th record")
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    if options.runs:
        print_choice(dataset, options.runs, options.every)
    else:
        print_answers(Interpreter.load(options.bundle), dataset, dataset.rows((9,))[:: options.every])


if __name__ == "__main__":
    main()
