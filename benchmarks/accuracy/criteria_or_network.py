"""Discrete criteria against the network at matched specificity, on one fold of PTB-XL.

    python benchmarks/accuracy/criteria_or_network.py --data ptb-xl --fold 9 [--out tables.json] [--figure FILE.png]

Every record is measured by the engine as shipped, and both sides answer on every record (`force`). A criterion that
cannot be decided counts as not met. The criteria are evaluated twice: in the context of measurements alone, as in a
program without a network, and in the engine's own context. The network has the threshold at which it is as specific as
the criterion on the same records; the tables also show what its threshold from fold 9 attains. Prints Markdown.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from common import INJURY, early_stage, noisy_or

from einthoven import Interpretation, Interpreter, Recording
from einthoven.evaluate.bundles import calibrate_predictions, predict_with_bundle
from einthoven.evaluate.rule_comparison import RuleComparison, compare_with_rule, rates_of
from einthoven.evaluate.thresholds import at_specificity
from einthoven.interpret.criteria import Context, Criterion, evaluate_criteria
from einthoven.model.bundle import Bundle
from einthoven.model.figures import Interval
from einthoven.ptbxl.dataset import Dataset

BUNDLES = ("default", "edge")
CONTEXTS = ("measurements", "engine")
STEMI = ("STEMI-UDMI4",)
ST_UP = (*STEMI, "STEMI-POSTERIOR-V1V3", "SGARBOSSA-SMITH")
ST_UP_OR_DOWN = (*ST_UP, "STD-UDMI4", "STD6-AVR")
Q_WAVES = ("Q-V2V3-UDMI4", "Q-UDMI4", "R-V1V2-UDMI4")
VOLTAGES = ("LVH-SOKOLOW-LYON", "LVH-CORNELL", "LVH-PEGUERO")


class Rule(NamedTuple):
    """Criteria of which one suffices."""

    name: str
    codes: tuple[str, ...]
    open_counts: bool = False
    """Whether an undecided criterion counts as met: notches, which LBBB needs, are not measured."""


ST_RULES = (
    Rule("ST elevation", STEMI),
    Rule("ST elevation, posterior or Sgarbossa-Smith", ST_UP),
    Rule("the same or ST depression", ST_UP_OR_DOWN),
)
INFARCT_RULES = (
    Rule("ST elevation", STEMI),
    Rule("Q waves", Q_WAVES),
    Rule("ST elevation or Q waves", (*STEMI, *Q_WAVES)),
    Rule("any ST, T or Q criterion", (*ST_UP_OR_DOWN, "TINV-UDMI4", *Q_WAVES)),
)
LVH_RULES = (
    Rule("Sokolow-Lyon", VOLTAGES[:1]),
    Rule("Cornell voltage", VOLTAGES[1:2]),
    Rule("Cornell product", ("LVH-CORNELL-PRODUCT",)),
    Rule("Peguero-Lo Presti", VOLTAGES[2:]),
    Rule("any of the three voltages", VOLTAGES),
    Rule("Romhilt-Estes", ("LVH-ROMHILT-ESTES",)),
)
LBBB_RULES = (
    Rule("pattern without notches", ("LBBB-PATTERN",)),
    Rule("AHA 2009, notches assumed", ("LBBB-AHA",), open_counts=True),
    Rule("Strauss, notches assumed", ("LBBB-STRAUSS",), open_counts=True),
)
RBBB_RULES = (
    Rule("AHA 2009", ("RBBB-AHA",)),
    Rule("AHA 2009, small R' assumed", ("RBBB-AHA",), open_counts=True),
)


class Target(NamedTuple):
    """What is to be found, among which records, by which criteria and which output of the network."""

    name: str
    positive: str
    """A name in the truth of `Fold`."""
    against: str
    """The records that are negative, likewise."""
    rules: tuple[Rule, ...]
    output: str


TARGETS = (
    Target("MI of any age", "MI", "all", INFARCT_RULES, "MI"),
    Target("acute pattern, against no MI", "acute", "no MI", ST_RULES, "MI"),
    Target("acute pattern, against all others", "acute", "all", ST_RULES, "injury"),
    Target("stage I, against no MI", "stage I", "no MI", ST_RULES, "MI"),
    Target("stage I, against all others", "stage I", "all", ST_RULES, "injury"),
    Target("LVH", "LVH", "all", LVH_RULES, "LVH"),
    Target("LVH or high voltage", "LVH or VCLVH", "all", LVH_RULES, "LVH or VCLVH"),
    Target("complete LBBB", "CLBBB", "all", LBBB_RULES, "CLBBB"),
    Target("complete RBBB", "CRBBB", "all", RBBB_RULES, "CRBBB"),
)


@dataclass(frozen=True)
class Fold:
    """One fold: what the records are, which criteria they meet, and what the networks predict."""

    patients: np.ndarray
    truth: Mapping[str, np.ndarray]
    verdicts: Mapping[str, pd.DataFrame]
    """By context: (records, codes), 1 met, 0 not met, NaN undecided."""
    scores: Mapping[str, Mapping[str, np.ndarray]]
    """By bundle and output."""

    def met(self, context: str, rule: Rule) -> tuple[np.ndarray, float]:
        """Whether the rule is met, and the share of records in which it is undecided."""
        verdicts = self.verdicts[context][list(rule.codes)]
        met = (verdicts == 1).any(axis=1).to_numpy()
        undecided = verdicts.isna().any(axis=1).to_numpy() & ~met
        return met | undecided if rule.open_counts else met, float(undecided.mean())

    def among(self, target: Target) -> np.ndarray:
        return self.truth[target.positive] | self.truth[target.against]


def measured_context(interpretation: Interpretation) -> Context:
    """What a program without a network knows: pacing from spikes; the criteria complete the rest from measurements."""
    return Context(paced=bool(interpretation.pacing.spikes))


def measured_criteria(recording: Recording, interpretation: Interpretation) -> tuple[Criterion, ...]:
    if interpretation.measurements is None:
        return ()
    return evaluate_criteria(interpretation.measurements, recording.patient, measured_context(interpretation))


def verdict_table(criteria: Sequence[Sequence[Criterion]]) -> pd.DataFrame:
    """(records, codes): 1, 0 or NaN; NaN for records without measurements."""
    table = pd.DataFrame([{criterion.code: criterion.met for criterion in of_record} for of_record in criteria])
    return table.astype(float)


def outputs(bundle: Bundle, dataset: Dataset, fold: int) -> dict[str, np.ndarray]:
    predictions = calibrate_predictions(bundle, predict_with_bundle(bundle, dataset, (fold,)))
    column = dict(zip(predictions.labels, predictions.probabilities.T, strict=True))
    return {
        **{label: column[label] for label in ("MI", "LVH", "CLBBB", "CRBBB")},
        "LVH or VCLVH": noisy_or(column, ("LVH", "VCLVH")),
        "injury": noisy_or(column, INJURY),
    }


def truth_of(dataset: Dataset, rows: np.ndarray) -> dict[str, np.ndarray]:
    def labelled(*names: str) -> np.ndarray:
        return dataset.annotations.labels(names)[rows].any(1)

    mi, stage = labelled("MI"), early_stage(dataset.annotations.table.iloc[rows])
    return {
        "all": np.ones(len(rows), bool),
        "no MI": ~mi,
        "MI": mi,
        "stage I": mi & stage,
        "acute": (mi & stage) | labelled(*INJURY),
        "LVH": labelled("LVH"),
        "LVH or VCLVH": labelled("LVH", "VCLVH"),
        "CLBBB": labelled("CLBBB"),
        "CRBBB": labelled("CRBBB"),
    }


def read_fold(dataset: Dataset, fold: int) -> Fold:
    rows = dataset.rows((fold,))
    recordings = [dataset.recording(row) for row in rows]
    interpretations = list(Interpreter.load("default").batch(recordings, force=True))
    return Fold(
        patients=dataset.annotations.patients[rows],
        truth=truth_of(dataset, rows),
        verdicts={
            "measurements": verdict_table(list(map(measured_criteria, recordings, interpretations))),
            "engine": verdict_table([interpretation.criteria for interpretation in interpretations]),
        },
        scores={name: outputs(Bundle.load(name), dataset, fold) for name in BUNDLES},
    )


class Row(NamedTuple):
    """One rule for one target: the rule and both networks."""

    target: str
    rule: str
    context: str
    records: int
    positives: int
    undecided: float
    networks: dict[str, RuleComparison]
    from_fold_9: dict[str, tuple[Interval | None, Interval | None]]
    """Sensitivity and specificity of the network's threshold from fold 9."""


