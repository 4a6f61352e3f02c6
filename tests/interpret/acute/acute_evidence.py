"""Evidence about a normal ECG, and changes to it."""

from collections.abc import Mapping

from einthoven.interpret.acute.features import CONFOUNDERS, INJURY, PATTERN_OUTPUTS
from einthoven.interpret.answer import Answer, Finding, InfarctPattern, Score
from einthoven.interpret.criteria import Context, evaluate_criteria
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.recording import Patient
from einthoven.signal.beat_values import Beats
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.measurements.values import Measurements
from einthoven.signal.pacing import Pacing
from einthoven.signal.quality import Quality
from interpret.criteria.normal_ecg import MAN, NORMAL

SINUS = Rhythm("SR", "sinus rhythm", 70.0, regular=True)
_SCORES = (*PATTERN_OUTPUTS.values(), *INJURY)
_PROBABILITIES = {"MI": 0.01, "NORM": 0.9, **dict.fromkeys((*_SCORES, *CONFOUNDERS, "IMI", "ASMI"), 0.0)}


def evidence(
    measurements: Measurements | None = NORMAL,
    probabilities: Mapping[str, float | None] = {},
    *,
    patient: Patient = MAN,
    suspected: str | None = None,
    organized: bool = True,
    acceptable: bool = True,
    captured: bool | None = None,
    infarct_prevalence: float = 0.2514,
) -> Evidence:
    """Return evidence about an ECG; labels whose probability is None are unknown to the model."""
    known = {label: value for label, value in {**_PROBABILITIES, **probabilities}.items() if value is not None}
    likely = {label: known.get(label, 0.0) >= 0.5 for label in CONFOUNDERS}
    context = Context(
        lbbb=likely["CLBBB"], rbbb=False, paced=likely["PACE"], preexcitation=likely["WPW"], lvh=likely["LVH"]
    )
    mi = known["MI"]
    decision = "rule-in" if mi >= 0.5 else "rule-out" if mi < 0.03 else "undecided"
    findings = [
        Finding(label, label, value, value >= 0.5, 0.5) for label, value in known.items() if label not in _SCORES
    ]
    return Evidence(
        patient=patient,
        answer=Answer(
            mi=InfarctPattern(mi, decision, infarct_prevalence, 0.5, 0.03),
            findings=tuple(findings[:2]),
            statements=tuple(findings[2:]),
            scores_only=tuple([Score(label, label, known[label]) for label in _SCORES if label in known]),
        ),
        beats=Beats(rate_bpm=70.0, regular=True, organized=organized),
        pacing=Pacing((), captured),
        electrodes=Electrodes(suspected, 0.9 if suspected else 0.0),
        quality=Quality(acceptable, (), organized),
        measurements=measurements,
        criteria=evaluate_criteria(measurements, patient, context) if measurements else (),
    )
