"""Critical values: findings that need attention now, the most urgent first."""

from collections.abc import Iterator, Sequence
from itertools import chain

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.interpret.criteria.wording import number, percent
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.names import AV_BLOCKS, SINUS, VENTRICULAR
from einthoven.interpret.rhythm.runs import longest_run
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.signal.fitness import NO_ORGANIZED_BEATS
from einthoven.text import capitalize

RATE_LOW_BPM, RATE_HIGH_BPM = 40.0, 150.0
"""A heart rate below the first or above the second is critical."""
WCT_FROM_BPM = 120.0
"""Rate from which wide complexes that do not come from the sinus node are a wide-complex tachycardia."""
RUN_FROM_BEATS = 4
"""Minimum length of a run of ventricular beats at that rate to count as a tachycardia: 1 of 3,921 records of PTB-XL
has one."""
PAUSE_FROM_S = 3.0
"""Kusumoto et al. 2018: a pause that may be pathological."""
ST_ELEVATION = ("STEMI-UDMI4", "STEMI-V7V9", "STEMI-V3RV4R", "SGARBOSSA-1996", "SGARBOSSA-SMITH")
"""Criteria of an ST-elevation infarct: those of the guideline, and those of left bundle branch block and pacing."""
URGENCY = (
    *("NO-BEATS", "PACING-NO-CAPTURE", "WCT", "STEMI", "AVB-HIGH", "PAUSE"),
    *("RATE-LOW", "RATE-HIGH", "HYPERKALEMIA", "QTC-500"),
)
"""All codes, the most urgent first."""
_BENIGN = ("Wenckebach", "Mobitz I,", "Mobitz I ")  # in the name of a second-degree block


def critical_values(evidence: Evidence, rhythm: Rhythm, acute: AcutePattern | None) -> tuple[CriticalValue, ...]:
    """Return the critical values of an ECG, whether interpreted or not.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria if it is interpreted.
    rhythm
        Rhythm of the ECG.
    acute
        The answer about an acute infarct; None if there is none.

    Returns
    -------
    tuple of CriticalValue
        Critical values, the most urgent first, each code once.
    """
    return tuple(
        chain(
            _no_output(evidence, rhythm),
            _wide_tachycardia(evidence, rhythm),
            _st_elevation(evidence, rhythm, acute),
            _conduction(rhythm),
            _rate(rhythm),
            _repolarization(evidence),
        )
    )


def _no_output(evidence: Evidence, rhythm: Rhythm) -> Iterator[CriticalValue]:
    if rhythm.code == "NO-BEATS":
        yield CriticalValue("NO-BEATS", NO_ORGANIZED_BEATS, rhythm.reason or "No beats stand out in the leads.")
    if rhythm.code == "PACING-NO-CAPTURE" or evidence.pacing.captured is False:
        reason = f"No QRS complex follows most of {len(evidence.pacing.spikes)} pacing spikes."
        yield CriticalValue("PACING-NO-CAPTURE", "pacing spikes without capture", reason)


def _wide_tachycardia(evidence: Evidence, rhythm: Rhythm) -> Iterator[CriticalValue]:
    """Yield a tachycardia with wide complexes, unless P waves lead them or a pacemaker makes them; or a run of them."""
    qrs_ms = evidence.qrs_ms
    rate = rhythm.rate_bpm
    wide = qrs_ms is not None and qrs_ms >= NARROW_BELOW_MS and rhythm.code not in (*SINUS, "PACE")
    if (rate is None and rhythm.code == "WCT") or (
        rate is not None and rate >= WCT_FROM_BPM and (wide or rhythm.code == "WCT")
    ):
        width = "" if qrs_ms is None else f", QRS {number(qrs_ms)} ms"
        beats = "Wide complexes" if rate is None else f"Heart rate {number(rate)} bpm (limit {number(WCT_FROM_BPM)})"
        yield CriticalValue("WCT", "wide-complex tachycardia", f"{beats}{width}.")
    elif (run := longest_run(evidence.beats)) and run.beats >= RUN_FROM_BEATS and run.bpm >= WCT_FROM_BPM:
        limits = f"limits {RUN_FROM_BEATS} beats, {number(WCT_FROM_BPM)} bpm"
        yield CriticalValue("WCT", "wide-complex tachycardia", f"{capitalize(run.in_words)} ({limits}).")


