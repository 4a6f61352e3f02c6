"""Messages with samples for watchers: all leads in mV, at 250 Hz at most."""

import math

import numpy as np

from einthoven.interpret.json_text import dumps
from einthoven.readers.lead_names import standard_lead
from einthoven.readers.limb_leads import derive_limb_leads
from einthoven.recording import LEADS
from einthoven.serve.stream.frames import Raw, Samples, floats
from einthoven.serve.stream.handshake import StreamConfig

MAX_HZ = 250.0
EVERY_S = 0.1


class Trace:
    """Makes the messages; each of their samples is the mean of `thinning` samples of the monitor.

    Parameters
    ----------
    stream
        ID of the stream.
    config
        Stream configuration declared by the monitor.

    Attributes
    ----------
    thinning : int
        Samples of the monitor for each sample that is sent.
    step : int
        Samples of the monitor in one message, or a divisor of their number.
    """

    def __init__(self, stream: str, config: StreamConfig) -> None:
        self._stream, self._config = stream, config
        self.thinning = math.ceil(config.rate / MAX_HZ)
        self.step = self.thinning * max(1, round(EVERY_S * config.rate / self.thinning))

    @property
    def rate(self) -> float:
        """Sampling rate of the messages in Hz."""
        return self._config.rate / self.thinning

    def message(self, start: int, samples: Raw) -> str:
        """Return the message for samples.

        Parameters
        ----------
        start
            Place of the first sample.
        samples
            Samples of shape (a multiple of `step`, channels) in the monitor's units.

        Returns
        -------
        str
            JSON.
        """
        config = self._config
        thinned = floats(samples).reshape(-1, self.thinning, len(config.channels)).mean(axis=1)
        by_lead: dict[str, Samples] = {}
        for name, values in zip(config.channels, thinned.T * np.float32(config.uv_per_unit / 1000), strict=True):
            lead, sign = standard_lead(name) or ("", 1.0)
            if lead in config.leads:
                by_lead.setdefault(lead, values * np.float32(sign))
        names = tuple(lead for lead in LEADS if lead in by_lead)
        names, signal, _ = derive_limb_leads(names, np.stack([by_lead[lead] for lead in names]), [])
        message = dumps(
            {
                "type": "samples",
                "stream": self._stream,
                "time_s": round(start / config.rate, 4),
                "rate_hz": self.rate,
                "leads": names,
                "unit": "mV",
                "signal": np.round(signal.astype(np.float64, order="C"), 3),  # NaN becomes null
            }
        )
        return message.decode()
