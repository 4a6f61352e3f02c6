"""Measure how often a comparison with the previous ECG finds a change, in stable and changed pairs of PTB-XL.

    python benchmarks/accuracy/comparison.py --data ptb-xl

The limits are fitted as by benchmarks/fit/comparison.py, but always on other patients than those that are compared: the
folds 1-9 in three groups, each with the limits of the other two. The model has seen folds 1-8, so what rests on it is
stated for fold 9, too; the limit for its log-odds is the package's. Prints Markdown.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from common import percent

from einthoven import Interpretation
from einthoven.datasets.dataset import Dataset
from einthoven.interpret.comparison import usual_difference as limits
from einthoven.interpret.comparison.compare import compare
from einthoven.interpret.comparison.values import Change, Comparison
from einthoven.interpret.json_text import dumps, loads
from einthoven.signal.measurements.values import LeadMeasurements

sys.path.insert(0, str(Path(__file__).parents[1] / "fit"))  # before this folder, which has a file of the same name
from comparison import BUNDLE, MODEL_FOLD, Pair, both, comparable, fit, interpret, pairs

GROUPS = 3
NOT_MEASURED = LeadMeasurements()
KINDS: dict[str, Callable[[Change], bool]] = {
    "anything": lambda change: True,
    "any measurement": lambda change: change.kind == "measurement",
    "heart rate": lambda change: change.code == "heart_rate_bpm",
    "PR": lambda change: change.code == "pr_ms",
    "QRS duration": lambda change: change.code == "qrs_ms",
    "QTcF": lambda change: change.code == "qtc_fridericia_ms",
    "QRS axis": lambda change: change.code == "qrs_axis_degrees",
    "ST in any lead": lambda change: change.code in limits.ST,
    "Q, R or S in any lead": lambda change: change.code in (*limits.Q, *limits.QRS_WAVES),
    "T in any lead": lambda change: change.code in limits.T,
    "a critical value": lambda change: change.kind == "critical",
    "acute infarct pattern": lambda change: change.kind == "acute",
    "infarct pattern of any age": lambda change: change.kind == "infarct",
    "rhythm": lambda change: change.kind == "rhythm",
    "a statement": lambda change: change.kind == "statement",
    "a criterion": lambda change: change.kind == "criterion",
}
TERRITORIES = {
    "inferior": {"II": 1.0, "III": 1.0, "aVF": 1.0, "aVL": -0.5},
    "anterior": {"V2": 1.0, "V3": 1.0, "V4": 1.0},
    "lateral": {"I": 1.0, "aVL": 1.0, "V5": 1.0, "V6": 1.0},
}
SHIFTS_MV = (0.05, 0.1, 0.15, 0.2)
SINUS = ("SR", "SBRAD", "STACH", "SARRH")
BLOCKS = ("CLBBB", "ILBBB", "CRBBB", "IRBBB", "IVCD", "LAFB", "WPW", "PACE", "ABQRS")
STAGE_I = "MI stage I or I-II"


class Label(NamedTuple):
    """A label that only one of two records has, and the conditions that make sure that the other lacks it."""

    without: tuple[str, ...]
    """Statements that the other record must not have; for STAGE_I, any infarct statement."""
    with_any: tuple[str, ...]
    """Statements of which the other record must have at least one; empty for no condition."""
    finds: Callable[[Change], bool]
    """Function that returns whether a change is the one that the label implies."""


LABELS = {
    "CLBBB": Label(BLOCKS, (), lambda change: change.code in ("CLBBB", "qrs_ms")),
    "CRBBB": Label(BLOCKS, (), lambda change: change.code in ("CRBBB", "qrs_ms")),
    "AFIB": Label(("AFIB", "AFLT", "PACE"), SINUS, lambda change: change.kind == "rhythm" or change.code == "AFIB"),
    STAGE_I: Label((), (), lambda change: change.kind in ("acute", "infarct", "critical") or change.code in limits.ST),
}
DAYS = {
    "less than an hour": (0, 1 / 24),
    "to a day": (1 / 24, 1),
    "to a week": (1, 7),
    "to a month": (7, 30),
    "to a year": (30, 365),
    "longer": (365, 1e9),
}
RATE_CHANGES = {"below 5 bpm": (0, 5), "5 to 10": (5, 10), "10 to 20": (10, 20), "20 or more": (20, 1e9)}


@contextmanager
def fitted_on(stable: Sequence[Pair], answers: dict[int, Interpretation]) -> Iterator[None]:
    """Compare with limits from these pairs instead of the package's limits."""
    package = limits.PARAMETERS
    parameters = fit(stable, answers) | {"log_odds": loads(package.read_bytes())["log_odds"]}
    with tempfile.TemporaryDirectory() as folder:
        limits.PARAMETERS = Path(folder) / "limits.json"
        limits.PARAMETERS.write_bytes(dumps(parameters))
        limits.usual_difference.cache_clear()
        yield
    limits.PARAMETERS = package
    limits.usual_difference.cache_clear()


def of_pair(pair: Pair, answers: dict[int, Interpretation]) -> Comparison:
    earlier, later = both(pair, answers)
    return compare(later, earlier)


def changed(comparison: Comparison, kind: Callable[[Change], bool]) -> bool:
    return any(map(kind, comparison.significant))


def raise_st(ecg: Interpretation, shifts: dict[str, float], shift_mv: float) -> Interpretation:
    """Return the interpretation with another ST segment in some leads."""
    leads = dict(ecg.measurements.leads)
    for lead, share in shifts.items():
        if lead in leads:
            values = {name: getattr(leads[lead], name) for name in limits.ST}
            moved = {name: None if v is None else round(v + share * shift_mv, 3) for name, v in values.items()}
            leads[lead] = leads[lead]._replace(**moved)
    return replace(ecg, measurements=replace(ecg.measurements, leads=leads))


