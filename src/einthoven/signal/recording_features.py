"""What a model takes of a whole recording besides its windows: RR intervals, and measurements of the median beat."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.signal.bands import split
from einthoven.signal.beat_times import rr_features
from einthoven.signal.measurements.features import AMPLITUDES
from einthoven.signal.measurements.measure import measure_signal


class RecordingFeatures(NamedTuple):
    """Features of a recording, or of one segment of it."""

    rr: Float64Array
    """RR-interval features from `rr_features`; zeros if unknown."""
    waves: Float32Array | None
    """Measurements from `wave_features`; None if unknown."""

    @classmethod
    def measure(cls, signal: Float32Array, rate: float, leads: Sequence[str]) -> Self:
        """Measure a signal.

        Parameters
        ----------
        signal
            Signal of shape (leads, samples) in mV.
        rate
            Sampling rate in Hz.
        leads
            Standard names of the rows.

        Returns
        -------
        RecordingFeatures
            Features; measurements are unknown if they are unclear.
        """
        bands = split(signal, rate)
        return cls(rr_features(bands.common_slope), measure_signal(signal, rate, leads, bands).features)

    def enlarged(self, factor: float) -> Self:
        """Return the features of the same recording at another gain.

        Parameters
        ----------
        factor
            Factor of all amplitudes.

        Returns
        -------
        RecordingFeatures
            Features whose amplitudes are multiplied by the factor.
        """
        if self.waves is None:
            return self
        return self._replace(waves=np.where(AMPLITUDES, self.waves * np.float32(factor), self.waves))
