"""Fit the usual difference between two ECGs of one person (`src/einthoven/interpret/comparison/`) on PTB-XL.

    python benchmarks/fit/comparison.py --data ptb-xl [--write]

Takes consecutive records of one patient in folds 1-9 that are both stable: the same diagnostic statements and the same
rhythm, no pacing, no infarct except an old one (stage III), and both fit to be interpreted. Patients are in one fold
each. The log-odds of the model come from fold 9, which it has not seen. Without `--write` the script compares what it
fits with the package's limits; with it, the script replaces them. benchmarks/accuracy/comparison.py measures the
result.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from einthoven import Interpretation, Interpreter
from einthoven.datasets.dataset import Dataset
from einthoven.files import atomic_write
from einthoven.interpret.comparison.answers import NOT_COMPARED, TRANSIENT
from einthoven.interpret.comparison.usual_difference import (
    FAMILIES,
    NEIGHBORS,
    PARAMETERS,
    ST,
    ST_LATE,
    difference,
    is_wide,
    wave_mv,
)
from einthoven.interpret.criteria import evaluate_criteria
from einthoven.interpret.criteria.criterion import Context
from einthoven.interpret.json_text import dumps_pretty, loads
from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.recording import LEADS, Patient, Recording
from einthoven.signal.measurements.values import GLOBAL_NAMES, LeadMeasurements

FOLDS, MODEL_FOLD = tuple(range(1, 10)), 9  # of the records; unseen by the model
RHYTHMS = ("AFIB", "AFLT", "SVTAC", "PSVT", "SVARR", "BIGU", "TRIGU", "2AVB", "3AVB")
MIN_SCATTER_MV = 0.02  # of a lead in its family: a Q wave that most ECGs lack would have none
MIN_PROBABILITY = 0.2  # in one of two ECGs: only labels near their threshold can be new or gone
LEVELS = (95, 99)
BUNDLE = "default"


@dataclass(frozen=True)
class Pair:
    """Two consecutive records of one patient."""

    earlier: int
    later: int
    """Rows of the data set."""
    fold: int
    days: float
    stable: bool


def pairs(dataset: Dataset) -> list[Pair]:
    """Return all pairs in FOLDS."""
    table, statements = dataset.annotations.table, dataset.annotations.statements
    codes = [code for code in statements.columns if code in RHYTHMS or _is_diagnostic(code)]
    stated = statements[codes].to_numpy()
    infarct = dataset.annotations.labels(("MI",))[:, 0]
    stage = table["infarction_stadium1"].astype(object).where(table["infarction_stadium1"].notna(), "")
    paced = statements["PACE"].to_numpy()  # pacing on demand comes and goes
    unstable = paced | (infarct & (stage != "Stadium III").to_numpy())
    times = table["recording_date"].astype("datetime64[s]").to_numpy()
    rows = dataset.rows(FOLDS)
    rows = rows[np.lexsort((times[rows], dataset.annotations.patients[rows]))]
    found = []
    for a, b in pairwise(rows):
        if dataset.annotations.patients[a] == dataset.annotations.patients[b]:
            stable = bool((stated[a] == stated[b]).all() and not unstable[a] and not unstable[b])
            days = (times[b] - times[a]) / np.timedelta64(1, "D")
            found.append(Pair(int(a), int(b), int(dataset.annotations.folds[a]), float(days), stable))
    return found


def _is_diagnostic(code: str) -> bool:
    return code in STATEMENTS and STATEMENTS[code].diagnostic


def recording(dataset: Dataset, row: int) -> Recording:
    """Return a record, with the age and the sex that the package would read."""
    facts = dataset.annotations.table.iloc[row]
    patient = Patient(float(facts["age"]) if facts["age"] <= 89 else None, ("male", "female")[int(facts["sex"])])
    signal = dataset.signals[row] / np.float32(1000)
    return Recording(signal, dataset.rate, LEADS, patient=patient, source=str(dataset.annotations.ecg_ids[row]))


def interpret(dataset: Dataset, rows: Iterable[int], bundle: str = BUNDLE) -> dict[int, Interpretation]:
    """Return the interpretation of each row."""
    rows = sorted(set(rows))
    answers = Interpreter.load(bundle).batch(recording(dataset, row) for row in rows)
    return dict(zip(rows, answers, strict=True))


def both(pair: Pair, answers: dict[int, Interpretation]) -> tuple[Interpretation, Interpretation]:
    return answers[pair.earlier], answers[pair.later]


def comparable(pair: Pair, answers: dict[int, Interpretation]) -> bool:
    """Return whether both ECGs are interpreted, with electrodes in their places."""
    return all(a.measurements and not a.abstained and not a.electrodes.suspected for a in both(pair, answers))


def fit(stable: Sequence[Pair], answers: dict[int, Interpretation]) -> dict[str, object]:
    """Fit the limits of measurements that the package ships, from stable pairs."""
    strata: dict[str, list[Pair]] = {"narrow": [], "wide": []}
    for pair in stable:
        wide = is_wide(*(a.measurements for a in both(pair, answers)))
        strata["wide" if wide else "narrow"].append(pair)
    return {name: _stratum(of, answers) for name, of in strata.items()}


def _stratum(stable: Sequence[Pair], answers: dict[int, Interpretation]) -> dict[str, object]:
    ecgs = [tuple(a.measurements for a in both(pair, answers)) for pair in stable]
    limits = {name: _limits(np.abs([_difference(name, *ecg) for ecg in ecgs])) for name in GLOBAL_NAMES}
    leads: dict[str, dict[str, list[float]]] = {}
    for family in FAMILIES:
        leads |= _family_limits(family, ecgs)
    return {
        "pairs": len(stable),
        "measurements": limits,
        "leads": leads,
        "criteria": _criteria_limits(stable, answers),
    }


def _difference(name: str, before: object, after: object) -> float:
    values = getattr(before, name), getattr(after, name)
    return np.nan if None in values else difference(name, *values)


def _limits(differences: np.ndarray, digits: int = 1) -> list[float]:
    known = differences[~np.isnan(differences)]
    return [round(float(np.percentile(known, level)), digits) for level in LEVELS]


def _family_limits(family: tuple[str, ...], ecgs: Sequence[tuple]) -> dict[str, dict[str, list[float]]]:
    """Return limits that no lead (for ST: no two contiguous leads) exceeds in LEVELS percent of the pairs."""
    differences = np.array(
        [[[_wave_difference(ecg, name, lead) for lead in LEADS] for name in family] for ecg in ecgs]
    )  # (pairs, names, leads)
    scatter = np.maximum(np.nanpercentile(np.abs(differences), 95, axis=0), MIN_SCATTER_MV)
    ratios = np.nan_to_num(differences / scatter)
    largest = (_with_neighbors(ratios) if family in (ST, ST_LATE) else np.abs(ratios)).max(axis=(1, 2))
    factors = [float(np.percentile(largest, level)) for level in LEVELS]
    return {
        name: {lead: [round(float(factor * scatter[i, k]), 3) for factor in factors] for k, lead in enumerate(LEADS)}
        for i, name in enumerate(family)
    }


def _with_neighbors(ratios: np.ndarray) -> np.ndarray:
    """Return the size that a lead reaches with a contiguous one, in the same direction (pairs, names, leads)."""
    reached = np.zeros(ratios.shape)
    for k, lead in enumerate(LEADS):
        for neighbor, sign in NEIGHBORS[lead]:
            other = sign * ratios[:, :, LEADS.index(neighbor)]
            together = np.where(ratios[:, :, k] * other > 0, np.minimum(np.abs(ratios[:, :, k]), np.abs(other)), 0)
            reached[:, :, k] = np.maximum(reached[:, :, k], together)
    return reached


def _wave_difference(ecg: tuple, name: str, lead: str) -> float:
    values = [wave_mv(measured.leads.get(lead, LeadMeasurements()), name) for measured in ecg]
    return np.nan if None in values else values[1] - values[0]


def _criteria_limits(stable: Sequence[Pair], answers: dict[int, Interpretation]) -> dict[str, list[float]]:
    """Return the limits of the quantities of criteria that are not amplitudes of a lead."""
    differences: dict[str, list[float]] = {}
    for pair in stable:
        earlier, later = (
            {c.code: c.quantity for c in evaluate_criteria(a.measurements, Patient(), Context())}
            for a in both(pair, answers)
        )
        for code, quantity in earlier.items():
            if quantity and later[code]:
                name = "_degrees" if quantity.unit == "degrees" else code
                differences.setdefault(code, []).append(abs(difference(name, quantity.value, later[code].value)))
    return {code: _limits(np.array(values), 3) for code, values in differences.items()}


def fit_log_odds(stable: Sequence[Pair], answers: dict[int, Interpretation]) -> dict[str, object]:
    """Fit the limit of labels that one of two ECGs has or nearly has, in the fold that the model has not seen."""
    differences = []
    of_fold = [pair for pair in stable if pair.fold == MODEL_FOLD]
    for pair in of_fold:
        earlier, later = ({f.label: f for f in (*a.findings, *a.statements)} for a in both(pair, answers))
        for label in (earlier.keys() & later.keys()) - NOT_COMPARED - TRANSIENT:
            p, other = earlier[label].probability, later[label].probability
            if p is None or other is None:
                continue
            if max(p, other) >= MIN_PROBABILITY:
                differences.append(abs(log_odds(p) - log_odds(other)))
    return {"pairs": len(of_fold), "limits": _limits(np.array(differences), 2)}


def log_odds(probability: float) -> float:
    p = min(max(probability, 1e-4), 1 - 1e-4)
    return float(np.log(p / (1 - p)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace the package's limits")
    options = parser.parse_args()
    dataset = Dataset.open(options.data)
    stable = [pair for pair in pairs(dataset) if pair.stable]
    answers = interpret(dataset, {row for pair in stable for row in (pair.earlier, pair.later)})
    stable = [pair for pair in stable if comparable(pair, answers)]
    parameters = fit(stable, answers) | {"log_odds": fit_log_odds(stable, answers)}
    if options.write:
        with atomic_write(PARAMETERS) as part:
            part.write_bytes(dumps_pretty(parameters) + b"\n")
        return
    package = loads(PARAMETERS.read_bytes())
    same = sum(_flat(parameters)[name] == value for name, value in _flat(package).items())
    print(f"{same} of {len(_flat(package))} limits are the package's.")


def _flat(value: object, name: str = "") -> dict[str, object]:
    if not isinstance(value, dict):
        return {name: value}
    return {key: item for part, of in value.items() for key, item in _flat(of, f"{name}/{part}").items()}


if __name__ == "__main__":
    main()
