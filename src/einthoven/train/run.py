"""A run: the folder that training writes.

config.json   the settings, the labels, the versions and a description of the data
log.csv       one line per epoch
model.pt      the final weights (during training, the best so far)
checkpoint.pt everything needed to resume after the last complete epoch
SHA256SUMS    of all files except log.csv, in the format of `sha256sum -c`; runs of earlier releases have none
"""

import csv
import hashlib
import io
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from einthoven.errors import EinthovenError
from einthoven.files import atomic_write, write_text
from einthoven.networks import InputNormalization, create
from einthoven.train.aggregation import AggregatedModel
from einthoven.train.config import TrainConfig

_SUMS = "SHA256SUMS"
_SUM = re.compile(r"([0-9a-f]{64})  ([\w.-]+)")
_LIBRARIES = ("einthoven", "torch", "lightning-fabric", "numpy", "pandas", "antropy")


@dataclass(frozen=True)
class Run:
    """A run's folder and the content of its config.json."""

    folder: Path
    config: TrainConfig
    labels: tuple[str, ...]
    """The label of each output, in order."""
    facts: Mapping[str, Any]
    """The rest of config.json: versions, threads and a description of the training data."""

    @classmethod
    def new(cls, folder: Path, config: TrainConfig, labels: tuple[str, ...], data: Mapping[str, Any]) -> "Run":
        """Create a run, which `write_config` puts on disk.

        Parameters
        ----------
        folder
            Folder for the run.
        config
            The settings.
        labels
            The label of each output, in order.
        data
            A description of the data, by which `resume` recognizes it.

        Returns
        -------
        Run
            The new run.

        Raises
        ------
        EinthovenError
            If the folder holds a run already.
        """
        if any((folder / name).exists() for name in ("config.json", "log.csv", "model.pt", "checkpoint.pt")):
            raise EinthovenError(
                f"holds a run already; choose another --out, or `einthoven train --resume {folder}`.", folder
            )
        versions = {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}
        facts = {"versions": versions, "threads": torch.get_num_threads(), "data": dict(data)}
        return cls(folder, config, labels, facts)

    def write_config(self) -> None:
        """Write config.json."""
        text = json.dumps({"config": self.config.to_dict(), "labels": self.labels, **self.facts}, indent=2)
        self._write("config.json", text.encode() + b"\n")

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """Open a run.

        Parameters
        ----------
        folder
            Folder of the run.

        Returns
        -------
        Run
            The run.

        Raises
        ------
        EinthovenError
            If there is none or its config.json is damaged.
        """
        path = Path(folder) / "config.json"
        try:
            content = path.read_bytes()
            _check(path, content)
            facts = json.loads(content)
            config = TrainConfig.make(facts.pop("config"))
            return cls(path.parent, config, tuple(facts.pop("labels")), facts)
        except (FileNotFoundError, NotADirectoryError):
            raise EinthovenError("holds no run (no config.json); `einthoven train` makes one.", folder) from None
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise EinthovenError(f"is damaged ({error}); train the run again.", path) from None

    def description(self) -> dict[str, Any]:
        """Describe the run for a results page.

        Returns
        -------
        dict
            Settings, versions and data.
        """
        return {"folder": self.folder.name, **self.config.to_dict(), **self.facts}

    def new_model(self) -> InputNormalization:
        """Create the run's network.

        Returns
        -------
        InputNormalization
            Network with untrained weights.
        """
        return InputNormalization(create(self.config.model, len(self.labels), self.config.window_samples))

    def trained_model(self, *, for_export: bool = False) -> AggregatedModel:
        """Load the run's network with its final weights.

        Parameters
        ----------
        for_export
            Whether to prepare it for ONNX.

        Returns
        -------
        AggregatedModel
            Network in evaluation mode.

        Raises
        ------
        EinthovenError
            If the weights are missing or damaged.
        """
        model = self.new_model()
        model.load_state_dict(self.load("model.pt"))
        if for_export:
            model.network = model.network.for_export()
        return AggregatedModel(model, self.labels).eval()

    def load(self, name: str) -> Any:
        """Load a state that the run saved.

        Parameters
        ----------
        name
            Name of the file, such as `model.pt`.

        Returns
        -------
        dict
            The state.

        Raises
        ------
        EinthovenError
            If the file is missing, damaged or was changed.
        """
        path = self.folder / name
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise EinthovenError("not found; the run was stopped before its first epoch ended.", path) from None
        _check(path, content)
        try:
            return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        except Exception as error:  # torch passes on any error of its unpickler
            raise EinthovenError(f"cannot be loaded ({type(error).__name__}); train the run again.", path) from error

    def save(self, name: str, state: Mapping[str, Any]) -> None:
        """Save a state.

        Parameters
        ----------
        name
            Name of the file, such as `model.pt`.
        state
            Anything that `torch.save` can write.

        Raises
        ------
        EinthovenError
            If the file cannot be written. Then the old file stays.
        """
        content = io.BytesIO()
        torch.save(state, content)  # not to the file, because torch would replace the error of the disk by its own
        self._write(name, content.getvalue())

    def _write(self, name: str, content: bytes) -> None:
        """Write a file, and its sum into SHA256SUMS.

        Meanwhile, both the old and the new sum are valid, so that a run killed in between can be resumed.
        """
        sums, digest = _read_sums(self.folder), hashlib.sha256(content).hexdigest()
        if name in sums:
            self._write_sums({**sums, name: [*sums[name], digest]})
        with atomic_write(self.folder / name) as part:
            part.write_bytes(content)
        self._write_sums({**sums, name: [digest]})

    def _write_sums(self, sums: Mapping[str, list[str]]) -> None:
        lines = [f"{digest}  {name}\n" for name, digests in sums.items() for digest in digests]
        write_text(self.folder / _SUMS, "".join(lines))

    def write_log(self, rows: list[dict[str, float]]) -> None:
        """Write log.csv again.

        Parameters
        ----------
        rows
            All epochs so far.
        """
        if rows:
            text = io.StringIO()
            writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            write_text(self.folder / "log.csv", text.getvalue())


def _read_sums(folder: Path) -> dict[str, list[str]]:
    """The SHA-256 that each file of a run may have; empty for a run of an earlier release, which has no SHA256SUMS."""
    path, sums = folder / _SUMS, dict[str, list[str]]()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        lines = [""]
    for line in lines:
        match = _SUM.fullmatch(line)
        if not match:
            raise EinthovenError("is damaged; restore it from a copy, or delete it to do without the check.", path)
        sums.setdefault(match[2], []).append(match[1])
    return sums


def _check(path: Path, content: bytes) -> None:
    """Raise EinthovenError if `content`, of `path`, differs from the file that the run wrote."""
    digests = _read_sums(path.parent).get(path.name)
    if digests and hashlib.sha256(content).hexdigest() not in digests:
        raise EinthovenError(
            f"changed since the run wrote it (see {_SUMS}); restore it from a copy, or train the run again.", path
        )
