"""The layers of a bundle: small models that correct its scores by what is measured in the whole recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from einthoven.arrays import Float64Array
from einthoven.errors import EinthovenError
from einthoven.model.bundle_files import CARD, MEASUREMENTS, MEASUREMENTS_MODEL, RHYTHM
from einthoven.model.rhythm_layer import RhythmLayer

if TYPE_CHECKING:
    from einthoven.model.measurement_layer import MeasurementLayer
    from einthoven.signal.recording_features import RecordingFeatures

FILES = (RHYTHM, MEASUREMENTS, MEASUREMENTS_MODEL)
"""Files of a bundle with both layers."""


@dataclass(frozen=True)
class Layers:
    """The layers of a bundle. No label is in both."""

    rhythm: RhythmLayer | None = None
    """Corrects the scores of rhythm labels; None for bundles of earlier releases, and for those with other labels."""
    measurement: "MeasurementLayer | None" = None
    """Corrects the scores of most other labels; None likewise."""

    @classmethod
    def parse(cls, content_of: Mapping[str, bytes], labels: Sequence[str], folder: Path) -> Self:
        """Parse and check the layers among the files of a bundle.

        Parameters
        ----------
        content_of
            Content of the bundle's files by name.
        labels
            Labels of the model.
        folder
            Folder of the bundle, for errors.

        Returns
        -------
        Layers
            The layers whose files are there.

        Raises
        ------
        EinthovenError
            If a file is damaged, of another format, or missing, or a layer corrects other labels than the model's.
        """
        layers = cls(
            RhythmLayer.parse(content_of[RHYTHM], folder / RHYTHM) if RHYTHM in content_of else None,
            _measurement_layer(content_of, folder),
        )
        for layer, file in ((layers.rhythm, RHYTHM), (layers.measurement, MEASUREMENTS)):
            if layer and not set(layer.labels) <= set(labels):
                raise EinthovenError("corrects labels that the model lacks; export the bundle again.", folder / file)
        return layers

    def correct(self, scores: Float64Array, labels: Sequence[str], features: "RecordingFeatures") -> Float64Array:
        """Correct the scores of a recording by both layers.

        Parameters
        ----------
        scores
            Scores from 0 to 1, shape (labels,).
        labels
            Labels of the model.
        features
            RR intervals and measurements of the recording. Unknown measurements leave the scores calibrated only.

        Returns
        -------
        Float64Array
            Scores of shape (labels,).
        """
        if self.rhythm:
            scores = self.rhythm.correct(scores, labels, features.rr)
        return self.measurement.correct(scores, labels, features) if self.measurement else scores

    def limit(self, label: str) -> float:
        """Return the most by which measurements may lower the log-odds of a label.

        Parameters
        ----------
        label
            Label of the model.

        Returns
        -------
        float
            Log-odds; 0 if the measurement layer does not correct this label.
        """
        layer = self.measurement
        return layer.limit if layer and label in layer.labels else 0.0


NO_LAYERS = Layers()
"""The layers of a bundle of an earlier release."""


def _measurement_layer(content_of: Mapping[str, bytes], folder: Path) -> "MeasurementLayer | None":
    """The measurement layer of a bundle's files, if it has one."""
    if MEASUREMENTS not in content_of:
        return None
    if MEASUREMENTS_MODEL not in content_of:
        raise EinthovenError(f"names {MEASUREMENTS} but not {MEASUREMENTS_MODEL}; get the bundle again.", folder / CARD)
    from einthoven.model.measurement_layer import MeasurementLayer  # needs SciPy, unlike results and cards

    return MeasurementLayer.parse(content_of[MEASUREMENTS], content_of[MEASUREMENTS_MODEL], folder)
