"""The card of a bundle: what its model takes, says and is worth, in card.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from einthoven.arrays import Float64Array
from einthoven.errors import EinthovenError
from einthoven.model.bundle_files import CARD, MODEL, read_card
from einthoven.model.calibration import Calibration, logit, sigmoid
from einthoven.model.card_fields import FieldError, check_fields
from einthoven.signal.resampling import window_starts

FORMAT = 1
"""The version of card.json that this release writes; it reads this one only."""
LOW_SUPPORT = 20
"""A label with fewer positive records in the validation folds gets no calibration and no threshold."""


@dataclass(frozen=True)
class Card:
    """What card.json says; `facts` is all of it, and docs/reference/bundles.md tells its shape."""

    facts: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Card":
        """Read the card of the bundle in `folder`; EinthovenError if it is missing, damaged or of another format."""
        return cls.parse(read_card(folder), folder / CARD)

    @classmethod
    def parse(cls, content: bytes, path: Path) -> "Card":
        """Check the content of a card.json and make a Card of it.

        Parameters
        ----------
        content
            Of the file.
        path
            Of the file, for errors.

        Raises
        ------
        EinthovenError
            If it is not JSON, of another format, or a field is missing or wrong.
        """
        try:
            facts = orjson.loads(content)  # strict: no NaN, no lone surrogates, no endless nesting
            orjson.dumps(facts)  # nested so deeply that JSON cannot be written again
        except (ValueError, TypeError) as error:
            raise EinthovenError(f"{path}: is damaged ({error}); export the bundle again.") from None
        if not isinstance(facts, dict):
            raise EinthovenError(f"{path}: is damaged (not a JSON object); export the bundle again.")
        if (found := repr(facts.get("format"))) != repr(FORMAT):
            raise EinthovenError(
                f"{path}: is of format {found[:20]}, and this Einthoven reads {FORMAT}; use the release that wrote it."
            )
        try:
            check_fields(facts, MODEL)
        except FieldError as error:
            raise EinthovenError(f"{path}: {error}; export the bundle again.") from None
        return cls(facts)

    def to_json(self) -> str:
        """The text of card.json."""
        return json.dumps(self.facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @property
    def name(self) -> str:
        """What the bundle is called."""
        return str(self.facts["name"])

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What the outputs stand for, in order."""
        return tuple(label["name"] for label in self.facts["labels"])

    @property
    def leads(self) -> tuple[str, ...]:
        """The leads of the input, in order."""
        return tuple(self.facts["input"]["leads"])

    @property
    def rate(self) -> int:
        """Sampling rate of the input in Hz."""
        return int(self.facts["input"]["rate_hz"])

    @property
    def window(self) -> int:
        """Samples of one window."""
        return int(self.facts["input"]["window_samples"])

    @property
    def stride(self) -> int:
        """Samples from one window's start to the next one's, at most."""
        return int(self.facts["input"]["stride_samples"])

    def starts(self, samples: int) -> list[int]:
        """First samples of the windows of a signal of `samples`; ValueError where it is shorter than a window."""
        return window_starts(samples, self.window, self.stride, self.facts["input"]["edge_margin_samples"])

    @property
    def files(self) -> Mapping[str, str]:
        """SHA-256 of the bundle's other files by their names."""
        files: Mapping[str, str] = self.facts["files"]
        return files

    @property
    def calibrations(self) -> tuple[Calibration | None, ...]:
        """Each label's calibration; None for one of low support."""
        fitted = [label["calibration"] for label in self.facts["labels"]]
        return tuple(c and Calibration(c["slope"], c["intercept"]) for c in fitted)

    @property
    def validation_folds(self) -> tuple[int, ...]:
        """The folds of PTB-XL on which calibration and thresholds were fitted."""
        return tuple(self.facts["training"]["validation_folds"])

    def description(self) -> dict[str, Any]:
        """Which model this is and what it was trained on, for a results page."""
        return {key: self.facts[key] for key in ("name", "version", "files", "input")} | dict(self.facts["training"])

    @cached_property
    def _platt(self) -> tuple[Float64Array, Float64Array]:
        """Slopes and intercepts of all labels, nan for one of low support."""
        fitted = [(c.slope, c.intercept) if c else (np.nan, np.nan) for c in self.calibrations]
        slopes, intercepts = np.array(fitted).T
        return slopes, intercepts

    @cached_property
    def _thresholds(self) -> Float64Array:
        """Each label's threshold of highest F1, nan for one of low support."""
        given = [label["thresholds"] for label in self.facts["labels"]]
        return np.array([np.nan if t is None else t["f1"] for t in given])

    def calibrate(self, scores: Float64Array) -> Float64Array:
        """Probabilities (..., labels) of the model's `scores` (..., labels); a label of low support keeps its score."""
        slopes, intercepts = self._platt
        return np.where(np.isnan(slopes), scores, sigmoid(slopes * logit(scores) + intercepts))

    def decide(self, probabilities: Float64Array) -> NDArray[np.int8]:
        """(..., labels): 1 where the probability reaches the label's threshold of highest F1, 0 where not.

        -1 for a label of low support, of which nothing is claimed.
        """
        undecided = np.isnan(self._thresholds)
        return np.where(undecided, -1, probabilities >= self._thresholds).astype(np.int8)
