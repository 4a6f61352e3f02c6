"""Measure the effect of the rules of consistency on PTB-XL: contradictions, decisions, conclusions, time.

    python benchmarks/accuracy/consistency.py --data ptb-xl [--bundle default] [--folds 9]

Compares the model alone (its thresholds, as it was answered before) with the answer. The bundles have seen folds 1 to
8 in training: there only contradictions, criteria and measurements mean something. Prints Markdown.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import process_time
from typing import NamedTuple

import numpy as np
from common import percent

from einthoven import Interpretation, Recording
from einthoven.datasets.dataset import Dataset
from einthoven.interpret.assemble import assemble
from einthoven.interpret.consistency.contradictions import find_contradictions
from einthoven.interpret.consistency.reconcile import reconcile
from einthoven.interpret.consistency.statements import by_label
from einthoven.interpret.consistency.territory import infarct_territory
from einthoven.interpret.decisions import DecisionRule
from einthoven.interpret.interpretation import ModelInfo
from einthoven.interpret.part import Case, Part, interpret_each
from einthoven.interpret.small_qrs import check_small_qrs
from einthoven.model.bundle import Bundle
from einthoven.signal.analysis import analyze_segments
from einthoven.signal.segments import segments

GROUPS = ("AFIB", "IVCD", "CRBBB", "LVH", "CLBBB", "LAFB", "PACE", "1AVB", "NORM")
CONCLUSIONS = ("normal", "borderline", "abnormal", "not interpreted")
DECISIONS = ("rule-in", "undecided", "rule-out")


class Answered(NamedTuple):
    """A record with the answer of the model alone, and the answer after the rules."""

    part: Part
    alone: Interpretation
    answer: Interpretation


def answered(bundle: Bundle, records: Iterator[Recording]) -> Iterator[Answered]:
    rule, card = DecisionRule(bundle.card, {}), bundle.card
    model = ModelInfo(card.name, card.version, 64 * "0")
    while batch := list(islice(records, 64)):
        cut = [segment for recording in batch for segment in segments(recording, card.rate)]
        analyses = list(analyze_segments(cut, card.leads, force=False))
        fit = [analysis for analysis in analyses if analysis.interpretable]
        scores = iter(bundle.batch_scores([each.model_input for each in fit], [each.features for each in fit]))
        for recording, analysis in zip(batch, analyses, strict=True):
            probabilities = rule.probabilities(next(scores)) if analysis.interpretable else None
            segment = check_small_qrs([analysis], [probabilities], bundle.batch_scores, rule)
            (part,) = interpret_each([Case(recording.patient, *segment, probabilities)], rule)
            answer = assemble(recording, segment, [part], [probabilities], rule, model)
            yield Answered(part, _alone(answer, part), answer)


def _alone(answer: Interpretation, part: Part) -> Interpretation:
    """Return the previous answer: statements by thresholds, "normal" by its probability, nothing withheld."""
    own = part.evidence.answer
    found = by_label(own.findings)
    normal = "NORM" in found and found["NORM"].present
    mi = own.mi and replace(own.mi, territory=infarct_territory(by_label(own.statements)))
    return replace(
        answer,
        findings=own.findings,
        statements=own.statements,
        mi=mi,
        conclusion="not interpreted" if answer.abstained else "normal" if normal else "abnormal",
        conclusion_reasons=() if normal else ("The model does not find a normal ECG.",),
        acute=None,
    )


def contradictions(records: Sequence[Answered]) -> None:
    print("\n| rule broken | records, model alone | records, answer |\n|---|---|---|")
    before = Counter(rule for record in records for rule in _rules(record.alone))
    after = Counter(rule for record in records for rule in _rules(record.answer))
    for rule in sorted(before | after):
        print(f"| {rule} | {before[rule]:,} | {after[rule]:,} |")
    totals = [
        sum(bool(_rules(result)) for result in results) for results in zip(*[r[1:] for r in records], strict=True)
    ]
    print(f"| any | {totals[0]:,} | {totals[1]:,} |")
    for record in records:
        for text in find_contradictions(record.answer):
            print("contradiction:", text)


def _rules(result: Interpretation) -> set[str]:
    return {text.split(":")[0] for text in find_contradictions(result)}


def conclusions(records: Sequence[Answered], norm: np.ndarray, infarct: np.ndarray) -> None:
    conclusion = np.array([record.answer.conclusion for record in records])
    print("\n| conclusion | all | NORM | MI | of these records without NORM | with MI |\n|---|---|---|---|---|---|")
    for name in CONCLUSIONS:
        which = conclusion == name
        if which.any():
            shares = " | ".join(percent(which[group]) for group in (norm | True, norm, infarct))
            print(f"| {name} | {shares} | {percent(~norm[which])} | {infarct[which].sum()} of {which.sum():,} |")
    print(
        "\n| infarct pattern | NORM, model alone | NORM, answer | MI, model alone | MI, answer |\n|---|---|---|---|---|"
    )
    alone, answer = (
        np.array([_decision(result) for result in results]) for results in zip(*[r[1:] for r in records], strict=True)
    )
    for name in DECISIONS:
        cells = [percent((decided == name)[group]) for group in (norm, infarct) for decided in (alone, answer)]
        print(f"| {name} | {' | '.join(cells)} |")


def _decision(result: Interpretation) -> str:
    return result.mi.decision if result.mi else "not interpreted"


def false_rule_in(records: Sequence[Answered], group: dict[str, np.ndarray], infarct: np.ndarray) -> None:
    alone, answer = (
        np.array([_decision(result) == "rule-in" for result in results])
        for results in zip(*[r[1:] for r in records], strict=True)
    )
    print("\n| records | without MI | ruled in, model alone | answer | with MI | ruled in, model alone | answer |")
    print("|---|---|---|---|---|---|---|")
    for name, member in {"all": infarct | True, **group}.items():
        cells = []
        for which in (member & ~infarct, member & infarct):
            cells += [f"{which.sum():,}", *(percent(ruled[which]) if which.any() else "-" for ruled in (alone, answer))]
        print(f"| {name} | {' | '.join(cells)} |")


def thresholds(records: Sequence[Answered], infarct: np.ndarray) -> None:
    """Print the effect of the stricter rule-in threshold in each condition, by the model's probability."""
    known = [record.part.evidence.answer.mi for record in records]
    p = np.array([mi.probability if mi else 0.0 for mi in known])
    usual = next(mi.rule_in_from for mi in known if mi)
    strict = next(record.part.evidence.rule_in_strict for record in records)
    conditions = {
        "fibrillation, flutter": [record.part.rhythm.code in ("AFIB", "AFLT") for record in records],
        "QRS of 120 ms": [(record.part.evidence.qrs_ms or 0) >= 120 for record in records],
        "LVH by the model": [bool(record.part.evidence.likely("LVH")) for record in records],
    }
    print(
        f"\n| rule-in from {usual:.0%} or {strict:.0%} | specificity | sensitivity | between them: with MI |".replace(
            "%", " %"
        )
    )
    print("|---|---|---|---|")
    for name, flags in conditions.items():
        member = np.array(flags)
        spec, sens = ([(p[member & which] >= at).mean() for at in (usual, strict)] for which in (~infarct, infarct))
        between = infarct[member & (p >= usual) & (p < strict)]
        print(
            f"| {name} | {1 - spec[0]:.3f} to {1 - spec[1]:.3f} | {sens[0]:.3f} to {sens[1]:.3f} | "
            f"{between.sum()} of {len(between)} |"
        )


