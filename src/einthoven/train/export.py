"""Export trained runs as a bundle."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.evaluate.bundles import predict_with_bundle
from einthoven.evaluate.card import label_facts
from einthoven.evaluate.layers import with_layers, write_layers
from einthoven.evaluate.port_files import write_port_files
from einthoven.files import atomic_write, write_text
from einthoven.model.bundle import EMBEDDING, INPUT, OUTPUT, Bundle
from einthoven.model.bundle_files import CARD, MODEL, sha256
from einthoven.model.card import FORMAT, Card
from einthoven.networks import network_class
from einthoven.onnx_session import load_session
from einthoven.ptbxl.records import UNITS_PER_MV
from einthoven.recording import LEADS
from einthoven.train.aggregation import AggregatedModel
from einthoven.train.config import TrainConfig
from einthoven.train.onnx_export import to_onnx
from einthoven.train.run import Run

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

TOLERANCE = 1e-3
"""Largest difference in logits between torch and ONNX Runtime that an export may have."""
RESEARCH_USE = "Research software, not a medical device: its results must not guide the care of a patient."
_SHARED = ("tasks", "rate", "window", "stride", "edge_margin", "train_folds", "validation_folds")


class WithEmbedding(nn.Module):
    """One network, or several as one: the mean of their logits, and the features before their last layers.

    Parameters
    ----------
    networks
        Networks that take the same windows and have the same labels.
    """

    def __init__(self, networks: Sequence[AggregatedModel]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self._aggregated = tuple(networks)

    def forward(self, signal: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits and embedding.

        Parameters
        ----------
        signal
            Signal of shape (windows, 12, samples) in mV.

        Returns
        -------
        tuple of Tensor
            Logits (windows, labels), and features (windows, features) of all networks, one after the other.
        """
        outputs = [network.logits_and_features(signal) for network in self._aggregated]
        logits, features = zip(*outputs, strict=True)
        return torch.stack(logits).mean(0), torch.cat(features, 1)


def export(runs: Sequence[Run], dataset: Dataset, out: Path, *, name: str, stride: float | None = None) -> Bundle:
    """Make a bundle of one run, or of several whose logits are averaged.

    Calibration and thresholds are fitted on the runs' validation folds, with the exported model.

    Parameters
    ----------
    runs
        Trained runs with the same labels, folds and windows.
    dataset
        PTB-XL at the runs' sampling rate.
    out
        Folder of the bundle, new or empty.
    name
        Name of the bundle.
    stride
        Distance of the averaged windows in s, instead of the runs'.

    Returns
    -------
    Bundle
        The new bundle.

    Raises
    ------
    EinthovenError
        If the runs differ, have no validation fold or need record features, or if `out` is not empty.
    """
    config = _check_runs(runs).config
    if out.is_dir() and any(out.iterdir()):
        raise EinthovenError("is not empty; choose a new folder for the bundle.", out)
    model = WithEmbedding([run.trained_model(for_export=True) for run in runs]).eval()
    with atomic_write(out) as folder:
        folder.mkdir()
        example = torch.zeros(2, len(LEADS), config.window_samples)
        content = to_onnx(model, example, "windows", INPUT, (OUTPUT, EMBEDDING))
        (folder / MODEL).write_bytes(content)
        session = load_session(content, folder / MODEL)
        _compare(model, session, dataset, config)
        facts: dict[str, Any] = {
            "format": FORMAT,
            "name": name,
            "version": date.today().isoformat(),
            "notice": RESEARCH_USE,
            "licence": _licence(dataset),
            "input": {
                "name": "signal",
                "leads": list(LEADS),
                "unit": "mV",
                "rate_hz": config.rate,
                "window_samples": config.window_samples,
                "stride_samples": round(stride * config.rate) if stride else config.stride_samples,
                "edge_margin_samples": config.edge_margin_samples,
            },
            "output": "one logit per label and window; a label's score is the mean over windows of their sigmoids, its "
            "probability sigmoid(slope * logit(score) + intercept) with the label's calibration",
            "embedding": {
                "name": EMBEDDING,
                "dimension": _output_size(session, EMBEDDING),
                "version": f"{name}-{date.today().isoformat()}-{sha256(content)[:8]}",
            },
            "labels": [_uncalibrated(label) for label in runs[0].labels],
            "training": {
                "data": dict(runs[0].facts["data"]),
                "train_folds": list(config.train_folds),
                "validation_folds": list(config.validation_folds),
                "versions": {"einthoven": version("einthoven"), "torch": version("torch")},
                "runs": [_provenance(run) for run in runs],
            },
            "results": None,
            "files": {MODEL: sha256(content)},
        }
        draft = Bundle(folder, Card.from_dict(facts), session)
        draft = with_layers(draft, dataset, config.validation_folds)
        facts["files"] |= write_layers(draft.layers, folder)
        scores = predict_with_bundle(draft, dataset, config.validation_folds)
        facts["labels"] = label_facts(scores, dataset.annotations, config.train_folds, config.validation_folds)
        facts["files"] |= write_port_files(replace(draft, card=Card.from_dict(facts)), folder)
        write_text(folder / CARD, Card.from_dict(facts).to_json())
    return Bundle.load(out)


