"""Assess whether an ECG shows the pattern of an acute infarct."""

from einthoven.interpret.acute.features import acute_features
from einthoven.interpret.acute.limits import forbids_rule_out, left_or_paced, unreadable
from einthoven.interpret.acute.probability import AcuteModel, PatternProbabilities
from einthoven.interpret.acute.st_findings import StFindings
from einthoven.interpret.acute.territory import elevation_territory, injury_territory
from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.acute.wording import AcuteDecision, advice, in_words, reasons
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm


def assess_acute(evidence: Evidence, rhythm: Rhythm) -> AcutePattern | None:
    """Assess whether an ECG shows the pattern of an acute infarct.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria.
    rhythm
        Rhythm of the ECG.

    Returns
    -------
    AcutePattern or None
        None if the recording is not interpreted. If the model has no outputs for acute patterns, the criteria alone
        decide.
    """
    if evidence.refusal_reasons or (evidence.measurements is None and not evidence.answer.findings):
        return None
    model, st = AcuteModel.load(), StFindings(evidence)
    features = acute_features(evidence.probability, evidence.measurements, evidence.patient)
    assumed = evidence.answer.mi.prevalence if evidence.answer.mi else None
    probabilities = model.probabilities(features, assumed) if features else None
    decision = _decide(evidence, rhythm, st, model, probabilities)
    return AcutePattern(
        probability=None if probabilities is None else round(probabilities.either, 4),
        decision=decision.decision,
        territory=decision.territory,
        in_words=in_words(decision, evidence, st),
        prevalence=None if probabilities is None else round(model.prevalence, 4),
        rule_in_from=None if probabilities is None else _rule_in_from(st, model),
        rule_out_below=None if probabilities is None else model.rule_out_below,
        advice=advice(decision, evidence, st),
        reasons=reasons(decision, evidence, st),
        withheld_because=decision.withheld_because,
    )


def _decide(
    evidence: Evidence, rhythm: Rhythm, st: StFindings, model: AcuteModel, probabilities: PatternProbabilities | None
) -> AcuteDecision:
    """Decide; thresholds are compared with the exact probability."""
    undecided = AcuteDecision("undecided", probabilities)
    if reason := unreadable(evidence, rhythm):
        return undecided._replace(withheld_because=reason)
    if block := left_or_paced(evidence, rhythm):
        if evidence.met("SGARBOSSA-1996") or evidence.met("SGARBOSSA-SMITH"):
            territory = elevation_territory(evidence, st)
            return undecided._replace(decision="rule-in", block=block, territory=territory)
        return undecided._replace(withheld_because=f"{block} hides or imitates an infarct")
    if _ruled_in(st, model, probabilities):
        injury = undecided.is_injury and not st.stemi
        territory = (injury_territory if injury else elevation_territory)(evidence, st)
        return undecided._replace(decision="rule-in", territory=territory)
    if probabilities is None:
        return undecided._replace(withheld_because="the model has no outputs for acute patterns")
    if probabilities.either >= model.rule_out_below:
        return undecided
    if reason := forbids_rule_out(evidence, rhythm, st):
        return undecided._replace(withheld_because=reason)
    return undecided._replace(decision="rule-out")


def _ruled_in(st: StFindings, model: AcuteModel, probabilities: PatternProbabilities | None) -> bool:
    if probabilities is None:
        return st.stemi
    return probabilities.either >= _rule_in_from(st, model)


def _rule_in_from(st: StFindings, model: AcuteModel) -> float:
    return model.criteria_from if st.stemi else model.rule_in_from
