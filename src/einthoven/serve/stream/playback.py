"""A recording as a monitor plays it: once or on and on, as it is or with fresh noise."""

import numpy as np
from numpy.random import Generator

from einthoven.arrays import Float32Array
from einthoven.readers.shape import derive
from einthoven.recording import LEADS, Recording
from einthoven.serve.stream.frames import Samples
from einthoven.signal.bands import RATE, split
from einthoven.signal.heart_rate import find_beats
from einthoven.simulate.heart import ELECTRODES, against_reference

WANDER_MV, MUSCLE_MV = 0.03, 0.009
"""Root mean square of fresh noise at each electrode, about as `einthoven.simulate` has it."""
_WANDER_HZ = 0.3
_MUSCLE_HZ = (15.0, 45.0)
_FADE_S = 0.1
_REST = 0.6  # share of the way from one beat to the next at which the T wave is over and the P wave yet to come


class Playback:
    """Gives the samples of a recording in order."""

    def __init__(self, recording: Recording, *, loop: bool = False, noise: Generator | None = None) -> None:
        """`loop`: play on and on, spliced so that no beat is cut; `noise` adds what `Noise` draws from it."""
        self._signal = spliced(recording.signal, recording.rate) if loop else recording.signal
        self._loop = loop
        self._noise = Noise(recording.rate, recording.leads, noise) if noise else None
        self._at = 0

    def take(self, count: int) -> Samples:
        """The next samples (count, leads) in mV; fewer at the end, none after it."""
        samples = self._signal.shape[1]
        places = np.arange(self._at, self._at + count)
        places = places % samples if self._loop else places[places < samples]
        self._at += len(places)
        taken = self._signal[:, places].T
        return taken + self._noise.take(len(places)) if self._noise else taken


def spliced(signal: Float32Array, rate: float) -> Float32Array:
    """The part of `signal` (leads, samples) that can be played on and on.

    It begins and ends between a T and a P wave, so that the rhythm goes on; the drift from one end to the other is
    taken out as a straight line, and the last tenth of a second fades into what came before the first. Where no beats
    are found it is all of the signal.
    """
    fade = round(_FADE_S * rate)
    beats = find_beats(split(signal, rate).common_slope) * (rate / RATE)
    rests = np.round(beats[:-1] + _REST * np.diff(beats)).astype(int)
    rests = rests[rests >= 2 * fade]
    start, end = (int(rests[0]), int(rests[-1])) if len(rests) > 1 else (2 * fade, signal.shape[1])
    period = signal[:, start:end].copy()
    before, last = signal[:, start - 2 * fade : start], signal[:, end - 2 * fade : end]
    drift = (last.mean(axis=1) - before.mean(axis=1))[:, None]
    period -= drift * np.linspace(0, 1, end - start, dtype=np.float32)
    share = np.linspace(0, 1, fade, dtype=np.float32)
    period[:, -fade:] = (1 - share) * period[:, -fade:] + share * before[:, -fade:]
    return period


class Noise:
    """Noise that never repeats: each electrode has its own, so that the leads' keep to Einthoven's law."""

    def __init__(self, rate: float, leads: tuple[str, ...], rng: Generator) -> None:
        """Baseline wander and muscle noise for `leads` at `rate` Hz."""
        from scipy.signal import butter, sosfilt  # takes half a second to import

        self._filter = sosfilt
        self._leads, self._rng = leads, rng
        wander = butter(2, _WANDER_HZ, fs=rate, output="sos")
        muscle = butter(1, _MUSCLE_HZ, "bandpass", fs=rate, output="sos")
        self._filters = []
        impulse = np.zeros(round(60 * rate))
        impulse[0] = 1
        for sos, rms in ((wander, WANDER_MV), (muscle, MUSCLE_MV)):
            gain = rms / np.sqrt(np.square(sosfilt(sos, impulse)).sum())
            self._filters.append([sos, gain, np.zeros((len(sos), len(ELECTRODES), 2))])
        self.take(round(10 * rate))  # until the wander has built up

    def take(self, count: int) -> Samples:
        """The next of it, (count, leads) in mV."""
        total = np.zeros((len(ELECTRODES), count))
        for kind in self._filters:
            sos, gain, state = kind
            wave, kind[2] = self._filter(sos, gain * self._rng.standard_normal(total.shape), zi=state)
            total += wave
        names, leads, _ = derive((*LEADS[:2], *LEADS[6:]), against_reference(total).astype(np.float32), [])
        return leads[[names.index(lead) for lead in self._leads]].T
