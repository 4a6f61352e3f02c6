"""Typed metrics: results of `evaluate` and `compare`, and content of metrics.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from einthoven.model.figures import Interval
from einthoven.model.json_fields import FLATTEN, JsonFields


@dataclass(frozen=True)
class BootstrapSettings(JsonFields):
    """Settings of the bootstrap that computes the intervals."""

    n_resamples: int = field(metadata={"json": "rounds"})
    seed: int
    unit: str
    """Unit that is drawn with replacement: `patient`."""
    incomplete_resamples: int = field(metadata={"json": "incomplete_rounds"})
    """Resamples in which some label has no positive or no negative record."""


@dataclass(frozen=True)
class Headline(JsonFields):
    """The averages over all labels of a task, on one set of records; None if undefined.

    F1 has thresholds of its own. Accuracy and exact match use those of the highest accuracy.
    """

    macro_auroc: Interval | None
    macro_auprc: Interval | None
    macro_f1: Interval | None
    global_accuracy: Interval | None
    """Share of correct yes-or-no decisions over all records and labels."""
    exact_match: Interval | None
    """Share of records with all labels correct."""
    macro_f1_at_half: Interval | None = field(metadata={"json": "macro_f1_at_0.5"})
    global_accuracy_at_half: Interval | None = field(metadata={"json": "global_accuracy_at_0.5"})
    exact_match_at_half: Interval | None = field(metadata={"json": "exact_match_at_0.5"})
    fmax: float | None


@dataclass(frozen=True)
class LabelledMetrics(JsonFields):
    """The averages over the records that have a label of the task."""

    records: int
    headline: Headline = field(metadata=FLATTEN)


@dataclass(frozen=True)
class SingleLabelMetrics(JsonFields):
    """Multi-class metrics on the records with exactly one label; the prediction is the label of the highest score."""

    records: int
    labels: tuple[str, ...]
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    macro_f1: float | None
    """Macro F1 over the labels that these records have."""
    confusion: tuple[tuple[int, ...], ...]
    """Confusion matrix: records by true label (rows) and predicted label (columns)."""


@dataclass(frozen=True)
class Confusion(JsonFields):
    """One label's confusion matrix and its ratios; a ratio is None if its denominator is 0."""

    sensitivity: float | None
    specificity: float | None
    ppv: float | None
    npv: float | None
    f1: float | None
    accuracy: float | None
    tn: int
    fp: int
    fn: int
    tp: int


@dataclass(frozen=True)
class OperatingPoint(JsonFields):
    """Performance of a label's threshold on the evaluated records."""

    threshold: float | None
    """Threshold; None if the validation fold has no record to set it with."""
    sensitivity: Interval | None
    specificity: Interval | None
    share: Interval | None
    """Share of the records whose score reaches the threshold."""
    ppv: dict[str, float | None] | None
    """Positive predictive value by prevalence, such as `0.05`."""
    npv: dict[str, float | None] | None
    """Negative predictive value by prevalence."""


@dataclass(frozen=True)
class OperatingPoints(JsonFields):
    """Operating points by the specificity or sensitivity that their thresholds aim at, such as `0.95`."""

    specificity: dict[str, OperatingPoint]
    sensitivity: dict[str, OperatingPoint]

    def by_kind(self) -> dict[str, dict[str, OperatingPoint]]:
        """Return both kinds by name.

        Returns
        -------
        dict
            Operating points under `specificity` and `sensitivity`.
        """
        return {"specificity": self.specificity, "sensitivity": self.sensitivity}


@dataclass(frozen=True)
class LabelMetrics(JsonFields):
    """One label's metrics; None if undefined."""

    positives: int
    auroc: Interval | None
    auprc: float | None
    threshold: float
    """Threshold with the highest F1 on the validation fold; the confusion matrix uses it."""
    confusion: Confusion = field(metadata=FLATTEN)
    ece: float
    """Expected calibration error."""
    calibration_slope: float | None
    calibration_intercept: float | None
    brier: float
    accuracy_threshold: float
    """Threshold with the highest accuracy on the validation fold."""
    operating_points: OperatingPoints | None
    """Operating points of the label; None without a validation fold."""


@dataclass(frozen=True)
class TaskMetrics(JsonFields):
    """All metrics of one task."""

    task: str
    records: int
    patients: int
    labels: tuple[str, ...]
    labels_left_out: tuple[str, ...]
    """Labels without a positive or without a negative record, which the macro averages leave out."""
    thresholds: str
    """Origin of the thresholds, in words."""
    bootstrap: BootstrapSettings
    headline: Headline = field(metadata=FLATTEN)
    """Averages over all records."""
    macro_auroc_supported: Interval | None
    """Macro AUROC over the labels with at least 10 positive records."""
    labels_supported: int
    labelled_only: LabelledMetrics
    single_label: SingleLabelMetrics | None = field(default=None, kw_only=True)
    """Metrics on records with a single label; None for a task of one label."""
    per_label: dict[str, LabelMetrics]


@dataclass(frozen=True)
class SubgroupLabel(JsonFields):
    """One label in one subgroup."""

    positives: int
    auroc: Interval | None


