"""Compare discrete criteria with the network at matched specificity, on one fold of PTB-XL.

    python benchmarks/accuracy/criteria_or_network.py --data ptb-xl --fold 9 [--out FILE.json] [--figure FILE.png]

The engine measures every record as shipped, and both sides answer on every record (`force`). A criterion that cannot be
decided counts as not met. The network has the threshold at which it is at least as specific as the criterion on the
same records; a table shows what its threshold from fold 9 attains. Prints Markdown.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from criteria_fold import BUNDLES, LIMITS, PUBLISHED, TARGETS, WITH_NETWORK, Fold, Rule, Target, read_fold

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.rule_comparison import RuleComparison, compare_with_rule, rates_of, threshold_at_rule
from einthoven.model.figures import Interval


class Row(NamedTuple):
    """One rule for one target, against one output of both networks."""

    target: str
    rule: str
    context: str
    output: str
    records: int
    positives: int
    undecided: float
    networks: dict[str, RuleComparison]
    from_fold_9: dict[str, tuple[Interval | None, Interval | None]]
    """Sensitivity and specificity of the network's threshold from fold 9."""


def rows_of(targets: Sequence[Target], fold: Fold, nine: Fold, n_resamples: int) -> list[Row]:
    return [
        compare(fold, nine, target, rule, context, output, n_resamples)
        for target in targets
        for context in target.contexts
        for rule in target.rules
        for output in target.outputs
        if output != "acute" or (fold.scores["default"]["acute"] >= 0).any()  # only if the engine has that answer
    ]


def compare(fold: Fold, nine: Fold, target: Target, rule: Rule, context: str, output: str, n_resamples: int) -> Row:
    among, (met, undecided) = fold.among(target), fold.met(context, rule)
    truth, patients = fold.truth[target.positive][among], fold.patients[among]
    networks, from_fold_9 = {}, {}
    for name in BUNDLES:
        scores = fold.scores[name][output][among]
        networks[name] = compare_with_rule(truth, met[among], scores, patients, n_resamples=n_resamples)
        predicted = scores >= threshold_of(nine, name, target, rule, context, output)
        from_fold_9[name] = rates_of(truth, predicted, patients, n_resamples=n_resamples)
    counts = int(among.sum()), int(truth.sum())
    return Row(target.name, rule.name, context, output, *counts, undecided, networks, from_fold_9)


def threshold_of(nine: Fold, name: str, target: Target, rule: Rule, context: str, output: str) -> float:
    """Return the network's threshold on fold 9 at the specificity that the rule has there."""
    among, (met, _) = nine.among(target), nine.met(context, rule)
    truth = nine.truth[target.positive][among]
    return threshold_at_rule(truth, met[among], nine.scores[name][output][among])


def show(interval: Interval | None, sign: str = "") -> str:
    if interval is None:
        return "–"
    low, high = (f"{value:{sign}.3f}" for value in (interval.low, interval.high))
    return _short(f"{interval.value:{sign}.3f} ({low} to {high})")


def _short(text: str) -> str:
    return text.replace("0.", ".")


def table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in cells:
        print(f"| {' | '.join(row)} |")


def _names(row: Row) -> list[str]:
    context = "" if row.context == PUBLISHED else f", {row.context}"
    return [f"{row.target} ({row.positives} of {row.records:,})", row.rule + context, row.output]


def sensitivities(rows: Sequence[Row]) -> None:
    cells = []
    for row in rows:
        default, edge = (row.networks[name] for name in BUNDLES)
        share = f"{row.undecided:.0%}".replace("%", " %")
        rule = [share, show(default.rule_specificity), show(default.rule_sensitivity)]
        models = [show(default.model_sensitivity), show(edge.model_sensitivity), show(default.difference, "+")]
        cells.append([*_names(row), *rule, *models, _short(f"{default.p_value:.3f}")])
    columns = ["what", "criterion", "output", "undecided", "criterion: specificity", "criterion: sensitivity"]
    table([*columns, "`default`: sensitivity", "`edge`: sensitivity", "`default` minus criterion", "p"], cells)


