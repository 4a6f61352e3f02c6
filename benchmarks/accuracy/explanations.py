"""Measure how well explanations show what matters: a deletion test, the territories of infarcts, and CPU time.

    python benchmarks/accuracy/explanations.py BUNDLE --data ptb-xl --out docs/images/explanations.png

Uses records of fold 9 (drawn with a fixed seed) that have a label and in which the bundle finds it. Prints Markdown.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from common import millivolts, percent

from einthoven.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.bootstrap import bootstrap
from einthoven.model.bundle import Bundle
from einthoven.model.occlusion import bin_edges, hide, occlusion
from einthoven.recording import LEADS

SHARES = (0.02, 0.05, 0.1, 0.2)
ORDERS = (("what the explanation marks", "tab:red"), ("greatest amplitude", "tab:blue"), ("at random", "0.5"))
REPLACEMENTS: Mapping[str, Callable[[Float32Array, BoolArray], Float32Array]] = {
    "a straight line": hide,
    "the lead's median": lambda signal, hidden: np.where(hidden, np.median(signal, axis=1, keepdims=True), signal),
}
TERRITORIES = {
    "anterior": ("V1", "V2", "V3", "V4"),
    "inferior": ("II", "III", "aVF"),
    "lateral": ("I", "aVL", "V5", "V6"),
}
STATEMENTS = {
    "anterior": {"AMI", "ASMI", "ALMI"},
    "inferior": {"IMI", "ILMI", "IPMI", "IPLMI"},
    "lateral": {"LMI", "ALMI", "ILMI", "IPLMI"},
}


class Study:
    """A bundle, a fold, and the explanation of each record, computed once."""

    def __init__(self, bundle: Bundle, dataset: Dataset, fold: int) -> None:
        self.bundle, self.dataset, self.seconds = bundle, dataset, list[float]()
        self.rows = np.random.default_rng(0).permutation(dataset.rows((fold,)))
        self.edges = bin_edges(dataset.signals.shape[2], bundle.card.rate)
        self.thresholds = [output.thresholds and output.thresholds.f1 for output in bundle.card.outputs]
        self.explanation = cache(self._explanation)
        self.probabilities = cache(lambda row: bundle.probabilities(self.signal(row)))

    def signal(self, row: int) -> Float32Array:
        return millivolts(self.dataset, row)

    def _explanation(self, row: int) -> Float64Array:
        begun = time.thread_time()
        values = occlusion(self.bundle, self.signal(row))
        self.seconds.append(time.thread_time() - begun)
        return values

    def of(self, row: int, label: str) -> Float64Array:
        """Return the support of each piece for `label`, shape (leads, bins)."""
        return self.explanation(row)[self.bundle.card.labels.index(label)]

    def rows_with(self, label: str, candidates: BoolArray, number: int) -> list[int]:
        """Return the first `number` rows among the `candidates` (records,) in which the bundle finds `label`."""
        k, rows = self.bundle.card.labels.index(label), list[int]()
        for row in self.rows[candidates[self.rows]]:
            if len(rows) < number and self.probabilities(int(row))[k] >= self.thresholds[k]:
                rows.append(int(row))
        return rows

    def amplitude(self, row: int) -> Float64Array:
        """Return the root mean square of each piece about its lead's median in mV, shape (leads, bins)."""
        signal = self.signal(row)
        square = (signal - np.median(signal, axis=1, keepdims=True)).astype(float) ** 2
        return np.sqrt(np.add.reduceat(square, self.edges[:-1], axis=1) / np.diff(self.edges))

    def deleted(self, row: int, label: str) -> Float64Array:
        """Return decreases of the probability if a share of the signal is replaced (replacements, orders, shares)."""
        k, signal = self.bundle.card.labels.index(label), self.signal(row)
        marked, amplitude = self.of(row, label), self.amplitude(row)
        orders = (marked, amplitude, np.random.default_rng(row).random(marked.shape))
        falls = []
        for replace in REPLACEMENTS.values():
            for order in orders:
                ranked = np.argsort(-order, axis=None, kind="stable")
                for share in SHARES:
                    pieces = np.zeros(order.size, bool)
                    pieces[ranked[: round(share * order.size)]] = True
                    hidden = np.repeat(pieces.reshape(order.shape), np.diff(self.edges), axis=1)
                    falls.append(self.probabilities(row)[k] - self.bundle.probabilities(replace(signal, hidden))[k])
        return np.reshape(falls, (len(REPLACEMENTS), len(orders), len(SHARES)))


