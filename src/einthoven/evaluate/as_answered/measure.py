"""Measure the answers of the engine and of its bare model against the labels of a data set."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, IndexArray
from einthoven.datasets.annotations import Annotations
from einthoven.datasets.imported import LABELS_TASK
from einthoven.evaluate.array_metrics import macro_auroc
from einthoven.evaluate.as_answered.answers import RecordAnswer
from einthoven.evaluate.as_answered.interpret import BothAnswers
from einthoven.evaluate.as_answered.metrics import (
    AsAnswered,
    BothDecisions,
    Conclusions,
    Contradictions,
    DecisionCounts,
    DecisionMetrics,
    LabelAnswers,
)
from einthoven.evaluate.as_answered.shares import Shares, Truth
from einthoven.ptbxl.annotations import SUPERCLASSES

_ACUTE = "acute-pattern"
NOT_ANNOTATED = "not annotated"
"""Group of the records whose grouping label the data set does not state."""


def measure_answers(
    answers: Sequence[BothAnswers],
    annotations: Annotations,
    rows: IndexArray,
    *,
    model: str,
    folds: Sequence[int],
    external: bool = False,
    n_resamples: int = 1000,
    seed: int = 0,
) -> AsAnswered:
    """Measure what users get next to the bare model.

    Parameters
    ----------
    answers
        Answers about each record of `rows`.
    annotations
        The data set.
    rows
        The records, as rows of the data set.
    model
        Name of the model.
    folds
        Folds of the records.
    external
        Whether the model was trained on another data set.
    n_resamples, seed
        Number of bootstrap resamples over patients, and seed of the random number generator.

    Returns
    -------
    AsAnswered
        Content of as-answered.json.
    """
    records = _Records(annotations, rows, [both.model for both in answers], [both.engine for both in answers])
    patients = annotations.patients[rows]
    shares = Shares(patients, n_resamples, seed)
    mi, acute, normal = records.truth("MI"), records.truth(_ACUTE), records.normal()
    mi_groups = {"MI": mi.positive, "no MI": mi.negative, "normal": normal.positive & mi.known}
    acute_groups = {
        "acute pattern": acute.positive,
        "other MI": mi.positive & acute.negative,
        "no MI": mi.negative & acute.negative,
    }
    by_normal = _with_unknown({"normal": normal.positive, "all others": normal.negative}, normal)
    return AsAnswered(
        model=model,
        data_set=annotations.facts.name,
        external=external,
        folds=tuple(folds),
        simulated=annotations.simulated,
        records=len(rows),
        patients=len(np.unique(patients)),
        bootstrap=shares.settings,
        not_answered=shares.of(~records.answered, np.ones(len(rows), bool)),
        refusals=_count(answer.refused_because for answer in records.engine),
        rhythms=_count((answer.rhythm,) for answer in records.engine),
        mi=BothDecisions(
            _decisions(shares, [answer.mi for answer in records.model], mi, _with_unknown(mi_groups, mi)),
            _decisions(shares, [answer.mi for answer in records.engine], mi, _with_unknown(mi_groups, mi)),
        ),
        acute=BothDecisions(
            None,
            _decisions(shares, [answer.acute for answer in records.engine], acute, _with_unknown(acute_groups, acute)),
        ),
        model_conclusions=_conclusions(records.model, by_normal),
        conclusions=_conclusions(records.engine, by_normal),
        critical=_count(answer.critical for answer in records.engine),
        contradictions=_contradictions(records.engine),
        labels={label: _label(shares, records, label) for label in records.labels()},
        acute_auroc=_acute_auroc(records, acute),
    )


@dataclass(frozen=True)
class _Records:
    """The records: labels of the data set, and both answers."""

    annotations: Annotations
    rows: IndexArray
    model: Sequence[RecordAnswer]
    engine: Sequence[RecordAnswer]

    @property
    def answered(self) -> BoolArray:
        return np.array([answer.answered for answer in self.engine])

    def truth(self, label: str) -> Truth:
        """Return the truth about a label; nothing is known of a label that the data set lacks."""
        if label not in self.annotations.known_labels():
            return Truth(np.zeros(len(self.rows), bool), np.zeros(len(self.rows), bool))
        known = self.annotations.known((label,))[self.rows]
        stated = self.annotations.labels((label,))[self.rows, 0]
        return Truth(stated & known, ~stated & known)

    def normal(self) -> Truth:
        """Return the truth about "normal": records whose only superclass is NORM, among those that are annotated."""
        norm = self.truth("NORM")
        others = np.any([self.truth(label).positive for label in SUPERCLASSES if label != "NORM"], axis=0)
        return Truth(norm.positive & ~others, norm.negative | (norm.positive & others))

    def labels(self) -> list[str]:
        """Return the labels, superclasses first, then the others in the order of the data set."""
        known = set[str]().union(*(answer.probabilities for answer in self.model))
        known = known.union(*(answer.present for answer in self.engine))
        all_labels = self.annotations.task(LABELS_TASK if self.annotations.facts.imported else "statements")
        labels = dict.fromkeys((*SUPERCLASSES, *all_labels))
        return [label for label in labels if label in known and self.truth(label).positive.any()]


def _with_unknown(groups: dict[str, BoolArray], truth: Truth) -> dict[str, BoolArray]:
    """Add the group NOT_ANNOTATED if it has records; it is alone if the data set lacks the label."""
    if truth.known.all():
        return groups
    return (groups if truth.known.any() else {}) | {NOT_ANNOTATED: ~truth.known}


def _label(shares: Shares, records: _Records, label: str) -> LabelAnswers:
    truth, answered = records.truth(label), records.answered
    everywhere = np.ones_like(answered)

    def stated(answers: Sequence[RecordAnswer], by: Callable[[RecordAnswer], frozenset[str]]) -> BoolArray:
        return np.array([label in by(answer) for answer in answers])

    model = [answer.probabilities.get(label) for answer in records.model]
    engine = [answer.probabilities.get(label) for answer in records.engine]
    return LabelAnswers(
        positives=int(truth.positive.sum()),
        model=shares.yes_no(truth, stated(records.model, lambda answer: answer.present), everywhere),
        present=shares.yes_no(truth, stated(records.engine, lambda answer: answer.present), answered),
        reported=shares.yes_no(truth, stated(records.engine, lambda answer: answer.reported), answered),
        model_auroc=_auroc(truth, model, everywhere),
        model_auroc_answered=_auroc(truth, model, answered),
        auroc_answered=_auroc(truth, engine, answered),
    )


def _auroc(truth: Truth, probabilities: Sequence[float | None], among: BoolArray) -> float | None:
    """AUROC; None if undefined, or if a record of `among` has no probability."""
    among = among & truth.known
    values = np.array([np.nan if value is None else value for value in probabilities])[among]
    positive = truth.positive[among]
    if np.isnan(values).any() or positive.all() or not positive.any():
        return None
    return macro_auroc(positive[:, None], values[:, None])


def _acute_auroc(records: _Records, acute: Truth) -> float | None:
    probabilities = [answer.acute_probability for answer in records.engine]
    return _auroc(acute, probabilities, np.array([probability is not None for probability in probabilities]))


def _decisions(
    shares: Shares, decisions: Sequence[str | None], truth: Truth, groups: dict[str, BoolArray]
) -> DecisionMetrics | None:
    given = np.array([decision or "" for decision in decisions])
    if not (given != "").any():
        return None
    out = given == "rule-out"
    return DecisionMetrics(
        groups={name: _counts(given[group]) for name, group in groups.items()},
        rule_in=shares.yes_no(truth, given == "rule-in", given != ""),
        rule_out_missed=shares.of(out, truth.positive),
        rule_out_share=shares.of(out, truth.negative),
        rule_out_npv=shares.of(truth.negative, out & truth.known),
    )


def _counts(decisions: "np.ndarray[tuple[int], np.dtype[np.str_]]") -> DecisionCounts:
    counts = Counter(decisions.tolist())
    kinds = (counts[kind] for kind in ("rule-in", "undecided", "rule-out", ""))
    return DecisionCounts(len(decisions), *kinds)


def _conclusions(answers: Sequence[RecordAnswer], groups: dict[str, BoolArray]) -> dict[str, Conclusions]:
    def count(group: BoolArray) -> Conclusions:
        members = [answer for answer, member in zip(answers, group, strict=True) if member]
        counts = Counter(answer.conclusion for answer in members)
        return Conclusions(
            records=len(members),
            normal=counts["normal"],
            borderline=counts["borderline"],
            abnormal=counts["abnormal"],
            not_interpreted=counts["not interpreted"],
            normal_and_rule_out=sum(answer.conclusion == "normal" and answer.mi == "rule-out" for answer in members),
        )

    return {name: count(group) for name, group in groups.items()}


def _contradictions(answers: Sequence[RecordAnswer]) -> Contradictions | None:
    if any(answer.contradictions is None for answer in answers):
        return None
    found = [answer.contradictions or () for answer in answers]
    return Contradictions(sum(map(bool, found)), _count(found))


def _count(of_records: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return in how many records each text occurs, the most frequent first."""
    return dict(Counter(text for of_record in of_records for text in set(of_record)).most_common())