def overlap(rows: Sequence[Row]) -> None:
    cells = []
    for row in rows:
        it = row.networks["default"]
        yes, no = it.positives, it.negatives
        found = [f"{yes.both}, {yes.only_model}, {yes.only_rule}, {yes.neither}"]
        false = [f"{no.both}, {no.only_model}, {no.only_rule}"]
        shares = [show(it.found_of_missed_by_rule), show(it.found_of_missed_by_model)]
        cells.append([*_names(row), *found, *shares, *false])
    columns = ["what", "criterion", "output", "positives found: both, only network, only criterion, neither"]
    shares = ["network finds, of those the criterion misses", "criterion finds, of those the network misses"]
    table([*columns, *shares, "false positives: both, only network, only criterion"], cells)


def fixed(rows: Sequence[Row]) -> None:
    cells = []
    for row in rows:
        rule = row.networks["default"]
        pairs = [(rule.rule_sensitivity, rule.rule_specificity), *(row.from_fold_9[name] for name in BUNDLES)]
        cells.append(
            [*_names(row), *(f"{show(specificity)}, {show(sensitivity)}" for sensitivity, specificity in pairs)]
        )
    heads = [f"{name}: specificity, sensitivity" for name in ("criterion", *(f"`{name}`" for name in BUNDLES))]
    table(["what", "criterion", "output", *heads], cells)


def drawn(rows: Sequence[Row]) -> list[Row]:
    """Return the rules for the figure: criteria of ST and Q without exclusions, which find most, and all others."""
    return [row for row in rows if row.context == LIMITS or row.output not in ("MI", "injury", "acute")]


def draw(rows: Sequence[Row], title: str, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(11, 0.33 * len(rows) + 1.2), layout="constrained")
    for y, row in enumerate(rows):
        it = row.networks["default"]
        points = ((it.rule_sensitivity, "0.45", "s", -0.15), (it.model_sensitivity, "tab:blue", "o", 0.15))
        for estimate, color, marker, shift in points:
            if estimate:
                axes.plot([estimate.low, estimate.high], [y + shift] * 2, color=color, lw=1.5)
                axes.plot(estimate.value, y + shift, marker, color=color, ms=5)
    axes.set_yticks(range(len(rows)), list(map(_label, rows)), fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.01)
    axes.grid(axis="both", color="0.93")
    axes.set_xlabel("sensitivity with 95 % interval: criterion gray, network blue")
    axes.set_title(title, fontsize=10)
    figure.savefig(path, dpi=100)


def _label(row: Row) -> str:
    specificity = row.networks["default"].rule_specificity
    at = _short(f" at specificity {specificity.value:.3f}") if specificity else ""
    output = f" [{row.output}]" if row.target in ("acute pattern", "stage I") else ""
    return f"{row.target}{output}: {row.rule}{at}"


def as_json(row: Row) -> dict[str, object]:
    networks = {name: comparison.to_dict() for name, comparison in row.networks.items()}
    from_fold_9 = {name: [it and it.to_dict() for it in pair] for name, pair in row.from_fold_9.items()}
    return {**row._asdict(), "networks": networks, "from_fold_9": from_fold_9}


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
    rows = rows_of(TARGETS, fold, nine, options.resamples)
    in_engine = rows_of(WITH_NETWORK, fold, nine, options.resamples)
    if options.out:
        options.out.write_text(json.dumps([as_json(row) for row in (*rows, *in_engine)], indent=1))
    for title, show_table, shown in (
        ("At the criterion's specificity", sensitivities, rows),
        ("Right where the other is wrong", overlap, rows),
        ("With the network's threshold from fold 9", fixed, rows),
        ("Criteria in the engine, which takes exclusions from the network", sensitivities, in_engine),
    ):
        print(f"\n### {title} (fold {options.fold})\n")
        show_table(shown)
    if options.figure:
        draw(drawn(rows), f"Criteria and network on fold {options.fold} of PTB-XL", options.figure)


if __name__ == "__main__":
    main()
