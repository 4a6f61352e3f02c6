"""Fit the probability of an acute infarct pattern, on PTB-XL's folds 1-9 with scores of networks that did not see them.

    python benchmarks/fit/acute.py --data ptb-xl --runs runs/acute/* [--table acute.npz] [--write]

configs/acute/train.sh trains the networks; each record gets the mean of those that were not trained on its fold. One
logistic regression for the label ACUTE and one for INJURY are fitted on outputs of the model and on the measured ST
segment; coefficients of ST deviations are 0 or more. Infarcts count more than other records, as an acute one must be
distinguished from an old one. The shipped coefficients come from folds 1-8. Prints Markdown: the effect of the weight
of infarcts on folds 1-8; the separation by each group of features on folds 1-9, each fold with coefficients from the
others; the effect of the thresholds; the difference between the result and the package's coefficients. `--table` keeps
the features in a file for the next run.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from einthoven import Recording
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.array_metrics import Ranking
from einthoven.evaluate.bootstrap import bootstrap
from einthoven.evaluate.thresholds import at_sensitivity, at_specificity
from einthoven.files import atomic_write
from einthoven.interpret.acute.features import (
    DEVIATIONS,
    FEATURES,
    MEASURED,
    PATTERN_OUTPUTS,
    STATEMENT_OUTPUTS,
    acute_features,
)
from einthoven.interpret.acute.probability import COEFFICIENTS
from einthoven.interpret.criteria import Context, evaluate_criteria
from einthoven.model.calibration import fit as fit_calibration
from einthoven.model.calibration import logit, sigmoid
from einthoven.model.model_output import LOW_SUPPORT
from einthoven.ptbxl.annotations import LATER_STAGES, staged
from einthoven.recording import LEADS, Patient
from einthoven.signal.analysis import analyze_segments
from einthoven.signal.measurements.values import Measurements
from einthoven.signal.segments import segments
from einthoven.train.predict import predict
from einthoven.train.run import Run

FOLDS = tuple(range(1, 10))
RIDGE = 5.0  # on standardized coefficients
INFARCT_WEIGHT = 3.0  # of a record with an infarct statement in the fit; others count 1
INFARCT_WEIGHTS = (1.0, 2.0, 3.0, 4.0, 8.0)  # that are compared
SPECIFICITY = 0.98  # of rule-in, among all records without an acute pattern
CRITERIA_SENSITIVITY = 0.98  # of rule-in, among the acute patterns that meet the criteria of ST elevation
SENSITIVITY = 0.99  # of not being ruled out
LIKELY = 0.5  # probability of a statement that is context of the criteria
N_RESAMPLES = 1000
ELEVATION = (
    "acute_output", "infarct", "confounder", "elevation", "total_elevation", "depression", "reciprocal", "qrs",
    "unmeasured",
)  # fmt: skip
INJURY_FEATURES = (
    "injury_output", "injury", "infarct", "confounder", "depression", "reciprocal", "inverted_t", "upright_t"
)  # fmt: skip
GROUPS = {
    "outputs ACUTE and INJURY": tuple(PATTERN_OUTPUTS),
    "other outputs": STATEMENT_OUTPUTS,
    "measurements": MEASURED,
    "other outputs and measurements": (*STATEMENT_OUTPUTS, *MEASURED),
    "all": FEATURES,
}


class Table(NamedTuple):
    """The data that the fit needs of each record."""

    features: np.ndarray
    """Features, shape (records, features)."""
    elevation: np.ndarray
    """Whether each record has the label ACUTE."""
    injury: np.ndarray
    """Whether each record has the label INJURY."""
    infarct: np.ndarray
    """Whether each record has any infarct statement, as all records with a pattern do."""
    later: np.ndarray
    """Whether each record has only an infarct of a later stage; most infarcts have no stage."""
    stemi: np.ndarray
    """Whether each record meets the criteria of ST elevation."""
    normal: np.ndarray
    """Whether each record is labelled NORM."""
    staged: np.ndarray
    """Whether each record has an infarct of stage I or I-II, or injury; reports of acute infarcts do not count."""
    folds: np.ndarray
    patients: np.ndarray

    @property
    def acute(self) -> np.ndarray:
        """Return which records have either pattern."""
        return self.elevation | self.injury

    def part(self, member: np.ndarray) -> "Table":
        """Return some of the records."""
        return Table(*[values[member] for values in self])


def out_of_sample(dataset: Dataset, runs: Sequence[Path]) -> dict[int, dict[str, float]]:
    """Return calibrated probabilities by row and label: mean log-odds of the networks that have not seen the record."""
    labels = Run.open(runs[0]).labels
    total, networks = np.zeros((len(dataset.signals), len(labels))), np.zeros(len(dataset.signals))
    for run in map(Run.open, runs):
        unseen = tuple(fold for fold in FOLDS if fold not in run.config.train_folds)
        rows = dataset.rows(unseen)
        total[rows] += logit(predict(run, dataset, unseen).probabilities)
        networks[rows] += 1
    (row,) = np.nonzero(networks)
    probabilities = sigmoid(total[row] / networks[row, None])
    truth = dataset.annotations.labels(labels)[row]
    for k in np.flatnonzero(truth.sum(axis=0) >= LOW_SUPPORT * len(FOLDS)):  # those that bundles calibrate on one fold
        probabilities[:, k] = fit_calibration(truth[:, k], probabilities[:, k])(probabilities[:, k])
    return {
        int(at): dict(zip(labels, of_record, strict=True))
        for at, of_record in zip(row, probabilities.tolist(), strict=True)
    }


def patient_of(dataset: Dataset, row: int) -> Patient:
    """Return age and sex."""
    age, sex = dataset.annotations.table[["age", "sex"]].iloc[row]
    return Patient(age=None if np.isnan(age) else float(age), sex="female" if sex == 1 else "male")


def measurements_of(dataset: Dataset, row: int) -> Measurements | None:
    """Return the measurements of a record, regardless of its quality."""
    recording = Recording(dataset.signals[row] / np.float32(1000), dataset.rate, LEADS)
    (analysis,) = analyze_segments(segments(recording, dataset.rate), LEADS, force=True)
    return analysis.measurements and analysis.measurements.rounded()


def meets_stemi(measurements: Measurements | None, patient: Patient, probability: Mapping[str, float]) -> bool:
    """Return whether the criteria of ST elevation are met."""
    if measurements is None:
        return False
    names = {"lbbb": "CLBBB", "rbbb": "CRBBB", "paced": "PACE", "preexcitation": "WPW", "lvh": "LVH"}
    context = Context(**{name: probability[label] >= LIKELY for name, label in names.items()})
    criteria = evaluate_criteria(measurements, patient, context)
    return any(criterion.code == "STEMI-UDMI4" and criterion.met for criterion in criteria)


def build(dataset: Dataset, probabilities: Mapping[int, Mapping[str, float]]) -> Table:
    """Build the table of the records that have probabilities."""
    annotations, rows = dataset.annotations, np.array(sorted(probabilities))
    features, stemi = [], []
    for row in rows.tolist():
        measurements, patient, probability = measurements_of(dataset, row), patient_of(dataset, row), probabilities[row]
        values = acute_features(probability.get, measurements, patient)
        features.append([values[name] for name in FEATURES])
        stemi.append(meets_stemi(measurements, patient, probability))
    later = staged(annotations.table, LATER_STAGES).to_numpy()
    acute, injury, by_stage, infarct, normal = annotations.labels(("ACUTE", "INJURY", "acute-pattern", "MI", "NORM")).T
    return Table(
        features=np.array(features),
        elevation=acute[rows],
        injury=injury[rows],
        infarct=infarct[rows],
        later=(infarct & later & ~acute & ~injury)[rows],
        stemi=np.array(stemi),
        normal=normal[rows],
        staged=by_stage[rows],
        folds=annotations.folds[rows],
        patients=annotations.patients[rows],
    )


def fit(
    table: Table, truth: np.ndarray, names: Sequence[str], infarct_weight: float = INFARCT_WEIGHT
) -> dict[str, float]:
    """Fit the coefficients, with weights, then calibrate without; features that are not in `names` get 0."""
    chosen = [FEATURES.index(name) for name in names]
    x, least = table.features[:, chosen], [0.0 if name in DEVIATIONS else None for name in names]
    weights = np.where(table.infarct, infarct_weight, 1.0)
    coefficients, _ = most_likely(x, truth, weights / weights.mean(), RIDGE, least)
    slope, shift = most_likely((x @ coefficients)[:, None], truth, np.ones(len(truth)), 0.0, [0.0])
    fitted = dict(zip(names, (slope[0] * coefficients).tolist(), strict=True))
    return {"intercept": round(shift, 4)} | {name: round(fitted.get(name, 0.0), 4) for name in FEATURES}


def most_likely(
    x: np.ndarray, truth: np.ndarray, weights: np.ndarray, ridge: float, least: Sequence[float | None]
) -> tuple[np.ndarray, float]:
    """Return coefficients and intercept of a logistic regression, each coefficient at least a bound or free (None)."""
    spread = np.maximum(x.std(axis=0), 1e-6)
    columns = np.column_stack([x / spread, np.ones(len(x))])

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        odds = columns @ values
        value = weights @ (np.logaddexp(0, odds) - odds * truth) + ridge * (values[:-1] ** 2).sum() / 2
        return value, columns.T @ (weights * (sigmoid(odds) - truth)) + ridge * np.append(values[:-1], 0)

    bounds = [*[(bound, None) for bound in least], (None, None)]
    values = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds).x
    return values[:-1] / spread, float(values[-1])


def probabilities(coefficients: Mapping[str, float], features: np.ndarray) -> np.ndarray:
    """Return the probabilities of records with features of shape (records, features)."""
    return sigmoid(features @ np.array([coefficients[name] for name in FEATURES]) + coefficients["intercept"])


def cross_validated(
    table: Table, truth: np.ndarray, names: Sequence[str], infarct_weight: float = INFARCT_WEIGHT
) -> np.ndarray:
    """Return probabilities of each fold, with coefficients from the other folds."""
    result = np.zeros(len(truth))
    for fold in np.unique(table.folds):
        out = table.folds == fold
        coefficients = fit(table.part(~out), truth[~out], names, infarct_weight)
        result[out] = probabilities(coefficients, table.features[out])
    return result


def both_patterns(elevation: np.ndarray, injury: np.ndarray) -> np.ndarray:
    """Return the probability of either pattern."""
    return 1 - (1 - elevation) * (1 - injury)


def choose_thresholds(table: Table, probability: np.ndarray) -> dict[str, float]:
    """Choose the thresholds of rule-in, rule-in with criteria, and rule-out, from out-of-sample probabilities."""
    criteria_from = at_sensitivity(table.acute[table.stemi], probability[table.stemi], CRITERIA_SENSITIVITY)
    decided = np.where(table.stemi & (probability >= criteria_from), 1.0, probability)
    thresholds = {
        "rule_in_from": at_specificity(table.acute, decided, SPECIFICITY),
        "criteria_from": criteria_from,
        "rule_out_below": at_sensitivity(table.acute, probability, SENSITIVITY),
    }
    return {name: float(f"{value:.3g}") for name, value in thresholds.items()}


def auroc(table: Table, positive: np.ndarray, among: np.ndarray, probability: np.ndarray) -> str:
    """Return the AUROC of positive records among some, with its 95 % interval over patients."""
    truth = positive[among]
    ranking = Ranking.from_scores(probability[among], truth)
    required = np.stack([truth, ~truth], axis=1)
    statistic = bootstrap(
        lambda weights: {"auroc": ranking.areas(weights)[0]}, table.patients[among], required, n_resamples=N_RESAMPLES
    )
    return f"{statistic.interval('auroc'):.3f}"


def cross_validated_patterns(
    table: Table, features: Sequence[str], infarct_weight: float = INFARCT_WEIGHT
) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities of ACUTE and INJURY of each fold, with coefficients from the other folds."""
    return (
        cross_validated(table, table.elevation, _among(ELEVATION, features), infarct_weight),
        cross_validated(table, table.injury, _among(INJURY_FEATURES, features), infarct_weight),
    )


