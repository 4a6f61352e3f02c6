"""Give a bundle the layers of this release, with the calibrations of the bundle's own scores."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.bundles import predict_with_bundle
from einthoven.files import write_text
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import MEASUREMENTS, MEASUREMENTS_MODEL, RHYTHM, sha256
from einthoven.model.calibration import Calibration, fit
from einthoven.model.layers import NO_LAYERS, Layers
from einthoven.model.measurement_layer import MeasurementLayer
from einthoven.model.model_output import LOW_SUPPORT
from einthoven.model.rhythm_layer import PACKAGED, RhythmLayer


def with_layers(bundle: Bundle, dataset: Dataset, folds: tuple[int, ...]) -> Bundle:
    """Add the rhythm layer and the measurement layer to a bundle.

    The inputs of a layer are calibrated log-odds. A label with fewer than 20 positive records keeps the calibration
    of the package's layer.

    Parameters
    ----------
    bundle
        Bundle without layers.
    dataset
        Data set at the bundle's sampling rate.
    folds
        Validation folds, for the calibrations.

    Returns
    -------
    Bundle
        Bundle with each layer of whose labels neither its model nor the data set lacks one.
    """
    known = set(bundle.card.labels) & set(dataset.annotations.known_labels())
    rhythm = RhythmLayer.parse(PACKAGED.read_bytes(), PACKAGED)
    measured = MeasurementLayer.packaged()
    scores = predict_with_bundle(bundle, dataset, folds)  # no label is in both layers
    truth = dataset.annotations.labels(scores.labels)[dataset.rows(folds)]

    def calibrations(labels: Sequence[str], packaged: Sequence[Calibration]) -> tuple[Calibration, ...]:
        columns = [scores.labels.index(label) for label in labels]
        return tuple(
            fit(truth[:, k], scores.probabilities[:, k]) if truth[:, k].sum() >= LOW_SUPPORT else given
            for k, given in zip(columns, packaged, strict=True)
        )

    layers = NO_LAYERS
    if set(rhythm.labels) <= known:
        layers = Layers(replace(rhythm, calibrations=calibrations(rhythm.labels, rhythm.calibrations)))
    if set(measured.labels) <= known:
        own = replace(measured, calibrations=calibrations(measured.labels, measured.calibrations))
        layers = replace(layers, measurement=own)
    return replace(bundle, layers=layers)


def write_layers(layers: Layers, folder: Path) -> dict[str, str]:
    """Write the files of layers.

    Parameters
    ----------
    layers
        Both layers, one or none.
    folder
        Folder to write the files to.

    Returns
    -------
    dict
        SHA-256 of each file by its name, for the card.
    """
    written = []
    if layers.rhythm:
        write_text(folder / RHYTHM, json.dumps(layers.rhythm.to_dict()) + "\n")
        written.append(RHYTHM)
    if layers.measurement:
        write_text(folder / MEASUREMENTS, json.dumps(layers.measurement.to_dict()) + "\n")
        (folder / MEASUREMENTS_MODEL).write_bytes(layers.measurement.content)
        written += [MEASUREMENTS, MEASUREMENTS_MODEL]
    return {name: sha256((folder / name).read_bytes()) for name in written}