def reasons(records: Sequence[Answered], group: dict[str, np.ndarray], infarct: np.ndarray) -> None:
    """Print how often single reasons of the rules are correct."""
    alone = [r.answer.conclusion_reasons for r in records]
    only = np.array([len(texts) == 1 and texts[0].startswith("infarct pattern undecided") for texts in alone])
    q_waves = np.array([bool(r.part.evidence.met("Q-UDMI4")) for r in records])
    pr_long = np.array([bool(r.part.evidence.met("PR-LONG")) for r in records])
    print(f"\nnormal but for an undecided infarct pattern: {infarct[only].sum()} of {only.sum()} with MI")
    print(f"Q-UDMI4 met: {infarct[q_waves].sum()} of {q_waves.sum()} with MI")
    print(f"PR-LONG met: {group['1AVB'][pr_long].sum()} of {pr_long.sum()} with 1AVB")


def when_measured(records: Sequence[Answered]) -> None:
    """Print how often slow sinus rhythms and long PR intervals are stated, and whether they need the model."""
    print("\n| measured | records | stated by the model alone | in the answer |\n|---|---|---|---|")
    sinus = ("SR", "SBRAD", "SARRH")
    measured = {
        ("below 60 bpm, sinus rhythm", "SBRAD"): lambda r: r.rhythm.code in sinus and (r.heart_rate_bpm or 60) < 60,
        ("below 60 bpm, any rhythm", "SBRAD"): lambda r: (r.heart_rate_bpm or 60) < 60,
        ("below 60 bpm, any rhythm", "BRADY"): lambda r: (r.heart_rate_bpm or 60) < 60,
        ("PR above 200 ms", "1AVB"): lambda r: bool(r.measurements and (r.measurements.pr_ms or 0) > 200),
        ("PR of 200 ms", "1AVB"): lambda r: bool(r.measurements and r.measurements.pr_ms == 200),
    }
    for (name, label), is_measured in measured.items():
        chosen = [record for record in records if is_measured(record.answer)]
        alone, answer = (
            sum(_flags(result, label)[1] for result in results)
            for results in zip(*[r[1:] for r in chosen], strict=True)
        )
        print(f"| {name}: {label} | {len(chosen)} | {alone} | {answer} |")


