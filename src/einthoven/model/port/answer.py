"""The reference implementation of a port: the answer of a bundle about a signal, without the Interpreter's rules."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from einthoven.arrays import Float32Array, Float64Array
from einthoven.model.bundle import Bundle
from einthoven.model.calibration import logit, sigmoid
from einthoven.model.port.gate import Stages, assess, qrs_size_mv
from einthoven.model.port.limits import FIBRILLATION, INFARCTS, MI, RULE_IN, SINUS, WITHOUT_DECISION, Limits
from einthoven.recording import LEADS
from einthoven.signal.baseline import remove_offset
from einthoven.signal.beat_times import rr_features
from einthoven.signal.electrodes.network import probability_of_any
from einthoven.signal.quality import LeadQuality
from einthoven.signal.recording_features import RecordingFeatures
from einthoven.signal.resampling import resample

PRESENT = 0.5
"""Probability below which a label is not present, even if it reaches its threshold."""


class PortAnswer(NamedTuple):
    """Answer of a port."""

    reasons: tuple[str, ...]
    """Codes of the reasons for no answer; empty if the port answers."""
    infarct_reasons: tuple[str, ...] = ()
    """Codes of the reasons for no answer about an infarct pattern."""
    infarct: Literal["rule-in", "undecided"] | None = None
    """Answer about an infarct pattern, which a port never rules out; None without an answer or a label MI."""
    probabilities: Float64Array | None = None
    """Probabilities of shape (labels,); NaN for a label that is not answered."""
    present: NDArray[np.int8] | None = None
    """Decisions of shape (labels,): 1 present, 0 not present, -1 no decision."""


class ModelStages(NamedTuple):
    """Intermediate results for a signal that passes the gate."""

    log_odds: Float64Array
    """Log-odds of each exchange of electrodes."""
    exchange: float
    """Probability of any exchange."""
    resampled: Float32Array
    model_input: Float32Array
    """Input of the model, offsets removed."""
    qrs_mv: float
    """Size of the QRS complexes in mV, from `qrs_size_mv`."""
    logits: Float32Array
    rr: Float64Array
    """RR-interval features from `rr_features`."""
    scores: Float64Array


def answer(bundle: Bundle, signal: Float32Array, rate: float) -> PortAnswer:
    """Answer as a port of the bundle does.

    Parameters
    ----------
    bundle
        Bundle with a gate.
    signal
        Signal of shape (12, samples) in mV, leads in standard order, 2.5 to 10 s.
    rate
        Sampling rate in Hz, at least 100.

    Returns
    -------
    PortAnswer
        Answer, which never states more than the Interpreter's.

    Raises
    ------
    EinthovenError
        If the bundle has no gate, or a model fails.
    """
    return answer_in_stages(bundle, signal, rate)[0]


def answer_in_stages(
    bundle: Bundle, signal: Float32Array, rate: float
) -> tuple[PortAnswer, Stages, ModelStages | None]:
    """Answer as a port of the bundle does, with each stage of the computation.

    Parameters
    ----------
    bundle, signal, rate
        Arguments as for `answer`.

    Returns
    -------
    answer : PortAnswer
        The answer.
    stages : Stages
        Measurements of the gate.
    model_stages : ModelStages or None
        Intermediate results of the model; None if the signal is not fit.

    Raises
    ------
    EinthovenError
        For the same reasons as `answer`.
    """
    port = bundle.required_port
    limits = port.gate.limits
    reasons, stages = assess(signal, rate, limits)
    if reasons:
        return PortAnswer(reasons), stages, None
    assert stages.median_beat is not None
    assert stages.beats is not None
    assert stages.bands is not None
    (log_odds,) = port.placement.log_odds(stages.median_beat[None])
    rows = [LEADS.index(lead) for lead in bundle.card.leads]
    resampled = resample(signal[rows], rate, bundle.card.rate)
    model_input, _ = remove_offset(resampled, [LeadQuality(lead, (), 0.0) for lead in bundle.card.leads])
    logits = bundle.logits(model_input)
    rr = rr_features(stages.bands.common_slope)
    scores = sigmoid(logits).mean(0)
    scores = bundle.layers.correct(scores, bundle.card.labels, RecordingFeatures(rr, None))  # a port does not measure
    computed = ModelStages(
        log_odds=log_odds,
        exchange=float(probability_of_any(log_odds)),
        resampled=resampled,
        model_input=model_input,
        qrs_mv=qrs_size_mv(stages.median_beat),
        logits=logits,
        rr=rr,
        scores=scores,
    )
    slow = min(stages.beats.rate_bpm, stages.beats.strict_bpm) < limits.slow_bpm
    return _decide(bundle, computed, slow, limits), stages, computed


def _decide(bundle: Bundle, computed: ModelStages, slow: bool, limits: Limits) -> PortAnswer:
    card = bundle.card
    probabilities = card.calibrate(computed.scores)
    of_label = dict(zip(card.labels, probabilities.tolist(), strict=True))
    sinus = sum(_least(bundle, label, computed.scores) for label in SINUS if label in of_label)
    reasons = []
    if not computed.exchange < limits.exchange:
        reasons.append("electrodes")
    enough = limits.slow_sinus if slow else limits.sinus
    if not (sinus >= enough or of_label.get(FIBRILLATION, 0.0) >= limits.fibrillation):
        reasons.append("rhythm")
    present = card.decide(probabilities)
    present[(present == 1) & (probabilities < PRESENT)] = 0
    present[[output.label in WITHOUT_DECISION or output.score_only for output in card.outputs]] = -1
    mi = card.output(MI)
    infarct: Literal["rule-in", "undecided"] | None = None
    if mi and mi.thresholds and not reasons:
        likely = _least(bundle, MI, computed.scores) >= mi.thresholds.rule_in[RULE_IN]
        infarct = "rule-in" if likely and computed.qrs_mv >= limits.qrs_mv else "undecided"
    if reasons:
        hidden = [label in INFARCTS for label in card.labels]
        probabilities[hidden], present[hidden] = np.nan, -1
    return PortAnswer((), tuple(reasons), infarct, probabilities, present)


def _least(bundle: Bundle, label: str, scores: Float64Array) -> float:
    """The least probability of a label that the measurements of the Interpreter may leave."""
    lowered = sigmoid(logit(scores) - bundle.layers.limit(label))
    return float(bundle.card.calibrate(lowered)[bundle.card.labels.index(label)])