def _among(names: Sequence[str], features: Sequence[str]) -> list[str]:
    return [name for name in names if name in features]


def report(table: Table) -> None:
    """Print how well each group of features separates, out of sample."""
    everyone = np.ones(len(table.infarct), bool)
    print("| folds 1-9 | positives | from | AUROC against all others | against other infarcts | of a later stage |")
    print("|---|---|---|---|---|---|")
    for group, names in GROUPS.items():
        elevation, injury = cross_validated_patterns(table, names)
        either = both_patterns(elevation, injury)
        for pattern, positive, probability in (
            ("ACUTE", table.elevation, elevation),
            ("INJURY", table.injury, injury),
            ("either", table.acute, either),
            ("stage I or I-II, or injury", table.staged, either),
        ):
            areas = [
                auroc(table, positive, among, probability)
                for among in (everyone, table.infarct, positive | table.later)
            ]
            print(f"| {pattern} | {positive.sum()} | {group} | {' | '.join(areas)} |", flush=True)


def report_weights(table: Table) -> None:
    """Print the effect of the weight of infarcts, out of sample."""
    print("| folds 1-8: infarcts weigh | AUROC against other infarcts | against all others | ruled in | ruled out |")
    print("|---|---|---|---|---|")
    acute, infarct = table.acute, table.infarct
    for weight in INFARCT_WEIGHTS:
        probability = both_patterns(*cross_validated_patterns(table, FEATURES, weight))
        among, overall = (Ranking.from_scores(probability[of], acute[of]) for of in (infarct, acute | ~acute))
        ruled_in = probability[acute] >= at_specificity(acute, probability, SPECIFICITY)
        ruled_out = probability < at_sensitivity(acute, probability, SENSITIVITY)
        areas = [f"{ranking.areas(np.ones((1, len(ranking.order))))[0][0]:.3f}" for ranking in (among, overall)]
        print(f"| {weight:g} | {' | '.join(areas)} | {100 * ruled_in.mean():.1f} % | {100 * ruled_out.mean():.1f} % |")
    print("", flush=True)