def held_out(every: Sequence[Pair], answers: dict[int, Interpretation]) -> None:
    stable = [pair for pair in every if pair.stable]
    false: list[tuple[Pair, Comparison]] = []
    raised: dict[tuple[str, float], list[bool]] = {}
    for group in range(GROUPS):
        with fitted_on([pair for pair in stable if pair.fold % GROUPS != group], answers):
            for pair in stable:
                if pair.fold % GROUPS != group:
                    continue
                false.append((pair, of_pair(pair, answers)))
                earlier, later = both(pair, answers)
                for name, shifts in TERRITORIES.items():
                    for shift_mv in SHIFTS_MV:
                        found = compare(raise_st(later, shifts, shift_mv), earlier).significant
                        hit = any(c.code in limits.ST and c.lead in shifts for c in found)
                        raised.setdefault((name, shift_mv), []).append(hit)
    print(f"Stable pairs: {len(false)}, of them in fold {MODEL_FOLD}: {sum(p.fold == MODEL_FOLD for p, _ in false)}.\n")
    print(f"| changed, in pairs without a change | folds 1-9 | fold {MODEL_FOLD} |\n|---|---|---|")
    for name, kind in KINDS.items():
        columns = [
            percent(np.array([changed(comparison, kind) for pair, comparison in false if pair.fold in folds]))
            for folds in (range(1, 10), (MODEL_FOLD,))
        ]
        print(f"| {name} | {' | '.join(columns)} |")
    print(
        "\n| ST raised in | by "
        + " | ".join(f"{shift} mV" for shift in SHIFTS_MV)
        + " |\n|---|"
        + "---|" * len(SHIFTS_MV)
    )
    for name in TERRITORIES:
        print(f"| {name} leads | " + " | ".join(percent(np.array(raised[name, mv])) for mv in SHIFTS_MV) + " |")


def changed_labels(dataset: Dataset, every: Sequence[Pair], answers: dict[int, Interpretation]) -> None:
    """Print the changes in pairs in which only one record has a label, and the other has no similar statement."""
    statements = dataset.annotations.statements
    infarct = dataset.annotations.labels(("MI",))[:, 0]
    head = "pairs | found | anything found | fold 9: pairs | found | anything found"
    print(f"\n| only one record has | {head} |\n|---|---|---|---|---|---|---|")
    for name, label in LABELS.items():
        has = statements[name].to_numpy()
        lacks = ~statements[list(label.without)].any(axis=1).to_numpy() & ~(infarct & (name == STAGE_I))
        if label.with_any:
            lacks &= statements[list(label.with_any)].any(axis=1).to_numpy()
        chosen = [p for p in every if (has[p.earlier] and lacks[p.later]) or (has[p.later] and lacks[p.earlier])]
        comparisons = [of_pair(pair, answers) for pair in chosen]
        found = np.array([changed(comparison, label.finds) for comparison in comparisons])
        anything = np.array([bool(comparison.significant) for comparison in comparisons])
        nine = np.array([pair.fold == MODEL_FOLD for pair in chosen])
        cells = f"{percent(found)} | {percent(anything)} | {nine.sum()} | {found[nine].sum()} | {anything[nine].sum()}"
        print(f"| {name} | {len(chosen)} | {cells} |")


def dependence(stable: Sequence[Pair], answers: dict[int, Interpretation]) -> None:
    """Print 95th percentiles of the differences, by the time between the records and the change of heart rate."""
    names = ("heart_rate_bpm", "pr_ms", "qrs_ms", "qtc_bazett_ms", "qtc_fridericia_ms", "qrs_axis_degrees")
    leads = ("II", "V2", "V5")
    head = [
        "heart rate, bpm",
        "PR, ms",
        "QRS, ms",
        "QTcB, ms",
        "QTcF, ms",
        "QRS axis, °",
        *(f"ST at J in {k}, mV" for k in leads),
    ]
    print("\n| 95 % below | pairs | " + " | ".join(head) + " |\n|---|---|" + "---|" * len(head))
    rows = []
    for pair in stable:
        ecgs = [ecg.measurements for ecg in both(pair, answers)]
        values = [(name, *(getattr(ecg, name) for ecg in ecgs)) for name in names]
        values += [("st_j_mv", *(ecg.leads.get(lead, NOT_MEASURED).st_j_mv for ecg in ecgs)) for lead in leads]
        rows.append([np.nan if None in v else abs(limits.difference(*v)) for v in values])
    differences, days = np.array(rows, float), np.array([pair.days for pair in stable])
    for by, bins in ((days, DAYS), (differences[:, 0], RATE_CHANGES)):
        for name, (low, high) in bins.items():
            inside = (by >= low) & (by < high)
            below = np.nanpercentile(differences[inside], 95, axis=0)
            cells = [f"{value:.0f}" for value in below[: len(names)]] + [
                f"{value:.2f}" for value in below[len(names) :]
            ]
            print(f"| {name} | {inside.sum()} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bundle", default=BUNDLE)
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    every = pairs(dataset)
    answers = interpret(dataset, {row for pair in every for row in (pair.earlier, pair.later)}, options.bundle)
    every = [pair for pair in every if comparable(pair, answers)]
    held_out(every, answers)
    changed_labels(dataset, every, answers)
    dependence([pair for pair in every if pair.stable], answers)


if __name__ == "__main__":
    main()
