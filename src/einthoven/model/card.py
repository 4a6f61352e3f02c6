"""The card of a bundle, card.json: the input and outputs of its model, their thresholds, and its figures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from einthoven.arrays import Float64Array
from einthoven.errors import EinthovenError
from einthoven.model.bundle_files import CARD, MODEL, read_card
from einthoven.model.calibration import logit, sigmoid
from einthoven.model.card_fields import FieldError, check_fields
from einthoven.model.figures import Results
from einthoven.model.json_fields import JsonFields
from einthoven.model.model_output import ModelOutput
from einthoven.signal.resampling import window_starts

FORMAT = 1
"""The version of card.json that this release writes; it reads this one only."""


@dataclass(frozen=True)
class ModelInput(JsonFields):
    """Input of the model."""

    name: str
    """Name of the ONNX model's input."""
    leads: tuple[str, ...]
    unit: str
    rate_hz: int
    window_samples: int
    stride_samples: int
    """Largest distance from the start of one window to the start of the next one."""
    edge_margin_samples: int
    """Distance of the first and the last window from the ends of a signal, if there is room."""


@dataclass(frozen=True)
class Embedding(JsonFields):
    """The second output of the model: the features that enter its last layer."""

    name: str
    """Name of the ONNX model's output."""
    dimension: int
    """Features of one window."""
    version: str
    """Version of the embedding; only embeddings of the same version are comparable."""


@dataclass(frozen=True)
class Card:
    """Card of a bundle. `to_dict` also has fields for readers only, such as the training of each network."""

    name: str
    version: str
    input: ModelInput
    outputs: tuple[ModelOutput, ...]
    validation_folds: tuple[int, ...]
    """Folds of PTB-XL on which calibration and thresholds were fitted."""
    embedding: Embedding | None
    """Embedding output; None if the model has none."""
    results: Results | None
    """Results on the test fold; None until the bundle is evaluated."""
    files: Mapping[str, str]
    """SHA-256 of the bundle's other files by their names."""
    _content: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """Return the card of a JSON object, after checking its fields.

        Parameters
        ----------
        facts
            Content of card.json; fields that the package does not use are kept for `to_dict`.

        Returns
        -------
        Card
            The card, whose `to_dict` equals `facts`.

        Raises
        ------
        FieldError
            If a field is missing or wrong.
        """
        check_fields(facts, MODEL)
        return cls(
            name=facts["name"],
            version=facts["version"],
            input=ModelInput.from_dict(facts["input"]),
            outputs=tuple(map(ModelOutput.from_dict, facts["labels"])),
            validation_folds=tuple(facts["training"]["validation_folds"]),
            embedding=Embedding.from_dict(facts["embedding"]) if facts.get("embedding") else None,
            results=Results.from_dict(facts["results"]) if facts["results"] else None,
            files=facts["files"],
            _content=dict(facts),
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the card of a bundle.

        Parameters
        ----------
        folder
            Folder of the bundle.

        Returns
        -------
        Card
            The card, checked.

        Raises
        ------
        EinthovenError
            If card.json is missing, damaged or of another format.
        """
        return cls.parse(read_card(folder), folder / CARD)

    @classmethod
    def parse(cls, content: bytes, path: Path) -> Self:
        """Parse and check the content of a card.json.

        Parameters
        ----------
        content
            Bytes of the file.
        path
            Path of the file, for errors.

        Returns
        -------
        Card
            The card, checked.

        Raises
        ------
        EinthovenError
            If it is not JSON, of another format, or a field is missing or wrong.
        """
        try:
            facts = orjson.loads(content)  # strict: no NaN, no lone surrogates, no endless nesting
            orjson.dumps(facts)  # nested so deeply that JSON cannot be written again
        except (ValueError, TypeError) as error:
            raise EinthovenError(f"is damaged ({error}); export the bundle again.", path) from None
        if not isinstance(facts, dict):
            raise EinthovenError("is damaged (not a JSON object); export the bundle again.", path)
        if (version := repr(facts.get("format"))) != repr(FORMAT):
            raise EinthovenError(
                f"has format {version[:20]}, and this Einthoven reads {FORMAT}; use the release that wrote it.", path
            )
        try:
            return cls.from_dict(facts)
        except FieldError as error:
            raise EinthovenError(f"{error}; export the bundle again.", path) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the content of card.json, including fields that are only for readers of the file.

        Returns
        -------
        dict
            Content from which `from_dict` makes an equal card.
        """
        return dict(self._content)

    def to_json(self) -> str:
        """Return the text of card.json.

        Returns
        -------
        str
            Indented JSON that ends with a newline.
        """
        return json.dumps(self._content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of the outputs, in order."""
        return tuple(output.label for output in self.outputs)

    @property
    def leads(self) -> tuple[str, ...]:
        """The leads of the input, in order."""
        return self.input.leads

    @property
    def rate(self) -> int:
        """Sampling rate of the input in Hz."""
        return self.input.rate_hz

    @property
    def window(self) -> int:
        """Samples of one window."""
        return self.input.window_samples

    def output(self, label: str) -> ModelOutput | None:
        """Return the output of a label.

        Parameters
        ----------
        label
            Name of the label, such as "MI".

        Returns
        -------
        ModelOutput or None
            Output of the label; None if the model has no such label.
        """
        return next((output for output in self.outputs if output.label == label), None)

    def starts(self, samples: int) -> list[int]:
        """Return the first samples of the windows of a signal.

        Parameters
        ----------
        samples
            Length of the signal at the card's rate.

        Returns
        -------
        list of int
            First samples of the windows.

        Raises
        ------
        ValueError
            If the signal is shorter than a window.
        """
        return window_starts(samples, self.window, self.input.stride_samples, self.input.edge_margin_samples)

    def description(self) -> dict[str, Any]:
        """Return a description of the model and its training, for a results page.

        Returns
        -------
        dict
            Name, version, files and input of the model, and the card's `training`.
        """
        model = {"name": self.name, "version": self.version, "files": self.files, "input": self.input.to_dict()}
        return {**model, **self._content["training"]}

    def calibrate(self, scores: Float64Array) -> Float64Array:
        """Turn scores of the model into probabilities.

        Parameters
        ----------
        scores
            Scores from 0 to 1, shape (..., labels).

        Returns
        -------
        Float64Array
            Probabilities of shape (..., labels); a label of low support keeps its score.
        """
        slopes, intercepts = self._platt
        return np.where(np.isnan(slopes), scores, sigmoid(slopes * logit(scores) + intercepts))

    def decide(self, probabilities: Float64Array) -> NDArray[np.int8]:
        """Compare probabilities with the labels' thresholds of the highest F1.

        Parameters
        ----------
        probabilities
            Calibrated probabilities, shape (..., labels).

        Returns
        -------
        NDArray[np.int8]
            Decisions of shape (..., labels): 1 at or above the threshold, 0 below it, -1 for a label of low support.
        """
        thresholds = np.array([np.nan if t is None else t.f1 for t in (output.thresholds for output in self.outputs)])
        return np.where(np.isnan(thresholds), -1, probabilities >= thresholds).astype(np.int8)

    @cached_property
    def _platt(self) -> tuple[Float64Array, Float64Array]:
        """Slopes and intercepts of all labels; nan for a label of low support."""
        calibrations = [output.calibration for output in self.outputs]
        slopes, intercepts = np.array([(c.slope, c.intercept) if c else (np.nan, np.nan) for c in calibrations]).T
        return slopes, intercepts