def labels(records: Sequence[Answered], dataset: Dataset, rows: Sequence[int]) -> None:
    """Print sensitivity and specificity of present findings, and of present or possible ones, if they change."""
    print(
        "\n| label | records | present: sens. | spec. | present or possible: sens. | spec. |\n|---|---|---|---|---|---|"
    )
    names = dict.fromkeys(f.label for r in records for f in r.answer.findings + r.answer.statements)
    known = [name for name in names if name in dataset.annotations.known_labels()]
    truth = dataset.annotations.labels(tuple(known))[rows].astype(bool)
    for k, name in enumerate(known):
        flags = np.array([[_flags(result, name) for result in record[1:]] for record in records])  # record, which, flag
        if (flags[:, 0] == flags[:, 1]).all():
            continue
        positive = truth[:, k]
        cells = [
            f"{_share(flags[positive, 0, flag])} to {_share(flags[positive, 1, flag])} | "
            f"{_share(~flags[~positive, 0, flag])} to {_share(~flags[~positive, 1, flag])}"
            for flag in (0, 1)
        ]
        print(f"| {name} | {positive.sum()} | {' | '.join(cells)} |")


def _flags(result: Interpretation, label: str) -> tuple[bool, bool]:
    finding = by_label(result.findings + result.statements).get(label)
    return (finding.present, finding.reported) if finding else (False, False)


def _share(hits: np.ndarray) -> str:
    return f".{round(1000 * hits.mean()):03d}" if len(hits) and hits.mean() < 0.9995 else "1" if len(hits) else "-"


def criteria(records: Sequence[Answered], norm: np.ndarray) -> None:
    print("\n| criterion met | NORM | others |\n|---|---|---|")
    codes = {criterion.code: None for record in records for criterion in record.answer.criteria}
    met = {code: np.zeros(len(records), bool) for code in codes}
    for k, record in enumerate(records):
        for criterion in record.answer.criteria:
            met[criterion.code][k] = criterion.met is True
    for code in sorted(codes, key=lambda code: -met[code][norm].mean()):
        if met[code].any():
            print(f"| {code} | {met[code][norm].mean():.1%} | {met[code][~norm].mean():.1%} |".replace("%", " %"))
    p_ms = [
        r.answer.measurements.p_ms for r, known in zip(records, norm, strict=True) if known and r.answer.measurements
    ]
    limits = np.percentile([value for value in p_ms if value is not None], [50, 98])
    print(f"\nP duration in NORM: median {limits[0]:.0f} ms, 98th percentile {limits[1]:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bundle", default="default")
    parser.add_argument("--folds", default="9", help="such as 9 or 1,2,3")
    options = parser.parse_args()
    dataset, bundle = Dataset.open(options.data), Bundle.load(options.bundle)
    rows = dataset.rows(tuple(map(int, options.folds.split(","))))
    records = list(answered(bundle, map(dataset.recording, rows.tolist())))
    group = {name: dataset.annotations.labels((name,))[rows, 0].astype(bool) for name in (*GROUPS, "MI")}
    infarct = group.pop("MI")
    print(f"{options.bundle}, folds {options.folds}: {len(records):,} records")
    contradictions(records)
    conclusions(records, group["NORM"], infarct)
    false_rule_in(records, group, infarct)
    thresholds(records, infarct)
    reasons(records, group, infarct)
    when_measured(records)
    labels(records, dataset, rows)
    criteria(records, group["NORM"])
    print("\ncritical:", dict(Counter(value.code for record in records for value in record.answer.critical)))
    start = process_time()
    for record in records:
        reconcile(record.part.evidence, record.part.rhythm, None)
    print(f"\n{1000 * (process_time() - start) / len(records):.3f} ms per record for the rules")


if __name__ == "__main__":
    main()
