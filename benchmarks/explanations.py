"""What explanations are worth: a deletion test, the territories of infarcts, and the time they take.

    python benchmarks/explanations.py BUNDLE --data ptb-xl --out docs/images/explanations.png

On records of fold 9 (drawn with a fixed seed) that have a superclass and in which the bundle finds it. Prints Markdown.
"""

import argparse
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from einthoven.evaluate.bootstrap import bootstrap, wilson
from einthoven.interpret.bundle import Bundle
from einthoven.interpret.calibration import logit
from einthoven.interpret.occlusion import bin_edges, hide, occlusion
from einthoven.ptbxl.dataset import Dataset
from einthoven.recording import LEADS

Signal, Floats, Bools = NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_]
SHARES = (0.05, 0.1, 0.2)
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


def _line(signal: Signal, hidden: Bools) -> Signal:
    """A straight line over what is hidden of a lead."""
    out, at = signal.copy(), np.arange(signal.shape[1])
    for lead in np.flatnonzero(hidden.any(1) & ~hidden.all(1)):
        gone = hidden[lead]
        out[lead, gone] = np.interp(at[gone], at[~gone], signal[lead, ~gone])
    return out


REPLACEMENTS: Mapping[str, Callable[[Signal, Bools], Signal]] = {
    "median": hide,
    "line": _line,
    "zero": lambda signal, hidden: np.where(hidden, np.float32(0), signal),
}


class Study:
    """A bundle, a fold, and each record's explanation, made once."""

    def __init__(self, bundle: Bundle, dataset: Dataset, fold: int) -> None:
        self.bundle, self.dataset, self.seconds = bundle, dataset, list[float]()
        self.rows = np.random.default_rng(0).permutation(dataset.rows((fold,)))
        self.edges = bin_edges(dataset.signals.shape[2], bundle.card.rate)
        self.thresholds = [label["thresholds"] and label["thresholds"]["f1"] for label in bundle.card.facts["labels"]]
        self.explanation = cache(self._explanation)
        self.probabilities = cache(lambda row: bundle.probabilities(self.signal(row)))

    def signal(self, row: int) -> Signal:
        return np.asarray(self.dataset.signals[row] / np.float32(1000), np.float32)

    def _explanation(self, row: int) -> Floats:
        begun = time.thread_time()
        values = occlusion(self.bundle, self.signal(row))
        self.seconds.append(time.thread_time() - begun)
        return values

    def found(self, label: str, wanted: Bools, number: int) -> list[int]:
        """The first `number` rows among the `wanted` (records,) in which the bundle finds `label`."""
        k, rows = self.bundle.card.labels.index(label), list[int]()
        for row in self.rows[wanted[self.rows]]:
            if len(rows) < number and self.probabilities(int(row))[k] >= self.thresholds[k]:
                rows.append(int(row))
        return rows

    def amplitude(self, row: int) -> Floats:
        """Root mean square of each piece about its lead's median in mV, (leads, bins)."""
        signal = self.signal(row)
        square = (signal - np.median(signal, axis=1, keepdims=True)).astype(float) ** 2
        return np.sqrt(np.add.reduceat(square, self.edges[:-1], axis=1) / np.diff(self.edges))

    def deleted(self, row: int, label: str) -> Floats:
        """(replacements, orders, shares, 2): falls of probability and of log-odds when that share is removed."""
        k, signal, card = self.bundle.card.labels.index(label), self.signal(row), self.bundle.card
        orders = (
            self.explanation(row)[k],
            self.amplitude(row),
            np.random.default_rng(row).random((len(card.leads), len(self.edges) - 1)),
        )
        scores = [self.bundle.scores(signal)]
        for replace in REPLACEMENTS.values():
            for order in orders:
                ranked = np.argsort(-order, axis=None, kind="stable")
                for share in SHARES:
                    pieces = np.zeros(order.size, bool)
                    pieces[ranked[: round(share * order.size)]] = True
                    hidden = np.repeat(pieces.reshape(order.shape), np.diff(self.edges), axis=1)
                    scores.append(self.bundle.scores(replace(signal, hidden)))
        p, odds = card.calibrate(np.array(scores))[:, k], logit(np.array(scores))[:, k]
        falls = np.stack([p[0] - p[1:], odds[0] - odds[1:]], -1)
        return falls.reshape(len(REPLACEMENTS), len(orders), len(SHARES), 2)


