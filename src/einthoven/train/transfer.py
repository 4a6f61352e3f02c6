"""Transfer learning: start a training run from the weights of an earlier run, also with other labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from einthoven.arrays import BoolArray
from einthoven.errors import EinthovenError
from einthoven.networks import InputNormalization
from einthoven.train.config import TrainConfig, read_settings
from einthoven.train.run import Run

WEIGHTS = Path(__file__).parents[3] / "weights"
"""The runs of the shipped bundles, in a clone of the repository. An installed package lacks them."""
SHIPPED = {"default": WEIGHTS / "8-s4d-eighth", "edge": WEIGHTS / "12-s4d-edge"}
"""The run that the name of a shipped bundle selects as `initial`: one of its state-space networks."""
NEW_HEAD: Mapping[str, Any] = {
    "freeze_epochs": 5,
    "epochs": 25,
    "batch_size": 16,
    "learning_rate": 1e-3,
    "normalize": False,
    "keep": "last",
}
"""Default settings of a training that replaces the head: for about 100 records or more, which may be too few to select
an epoch. The input normalization is that of the earlier run, for which the backbone was trained."""
_SAME = ("model", "rate", "window", "stride", "edge_margin")
_RAREST = 1e-3


def make_config(options: Mapping[str, Any], file: Path | None = None) -> TrainConfig:
    """Combine settings like `TrainConfig.make`, with defaults that suit the run in `initial`.

    Network, sampling rate and windows default to those of that run. If that run has none of the tasks or labels, the
    head is new, and `NEW_HEAD` gives further defaults.

    Parameters
    ----------
    options
        Settings by name.
    file
        TOML file with settings.

    Returns
    -------
    TrainConfig
        Settings, complete and checked.

    Raises
    ------
    EinthovenError
        If a setting is unknown or has a wrong value, or the run in `initial` does not exist.
    """
    chosen = {**(read_settings(file) if file else {}), **options}
    initial = chosen.get("initial")
    if not initial or not isinstance(initial, str):
        return TrainConfig.make(chosen)
    earlier = open_initial(initial)
    defaults: dict[str, Any] = {name: getattr(earlier.config, name) for name in _SAME}
    if labels := chosen.get("labels"):
        new_head = set(labels).isdisjoint(earlier.labels)
    else:
        new_head = set(chosen.get("tasks", TrainConfig.tasks)).isdisjoint(earlier.config.tasks)
    if new_head:
        defaults |= NEW_HEAD
    return TrainConfig.make({**defaults, **chosen})


def open_initial(name_or_folder: str) -> Run:
    """Open the run that provides initial weights.

    Parameters
    ----------
    name_or_folder
        Name of a shipped bundle, or the folder of a run.

    Returns
    -------
    Run
        The run that provides the weights.

    Raises
    ------
    EinthovenError
        If the run does not exist.
    """
    folder = SHIPPED.get(name_or_folder, Path(name_or_folder))
    if name_or_folder in SHIPPED and not folder.is_dir():
        raise EinthovenError(
            f"The package contains {name_or_folder} as ONNX, and training cannot start from that. Get the folder "
            f"weights/ of Einthoven's repository, and give --initial {folder.relative_to(WEIGHTS.parent)}."
        )
    return Run.open(folder)


def load_initial_weights(model: InputNormalization, run: Run, truth: BoolArray) -> None:
    """Load the weights of the run in `initial` into a model.

    With `new_labels_only`, all weights are frozen except the head's rows of labels that the earlier run lacks.

    Parameters
    ----------
    model
        The untrained model. Its head keeps its rows of labels that the earlier run lacks.
    run
        The run to train. Its labels may differ from the earlier run's.
    truth
        Labels of the training records, (records, labels). If the backbone is frozen at first, they give the head's
        biases for labels that the earlier run lacks.

    Raises
    ------
    EinthovenError
        If the earlier run's weights do not fit, or it was trained on a fold of the same data that `run` leaves out.
    """
    other, config = open_initial(run.config.initial), run.config
    if any(getattr(other.config, name) != getattr(config, name) for name in ("model", "rate", "window_samples")):
        raise EinthovenError(
            "has another network, sampling rate or window, so its weights do not fit this run.", other.folder
        )
    refuse_unseen_folds(other, run)
    ours, theirs = shared_outputs(run, other)
    if config.new_labels_only and len(ours) == len(run.labels):
        raise EinthovenError("has every label of this run, so new_labels_only leaves nothing to train.", other.folder)
    if config.freeze_epochs:
        share = torch.from_numpy(truth.mean(0)).clamp(_RAREST, 1 - _RAREST)
        model.network.head.bias.data = torch.logit(share).float()
    earlier = other.load("model.pt")
    for name, rows in model.network.head.named_parameters(prefix="network.head"):
        head = rows.detach().clone()
        head[ours] = earlier[name][theirs]
        earlier[name] = head
    model.load_state_dict(earlier)
    if config.new_labels_only:
        _freeze(model, ours)


def shared_outputs(run: Run, other: Run) -> tuple[list[int], list[int]]:
    """Find the outputs of two runs that have the same label.

    Parameters
    ----------
    run, other
        The two runs, whose labels may differ.

    Returns
    -------
    tuple of list of int
        Positions of the shared labels in `run.labels` and, in the same order, in `other.labels`.
    """
    shared = [label for label in run.labels if label in other.labels]
    return [run.labels.index(label) for label in shared], [other.labels.index(label) for label in shared]


def _freeze(model: InputNormalization, known: Sequence[int]) -> None:
    """Freeze all weights, except the head's rows that are not `known`."""

    def without_known(gradient: Tensor) -> Tensor:
        return gradient.index_fill(0, torch.tensor(known, device=gradient.device, dtype=torch.int64), 0)

    model.requires_grad_(False)
    for rows in model.network.head.parameters():
        rows.requires_grad_(True)
        rows.register_hook(without_known)  # type: ignore[no-untyped-call]  # torch does not annotate it


def refuse_unseen_folds(other: Run, run: Run) -> None:
    """Refuse to learn from a run that saw folds which this run leaves out.

    Parameters
    ----------
    other
        The earlier run.
    run
        The run to train.

    Raises
    ------
    EinthovenError
        If both are trained on the same data, and the earlier run on more folds of it.
    """
    same_set = other.facts["data"].get("set") == run.facts["data"].get("set")  # None is PTB-XL
    seen = sorted(set(other.config.train_folds) - set(run.config.train_folds))
    if same_set and seen:
        raise EinthovenError(
            f"was trained on folds {seen}, which this run leaves out; choose another run.", other.folder
        )