def compare(fold: Fold, nine: Fold, target: Target, rule: Rule, context: str, n_resamples: int) -> Row:
    among, (met, undecided) = fold.among(target), fold.met(context, rule)
    truth, patients = fold.truth[target.positive][among], fold.patients[among]
    networks, from_fold_9 = {}, {}
    for name in BUNDLES:
        scores = fold.scores[name][target.output][among]
        networks[name] = compare_with_rule(truth, met[among], scores, patients, n_resamples=n_resamples)
        predicted = scores >= threshold_of(nine, name, target, rule, context)
        from_fold_9[name] = rates_of(truth, predicted, patients, n_resamples=n_resamples)
    return Row(
        target.name, rule.name, context, int(among.sum()), int(truth.sum()), undecided, networks, from_fold_9
    )


def threshold_of(nine: Fold, name: str, target: Target, rule: Rule, context: str) -> float:
    """The network's threshold on fold 9 at the rule's specificity there."""
    among, (met, _) = nine.among(target), nine.met(context, rule)
    truth = nine.truth[target.positive][among]
    specificity = 1 - met[among][~truth].mean()
    return at_specificity(truth, nine.scores[name][target.output][among], float(specificity))


def show(interval: Interval | None) -> str:
    return f"{interval:.3f}".replace("0.", ".").replace(" to ", "–") if interval else "–"


