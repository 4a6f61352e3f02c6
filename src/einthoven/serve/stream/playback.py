"""Play a recording as a monitor would: once or in a loop, with or without fresh noise."""

import numpy as np
from numpy.random import Generator

from einthoven.arrays import Float32Array
from einthoven.readers.limb_leads import derive_limb_leads
from einthoven.recording import LEADS, Recording
from einthoven.serve.stream.frames import Samples
from einthoven.signal.bands import RATE, split
from einthoven.signal.steep_places import find_beats
from einthoven.simulate.tracing import ELECTRODES, leads_from_electrodes

WANDER_MV, MUSCLE_MV = 0.03, 0.009
"""Root mean square of fresh noise at each electrode, similar to that of `einthoven.simulate`."""
_WANDER_HZ = 0.3
_MUSCLE_HZ = (15.0, 45.0)
_FADE_S = 0.1
_REST = 0.6  # share of the way from one beat to the next that lies after the T wave and before the P wave


class Playback:
    """Gives the samples of a recording in order.

    Parameters
    ----------
    recording
        The recording.
    loop
        Repeat the recording endlessly, spliced so that no beat is cut.
    noise
        Random generator of noise to add; None for no noise.
    """

    def __init__(self, recording: Recording, *, loop: bool = False, noise: Generator | None = None) -> None:
        self._signal = splice(recording.signal, recording.rate) if loop else recording.signal
        self._loop = loop
        self._noise = Noise(recording.rate, recording.leads, noise) if noise else None
        self._position = 0

    def take(self, count: int) -> Samples:
        """Return the next samples.

        Parameters
        ----------
        count
            Number of samples.

        Returns
        -------
        Samples
            Samples of shape (count, leads) in mV; fewer at the end, none after it.
        """
        samples = self._signal.shape[1]
        positions = np.arange(self._position, self._position + count)
        positions = positions % samples if self._loop else positions[positions < samples]
        self._position += len(positions)
        played = self._signal[:, positions].T
        return played + self._noise.take(len(positions)) if self._noise else played


def splice(signal: Float32Array, rate: float) -> Float32Array:
    """Return the part of a signal that can be played in a loop.

    The part begins and ends between a T and a P wave, so that the rhythm continues. The drift from one end to the other
    is removed as a straight line, and the last tenth of a second fades into the signal before the first. Without beats,
    the part is the whole signal.

    Parameters
    ----------
    signal
        Signal of shape (leads, samples).
    rate
        Sampling rate in Hz.

    Returns
    -------
    Float32Array
        Part of shape (leads, samples of the loop).
    """
    fade = round(_FADE_S * rate)
    beats = find_beats(split(signal, rate).common_slope) * (rate / RATE)
    rests = np.round(beats[:-1] + _REST * np.diff(beats)).astype(int)
    rests = rests[rests >= 2 * fade]
    start, end = (int(rests[0]), int(rests[-1])) if len(rests) > 1 else (2 * fade, signal.shape[1])
    period = signal[:, start:end].copy()
    before_start, before_end = signal[:, start - 2 * fade : start], signal[:, end - 2 * fade : end]
    drift = (before_end.mean(axis=1) - before_start.mean(axis=1))[:, None]
    period -= drift * np.linspace(0, 1, end - start, dtype=np.float32)
    share = np.linspace(0, 1, fade, dtype=np.float32)
    period[:, -fade:] = (1 - share) * period[:, -fade:] + share * before_start[:, -fade:]
    return period


class Noise:
    """Baseline wander and muscle noise that never repeats.

    Each electrode has its own noise, so that the leads obey Einthoven's law.

    Parameters
    ----------
    rate
        Sampling rate in Hz.
    leads
        Standard leads.
    rng
        Random generator.
    """

    def __init__(self, rate: float, leads: tuple[str, ...], rng: Generator) -> None:
        from scipy.signal import butter, sosfilt  # takes half a second to import

        self._filter = sosfilt
        self._leads, self._rng = leads, rng
        wander = butter(2, _WANDER_HZ, fs=rate, output="sos")
        muscle = butter(1, _MUSCLE_HZ, "bandpass", fs=rate, output="sos")
        self._components = []
        impulse = np.zeros(round(60 * rate))
        impulse[0] = 1
        for sos, rms in ((wander, WANDER_MV), (muscle, MUSCLE_MV)):
            gain = rms / np.sqrt(np.square(sosfilt(sos, impulse)).sum())
            self._components.append([sos, gain, np.zeros((len(sos), len(ELECTRODES), 2))])
        self.take(round(10 * rate))  # let the wander build up

    def take(self, count: int) -> Samples:
        """Return the next samples of noise.

        Parameters
        ----------
        count
            Number of samples.

        Returns
        -------
        Samples
            Samples of shape (count, leads) in mV.
        """
        total = np.zeros((len(ELECTRODES), count))
        for component in self._components:
            sos, gain, state = component
            wave, component[2] = self._filter(sos, gain * self._rng.standard_normal(total.shape), zi=state)
            total += wave
        names, leads, _ = derive_limb_leads(
            (*LEADS[:2], *LEADS[6:]), leads_from_electrodes(total).astype(np.float32), []
        )
        return leads[[names.index(lead) for lead in self._leads]].T
