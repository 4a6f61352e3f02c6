"""Data for criteria_or_network.py: targets, criteria in three contexts, and outputs of networks on one fold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from common import INJURY, early_stage, noisy_or

from einthoven import Interpretation, Interpreter, Recording
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.bundles import calibrate_predictions, predict_with_bundle
from einthoven.interpret.criteria import Context, Criterion, evaluate_criteria
from einthoven.model.bundle import Bundle

BUNDLES = ("default", "edge")
PUBLISHED, LIMITS, ENGINE = "exclusions measured", "no exclusions", "engine"
"""Sources of the exclusions of criteria, such as left bundle branch block: measurements, as in a program without a
network; none, so that the limits apply in every ECG; the network's statements."""

STEMI = ("STEMI-UDMI4",)
ST_UP = (*STEMI, "STEMI-POSTERIOR-V1V3", "SGARBOSSA-SMITH")
ST_UP_OR_DOWN = (*ST_UP, "STD-UDMI4", "STD6-AVR")
Q_WAVES = ("Q-V2V3-UDMI4", "Q-UDMI4", "R-V1V2-UDMI4")
VOLTAGES = ("LVH-SOKOLOW-LYON", "LVH-CORNELL", "LVH-PEGUERO")


class Rule(NamedTuple):
    """Criteria of which at least one must be met."""

    name: str
    codes: tuple[str, ...]
    open_counts: bool = False
    """Whether an undecided criterion counts as met: the notches that LBBB needs are not measured."""


ELEVATION = Rule("ST elevation", STEMI)
ELEVATION_OR_DEPRESSION = Rule("ST elevation, posterior, Sgarbossa-Smith or ST depression", ST_UP_OR_DOWN)
ANY_VOLTAGE = Rule("Sokolow-Lyon, Cornell or Peguero", VOLTAGES)
SOKOLOW = Rule("Sokolow-Lyon", VOLTAGES[:1])


class Target(NamedTuple):
    """A target: its positive and negative records, its criteria, and its outputs of the network."""

    name: str
    positive: str
    """Name of the positive records in the truth of `Fold`."""
    negative: str
    """Name of the negative records in the truth of `Fold`; positive ones are excluded."""
    rules: tuple[Rule, ...]
    outputs: tuple[str, ...]
    contexts: tuple[str, ...] = (PUBLISHED,)


_ST = (ELEVATION, Rule("ST elevation, posterior or Sgarbossa-Smith", ST_UP), ELEVATION_OR_DEPRESSION)
_INFARCT = (
    ELEVATION,
    Rule("Q waves", Q_WAVES),
    Rule("ST elevation or Q waves", (*STEMI, *Q_WAVES)),
    Rule("any of ST, T and Q", (*ST_UP_OR_DOWN, "TINV-UDMI4", *Q_WAVES)),
)
_LVH = (
    SOKOLOW,
    Rule("Cornell voltage", VOLTAGES[1:2]),
    Rule("Cornell product", ("LVH-CORNELL-PRODUCT",)),
    Rule("Peguero-Lo Presti", VOLTAGES[2:]),
    ANY_VOLTAGE,
    Rule("Romhilt-Estes", ("LVH-ROMHILT-ESTES",)),
)
_LBBB = (
    Rule("pattern without notches", ("LBBB-PATTERN",)),
    Rule("AHA 2009, notches assumed", ("LBBB-AHA",), open_counts=True),
    Rule("Strauss, notches assumed", ("LBBB-STRAUSS",), open_counts=True),
)
_RBBB = (Rule("AHA 2009", ("RBBB-AHA",)), Rule("AHA 2009, small R' assumed", ("RBBB-AHA",), open_counts=True))
_BOTH = (PUBLISHED, LIMITS)
TARGETS = (
    Target("MI of any age", "MI", "all", _INFARCT, ("MI",), _BOTH),
    Target("acute pattern, not other MI", "acute", "no MI", _ST, ("MI", "acute"), _BOTH),
    Target("acute pattern", "acute", "all", (ELEVATION, ELEVATION_OR_DEPRESSION), ("MI", "injury", "acute"), _BOTH),
    Target("stage I, not other MI", "stage I", "no MI", _ST, ("MI", "acute"), _BOTH),
    Target("stage I", "stage I", "all", (ELEVATION, ELEVATION_OR_DEPRESSION), ("MI", "injury", "acute"), _BOTH),
    Target("LVH", "LVH", "all", _LVH, ("LVH",)),
    Target("LVH or high voltage", "LVH or VCLVH", "all", (SOKOLOW, ANY_VOLTAGE), ("LVH or VCLVH",)),
    Target("complete LBBB", "CLBBB", "all", _LBBB, ("CLBBB",)),
    Target("complete RBBB", "CRBBB", "all", _RBBB, ("CRBBB",)),
)
WITH_NETWORK = (
    Target("MI of any age", "MI", "all", _INFARCT, ("MI",), (ENGINE,)),
    Target("acute pattern, not other MI", "acute", "no MI", (ELEVATION, ELEVATION_OR_DEPRESSION), ("MI",), (ENGINE,)),
    Target("stage I, not other MI", "stage I", "no MI", (ELEVATION, ELEVATION_OR_DEPRESSION), ("MI",), (ENGINE,)),
    Target("LVH", "LVH", "all", (SOKOLOW, ANY_VOLTAGE), ("LVH",), (ENGINE,)),
    Target("complete LBBB", "CLBBB", "all", _LBBB[:1], ("CLBBB",), (ENGINE,)),
    Target("complete RBBB", "CRBBB", "all", _RBBB[:1], ("CRBBB",), (ENGINE,)),
)
"""The criteria as the engine shows them, with exclusions from the network's statements."""