def _licence(dataset: Dataset) -> str:
    facts = dataset.annotations.facts
    if facts.imported:
        return f"trained on {facts.source}"
    return "Apache-2.0; trained on PTB-XL 1.0.3 (Wagner et al. 2020, CC BY 4.0)"


def _uncalibrated(label: str) -> dict[str, Any]:
    """Return a label's item in the card before calibration and thresholds are fitted."""
    unfitted = {"prevalence": 0.0, "support": "low", "calibration": None, "thresholds": None}
    return {"name": label, "description": label, "kinds": [], **unfitted}


def _check_runs(runs: Sequence[Run]) -> Run:
    """Return the first of `runs`, after checking that they can become one bundle."""
    first = runs[0]
    for run in runs:
        if network_class(run.config.model).record_features is not None:
            raise EinthovenError(
                f"{run.config.model} needs more than the signal, so it cannot be exported.", run.folder
            )
        if not run.config.validation_folds:
            raise EinthovenError(
                "has no validation fold for calibration and thresholds; train it with one.", run.folder
            )
        for setting in _SHARED:
            value, expected = getattr(run.config, setting), getattr(first.config, setting)
            if value != expected or run.labels != first.labels:
                raise EinthovenError(
                    f"has {setting} {value}, {first.folder} has {expected}; export runs that share it.", run.folder
                )
    return first


def _compare(model: nn.Module, session: "InferenceSession", dataset: Dataset, config: TrainConfig) -> None:
    """Raise EinthovenError if the exported model's outputs differ from the trained model's on real windows."""
    rows = dataset.rows(config.validation_folds)[:64]
    windows = dataset.signals[rows, :, : config.window_samples].astype(np.float32) / np.float32(UNITS_PER_MV)
    with torch.inference_mode():
        expected = model(torch.from_numpy(windows))
    for name, of_torch in zip((OUTPUT, EMBEDDING), expected, strict=True):
        (values,) = session.run([name], {INPUT: windows})
        difference = float(np.abs(of_torch.numpy() - values).max())
        if not difference <= TOLERANCE:
            raise EinthovenError(f"ONNX Runtime's {name} differ from torch's by {difference:.2g}; this is a bug.")


def _output_size(session: "InferenceSession", name: str) -> int:
    (size,) = [int(output.shape[1]) for output in session.get_outputs() if output.name == name]
    return size


def _provenance(run: Run) -> dict[str, Any]:
    settings = run.config.to_dict()
    settings["data"] = Path(settings["data"]).name
    facts = {"versions": run.facts["versions"], "threads": run.facts.get("threads")}
    return {"run": run.folder.name, **settings, **facts}
