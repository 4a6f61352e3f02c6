"""Random evidence about an ECG: probabilities, measurements, rhythms, that need not fit each other at all."""

from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import strategies as st

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.consistency.p_waves import without_impossible_p_waves
from einthoven.interpret.criteria import Context, evaluate_criteria
from einthoven.interpret.decisions import DecisionRule
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.identify import drops_p_waves
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.model.bundle import Bundle
from einthoven.ptbxl.vocabulary import NAMES
from einthoven.recording import LEADS, Patient
from einthoven.signal.beat_values import Beats, Pause
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.measurements.values import LeadMeasurements, Measurements
from einthoven.signal.pacing import Pacing
from einthoven.signal.quality import Quality
from interpret.criteria.normal_ecg import NORMAL

CODES = (
    *("SR", "SBRAD", "STACH", "SARRH", "AFIB", "AFLT", "SVTAC", "PSVT", "SVARR", "PACE", "BIGU", "TRIGU", "2AVB"),
    *("3AVB", "WCT", "NCT", "IVR", "JUNCTIONAL", "BRADY", "TACHY", "NO-BEATS", "PACING-NO-CAPTURE", "UNCERTAIN"),
)
GOOD = Quality(acceptable=True, leads=(), has_beats=True)


@cache
def rule(bundle: str = "edge", mi: float | None = None) -> DecisionRule:
    return DecisionRule(Bundle.load(bundle).card, {"MI": mi} if mi else {})


def lead(values: tuple[float, ...]) -> LeadMeasurements:
    p, q, r, s, t, j, j80 = (round(value, 3) for value in values)
    return LeadMeasurements(
        p_mv=p,
        q_mv=min(q, 0.0),
        q_ms=30.0,
        r_mv=max(r, 0.0),
        r_ms=50.0,
        s_mv=min(s, 0.0),
        s_ms=45.0,
        t_mv=t,
        st_j_mv=j,
        st_j20_mv=j,
        st_j40_mv=j,
        st_j60_mv=j80,
        st_j80_mv=j80,
    )


def optional(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.one_of(st.none(), st.integers(int(low), int(high)).map(float))


amplitude = st.floats(-1, 1)
leads = st.lists(st.tuples(*[amplitude] * 7).map(lead), min_size=12, max_size=12)
measurements = st.builds(
    Measurements,
    pr_ms=st.one_of(optional(90, 300), st.just(200.0)),
    p_ms=optional(60, 160),
    qrs_ms=optional(60, 200),
    qt_ms=optional(250, 600),
    qtc_fridericia_ms=optional(350, 560),
    qrs_axis_degrees=optional(-180, 180),
    leads=leads.map(lambda values: dict(zip(LEADS, values, strict=True))),
)
quiet = st.one_of(st.just(NORMAL), measurements)
pauses = st.lists(st.builds(Pause, st.floats(0, 8), st.floats(2.1, 6)), max_size=1).map(tuple)


@st.composite
def rhythms(draw: st.DrawFn) -> Rhythm:
    """Rhythms with any rate, pauses and premature beats."""
    code = draw(st.sampled_from(CODES))
    rate = draw(st.one_of(st.none(), st.floats(20, 220).map(lambda bpm: round(bpm, 1)), st.just(70.0)))
    return Rhythm(
        code,
        NAMES.get(code, code.lower()),
        None if code in ("NO-BEATS", "PACING-NO-CAPTURE") else rate,
        reason="Of a test; the basic rate is that of the name.",
        pauses=draw(st.one_of(st.just(()), pauses)),
        premature_ventricular=draw(st.sampled_from([0, 0, 0, 3])),
    )


@st.composite
def evidences(draw: st.DrawFn, rhythm: Rhythm) -> Evidence:
    """Evidence of an interpreted ECG with this rhythm."""
    decide = rule(draw(st.sampled_from(["edge", "default"])), draw(st.sampled_from([None, 0.02])))
    labels = decide.card.labels
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    probabilities = rng.beta(*draw(st.sampled_from([(0.1, 3), (0.4, 0.8), (1, 1), (0.02, 3)])), len(labels))
    if draw(st.booleans()):
        probabilities[labels.index("NORM")] = 0.97
        probabilities[labels.index("MI")] = 0.001
    patient = Patient(
        age=draw(st.sampled_from([None, 8.0, 30.0, 70.0])), sex=draw(st.sampled_from([None, "male", "female"]))
    )
    captured = False if rhythm.code == "PACING-NO-CAPTURE" else None
    spikes = (1.0, 2.0) if captured is False else draw(st.sampled_from([(), (), (1.0,)]))
    evidence = Evidence(
        patient=patient,
        answer=decide(probabilities),
        beats=Beats(),
        pacing=Pacing(spikes, captured),
        electrodes=Electrodes(draw(st.sampled_from([None, None, None, "RA/LA", "V4/V5"]))),
        quality=GOOD,
        measurements=replace(draw(quiet), heart_rate_bpm=rhythm.rate_bpm),
        total_beats=draw(st.sampled_from([0, 10])),
        rule_in_strict=decide.rule_in_strict,
        infarct_if_enlarged=draw(st.one_of(st.none(), st.floats(0, 1))),
    )
    return with_criteria(evidence, rhythm)


def with_criteria(evidence: Evidence, rhythm: Rhythm) -> Evidence:
    measured = evidence.measurements
    assert measured
    if drops_p_waves(rhythm):
        measured = measured.without_p_waves()
    measured = without_impossible_p_waves(measured, rhythm)
    context = Context(
        lbbb=evidence.likely("CLBBB"),
        rbbb=evidence.likely("CRBBB"),
        paced=evidence.likely("PACE"),
        lvh=evidence.likely("LVH"),
    )
    return replace(evidence, measurements=measured, criteria=evaluate_criteria(measured, evidence.patient, context))


acute_patterns = st.one_of(
    st.none(),
    st.builds(
        AcutePattern,
        probability=st.floats(0, 1),
        decision=st.sampled_from(["rule-in", "undecided", "rule-out"]),
        in_words=st.just("ST-elevation infarct pattern, inferior"),
        rule_in_from=st.sampled_from([None, 0.2]),
    ).filter(lambda acute: acute.decision != "rule-out" or not acute.is_high),
)
