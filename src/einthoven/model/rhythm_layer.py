"""The rhythm layer of a bundle: it corrects the scores of rhythm labels by the RR intervals of the whole recording.

The networks see 2.5 s at a time, too little for sinus arrhythmia and single premature beats. The layer is a small
network with one hidden layer. It takes the log-odds of the labels that it corrects and the numbers of
`signal.rr_intervals`, and adds to the log-odds. benchmarks/fit/rhythm_layer.py trains it, on scores of networks that
have not seen the records; `einthoven export` writes it as rhythm.json.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson

from einthoven.arrays import Float64Array
from einthoven.errors import EinthovenError
from einthoven.model.calibrated_labels import CalibratedLabels
from einthoven.model.calibration import Calibration, sigmoid
from einthoven.signal.rr_intervals import FEATURES

FORMAT = 1
PACKAGED = Path(__file__).with_name("rhythm_layer.json")
"""Rhythm layer that `einthoven export` adds to bundles, before their own calibrations."""
ONLY_LOWERED = ("SR",)
"""Labels whose log-odds the layer only lowers: beats can be too irregular for a sinus rhythm, but regular beats do not
show P waves. A junctional rhythm is as regular."""
_LIMIT, _SCALE = 9.0, 3.0  # of log-odds as inputs


@dataclass(frozen=True)
class RhythmLayer(CalibratedLabels):
    """A trained rhythm layer."""

    centre: Float64Array
    """Centre of the RR features, shape (FEATURES,), which is subtracted first."""
    spread: Float64Array
    """Spread of the RR features, shape (FEATURES,), by which they are then divided."""
    hidden: Float64Array
    """Weights of the hidden layer, shape (labels + FEATURES + 1, hidden units); the last row is the bias."""
    output: Float64Array
    """Weights of the output layer, shape (hidden units + 1, labels); the last row is the bias."""
    only_lowered: tuple[str, ...] = ONLY_LOWERED
    """Labels whose log-odds are only lowered."""

    @classmethod
    def parse(cls, content: bytes, path: Path) -> Self:
        """Parse and check the content of a rhythm.json.

        Parameters
        ----------
        content
            Bytes of the file.
        path
            Path of the file, for errors.

        Returns
        -------
        RhythmLayer
            The layer.

        Raises
        ------
        EinthovenError
            If it is not JSON, of another format, or a field is missing or wrong.
        """
        try:
            return cls.from_dict(orjson.loads(content))  # strict: no NaN, no endless nesting
        except (ValueError, KeyError, TypeError):
            raise EinthovenError(f"is damaged, or not of format {FORMAT}; export the bundle again.", path) from None

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the layer of a JSON object.

        Parameters
        ----------
        facts
            JSON object from `to_dict`.

        Returns
        -------
        RhythmLayer
            The layer.

        Raises
        ------
        ValueError, KeyError, TypeError
            If a field is missing or wrong.
        """
        if facts["format"] != FORMAT or tuple(facts["features"]) != FEATURES:
            raise ValueError("another format")
        labels = tuple(str(label) for label in facts["labels"])
        calibrations = tuple(Calibration(float(c["slope"]), float(c["intercept"])) for c in facts["calibrations"])
        names = ("centre", "spread", "hidden", "output")
        centre, spread, hidden, output = (np.array(facts[name], np.float64) for name in names)
        if hidden.ndim != 2:
            raise ValueError("hidden is not a matrix")
        units = hidden.shape[1]
        shapes = [
            (len(FEATURES),),
            (len(FEATURES),),
            (len(labels) + len(FEATURES) + 1, units),
            (units + 1, len(labels)),
        ]
        arrays = (centre, spread, hidden, output)
        if [a.shape for a in arrays] != shapes or len(calibrations) != len(labels) or not labels:
            raise ValueError("shapes do not fit")
        numbers = [value for c in calibrations for value in (c.slope, c.intercept)]
        if not all(np.isfinite(a).all() for a in (*arrays, np.array(numbers))) or not (spread > 0).all():
            raise ValueError("numbers are not finite")
        return cls(labels, calibrations, *arrays, tuple(str(label) for label in facts["only_lowered"]))

    def to_dict(self) -> dict[str, Any]:
        """Return the layer as a JSON object.

        Returns
        -------
        dict
            JSON object that contains only numbers, lists and texts.
        """
        return {
            "format": FORMAT,
            "labels": list(self.labels),
            "features": list(FEATURES),
            "only_lowered": list(self.only_lowered),
            "calibrations": [{"slope": c.slope, "intercept": c.intercept} for c in self.calibrations],
            "centre": self.centre.tolist(),
            "spread": self.spread.tolist(),
            "hidden": self.hidden.tolist(),
            "output": self.output.tolist(),
        }

    def correct(self, scores: Float64Array, labels: Sequence[str], rr: Float64Array) -> Float64Array:
        """Correct scores.

        Parameters
        ----------
        scores
            Scores from 0 to 1, shape (..., labels).
        labels
            Labels of the model; all labels of the layer are among them.
        rr
            RR-interval features from `rr_features`, shape (..., FEATURES).

        Returns
        -------
        Float64Array
            Scores of shape (..., labels), changed in the columns of the layer's labels.
        """
        at = self.columns(labels)
        log_odds = self.log_odds(scores[..., at])
        inputs = np.concatenate([self.bounded(log_odds), (rr - self.centre) / self.spread], axis=-1)
        hidden = np.maximum(inputs @ self.hidden[:-1] + self.hidden[-1], 0)
        added = hidden @ self.output[:-1] + self.output[-1]
        lowered = [label in self.only_lowered for label in self.labels]
        corrected = scores.copy()
        corrected[..., at] = sigmoid(log_odds + np.where(lowered, -np.logaddexp(0, added), added))
        return corrected

    @staticmethod
    def bounded(log_odds: Float64Array) -> Float64Array:
        """Return log-odds as inputs of the network, bounded and scaled.

        Parameters
        ----------
        log_odds
            Log-odds in any shape.

        Returns
        -------
        Float64Array
            Bounded log-odds, in the same shape, from -3 to 3.
        """
        return np.clip(log_odds, -_LIMIT, _LIMIT) / _SCALE
