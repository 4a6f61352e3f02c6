"""The rules that name a rhythm, most dangerous first. Each returns None if it does not apply."""

from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple

from einthoven.interpret.criteria.wording import percent
from einthoven.interpret.rhythm.facts import Facts
from einthoven.interpret.rhythm.names import BRADYCARDIA_BPM, NAMES, SINUS, TACHYCARDIA_BPM
from einthoven.interpret.rhythm.thresholds import thresholds
from einthoven.signal.fitness import WITHOUT_BEATS

FAST_BPM = 120.0
"""Heart rate from which a tachycardia is called wide-complex or narrow-complex."""
_BY_MODEL = "by the model"
_SLOW_BPM = 50.0  # below it, P waves that are not seen may be blocked
_ESCAPE_BPM = 60.0  # an escape rhythm is slower; faster, an accelerated focus outruns the sinus node
_SURELY_FAST_BPM = 140.0  # rate from which, without visible P waves, flutter and re-entry are as likely as sinus rhythm
_MAX_FLUTTER_BPM = 175.0  # half of 350 per minute: faster atria do not flutter, and seldom conduct every beat
_PRESENT, _LIKELY, _SURE, _NEARLY_SURE = 0.5, 0.7, 0.8, 0.9  # probabilities by the model
_POSSIBLE, _UNLIKELY = 0.2, 0.3
_TWICE = 0.1  # tolerance of the ratio of the long RR interval to the short one, around 2


class Named(NamedTuple):
    """Code and name of a rhythm, and a note in addition to the measured facts."""

    code: str
    name: str
    note: str = ""


def _named(code: str, note: str = "", more: str = "") -> Named:
    return Named(code, NAMES[code] + more, note)


def _model_probability(facts: Facts, *labels: str) -> float:
    """Return the sum of the model's probabilities of some labels, at most 1; 0 if the segment is not interpreted."""
    return min(sum(facts.evidence.probability(label) or 0.0 for label in labels), 1.0)


def _scored(facts: Facts, *labels: str) -> bool:
    """Return whether the model's score of a label of low support reaches its threshold; False without a threshold."""
    return any((facts.evidence.probability(label) or 0.0) >= thresholds().get(label, inf) for label in labels)


def _model_sinus(facts: Facts) -> float:
    return _model_probability(facts, *SINUS)


def _pacing_without_capture(facts: Facts) -> Named | None:
    """Name spikes to which the heart does not respond, or spikes without any beats."""
    pacing = facts.evidence.pacing
    if pacing.captured is False or (len(pacing.spikes) > 1 and not facts.organized):
        return _named("PACING-NO-CAPTURE", f"{len(pacing.spikes)} pacing spikes without QRS complexes after them")
    return None


def _no_beats(facts: Facts) -> Named | None:
    """Name a time without recurring beats, throughout or for some seconds."""
    if not facts.organized:
        return _named("NO-BEATS", "no QRS complexes that are alike stand out")
    if times := facts.beats.unorganized:
        spans = " and ".join(f"from {span.start_s:.1f} to {span.start_s + span.seconds:.1f} s" for span in times)
        longest = max(span.seconds for span in times)
        note = f"{spans} the leads move without organised beats"
        return Named("NO-BEATS", f"no organised beats for {longest:.1f} s: {WITHOUT_BEATS}", note)
    return None


def _paced(facts: Facts) -> Named | None:
    """Name a paced rhythm if the heart responds to enough spikes."""
    spikes = len(facts.evidence.pacing.spikes)
    if facts.evidence.pacing.captured and facts.evidence.many_spikes:
        return _named("PACE", f"{spikes} pacing spikes, captured")
    return None


def _paced_by_model(facts: Facts) -> Named | None:
    """Name a paced rhythm by the model: recordings of 100 Hz may not show spikes."""
    probability, rate = _model_probability(facts, "PACE"), facts.rate_bpm
    if probability < _PRESENT or facts.every or rate is None or not _SLOW_BPM <= rate < FAST_BPM:
        return None
    return _named(
        "PACE", f"by the model ({percent(probability)})" + ("" if facts.evidence.pacing.spikes else ", no spikes seen")
    )


def _is_fast(facts: Facts) -> bool:
    return facts.rate_bpm is not None and facts.rate_bpm >= FAST_BPM


def _wide_complex_tachycardia(facts: Facts) -> Named | None:
    """Name a wide and fast rhythm, unless P waves lead the beats and the model predicts a sinus rhythm."""
    if not _is_fast(facts) or not facts.wide:
        return None
    if facts.beats.p_waves == "leading" and _model_sinus(facts) >= _PRESENT:
        return None
    fibrillation = _model_probability(facts, "AFIB")
    if facts.beats.regular is False and fibrillation >= _PRESENT:
        return _named("WCT", "atrial fibrillation with wide QRS complexes is probable", ", irregular")
    if _scored(facts, "AFLT"):
        note = f"atrial flutter by the model (score {facts.evidence.probability('AFLT'):.2f})"
        return _named("WCT", note + " does not exclude ventricular tachycardia")
    return _named("WCT", "ventricular tachycardia until proven otherwise")