@dataclass(frozen=True)
class Subgroup(JsonFields):
    """The AUROC of each label, and their mean, in one subgroup of the records."""

    group: str
    """Criterion that divides the records: age, sex, device, noise or validated_by_human."""
    value: str
    records: int
    macro_auroc: Interval | None
    per_label: dict[str, SubgroupLabel]


@dataclass(frozen=True)
class Detection(JsonFields):
    """Number and share of some records that reach a threshold."""

    detected: int
    sensitivity: Interval = field(metadata=FLATTEN)
    """Sensitivity with Wilson's interval."""


@dataclass(frozen=True)
class StageMetrics(JsonFields):
    """The MI records of one stage of infarction against all records without MI."""

    stage: str
    records: int
    auroc: Interval | None
    sensitivity: dict[str, Detection] | None
    """Sensitivity by the specificity that the threshold aims at; None without a validation fold."""
    sensitivity_interval: str | None = None
    """Kind of the sensitivity's intervals."""


@dataclass(frozen=True)
class AcutePatternMetrics(JsonFields):
    """The records with the acute pattern against all records without MI."""

    positives: int
    negatives: int
    auroc: Interval | None
    """AUROC of the score for MI."""
    operating_points: OperatingPoints | None
    own: "AcutePatternMetrics | None" = None
    """Metrics of the score for the acute pattern, if the model has one."""


@dataclass(frozen=True)
class LegacyMetrics(JsonFields):
    """The metrics of the project that Einthoven replaces; without intervals, as it published them."""

    rule: str
    """Rule by which a label is predicted, in words."""
    records: int
    global_accuracy: float
    all_no_accuracy: float
    """The global accuracy of predicting no label at all."""
    macro_f1: float | None
    per_label: dict[str, Confusion]


@dataclass(frozen=True)
class ImportedData(JsonFields):
    """An imported data set that a model was evaluated on."""

    name: str
    source: str
    """Name, citation and licence."""
    external: bool
    """Whether the model was trained on other data."""
    labels_lacking: tuple[str, ...]
    """Labels that the model predicts and the set does not have."""
    labels_not_predicted: tuple[str, ...]
    """Labels that the set has and the model does not predict."""
    records_left_out: int
    """Records of the evaluated folds that the main task leaves out, because one of its labels is unknown."""


@dataclass(frozen=True)
class Evaluation(JsonFields):
    """Everything that metrics.json holds.

    `top` is the main task. In JSON its fields are next to those of the evaluation.
    """

    model: str
    run: dict[str, Any]
    """Settings, versions and data of the model."""
    simulated: bool
    """Whether the records are simulated."""
    folds: tuple[int, ...] = field(metadata={"json": "fold"})
    """The evaluated folds; in JSON a number if there is one."""
    validation_folds: tuple[int, ...] = field(metadata={"json": "validation_fold"})
    """The folds that set the thresholds; in JSON a number if there is one, null if there is none."""
    trained_on: tuple[int, ...]
    """The evaluated folds that the model was trained on."""
    top: TaskMetrics = field(metadata=FLATTEN)
    subgroups: tuple[Subgroup, ...]
    """Subgroups for the main task."""
    data: ImportedData | None = field(default=None, kw_only=True)
    """Facts about an imported data set; None for PTB-XL."""
    mi_by_stage: tuple[StageMetrics, ...] | None = field(default=None, kw_only=True)
    acute_pattern: AcutePatternMetrics | None = field(default=None, kw_only=True)
    legacy: LegacyMetrics | None = field(default=None, metadata={"json": "as_published"}, kw_only=True)
    """Metrics of the project that Einthoven replaces, only for that project's network."""
    tasks: dict[str, TaskMetrics]
    """The other tasks."""

    def to_dict(self) -> dict[str, Any]:
        """Convert to a JSON object.

        Returns
        -------
        dict
            Content of metrics.json.
        """
        folds = {"fold": _fold_json(self.folds), "validation_fold": _fold_json(self.validation_folds)}
        return {"task": self.top.task} | super().to_dict() | folds

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Convert from a JSON object.

        Parameters
        ----------
        values
            Content of metrics.json.

        Returns
        -------
        Evaluation
            Evaluation whose `to_dict` gave `values`.

        Raises
        ------
        KeyError
            If a field is missing.
        """
        folds = {name: _folds(values[name]) for name in ("fold", "validation_fold")}
        return super().from_dict({**values, **folds})


@dataclass(frozen=True)
class Difference(JsonFields):
    """One metric of two models, and the paired difference b - a."""

    a: float
    b: float
    difference: Interval
    p_value: float
    """Two-sided p-value for the hypothesis of no difference."""


@dataclass(frozen=True)
class LabelComparison(JsonFields):
    """One label of two models."""

    positives: int
    auroc: Difference | None


@dataclass(frozen=True)
class Comparison(JsonFields):
    """Two models on the records that both predicted; a difference is None if undefined."""

    task: str
    fold: int
    records: int
    patients: int
    bootstrap: BootstrapSettings
    macro_auroc: Difference | None
    macro_auprc: Difference | None
    per_label: dict[str, LabelComparison]


def _fold_json(folds: tuple[int, ...]) -> int | list[int] | None:
    return folds[0] if len(folds) == 1 else list(folds) or None


def _folds(value: int | list[int] | None) -> tuple[int, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, int) else tuple(value)
