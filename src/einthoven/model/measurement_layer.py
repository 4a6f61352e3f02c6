"""The measurement layer of a bundle: it corrects scores by what is measured in the median beat.

The networks see a window at a time. Measurements of the median beat are more exact, and a model that sees nothing else
makes other mistakes. The layer is a small network, `measurements.onnx`, which predicts labels from the features of
`signal.measurements.features` and `signal.rr_intervals`. Its log-odds move those of the model, by no more than a limit.
benchmarks/fit/measurement_layer.py trains it on PTB-XL. `einthoven export` writes it, with the calibrations of the
bundle's own scores, so that the log-odds of both have the same meaning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import orjson

from einthoven.arrays import Float32Array, Float64Array
from einthoven.errors import EinthovenError
from einthoven.model.bundle_files import MEASUREMENTS, MEASUREMENTS_MODEL
from einthoven.model.calibrated_labels import CalibratedLabels
from einthoven.model.calibration import Calibration, sigmoid
from einthoven.onnx_session import load_session
from einthoven.signal.measurements.features import FEATURES as WAVES
from einthoven.signal.recording_features import RecordingFeatures
from einthoven.signal.rr_intervals import FEATURES as INTERVALS

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FORMAT = 1
FEATURES = (*WAVES, *INTERVALS)
"""Names of the network's inputs, in order."""
INPUT, OUTPUT = "features", "log_odds"
"""Names of its only input and output."""


@dataclass(frozen=True)
class MeasurementLayer(CalibratedLabels):
    """A trained measurement layer; safe to use from several threads."""

    weight: float
    """Weight of the network's log-odds, from 0 to 1."""
    limit: float
    """Most by which log-odds change, so that a measurement error does not decide alone."""
    content: bytes
    """Content of measurements.onnx."""
    session: "InferenceSession"

    @classmethod
    def packaged(cls) -> Self:
        """Return the layer that `einthoven export` adds to bundles, before their own calibrations.

        Returns
        -------
        MeasurementLayer
            Layer of this release.
        """
        folder = Path(__file__).parent
        return cls.parse((folder / MEASUREMENTS).read_bytes(), (folder / MEASUREMENTS_MODEL).read_bytes(), folder)

    @classmethod
    def parse(cls, facts: bytes, content: bytes, folder: Path) -> Self:
        """Parse and check the files of a layer.

        Parameters
        ----------
        facts
            Content of measurements.json.
        content
            Content of measurements.onnx.
        folder
            Folder of the bundle, for errors.

        Returns
        -------
        MeasurementLayer
            The layer.

        Raises
        ------
        EinthovenError
            If the facts are not JSON, of another format, or do not fit the network.
        """
        session = load_session(content, folder / MEASUREMENTS_MODEL)
        try:
            return cls._from_dict(orjson.loads(facts), content, session)  # strict: no NaN
        except (ValueError, KeyError, TypeError):
            path = folder / MEASUREMENTS
            raise EinthovenError(f"is damaged, or not of format {FORMAT}; export the bundle again.", path) from None

    @classmethod
    def _from_dict(cls, facts: Mapping[str, Any], content: bytes, session: "InferenceSession") -> Self:
        if facts["format"] != FORMAT or tuple(facts["features"]) != FEATURES:
            raise ValueError("another format")
        labels = tuple(str(label) for label in facts["labels"])
        calibrations = tuple(Calibration(float(c["slope"]), float(c["intercept"])) for c in facts["calibrations"])
        weight, limit = float(facts["weight"]), float(facts["limit"])
        nodes = [(node.name, node.type, node.shape[1:]) for node in (*session.get_inputs(), *session.get_outputs())]
        kind = "tensor(float)"
        if nodes != [(INPUT, kind, [len(FEATURES)]), (OUTPUT, kind, [len(labels)])] or len(calibrations) != len(labels):
            raise ValueError("numbers of labels or features do not fit")
        if not np.isfinite([(c.slope, c.intercept) for c in calibrations]).all() or not (
            0 <= weight <= 1 and limit >= 0
        ):
            raise ValueError("numbers are out of range")
        return cls(labels, calibrations, weight, limit, content, session)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of measurements.json.

        Returns
        -------
        dict
            JSON object.
        """
        return {
            "format": FORMAT,
            "labels": list(self.labels),
            "features": list(FEATURES),
            "weight": self.weight,
            "limit": self.limit,
            "calibrations": [{"slope": c.slope, "intercept": c.intercept} for c in self.calibrations],
        }

    def correct(self, scores: Float64Array, labels: Sequence[str], features: RecordingFeatures) -> Float64Array:
        """Correct the scores of a recording.

        Parameters
        ----------
        scores
            Scores from 0 to 1, shape (labels,).
        labels
            Labels of the model; all labels of the layer are among them.
        features
            Features of the recording. Unknown measurements only calibrate the scores.

        Returns
        -------
        Float64Array
            Scores of shape (labels,), changed at the layer's labels.
        """
        at = self.columns(labels)
        log_odds = self.log_odds(scores[at])
        if features.waves is not None:
            measured = self._predict(np.concatenate([features.waves, features.rr]).astype(np.float32))
            log_odds += np.clip(self.weight * (measured - log_odds), -self.limit, self.limit)
        corrected = scores.copy()
        corrected[at] = sigmoid(log_odds)
        return corrected

    def _predict(self, features: Float32Array) -> Float64Array:
        """The network's log-odds (labels,) for features (FEATURES,)."""
        (log_odds,) = self.session.run([OUTPUT], {INPUT: features[None]})
        return np.asarray(log_odds[0], np.float64)