def _atrial_flutter(facts: Facts) -> Named | None:
    """Name atrial flutter by the model's score, unless irregular atrial fibrillation is very probable.

    A faster regular rhythm is a narrow-complex tachycardia, whose reason lists flutter.
    """
    if not _scored(facts, "AFLT"):
        return None
    if facts.beats.regular and facts.rate_bpm is not None and facts.rate_bpm > _MAX_FLUTTER_BPM:
        return None
    score = facts.evidence.probability("AFLT")
    if _model_probability(facts, "AFIB") >= _SURE and facts.beats.regular is False:
        return None
    return _named("AFLT", f"by the model (score {score:.2f})")


def _atrial_fibrillation(facts: Facts) -> Named | None:
    """Name atrial fibrillation by the model's probability, unless P waves contradict it.

    P waves before regular beats, and P waves that are not conducted, exclude it, or make the rhythm uncertain if the
    model is sure. Before irregular beats, it is named only if the model is sure.
    """
    probability, p_waves, regular = _model_probability(facts, "AFIB"), facts.beats.p_waves, facts.beats.regular
    possible = p_waves == "absent" and regular is False and probability >= _POSSIBLE
    if probability < _PRESENT and not possible:
        return None
    if p_waves in ("leading", "dropped", "dissociated"):
        sure, irregular = probability >= _SURE, p_waves == "leading" and regular is False
        if sure != irregular:
            measured = "P waves and a regular rate are" if regular else "P waves are"
            note = f"the model reads atrial fibrillation ({percent(probability)}), but {measured} measured"
            return _named("UNCERTAIN", note)
        if not sure:
            return None  # the rules below name the rhythm by its P waves
    if regular and _is_fast(facts) and not possible:
        return None  # fibrillation is irregular; what this may be is stated with the tachycardia
    by_p_waves = {"absent": " and by the missing P waves", "leading": ", against the P waves"}
    note = f"by the model ({percent(probability)})" + by_p_waves.get(p_waves or "", "")
    if regular and facts.rate_bpm is not None and facts.rate_bpm < _ESCAPE_BPM:
        return _named("AFIB", note, ", regular and slow: complete AV block is possible")
    return _named("AFIB", note)


def _complete_block(facts: Facts) -> Named | None:
    """Name complete AV block: P waves unrelated to slower, regular beats."""
    if facts.beats.p_waves != "dissociated" or facts.rate_bpm is None:
        return None
    escape = {True: "wide", False: "narrow", None: "an"}[facts.wide]
    if facts.rate_bpm < _ESCAPE_BPM:
        return _named("3AVB", "", f", {escape} escape rhythm" if facts.wide is not None else "")
    code = "IVR" if facts.wide else "JUNCTIONAL"
    return Named(code, f"accelerated {'ventricular' if facts.wide else 'junctional'} rhythm with AV dissociation")


def _second_degree_block(facts: Facts) -> Named | None:
    """Name second-degree AV block: P waves that are not all conducted."""
    if facts.beats.p_waves != "dropped":
        return None
    how = facts.conduction
    return _named("2AVB", "", f", {how}" if how else ", type unclear")


def _paired_beats(facts: Facts) -> Named | None:
    """Name beats in pairs: every third P wave is blocked, or every second beat is an early atrial one."""
    if facts.pairs is None or facts.rate_bpm is None or facts.rate_bpm >= FAST_BPM:
        return None
    if (
        abs(facts.pairs - 2) <= _TWICE and facts.beats.p_waves == "leading"
    ):  # an early beat hardly ever comes so exactly
        reason = "the long RR interval is twice the short one; sinoatrial block is not excluded"
        return _named("2AVB", reason, ", 3:2")
    note = "the beats come in pairs: 3:2 AV block, sinoatrial block or atrial bigeminy"
    return Named("UNCERTAIN", "rhythm uncertain, beats in pairs", note)


def _grouped_beats(facts: Facts) -> Named | None:
    """Name ventricular bigeminy or trigeminy by the beats; or bigeminy by the model, if there are premature beats."""
    if facts.every:
        code = "BIGU" if facts.every == 2 else "TRIGU"
        return Named(code, f"ventricular {NAMES[code]}", "")
    probability = _model_probability(facts, "BIGU")
    if probability >= _PRESENT and facts.premature > 1:
        return _named("BIGU", f"by the model ({percent(probability)})")
    return None


