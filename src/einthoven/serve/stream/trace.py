"""Samples for those who watch: all leads in mV, at 250 Hz at most."""

import math

import numpy as np

from einthoven.interpret.json_text import dumps
from einthoven.readers.names import standard_lead
from einthoven.readers.shape import derive
from einthoven.recording import LEADS
from einthoven.serve.stream.frames import Raw, Samples, floats
from einthoven.serve.stream.handshake import StreamConfig

MOST_HZ = 250.0
EVERY_S = 0.1


class Trace:
    """Makes the messages; each sample is the mean of `thinning` of the monitor's."""

    def __init__(self, stream: str, config: StreamConfig) -> None:
        self._stream, self._config = stream, config
        self.thinning = math.ceil(config.rate / MOST_HZ)
        self.step = self.thinning * max(1, round(EVERY_S * config.rate / self.thinning))
        """The monitor's samples in one message, or a multiple of it."""

    @property
    def rate(self) -> float:
        """Samples per second in Hz."""
        return self._config.rate / self.thinning

    def message(self, start: int, samples: Raw) -> str:
        """The message for `samples` (a multiple of `step`, channels) in the monitor's units, from place `start` on."""
        config = self._config
        thinned = floats(samples).reshape(-1, self.thinning, len(config.channels)).mean(axis=1)
        found: dict[str, Samples] = {}
        for name, values in zip(config.channels, thinned.T * np.float32(config.uv_per_unit / 1000), strict=True):
            lead, sign = standard_lead(name) or ("", 1.0)
            if lead in config.leads:
                found.setdefault(lead, values * np.float32(sign))
        names = tuple(lead for lead in LEADS if lead in found)
        names, signal, _ = derive(names, np.stack([found[lead] for lead in names]), [])
        message = dumps(
            {
                "type": "samples",
                "stream": self._stream,
                "time_s": round(start / config.rate, 4),
                "rate_hz": self.rate,
                "leads": names,
                "unit": "mV",
                "signal": np.round(signal.astype(np.float64, order="C"), 3),  # null where it is not finite
            }
        )
        return message.decode()
