"""Whether a segment is interpreted, and the limitations of its answer: refusals, and doubts.

A segment with organized beats is an ECG, regardless of its noise and rhythm; problems that the quality gate or the
outlier score finds are doubts. It is refused only if

- no beats are organized, as in asystole, ventricular fibrillation, noise and most other signals
- more than LOST_REFUSED of its leads' time is lost
- the unit is wrong
- it repeats itself as no ECG does: one wave in all leads, unlike any ECG's spectrum, or of another sampling rate

docs/explanation/quality.md and outliers.md have the figures behind the limits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from einthoven.recording import WarningCode
from einthoven.signal import outlier
from einthoven.signal.bands import RATE, Bands, soften
from einthoven.signal.beat_values import Beats
from einthoven.signal.noisy_beats import NOISY_MV
from einthoven.signal.outlier import Outlier
from einthoven.signal.plausibility import implausible
from einthoven.signal.quality.gate import Quality, assess_measures, causes
from einthoven.signal.quality.measures import Measures, agreement
from einthoven.signal.usual_beat import one_wave_share, repeat_usual_beat, sharpness

LOST_REFUSED = 3 / 12
"""Share of the leads' time beyond which a segment is refused: with more, the model rules in infarcts in over 5 % of
normal ECGs (docs/explanation/robustness.md)."""
WITHOUT_BEATS = "asystole, ventricular fibrillation or artefact; look at the patient"
NO_ORGANIZED_BEATS = f"no organised beats: {WITHOUT_BEATS}"
NO_SIGNAL = "no signal in any lead: electrodes may be off, or asystole; look at the patient"

_MIN_ALIKE = 3  # beats of one form that make an ECG of an unusual signal
_MAX_SPECTRUM = 3.0  # score; simulated ventricular tachycardia has 2.5, PTB-XL's ECGs 1.7, sines over 4
_MAX_LEADS, _MAX_CONTRADICTION = 2.5, 1.0  # twice what is doubted; PTB-XL's ECGs have 1.95 and 0.8
# PTB-XL's ECGs have 0.957 in the usual beat; test signals with 0.01 mV of noise 0.993 and more. Simulators that play
# one wave in all leads have an ECG's spectrum; square waves a score of 0.8 and more.
_ONE_WAVE, _MAX_ONE_WAVE_SPECTRUM = 0.98, 0.75
# Share of the QRS complexes' power above 20 Hz. Unusual ECGs of PTB-XL have 0.001 to 0.26; ECGs of twice the sampling
# rate that is stated 0.4 (median), of half of it 0.001, and 0.005 at most (99 %).
_TOO_SHARP, _TOO_DULL, _SLOW_BPM = 0.3, 0.006, 60.0
_LOST = 0.5  # share of a lead's time beyond which it is named as lost


class Doubt(NamedTuple):
    """A limitation of a segment that is interpreted."""

    code: WarningCode
    text: str
    """A clause that describes the limitation."""
    withholds: Literal["rule-out", "infarct"] | None = None
    """An infarct pattern must not be ruled out; or neither ruled in nor out: leads may not be those of their names."""


@dataclass(frozen=True)
class Fitness:
    """Whether a segment is interpreted."""

    refusal_reasons: tuple[str, ...]
    """Reasons for refusal; empty if the segment is interpreted."""
    doubts: tuple[Doubt, ...]
    """Limitations of the segment; empty if it is refused."""


def readable_quality(measures: Measures, bands: Bands, leads: Sequence[str]) -> Quality:
    """Assess which leads of a noisy signal can be read: their beats are compared without frequencies above 20 Hz.

    Parameters
    ----------
    measures
        Quality measures of one signal.
    bands
        Frequency bands of the same signal.
    leads
        Standard names of its rows.

    Returns
    -------
    Quality
        Quality of the leads by the limits of the quality gate.
    """
    soft = soften(bands)
    return assess_measures(replace(measures, agreement=agreement(soft.slope, soft.common_slope)), soft, leads)


def assess_fitness(
    bands: Bands,
    beats: Beats,
    quality: Quality,
    readable: Quality,
    score: Outlier,
    *,
    noise_mv: float | None,
    paced: bool,
    scaled: bool = False,
) -> Fitness:
    """Assess whether a segment is interpreted.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    beats
        Beats of the same signal.
    quality
        Quality of the signal by the quality gate.
    readable
        The leads that can be read: as `quality`, or of `readable_quality` if the signal is noisy.
    score
        Outlier score of the signal, computed without unreadable leads.
    noise_mv
        Usual noise of the leads if most are noisy, else None.
    paced
        Whether pacing spikes were found.
    scaled
        Whether each lead has a scale of its own, so that they contradict each other.

    Returns
    -------
    Fitness
        Refusal reasons or doubts; neither for an ECG that is as usual.
    """
    form = _Form.of(bands, beats, readable, score, noisy=noise_mv is not None, paced=paced)
    consistent = replace(score, contradiction=0.0) if scaled else score
    if reasons := tuple(_refusals(beats, readable, consistent, form)):
        return Fitness(reasons, ())
    unsafe = implausible(score, scaled=scaled)
    doubts = [Doubt(unsafe[0], unsafe[1], "infarct")] if unsafe else []
    return Fitness((), (*doubts, *_doubts(quality, readable, consistent, form, noise_mv)))


class _Form(NamedTuple):
    """Form of the usual beat."""

    spectrum: float
    """Outlier score of the spectrum; without noise if the signal is noisy."""
    one_wave: bool
    """All leads show one wave."""
    rate: Literal["higher", "lower"] | None
    """Than stated must the sampling rate be, if it is wrong; for signals of unusual spectrum only."""

    @classmethod
    def of(cls, bands: Bands, beats: Beats, quality: Quality, score: Outlier, *, noisy: bool, paced: bool) -> "_Form":
        if score.spectrum <= 1 and score.leads <= 1:
            return cls(score.spectrum, one_wave=False, rate=None)
        names = [lead.lead for lead in quality.leads]
        off = [lead.lead for lead in quality.leads if lead.lost_share == 1]
        rows = [names.index(lead) for lead in outlier.INDEPENDENT if lead in names and lead not in off]
        usual = repeat_usual_beat(bands, beats)
        if usual is None or not rows:
            return cls(score.spectrum, one_wave=False, rate=None)
        one_wave = len(rows) > 1 and one_wave_share(replace(usual, ecg=usual.ecg[rows])) > _ONE_WAVE
        spectrum = min(score.spectrum, outlier.score(usual, names, off).spectrum) if noisy else score.spectrum
        return cls(spectrum, one_wave, _sampling_rate(bands, beats, rows, score, spectrum, paced=paced))


def _sampling_rate(
    bands: Bands, beats: Beats, rows: Sequence[int], score: Outlier, spectrum: float, *, paced: bool
) -> Literal["higher", "lower"] | None:
    sharp = sharpness(bands, beats, rows) if score.spectrum > 1 else None
    if sharp is None:
        return None
    slow = 60 * RATE * len(beats.times_s) / bands.ecg.shape[1] < _SLOW_BPM
    if sharp > _TOO_SHARP:
        return "lower"
    return "higher" if sharp < _TOO_DULL and slow and spectrum > 1 and not paced else None


def _refusals(beats: Beats, readable: Quality, score: Outlier, form: _Form) -> Iterator[str]:
    """Reasons to refuse a segment. Later checks are skipped once one check gives a reason."""
    lost = float(np.mean([lead.lost_share for lead in readable.leads]))
    if score.size == 0 and all("off" in lead.problems for lead in readable.leads):
        yield NO_SIGNAL
    elif not beats.organized:
        yield from causes(readable)
        yield NO_ORGANIZED_BEATS
        if form.spectrum <= 1:  # an ECG, whose beats are too small to be found
            yield from score.unit_reasons
    elif lost > LOST_REFUSED:
        yield from causes(readable)
    elif score.size == 0 or score.wrong_unit or _unlike_an_ecg(beats, score, form):
        yield from _outlier_refusals(score, form)


def _unlike_an_ecg(beats: Beats, score: Outlier, form: _Form) -> bool:
    alike = sum(kind == "dominant" for kind in beats.kinds) >= _MIN_ALIKE
    return bool(
        form.spectrum > (_MAX_SPECTRUM if alike else 1)
        or form.rate
        or score.leads > _MAX_LEADS
        or score.contradiction > _MAX_CONTRADICTION
        or (form.one_wave and (form.spectrum > _MAX_ONE_WAVE_SPECTRUM or score.mixed_up))
    )


def _outlier_refusals(score: Outlier, form: _Form) -> Iterator[str]:
    if form.one_wave:
        yield "all leads show the same wave, as test signals and copies of one lead do"
    elif form.rate:
        yield f"{score.unlike_an_ecg}: the sampling rate must be {form.rate} than stated"
    else:
        yield from score.reasons


def _doubts(
    quality: Quality, readable: Quality, score: Outlier, form: _Form, noise_mv: float | None
) -> Iterator[Doubt]:
    if not quality.acceptable:
        yield Doubt("quality-poor", f"the signal quality is poor: {'; '.join(quality.reasons)}", "rule-out")
    elif lost := [lead.lead for lead in readable.leads if lead.lost_share > _LOST]:
        yield Doubt("leads-lost", f"{' and '.join(lost)} cannot be read", "rule-out")
    if noise_mv is not None:
        size = f"muscle noise of {noise_mv:.2f} mV (limit {NOISY_MV:g} mV)"
        yield Doubt("noise", f"{size}: P waves, small Q waves and ST segments are unclear")
    if form.spectrum > 1:
        unlike = f"the signal is unlike most ECGs (outlier score {form.spectrum:.1f}, limit 1)"
        yield Doubt("signal-unusual", f"{unlike}, as in fast and wide-complex rhythms", "rule-out")
    if form.one_wave:
        text = "all leads show the same wave, as ECG simulators do: leads may not be those of a heart"
        yield Doubt("leads-unusual", text, "infarct")
    elif score.mixed_up:
        yield from (Doubt("leads-unusual", text, "infarct") for text in score.mixed_up)
    else:
        yield from (Doubt("leads-unusual", text) for text in score.doubts)