@dataclass(frozen=True)
class Fold:
    """One fold: labels of the records, criteria that they meet, and predictions of the networks."""

    patients: np.ndarray
    truth: Mapping[str, np.ndarray]
    verdicts: Mapping[str, pd.DataFrame]
    """Verdicts by context, shape (records, codes): 1 met, 0 not met, NaN undecided."""
    scores: Mapping[str, Mapping[str, np.ndarray]]
    """Scores by bundle and output."""

    def met(self, context: str, rule: Rule) -> tuple[np.ndarray, float]:
        """Return whether the rule is met, and the share of records in which it is undecided."""
        verdicts = self.verdicts[context][list(rule.codes)]
        met = (verdicts == 1).any(axis=1).to_numpy()
        undecided = verdicts.isna().all(axis=1).to_numpy()
        return met | undecided if rule.open_counts else met, float(undecided.mean())

    def among(self, target: Target) -> np.ndarray:
        return self.truth[target.positive] | self.truth[target.negative]


def read_fold(dataset: Dataset, fold: int) -> Fold:
    rows = dataset.rows((fold,))
    recordings = [dataset.recording(row) for row in rows]
    interpretations = {name: list(Interpreter.load(name).batch(recordings, force=True)) for name in BUNDLES}
    shipped = interpretations["default"]
    contexts = {PUBLISHED: measured_context, LIMITS: no_exclusion}
    verdicts = {
        name: verdict_table(list(map(partial(criteria, context), recordings, shipped)))
        for name, context in contexts.items()
    }
    return Fold(
        patients=dataset.annotations.patients[rows],
        truth=truth_of(dataset, rows),
        verdicts=verdicts | {ENGINE: verdict_table([interpretation.criteria for interpretation in shipped])},
        scores={name: outputs(Bundle.load(name), dataset, fold, interpretations[name]) for name in BUNDLES},
    )


def measured_context(interpretation: Interpretation) -> Context:
    """Return the context of a program without a network: pacing from spikes, and the rest from measurements."""
    return Context(paced=bool(interpretation.pacing.spikes))


def no_exclusion(_: Interpretation) -> Context:
    return Context(lbbb=False, rbbb=False, paced=False, preexcitation=False, lvh=False)


def criteria(
    context: Callable[[Interpretation], Context], recording: Recording, interpretation: Interpretation
) -> tuple[Criterion, ...]:
    assert interpretation.measurements  # the recording was forced
    return evaluate_criteria(interpretation.measurements, recording.patient, context(interpretation))


def verdict_table(of_records: Sequence[Sequence[Criterion]]) -> pd.DataFrame:
    """Return the verdicts, shape (records, codes): 1, 0 or NaN."""
    table = pd.DataFrame([{criterion.code: criterion.met for criterion in met} for met in of_records])
    return table.astype(float)


def outputs(
    bundle: Bundle, dataset: Dataset, fold: int, interpretations: Sequence[Interpretation]
) -> dict[str, np.ndarray]:
    predictions = calibrate_predictions(bundle, predict_with_bundle(bundle, dataset, (fold,)))
    column = dict(zip(predictions.labels, predictions.probabilities.T, strict=True))
    acute = [answer.acute.probability if answer.acute else None for answer in interpretations]
    return {
        **{label: column[label] for label in ("MI", "LVH", "CLBBB", "CRBBB")},
        "LVH or VCLVH": noisy_or(column, ("LVH", "VCLVH")),
        "injury": noisy_or(column, INJURY),
        "acute": np.array([-1.0 if probability is None else probability for probability in acute]),
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