def _st_elevation(evidence: Evidence, rhythm: Rhythm, acute: AcutePattern | None) -> Iterator[CriticalValue]:
    """Yield an acute infarct pattern, or met criteria of one; a ventricular rhythm itself changes the ST segment."""
    codes = () if rhythm.code in VENTRICULAR else ST_ELEVATION
    met = [criterion for code in codes if evidence.met(code) and (criterion := evidence.criterion(code))]
    reasons = [f"{criterion.name}: {criterion.reason}" for criterion in met]
    if acute and acute.decision == "rule-in":
        reasons.insert(0, f"{acute.in_words[:1].upper()}{acute.in_words[1:].rstrip('.')}.")
    if reasons:
        elevation = bool(met) or "elevation" in reasons[0]
        name = "ST-elevation infarct pattern" if elevation else "acute infarct pattern"
        yield CriticalValue("STEMI", name, " ".join(reasons))
    elif reasons := list(_despite_doubt(evidence, codes, acute)):
        first, _, second = (evidence.electrodes.suspected or "").partition("/")
        which = f" ({first} and {second})" if second else ""
        name = f"possible ST-elevation infarct; {evidence.leads_doubt}{which}"
        yield CriticalValue("STEMI", name, " ".join(["Check and repeat the ECG now.", *reasons]))


def _despite_doubt(evidence: Evidence, codes: Sequence[str], acute: AcutePattern | None) -> Iterator[str]:
    """Yield signs of an acute infarct in leads that may not show what their names say."""
    if evidence.leads_doubt is None:
        return
    if acute and acute.is_high:
        limit = percent(acute.rule_in_from or 0.0)
        yield f"Acute infarct pattern {percent(acute.probability or 0.0)} (limit {limit})."
    for criterion in evidence.as_named:
        if criterion.code in codes:
            yield f"As the leads are named, {criterion.name}: {criterion.reason}"


def _conduction(rhythm: Rhythm) -> Iterator[CriticalValue]:
    if rhythm.code in AV_BLOCKS and not any(words in f"{rhythm.name} " for words in _BENIGN):
        yield CriticalValue("AVB-HIGH", rhythm.name, rhythm.reason or f"Rhythm: {rhythm.name}.")
    longest = max((pause.seconds for pause in rhythm.pauses), default=0.0)
    if longest >= PAUSE_FROM_S:
        reason = f"{number(round(longest, 1))} s without a beat (limit {number(PAUSE_FROM_S)} s)."
        yield CriticalValue("PAUSE", f"pause of {number(round(longest, 1))} s", reason)


def _rate(rhythm: Rhythm) -> Iterator[CriticalValue]:
    rate = rhythm.rate_bpm
    if rate is not None and rate < RATE_LOW_BPM:
        reason = f"Heart rate {number(rate)} bpm (limit {number(RATE_LOW_BPM)} bpm)."
        yield CriticalValue("RATE-LOW", f"heart rate below {number(RATE_LOW_BPM)} bpm", reason)
    if rate is not None and rate > RATE_HIGH_BPM:
        reason = f"Heart rate {number(rate)} bpm (limit {number(RATE_HIGH_BPM)} bpm)."
        yield CriticalValue("RATE-HIGH", f"heart rate above {number(RATE_HIGH_BPM)} bpm", reason)


def _repolarization(evidence: Evidence) -> Iterator[CriticalValue]:
    for code, name in (("HYPERKALEMIA", "hyperkalaemia suspected"), ("QTC-500", "QTc of 500 ms or more")):
        if evidence.met(code) and (criterion := evidence.criterion(code)):
            yield CriticalValue(code, name, criterion.reason)
