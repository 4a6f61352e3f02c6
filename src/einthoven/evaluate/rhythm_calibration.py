"""Give a bundle the rhythm layer of this release, with the calibrations of the bundle's own scores."""

import json
from dataclasses import replace
from pathlib import Path

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.bundles import predict_with_bundle
from einthoven.files import write_text
from einthoven.model.bundle import Bundle, sha256
from einthoven.model.bundle_files import RHYTHM
from einthoven.model.calibration import fit
from einthoven.model.card import LOW_SUPPORT
from einthoven.model.rhythm_layer import PACKAGED, RhythmLayer


def with_rhythm_layer(bundle: Bundle, dataset: Dataset, folds: tuple[int, ...]) -> Bundle:
    """Add the rhythm layer to a bundle.

    The inputs of the layer are calibrated log-odds. A label with fewer than 20 positive records keeps the calibration
    of the networks that the layer was trained with.

    Parameters
    ----------
    bundle
        Bundle without a rhythm layer.
    dataset
        Data set at the bundle's sampling rate.
    folds
        Validation folds, for the calibrations.

    Returns
    -------
    Bundle
        Bundle with the layer; unchanged if its model, or the data set, lacks a label of the layer.
    """
    layer = RhythmLayer.parse(PACKAGED.read_bytes(), PACKAGED)
    if not set(layer.labels) <= set(bundle.card.labels) & set(dataset.annotations.known_labels()):
        return bundle
    scores = predict_with_bundle(bundle, dataset, folds)
    truth = dataset.annotations.labels(layer.labels)[dataset.rows(folds)]
    columns = [scores.labels.index(label) for label in layer.labels]
    calibrations = tuple(
        fit(truth[:, k], scores.probabilities[:, column]) if truth[:, k].sum() >= LOW_SUPPORT else given
        for k, (column, given) in enumerate(zip(columns, layer.calibrations, strict=True))
    )
    return replace(bundle, rhythm=replace(layer, calibrations=calibrations))


def write_rhythm_layer(layer: RhythmLayer | None, folder: Path) -> dict[str, str]:
    """Write rhythm.json.

    Parameters
    ----------
    layer
        Rhythm layer of a bundle; None writes nothing.
    folder
        Folder of the bundle.

    Returns
    -------
    dict
        SHA-256 of the file by its name, for the card; empty without a layer.
    """
    if layer is None:
        return {}
    write_text(folder / RHYTHM, json.dumps(layer.to_dict()) + "\n")
    return {RHYTHM: sha256((folder / RHYTHM).read_bytes())}
