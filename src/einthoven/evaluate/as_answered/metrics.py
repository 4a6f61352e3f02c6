"""Typed metrics of the whole engine, the content of as-answered.json; docs/reference/metrics.md describes them."""

from dataclasses import dataclass

from einthoven.evaluate.metrics import BootstrapSettings
from einthoven.model.figures import Interval
from einthoven.model.json_fields import JsonFields


@dataclass(frozen=True)
class YesNoMetrics(JsonFields):
    """Metrics of one yes-or-no answer. A refused recording has no answer: neither yes nor no."""

    yes: int
    """Records with the answer yes."""
    sensitivity: Interval | None
    """Share of all positive records with the answer yes; a refusal counts as missed."""
    sensitivity_answered: Interval | None
    """Share of the answered positive records with the answer yes."""
    specificity: Interval | None
    """Share of all negative records with the answer no; a refusal counts as failed."""
    specificity_answered: Interval | None
    """Share of the answered negative records with the answer no."""
    ppv: Interval | None
    """Share of the answers yes that are right."""


@dataclass(frozen=True)
class LabelAnswers(JsonFields):
    """One label in the bare model and in the engine's answer."""

    positives: int
    model: YesNoMetrics
    """Metrics of the model, whose answer is yes if its probability reaches the threshold of the highest F1."""
    present: YesNoMetrics
    """Metrics of the engine, whose answer is yes if it states the label."""
    reported: YesNoMetrics
    """Metrics of the engine, whose answer is yes if it states the label or calls it possible."""
    model_auroc: float | None
    """AUROC of the model's probability on all records."""
    model_auroc_answered: float | None
    """AUROC of the model's probability on the records that are answered."""
    auroc_answered: float | None
    """AUROC of the engine's probability on the records that are answered."""


@dataclass(frozen=True)
class DecisionCounts(JsonFields):
    """Number of records in a group that get each decision."""

    records: int
    rule_in: int
    undecided: int
    rule_out: int
    not_answered: int


@dataclass(frozen=True)
class DecisionMetrics(JsonFields):
    """A decision between rule-in, undecided and rule-out."""

    groups: dict[str, DecisionCounts]
    """Decisions by group of records."""
    rule_in: YesNoMetrics
    """The answer yes is rule-in, the answer no undecided or rule-out."""
    rule_out_missed: Interval | None
    """Share of all positive records that are ruled out."""
    rule_out_share: Interval | None
    """Share of all negative records that are ruled out."""
    rule_out_npv: Interval | None
    """Share of the records that are ruled out that are negative."""


@dataclass(frozen=True)
class BothDecisions(JsonFields):
    """A decision of the bare model and of the engine."""

    model: DecisionMetrics | None
    """Decision of the model; None if it has no such decision."""
    engine: DecisionMetrics | None
    """Decision of the engine; None if it has no such decision."""


@dataclass(frozen=True)
class Conclusions(JsonFields):
    """Number of records in a group that have each conclusion."""

    records: int
    normal: int
    borderline: int
    abnormal: int
    not_interpreted: int
    normal_and_rule_out: int
    """"Normal" together with the rule-out of an infarct pattern."""


@dataclass(frozen=True)
class Contradictions(JsonFields):
    """Answers that contradict themselves or a measurement."""

    records: int
    """Number of records with at least one contradiction."""
    by_kind: dict[str, int]
    """Records by the contradiction in words."""


@dataclass(frozen=True, kw_only=True)
class AsAnswered(JsonFields):
    """Everything that as-answered.json holds."""

    model: str
    data_set: str
    """Name of the data set."""
    external: bool
    """Whether the model was trained on another data set."""
    folds: tuple[int, ...]
    simulated: bool
    records: int
    patients: int
    bootstrap: BootstrapSettings
    not_answered: Interval | None
    """Share of the records that the engine refuses."""
    refusals: dict[str, int]
    """Records by the reason of the refusal."""
    rhythms: dict[str, int]
    """Records by the code of the rhythm that the engine names, UNCERTAIN included."""
    mi: BothDecisions
    acute: BothDecisions
    model_conclusions: dict[str, Conclusions]
    """Conclusions of the model by group of records: "normal" if the model's NORM reaches its threshold."""
    conclusions: dict[str, Conclusions]
    """Conclusions of the engine by group of records."""
    critical: dict[str, int]
    """Records by the code of the critical value."""
    contradictions: Contradictions | None = None
    """Contradictions in the answers; None if they are not looked for."""
    labels: dict[str, LabelAnswers]
    """Every label with a positive record that the model predicts or the engine states."""
    acute_auroc: float | None = None
    """AUROC of the engine's acute probability, where there is one, for the acute pattern against all others."""
