"""The measured facts behind a rhythm, and the sentence that states them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.names import FIBRILLATION
from einthoven.interpret.rhythm.runs import Run, longest_run
from einthoven.signal.beat_values import Beats, Pause
from einthoven.signal.medians import median

WIDE_MS = 120.0
"""QRS duration of wide complexes (AHA/ACCF/HRS 2009, Surawicz et al., Circulation 2009, 119:e235)."""
# The steep part of a QRS complex, if its duration is not measured: in PTB-XL's fold 9, none of 1,960 QRS complexes of
# less than 120 ms reaches the first.
_WIDE_STEEP_S, _NARROW_STEEP_S, _SURELY_WIDE_STEEP_S = 0.11, 0.09, 0.12
_FAST_BPM = 120.0  # above it, a QRS complex and the wave that follows it at once may be measured as one
_LONGER_THAN_USUAL = 1.5  # a pause, relative to the usual RR interval: a slow regular rhythm has none
_MISSING_BEAT = 1.7  # likewise: 0.2 % of PTB-XL's records have it in sinus rhythm
_DROPPED_GAP = 1.35  # likewise, after a P wave that is not conducted
_LONGER_PR_S = 0.04  # before such a gap than after it: Wenckebach periods
_STEADY_RR = 0.12  # share by which RR intervals differ from their median in 2:1 block
_TWO_TO_ONE = 0.1  # share by which the atrial rate may differ from twice the ventricular one
_MIN_PATTERN_BEATS, _MIN_PATTERN_SHARE = 6, 0.75
_PAIRED = 1.3  # the long RR interval relative to the short one, if beats come in pairs
_EARLY = 0.9  # a premature beat's RR interval, relative to the next one


@dataclass(frozen=True)
class Facts:
    """The measured facts about the rhythm of a segment."""

    evidence: Evidence

    @property
    def beats(self) -> Beats:
        """The beats of the segment."""
        return self.evidence.beats

    @property
    def organized(self) -> bool:
        """Whether there are beats at all."""
        return self.beats.organized and len(self.beats.times_s) > 1

    @cached_property
    def _rr_s(self) -> Float64Array:
        """Times between the beats."""
        times_s = self.beats.times_s
        return times_s[1:] - times_s[:-1]

    @cached_property
    def rate_bpm(self) -> float | None:
        """Mean ventricular rate, rounded as in the answer; None if it is unclear or pacing spikes are not captured."""
        unclear = self.evidence.pacing.captured is False or not self.organized or self.beats.unorganized
        return None if unclear or self.beats.rate_bpm is None else round(self.beats.rate_bpm, 1)

    @cached_property
    def basic_bpm(self) -> float | None:
        """Rate of the median RR interval between pauses and premature beats; the mean rate if there are none."""
        if self.evidence.pacing.captured is False or not self.organized:
            return None
        if self.rate_bpm is not None and not (self.pauses or self.premature):
            return self.rate_bpm
        basic = np.array(self.beats.kinds) == "dominant"
        rr = self._rr_s[basic[1:] & basic[:-1]]
        return 60 / float(median(rr)) if len(rr) > 1 else self.rate_bpm

    @cached_property
    def qrs_ms(self) -> float | None:
        """QRS duration in the median beat, in whole ms as in the answer."""
        qrs_ms = self.evidence.qrs_ms
        return None if qrs_ms is None else round(qrs_ms)

    @cached_property
    def wide(self) -> bool | None:
        """Whether QRS complexes are wide; None if that is unclear."""
        steep_s, qrs_ms = self.beats.steep_s, self.qrs_ms
        if steep_s is None:
            return None if qrs_ms is None else qrs_ms >= WIDE_MS
        if qrs_ms is not None and not (self._is_fast and steep_s < _NARROW_STEEP_S):
            return qrs_ms >= WIDE_MS or steep_s >= _SURELY_WIDE_STEEP_S
        return True if steep_s >= _WIDE_STEEP_S else False if steep_s < _NARROW_STEEP_S else None

    @property
    def _is_fast(self) -> bool:
        return self.rate_bpm is not None and self.rate_bpm >= _FAST_BPM

    @cached_property
    def pauses(self) -> tuple[Pause, ...]:
        """Pauses that the usual RR interval does not explain."""
        rr = self._rr_s
        usual = float(median(rr)) if len(rr) else 0.0
        return tuple([pause for pause in self.beats.pauses if pause.seconds >= _LONGER_THAN_USUAL * usual])

    @cached_property
    def counts(self) -> Counter[str]:
        """Number of beats of each kind."""
        return Counter(self.beats.kinds)

    @property
    def premature(self) -> int:
        """Number of premature beats."""
        return self.counts["ventricular"] + self.counts["supraventricular"]

    @cached_property
    def every(self) -> int | None:
        """Number of beats after which a ventricular beat recurs: 2 in bigeminy, 3 in trigeminy; None otherwise."""
        if len(self.beats.kinds) < _MIN_PATTERN_BEATS:
            return None
        if not self.counts["ventricular"]:
            return None
        others = np.flatnonzero(np.isin(self.beats.kinds, ["ventricular", "unclassified"]))
        others = others[(others > 0) & (others < len(self.beats.kinds) - 1)]
        rr = self._rr_s
        early = others[rr[others - 1] < _EARLY * rr[others]]
        gaps = np.diff(early)
        if len(gaps) < 2 or "ventricular" not in np.array(self.beats.kinds)[early]:
            return None
        step = int(np.median(gaps))
        regular = step in (2, 3) and (gaps == step).mean() >= _MIN_PATTERN_SHARE
        return step if regular and len(early) * step >= _MIN_PATTERN_SHARE * (len(self.beats.kinds) - 2) else None

    @cached_property
    def missing_beat(self) -> bool:
        """Whether an RR interval between usual beats is nearly twice the usual one, with no premature beat around."""
        if self.premature:
            return False
        basic = np.array(self.beats.kinds) == "dominant"
        rr = self._rr_s[basic[1:] & basic[:-1]]
        return len(rr) > 2 and bool(rr.max() >= _MISSING_BEAT * median(rr))

    @cached_property
    def pairs(self) -> float | None:
        """The long RR interval relative to the short one, if they alternate throughout without ventricular beats."""
        rr = self._rr_s
        if len(rr) < _MIN_PATTERN_BEATS or self.counts["ventricular"] or self.counts["unclassified"]:
            return None
        first, second = rr[::2], rr[1::2]
        short, long = float(median(first)), float(median(second))
        if short > long:
            first, second, short, long = second, first, long, short
        alike = max(np.abs(first / short - 1).max(), np.abs(second / long - 1).max()) <= _STEADY_RR
        return long / short if alike and long >= _PAIRED * short else None

    @property
    def regular(self) -> bool | None:
        """Whether the rhythm is regular; None if it is unclear, or if there are two rhythms."""
        return None if self.run or self.beats.unorganized else self.beats.regular

    @cached_property
    def run(self) -> Run | None:
        """The longest run of three or more ventricular beats at over 100 bpm; None without such a run."""
        return longest_run(self.beats)

    @cached_property
    def conduction(self) -> str | None:
        """Type of AV block if P waves are dropped: "2:1", "high-grade", "Mobitz I" or "Mobitz II"; None if unclear."""
        beats, atrial = self.beats, self.beats.atrial_rate_bpm
        if beats.p_waves != "dropped" or atrial is None or self.rate_bpm is None:
            return None
        ratio = atrial / self.rate_bpm
        rr = self._rr_s
        if np.mean(np.abs(rr / np.median(rr) - 1) <= _STEADY_RR) >= _MIN_PATTERN_SHARE:
            if abs(ratio / 2 - 1) <= _TWO_TO_ONE:
                return "2:1"
            if ratio > 2:
                return "high-grade"
        gaps = np.flatnonzero(rr >= min(_DROPPED_GAP * float(np.median(rr)), 0.9 * float(rr.max())))
        pr = beats.pr_s
        longer = [before - after for k in gaps if (before := pr[k]) is not None and (after := pr[k + 1]) is not None]
        if not longer:
            return None
        return "Mobitz I" if float(np.median(longer)) >= _LONGER_PR_S else "Mobitz II"

    @property
    def overmeasured(self) -> bool:
        """Whether the QRS duration includes a flutter or T wave: it is long, although the complexes are narrow."""
        return self.wide is False and self.qrs_ms is not None and self.qrs_ms >= WIDE_MS

    def premature_in(self, code: str) -> Counter[str]:
        """Count the premature beats that a rhythm can have.

        Parameters
        ----------
        code
            Code of the rhythm.

        Returns
        -------
        Counter
            Number of beats by kind: none without organised beats, where they are chance, and none of the atria in
            fibrillation or flutter, where no beat comes from the sinus node.
        """
        if code == "NO-BEATS":
            return Counter()
        left_out = ("supraventricular",) if code in FIBRILLATION else ()
        return Counter({kind: self.counts[kind] for kind in _KINDS if kind not in left_out})

    def in_words(self, premature: Mapping[str, int]) -> str:
        """Return the facts in words.

        Parameters
        ----------
        premature
            Number of premature beats by kind, from `premature_in`.

        Returns
        -------
        str
            Text such as "rate 45 bpm, regular; P waves 90 bpm, every second one conducted".
        """
        parts = [self.rate_in_words, self._p_waves_in_words(), self._qrs_in_words(), *self._events_in_words(premature)]
        return "; ".join(part for part in parts if part)

    @property
    def rate_in_words(self) -> str:
        """Rate and regularity, such as "rate 45 bpm, regular"."""
        regular = {True: ", regular", False: ", irregular", None: ""}[self.regular]
        return "rate unclear" + regular if self.rate_bpm is None else f"rate {self.rate_bpm:.0f} bpm{regular}"

    def _p_waves_in_words(self) -> str:
        atrial = "" if self.beats.atrial_rate_bpm is None else f" {self.beats.atrial_rate_bpm:.0f} bpm"
        match self.beats.p_waves:
            case "leading":
                return "P waves before the beats at one distance"
            case "dropped":
                how = "every second one conducted" if self.conduction == "2:1" else "not all conducted"
                return f"P waves{atrial}, {how}"
            case "dissociated":
                return f"P waves{atrial}, unrelated to the beats"
            case "absent":
                return f"atrial waves{atrial}, no P waves" if atrial else "no P waves"
        return "P waves unclear"

    def _qrs_in_words(self) -> str:
        if self.qrs_ms is not None and self.wide == (self.qrs_ms >= WIDE_MS):
            return f"QRS {self.qrs_ms:.0f} ms"
        return {True: "wide QRS complexes", False: "narrow QRS complexes", None: "QRS duration unclear"}[self.wide]

    def _events_in_words(self, premature: Mapping[str, int]) -> list[str]:
        events = [f"{count} {word}" for kind, word in _KINDS.items() if (count := premature.get(kind))]
        events += [self.run.in_words] if self.run else []
        events += [f"pause of {pause.seconds:.1f} s" for pause in self.pauses]
        return events


_KINDS = {"ventricular": "premature ventricular", "supraventricular": "premature supraventricular"}