def _supraventricular_tachycardia(facts: Facts) -> Named | None:
    """Name a fast rhythm without P waves before the beats."""
    rate = facts.rate_bpm
    if rate is None or rate <= TACHYCARDIA_BPM:
        return None
    if facts.beats.p_waves == "leading" and (rate < FAST_BPM or _model_sinus(facts) >= _UNLIKELY):
        return None
    sinus, regular = _model_probability(facts, "SR", "STACH", "SARRH"), facts.beats.regular
    scored = _scored(facts, "SVTAC", "PSVT")
    if rate < _SURELY_FAST_BPM and sinus >= _PRESENT and not scored:
        return None
    if facts.wide is None:
        return _named("TACHY", "P waves and QRS duration unclear")
    if facts.wide:
        return _named("TACHY", "wide QRS complexes, P waves unclear")
    if scored and rate >= FAST_BPM:
        return _named("SVTAC", _BY_MODEL)
    if rate >= FAST_BPM:
        which = "sinus tachycardia, atrial flutter and re-entry tachycardia look alike at this rate"
        return _named("NCT", which if regular else "atrial fibrillation, flutter and atrial tachycardia look alike")
    return _named("TACHY", "P waves unclear")


def _sinus_rhythm(facts: Facts) -> Named | None:
    """Name a sinus rhythm by P waves before the beats, or by the model if P waves are unclear."""
    rate, p_waves, probability = facts.basic_bpm, facts.beats.p_waves, _model_sinus(facts)
    if rate is None:
        return None
    note = ""
    if p_waves != "leading":
        least = _SURE if p_waves == "absent" else _PRESENT
        # P waves that are not seen may be blocked
        hidden = rate < _SLOW_BPM or (rate < BRADYCARDIA_BPM and probability < _NEARLY_SURE)
        if probability < least or hidden or p_waves in ("dropped", "dissociated"):
            return None
        note = f"sinus rhythm by the model ({percent(probability)})"
    elif _scored(facts, "SVTAC", "PSVT") and rate >= _SURELY_FAST_BPM:
        return _named("SVTAC", _BY_MODEL)
    if rate >= FAST_BPM and probability < _UNLIKELY:
        return None  # at this rate, T waves or flutter waves may be taken for P waves
    if facts.missing_beat and not facts.pauses:
        return Named("UNCERTAIN", "sinus rhythm with a missing beat: SA or AV block is possible", note)
    code = "SBRAD" if rate < BRADYCARDIA_BPM else "STACH" if rate > TACHYCARDIA_BPM else None
    if code:
        mean = facts.rate_bpm
        if mean is not None and not (mean < BRADYCARDIA_BPM if code == "SBRAD" else mean > TACHYCARDIA_BPM):
            note = "; ".join(filter(None, (f"basic rate {rate:.0f} bpm", note)))
        return _named(code, note)
    if facts.beats.regular is False and not facts.premature and not facts.pauses:
        return _named("SARRH", note)
    return _named("SR", note)


def _without_p_waves(facts: Facts) -> Named | None:
    """Name a rhythm of the AV node or of the ventricles: regular beats without P waves."""
    rate, regular = facts.rate_bpm, facts.beats.regular
    if facts.beats.p_waves != "absent" or rate is None:
        return None
    if _model_sinus(facts) >= (_NEARLY_SURE if rate < _SLOW_BPM else _LIKELY):
        return None  # P waves may be too small to be found
    if regular is False:
        return _named("UNCERTAIN", "irregular without P waves: atrial fibrillation is possible")
    if facts.wide:
        return _named("IVR")
    if facts.wide is False and rate <= TACHYCARDIA_BPM:
        return _named("JUNCTIONAL", "", "" if rate <= _ESCAPE_BPM else ", accelerated")
    return None


def uncertain(facts: Facts) -> Named:
    """Name a rhythm to which no rule applies: by the rate alone, or as uncertain.

    Parameters
    ----------
    facts
        Facts to which no rule applies.

    Returns
    -------
    Named
        The rhythm, with the reason why it cannot be determined.
    """
    rate = facts.rate_bpm
    if rate is None:
        return _named("UNCERTAIN", "the heart rate is unclear" if facts.organized else "")
    if rate < BRADYCARDIA_BPM:
        wide = ", wide QRS complexes" if facts.wide else ""
        return _named("BRADY", f"AV block is not excluded, because P waves are unclear{wide}")
    if rate > TACHYCARDIA_BPM:
        return _named("TACHY", "P waves are unclear")
    return _named(
        "UNCERTAIN", "P waves are unclear" if facts.beats.p_waves is None else "findings contradict each other"
    )


RULES: Sequence[Callable[[Facts], Named | None]] = (
    _pacing_without_capture,
    _no_beats,
    _paced,
    _wide_complex_tachycardia,
    _paced_by_model,
    _atrial_flutter,
    _atrial_fibrillation,
    _complete_block,
    _second_degree_block,
    _paired_beats,
    _grouped_beats,
    _supraventricular_tachycardia,
    _sinus_rhythm,
    _without_p_waves,
)
"""Rules, in the order in which they are applied."""