def report_decisions(table: Table, probability: np.ndarray, thresholds: Mapping[str, float]) -> None:
    """Print how often each group of records is ruled in and out by the thresholds alone."""
    ruled_in = probability >= np.where(table.stemi, thresholds["criteria_from"], thresholds["rule_in_from"])
    ruled_out = ~ruled_in & (probability < thresholds["rule_out_below"])
    print("\n| folds 1-9 | records | criteria of ST elevation met | ruled in | ruled out |\n|---|---|---|---|---|")
    for group, member in (
        ("ACUTE", table.elevation),
        ("INJURY", table.injury),
        ("other infarcts", table.infarct & ~table.acute),
        ("NORM", table.normal & ~table.infarct),
        ("others", ~table.infarct & ~table.normal),
        ("all without an acute pattern", ~table.acute),
    ):
        shares = [f"{100 * values[member].mean():.2f} %" for values in (table.stemi, ruled_in, ruled_out)]
        print(f"| {group} | {member.sum():,} | {' | '.join(shares)} |")
    old = ruled_out & (table.features[:, FEATURES.index("infarct")] > 0)
    counts = [values[old].sum() for values in (old, table.infarct, table.later, table.acute)]
    print("\n| ruled out, MI above 50 % | infarct statement | of a later stage | acute pattern |\n|---|---|---|---|")
    print(f"| {' | '.join(map(str, counts))} |\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--write", action="store_true", help="replace the package's coefficients")
    options = parser.parse_args()
    if options.table and options.table.exists():
        table = Table(**np.load(options.table))
    else:
        dataset = Dataset.open(options.data)
        table = build(dataset, out_of_sample(dataset, options.runs))
        if options.table:
            np.savez_compressed(options.table, **table._asdict())
    of_fit = table.folds < FOLDS[-1]  # fold 9 stays out of what ships, for benchmarks/accuracy/acute.py
    training = table.part(of_fit)
    report_weights(training)
    report(table)
    probability = both_patterns(*cross_validated_patterns(table, FEATURES))
    thresholds = choose_thresholds(training, probability[of_fit])
    report_decisions(table, probability, thresholds)
    fitted = {
        "elevation": fit(training, training.elevation, ELEVATION),
        "injury": fit(training, training.injury, INJURY_FEATURES),
        "prevalence": round(float(training.acute.mean()), 4),
        "infarct_prevalence": round(float(training.infarct.mean()), 4),
        **thresholds,
    }
    if options.write:
        with atomic_write(COEFFICIENTS) as part:
            part.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    package = json.loads(COEFFICIENTS.read_text(encoding="utf-8"))
    for name, value in fitted.items():
        shipped = package[name]
        values = [(value, shipped)] if isinstance(value, float) else [(value[k], shipped[k]) for k in value]
        print(f"{name}: differs from the package's by {max(abs(a - b) for a, b in values):.2g} at most")


if __name__ == "__main__":
    main()
