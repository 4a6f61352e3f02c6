"""Signals for tests of ports: simulated ECGs, what can happen to an ECG, and signals that are no ECGs."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator

from einthoven.arrays import Float32Array
from einthoven.signal.resampling import resample
from einthoven.simulate.cases import draw_case
from einthoven.simulate.exchanges import EXCHANGES, exchange
from einthoven.simulate.rhythms import simulate_rhythm
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

Change = Callable[[Float32Array, int, Generator], Float32Array]
"""Takes a signal, its rate and a source of randomness."""


def simulated(kind: str, seed: int, rate: int) -> Float32Array:
    """Ten seconds of an ECG, as quiet as a resting patient's."""
    rng = np.random.default_rng(seed)
    case = draw_case(kind, rng, rng)
    noise = Noise(np.full(len(ELECTRODES), 0.02), np.full(len(ELECTRODES), 0.005))
    (units,) = tracing(case.heart, case.rhythm, noise, [rate], rng)
    return np.ascontiguousarray(units.T / np.float32(1000))


def twelve(i: Float32Array, ii: Float32Array, chest: Float32Array) -> Float32Array:
    limb = [i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2]
    return np.ascontiguousarray([*limb, *chest], np.float32)


def _noise(signal: Float32Array, rate: int, rng: Generator) -> Float32Array:
    noise = rng.normal(0, rng.uniform(0.01, 0.2), (8, signal.shape[1]))
    return signal + twelve(noise[0], noise[1], noise[2:])


def _off(signal: Float32Array, rate: int, rng: Generator) -> Float32Array:
    off = rng.permutation(12)[: rng.integers(1, 5)]
    first = rng.integers(signal.shape[1])
    signal = signal.copy()
    signal[off, first * rng.integers(2) :] = rng.choice([0.0, 3.2])
    return signal


def _filter(signal: Float32Array, rate: int, rng: Generator) -> Float32Array:
    spectrum, hz = np.fft.rfft(signal, axis=1), np.fft.rfftfreq(signal.shape[1], 1 / rate)
    low, high = rng.choice([0, 0.5, 1, 3]), rng.choice([8, 15, 25, 40])
    return np.fft.irfft(spectrum * ((hz >= low) & (hz <= high)), signal.shape[1], axis=1).astype(np.float32)


def _wrong_rate(signal: Float32Array, rate: int, rng: Generator) -> Float32Array:
    return resample(signal, rate, round(rate * rng.choice([0.4, 0.5, 0.8, 1.25, 2, 2.5])))[:, : 10 * rate]


def _contradiction(signal: Float32Array, rate: int, rng: Generator) -> Float32Array:
    signal = signal.copy()
    signal[rng.integers(6)] *= rng.choice([-1, 0.5, 1.1, 1.5])
    return signal


def _spikes(signal: Float32Array, rate: int, rng: Generator) -> Float32Array:
    signal = signal.copy()
    at = np.arange(rng.integers(rate), signal.shape[1], round(rate * rng.uniform(0.5, 1.5)))
    signal[:, at] += rng.uniform(0.1, 3) * rng.normal(size=(12, 1)).astype(np.float32)
    return signal


CHANGES: Mapping[str, Change] = {
    "none": lambda signal, rate, rng: signal,
    "noise": _noise,
    "leads off": _off,
    "filter": _filter,
    "gain": lambda signal, rate, rng: signal * np.float32(np.exp(rng.uniform(-3, 3))),
    "wrong rate": _wrong_rate,
    "offset": lambda signal, rate, rng: signal + rng.uniform(-2, 2, (12, 1)).astype(np.float32),
    "exchanged": lambda signal, rate, rng: exchange(signal, rng.choice(list(EXCHANGES))),
    "contradiction": _contradiction,
    "shuffled": lambda signal, rate, rng: signal[rng.permutation(12)],
    "one lead": lambda signal, rate, rng: np.repeat(signal[[rng.integers(12)]], 12, axis=0),
    "spikes": _spikes,
    "short": lambda signal, rate, rng: signal[:, : round(rate * rng.uniform(2, 10))],
}


def no_ecgs(rate: int = 100) -> dict[str, Float32Array]:
    """Fifty signals of 10 s that are no ECGs, or of a heart that does not beat."""
    time, rng = np.arange(10 * rate) / rate, np.random.default_rng(0)
    phases = rng.uniform(0, 2 * np.pi, (12, 1))
    signals = {"flat": np.zeros((12, len(time))), "constant": np.full((12, len(time)), 0.7)}
    for hz in (0.5, 1, 1.2, 1.7, 2.5, 5, 10):
        wave = 2 * np.pi * hz * time
        signals |= {
            f"sine, {hz} Hz": np.tile(np.sin(wave), (12, 1)),
            f"sine with phases, {hz} Hz": 0.4 * np.sin(wave + phases),
            f"square wave, {hz} Hz": np.tile(0.5 * np.sign(np.sin(wave + 0.1)), (12, 1)),
            f"pulses, {hz} Hz": np.tile(1.0 * (np.mod(hz * time, 1) < 0.06), (12, 1)),
        }
    for k in range(4):
        white = rng.normal(0, 0.2, (12, len(time)))
        syllables = np.abs(np.sin(2 * np.pi * rng.uniform(1.5, 4) * time + rng.uniform(0, 6)))
        signals |= {
            f"noise {k}": white,
            f"drifting noise {k}": white.cumsum(axis=1) / 10,
            f"speech {k}": syllables * np.cumsum(white, axis=1) / 10 + white * syllables,
            f"ventricular fibrillation {k}": simulate_rhythm("ventricular fibrillation", rate, rng),
            f"asystole {k}": simulate_rhythm("asystole", rate, rng),
        }
    return {name: np.asarray(signal, np.float32) for name, signal in signals.items()}
