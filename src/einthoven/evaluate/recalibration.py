"""Refit a bundle's calibration and thresholds to a site, with its own records."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.evaluate.card import label_facts
from einthoven.evaluate.evaluation_data import fold_rows, fold_words
from einthoven.evaluate.layers import write_layers
from einthoven.evaluate.port_files import write_port_files
from einthoven.evaluate.predictions import Predictions
from einthoven.files import atomic_write, write_text
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import CARD, MODEL, read_file, sha256
from einthoven.model.card import Card
from einthoven.model.model_output import LOW_SUPPORT


def recalibrate(
    bundle: Bundle,
    scores: Predictions,
    annotations: Annotations,
    folds: Sequence[int],
    out: Path,
    n_resamples: int = 1000,
) -> Bundle:
    """Make a bundle with the same network, whose calibration, thresholds and prevalence are those of some records.

    A label that the data set lacks, or that has fewer than 20 positive or negative records there, keeps the values of
    the card.

    Parameters
    ----------
    bundle
        The bundle.
    scores
        Scores of the bundle for the records, before calibration.
    annotations
        The data set.
    folds
        Folds of the data set to fit on.
    out
        Folder of the new bundle, new or empty.
    n_resamples
        Number of bootstrap resamples for the intervals in the card.

    Returns
    -------
    Bundle
        The new bundle. Its card names the data set, the folds and the labels, and has no results.

    Raises
    ------
    EinthovenError
        If `out` is not empty, or no label has enough records.
    """
    if out.is_dir() and any(out.iterdir()):
        raise EinthovenError("is not empty; choose a new folder for the bundle.", out)
    labels = [label for label in scores.labels if label in annotations.known_labels()]
    fitted = {label: _fit(scores, annotations, label, folds, n_resamples) for label in labels}
    refitted = {label: facts for label, facts in fitted.items() if facts and facts["support"] == "enough"}
    if not refitted:
        raise EinthovenError(
            f"no label of {bundle.card.name} has {LOW_SUPPORT} positive and {LOW_SUPPORT} negative records in "
            f"{fold_words(folds)}; name more folds.",
            annotations.folder,
        )
    rows = fold_rows(annotations, folds)
    facts = bundle.card.to_dict()
    facts |= {
        "name": out.resolve().name,
        "version": date.today().isoformat(),
        "labels": [label | refitted.get(label["name"], {}) for label in facts["labels"]],
        "results": None,
    }
    facts["training"] = facts["training"] | {
        "recalibration": {
            "of": f"{bundle.card.name} {bundle.card.version}",
            "set": annotations.facts.identity,
            "folds": list(folds),
            "records": len(rows),
            "patients": len(np.unique(annotations.patients[rows])),
            "labels": list(refitted),
        }
    }
    model = read_file(bundle.folder, MODEL)
    with atomic_write(out) as folder:
        folder.mkdir()
        (folder / MODEL).write_bytes(model)
        files = {MODEL: sha256(model), **write_layers(bundle.layers, folder)}
        of_port = write_port_files(replace(bundle, card=Card.from_dict(facts)), folder)
        facts["files"] = files | of_port
        write_text(folder / CARD, Card.from_dict(facts).to_json())
    return Bundle.load(out)


def recalibrated_on(card: Card, annotations: Annotations) -> tuple[int, ...]:
    """Return the folds of a data set that a card was recalibrated on.

    Parameters
    ----------
    card
        Card of a bundle.
    annotations
        The data set.

    Returns
    -------
    tuple of int
        Folds; empty if the card was not recalibrated.
    """
    facts = card.description().get("recalibration") or {}
    return tuple(facts["folds"]) if facts.get("set") == annotations.facts.identity else ()


def _fit(
    scores: Predictions, annotations: Annotations, label: str, folds: Sequence[int], n_resamples: int
) -> dict[str, Any] | None:
    """Return the card's facts about one label; None if it is known of no record of the folds."""
    if not (np.isin(annotations.folds, folds) & annotations.known((label,))).any():
        return None
    column = scores.labels.index(label)
    of_label = Predictions(scores.ecg_ids, (label,), scores.probabilities[:, [column]], scores.name)
    (facts,) = label_facts(of_label, annotations, tuple(folds), tuple(folds), n_resamples=n_resamples)
    return facts