def _means(values: Float64Array, patients: Int64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return means of `values` (records, ...) over records with 95 % intervals by a bootstrap over patients."""
    flat = values.reshape(len(values), -1)
    estimates = bootstrap(
        lambda w: {"mean": (w @ flat) / w.sum(1, keepdims=True)}, patients, np.ones((len(values), 1), bool)
    )
    low, high = np.percentile(estimates.samples["mean"], [2.5, 97.5], axis=0)
    return tuple(a.reshape(values.shape[1:]) for a in (estimates.values["mean"], low, high))  # type: ignore[return-value]


def deletion(study: Study, numbers: Mapping[str, int], path: Path) -> None:
    """Run the deletion test of each label on so many records: print a table, and draw a figure at `path`."""
    print(
        "| label | records | replaced by | removed |", " | ".join(name for name, _ in ORDERS), "| first less second |"
    )
    print("|---|---|---|---|---|---|---|---|")
    curves = {}
    for label, number in numbers.items():
        rows = study.rows_with(label, study.dataset.annotations.labels((label,))[:, 0], number)
        falls = np.stack([study.deleted(row, label) for row in rows])
        patients = study.dataset.annotations.patients[rows]
        mean, low, high = curves[label] = _means(falls, patients)
        better = _means(falls[:, :, 0] - falls[:, :, 1], patients)
        for r, replacement in enumerate(REPLACEMENTS):
            for s, share in enumerate(SHARES):
                cells = [f"{mean[r, o, s]:.3f} ({low[r, o, s]:.3f} to {high[r, o, s]:.3f})" for o in range(3)]
                cells.append("{:+.3f} ({:+.3f} to {:+.3f})".format(*(values[r, s] for values in better)))
                print(f"| {label} | {len(rows)} | {replacement} | {share:.0%} |", " | ".join(cells), "|", flush=True)
    _draw(curves, f"{study.bundle.card.name}: records of fold 9 in which it rightly finds the label", path)


def _draw(curves: Mapping[str, tuple[Float64Array, Float64Array, Float64Array]], title: str, path: Path) -> None:
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(1, len(curves), figsize=(3 * len(curves), 3.4), layout="constrained", sharey=True)
    x = [0, *(100 * share for share in SHARES)]
    for axes, (label, (mean, low, high)) in zip(grid, curves.items(), strict=True):
        for o, (name, colour) in enumerate(ORDERS):
            for r, style in enumerate(("-", "--")):
                axes.plot(x, [0, *mean[r, o]], style, color=colour, label=name if r == 0 else None)
            axes.fill_between(x, [0, *low[0, o]], [0, *high[0, o]], color=colour, alpha=0.15, lw=0)
        axes.set(title=label, xlabel="% of leads × time removed")
        axes.grid(color="0.93")
    grid[0].set_ylabel("fall of the probability")
    grid[0].legend(frameon=False, fontsize=8)
    figure.suptitle(f"{title}; replaced by {' (solid, with 95 %) or '.join(REPLACEMENTS)} (dashed)", fontsize=10)
    figure.savefig(path, dpi=100)


def _per_territory(values: Float64Array) -> Float64Array:
    """Return the mean share of the positive `values` (leads, bins) per lead of each territory, times twelve."""
    leads = np.maximum(values, 0).sum(1)
    means = [leads[[LEADS.index(lead) for lead in territory]].mean() for territory in TERRITORIES.values()]
    return np.asarray(means / leads.mean())


def territories(study: Study, number: int) -> None:
    """Print whether the marked leads are in the territory of the statements, for `number` records of each group."""
    stated = study.dataset.annotations.statements
    named = np.stack([stated[sorted(STATEMENTS[t])].any(axis=1).to_numpy() for t in TERRITORIES], 1)  # (records, 3)
    groups = {" and ".join(np.array([*TERRITORIES])[row]): row for row in np.unique(named[study.rows], axis=0)}
    rows = {name: study.rows_with("MI", (named == group).all(1), number) for name, group in groups.items() if name}
    for title, values in {
        "MI": lambda row: study.of(row, "MI"),
        "the record's own statements of infarct": lambda row: _own(study, row),
        "amplitude": study.amplitude,
    }.items():
        print(f"\nBy {title}: what a lead of each territory has, 1 being a mean lead; how often a stated one has most")
        print("| stated | records |", " | ".join(TERRITORIES), "| has most (95 %) | by chance |")
        print("|---|---|---|---|---|---|---|")
        for name, some in rows.items():
            if len(some) < 10 or groups[name].all():
                continue
            shares = np.array([_per_territory(values(row)) for row in some])
            hits = groups[name][shares.argmax(1)]
            cells = [f"{value:.2f}" for value in shares.mean(0)]
            cells.append(percent(hits, 0))
            print(f"| {name} | {len(some)} |", " | ".join(cells), f"| {groups[name].mean():.0%} |", flush=True)


def _own(study: Study, row: int) -> Float64Array:
    """Return the values for the record's own infarct statements, their mean if there are several."""
    stated = study.dataset.annotations.statements.iloc[row]
    own = [label for label in sorted(set().union(*STATEMENTS.values())) if stated[label]]
    return np.asarray(np.mean([study.of(row, label) for label in own], axis=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=9)
    parser.add_argument("--mi", type=int, default=240, help="records with MI in the deletion test")
    parser.add_argument("--others", type=int, default=80, help="records of each other superclass")
    parser.add_argument("--territory", type=int, default=60, help="records of each territory")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    bundle = Bundle.load(options.bundle)
    study = Study(bundle, Dataset.open(options.data, bundle.card.rate), options.fold)
    deletion(study, {"MI": options.mi} | dict.fromkeys(("STTC", "CD", "HYP"), options.others), options.out)
    territories(study, options.territory)
    median, most = np.percentile(study.seconds, [50, 95])
    print(f"\nCPU time of an explanation (all labels, one thread): median {median:.2f} s, 95 % within {most:.2f} s")


if __name__ == "__main__":
    main()