def sensitivities(rows: Sequence[Row]) -> None:
    print("| what (positive of all) | criterion | undecided | specificity | sensitivity | `default` there | `edge` there |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        default, edge = row.networks["default"], row.networks["edge"]
        cells = [
            f"{row.target} ({row.positives:,} of {row.records:,})",
            row.rule,
            f"{row.undecided:.1%}".replace("%", " %"),
            show(default.rule_specificity),
            show(default.rule_sensitivity),
            show(default.model_sensitivity),
            show(edge.model_sensitivity),
        ]
        print(f"| {' | '.join(cells)} |")


def differences(rows: Sequence[Row]) -> None:
    print("| what | criterion | `default` minus criterion | p | both | only network | only criterion | neither "
          "| of those the criterion misses, the network finds | of those the network misses, the criterion finds "
          "| false: both, network, criterion |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        it = row.networks["default"]
        yes, no = it.positives, it.negatives
        difference = f"{it.difference:+.3f}".replace("0.", ".") if it.difference else "–"
        cells = [
            row.target, row.rule, difference, f"{it.p_value:.3f}".replace("0.", "."),
            *map(str, (yes.both, yes.only_model, yes.only_rule, yes.neither)),
            show(it.found_of_missed_by_rule), show(it.found_of_missed_by_model),
            f"{no.both}, {no.only_model}, {no.only_rule}",
        ]
        print(f"| {' | '.join(cells)} |")


def fixed(rows: Sequence[Row]) -> None:
    print("| what | criterion | criterion: specificity, sensitivity | `default`: specificity, sensitivity "
          "| `edge`: specificity, sensitivity |")
    print("|---|---|---|---|---|")
    for row in rows:
        rule = row.networks["default"]
        cells = [row.target, row.rule, f"{show(rule.rule_specificity)}, {show(rule.rule_sensitivity)}"]
        cells += [f"{show(row.from_fold_9[name][1])}, {show(row.from_fold_9[name][0])}" for name in BUNDLES]
        print(f"| {' | '.join(cells)} |")


def draw(rows: Sequence[Row], title: str, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(10, 0.34 * len(rows) + 1.4), layout="constrained")
    for y, row in enumerate(rows):
        it = row.networks["default"]
        for estimate, color, marker, shift in (
            (it.rule_sensitivity, "tab:gray", "s", 0.12),
            (it.model_sensitivity, "tab:blue", "o", -0.12),
        ):
            if estimate:
                axes.plot([estimate.low, estimate.high], [y + shift] * 2, color=color, lw=1.5)
                axes.plot(estimate.value, y + shift, marker, color=color, ms=5)
    specificities = [row.networks["default"].rule_specificity for row in rows]
    names = [
        f"{row.target}: {row.rule} (spec. {s.value:.3f})".replace("0.", ".") if s else row.target
        for row, s in zip(rows, specificities, strict=True)
    ]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.grid(axis="both", color="0.93")
    axes.set_xlabel("sensitivity (95 %): criterion in gray, network at the criterion's specificity in blue")
    axes.set_title(title, fontsize=10)
    figure.savefig(path, dpi=110)


def as_json(row: Row) -> dict[str, object]:
    return {
        **row._asdict(),
        "networks": {name: comparison.to_dict() for name, comparison in row.networks.items()},
        "from_fold_9": {
            name: [interval and interval.to_dict() for interval in pair] for name, pair in row.from_fold_9.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fold", type=int, choices=(9, 10), default=9)
    parser.add_argument("--out", type=Path, help="all figures as JSON")
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--resamples", type=int, default=1000)
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    nine = read_fold(dataset, 9)
    fold = nine if options.fold == 9 else read_fold(dataset, options.fold)
    sections: dict[str, Callable[[Sequence[Row]], None]] = {
        "Sensitivity at the criterion's specificity": sensitivities,
        "Right where the other is wrong": differences,
        "With the network's threshold from fold 9": fixed,
    }
    every = []
    for context in CONTEXTS:
        rows = [
            compare(fold, nine, target, rule, context, options.resamples) for target in TARGETS for rule in target.rules
        ]
        every += rows
        for title, table in sections.items():
            print(f"\n### {title} (fold {options.fold}, context: {context})\n")
            table(rows)
        if options.figure and context == CONTEXTS[0]:
            draw(rows, f"Criteria and network on fold {options.fold} of PTB-XL", options.figure)
    if options.out:
        options.out.write_text(json.dumps([as_json(row) for row in every], indent=1))


if __name__ == "__main__":
    main()