def _means(values: Floats, patients: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Means of `values` (records, ...) over records with 95 % intervals by a bootstrap over patients."""
    flat = values.reshape(len(values), -1)
    found = bootstrap(
        lambda w: {"mean": (w @ flat) / w.sum(1, keepdims=True)}, patients, np.ones((len(values), 1), bool)
    )
    low, high = np.percentile(found.samples["mean"], [2.5, 97.5], axis=0)
    return tuple(a.reshape(values.shape[1:]) for a in (found.values["mean"], low, high))  # type: ignore[return-value]


def deletion(study: Study, numbers: Mapping[str, int], path: Path) -> None:
    """The deletion test of each label on so many records: a table, and a figure at `path`."""
    print(
        "| label | records | replaced by | removed | most important | greatest amplitude | at random | first − second |"
    )
    print("|---|---|---|---|---|---|---|---|")
    curves = {}
    for label, number in numbers.items():
        rows = study.found(label, study.dataset.annotations.labels((label,))[:, 0], number)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            falls = np.stack(list(pool.map(study.deleted, rows, [label] * len(rows))))
        patients = study.dataset.annotations.patients[rows]
        mean, low, high = curves[label] = _means(falls, patients)
        better = _means(falls[:, :, 0] - falls[:, :, 1], patients)
        for r, replacement in enumerate(REPLACEMENTS):
            for s, share in enumerate(SHARES):
                cells = [f"{mean[r, o, s, 0]:.3f} ({low[r, o, s, 0]:.3f} to {high[r, o, s, 0]:.3f})" for o in range(3)]
                cells.append("{:+.3f} ({:+.3f} to {:+.3f})".format(*(values[r, s, 0] for values in better)))
                print(f"| {label} | {len(rows)} | {replacement} | {share:.0%} |", " | ".join(cells), "|", flush=True)
    _draw(curves, f"{study.bundle.card.name}, true positives of fold 9", path)


def _draw(curves: Mapping[str, tuple[Floats, Floats, Floats]], title: str, path: Path) -> None:
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    orders = (("most important", "tab:red"), ("greatest amplitude", "tab:blue"), ("at random", "0.5"))
    figure, grid = plt.subplots(1, len(curves), figsize=(3.2 * len(curves), 3.6), layout="constrained", sharey=True)
    x = [0, *(100 * share for share in SHARES)]
    for axes, (label, (mean, low, high)) in zip(np.atleast_1d(grid), curves.items(), strict=True):
        for o, (name, colour) in enumerate(orders):
            for r, (replacement, style) in enumerate(zip(REPLACEMENTS, ("-", "--", ":"), strict=True)):
                shown = name if r == 0 else f"_{replacement}"
                axes.plot(x, [0, *mean[r, o, :, 0]], style, color=colour, label=shown)
            axes.fill_between(x, [0, *low[0, o, :, 0]], [0, *high[0, o, :, 0]], color=colour, alpha=0.15, lw=0)
        axes.set(title=label, xlabel="removed, % of leads × time")
        axes.grid(color="0.93")
    np.atleast_1d(grid)[0].set_ylabel("fall of the probability")
    np.atleast_1d(grid)[0].legend(frameon=False)
    figure.suptitle(f"{title}; replaced by the median (solid, 95 %), a line (dashed), 0 mV (dotted)", fontsize=10)
    figure.savefig(path, dpi=110)


def _per_territory(values: Floats) -> Floats:
    """Share of the positive values (leads, bins) in each territory, divided by its number of leads."""
    positive = np.maximum(values, 0).sum(1)
    return (
        np.array([positive[[LEADS.index(n) for n in leads]].mean() for leads in TERRITORIES.values()]) / positive.sum()
    )


def territories(study: Study, number: int) -> None:
    """Whether what is marked lies in the territory that the statements name, for `number` records of each group."""
    stated = study.dataset.annotations.stated
    named = np.stack([stated[sorted(STATEMENTS[t])].any(axis=1).to_numpy() for t in TERRITORIES], 1)  # (records, 3)
    groups: dict[str, Sequence[bool]] = {
        "anterior": (True, False, False),
        "inferior": (False, True, False),
        "lateral": (False, False, True),
        "anterior and lateral": (True, False, True),
        "inferior and lateral": (False, True, True),
    }
    rows = {name: study.found("MI", (named == group).all(1), number) for name, group in groups.items()}
    every = [row for some in rows.values() for row in some]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(study.explanation, every))
    for title, values in {
        "MI": lambda row: study.explanation(row)[study.bundle.card.labels.index("MI")],
        "the statement": lambda row: _own(study, row),
        "amplitude": study.amplitude,
    }.items():
        print(f"\nBy {title}: mean share of a lead, in % of all twelve, and how often each territory leads")
        print(
            "| stated | records | "
            + " | ".join(f"{t}" for t in TERRITORIES)
            + " | largest | largest against the mean |"
        )
        print("|---|---|---|---|---|---|---|")
        shares = {name: np.array([_per_territory(values(row)) for row in some]) for name, some in rows.items() if some}
        usual = np.mean([share.mean(0) for share in shares.values()], axis=0)
        for name, share in shares.items():
            hits = [np.array(groups[name])[(share / scale).argmax(1)] for scale in (1.0, usual)]
            right = [
                f"{w['value']:.0%} ({w['low']:.0%} to {w['high']:.0%})"
                for w in (wilson(int(h.sum()), len(h)) for h in hits)
            ]
            cells = [f"{100 * value:.1f}" for value in share.mean(0)]
            print(f"| {name} | {len(share)} |", " | ".join(cells + right), "|", flush=True)


def _own(study: Study, row: int) -> Floats:
    """What the record's own infarct statements rest on, the mean where there are several."""
    stated = study.dataset.annotations.stated.iloc[row]
    own = [label for label in sorted(set().union(*STATEMENTS.values())) if stated[label]]
    labels = study.bundle.card.labels
    return np.mean([study.explanation(row)[labels.index(label)] for label in own], axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=9)
    parser.add_argument("--mi", type=int, default=300, help="records with MI in the deletion test")
    parser.add_argument("--others", type=int, default=100, help="records of each other superclass")
    parser.add_argument("--territory", type=int, default=60, help="records of each territory")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    bundle = Bundle.load(options.bundle)
    study = Study(bundle, Dataset.open(options.data, bundle.card.rate), options.fold)
    deletion(study, {"MI": options.mi} | dict.fromkeys(("STTC", "CD", "HYP"), options.others), options.out)
    territories(study, options.territory)
    middle, most = np.percentile(study.seconds, [50, 95])
    print(f"\nCPU time of an explanation (all labels, one thread): median {middle:.2f} s, 95 % within {most:.2f} s")


if __name__ == "__main__":
    main()
