"""A bundle: a trained model ready for use, complete in one folder.

model.onnx   takes windows in mV, gives one logit per label
card.json    what it takes, says and is worth
golden.npz   a few recordings at each stage, so that a port to another language can prove itself right
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import EinthovenError
from einthoven.interpret.calibration import Floats, sigmoid
from einthoven.interpret.card import Card

if TYPE_CHECKING:
    import onnxruntime

SHIPPED = Path(__file__).parent.parent / "bundles"
MODEL, CARD, GOLDEN = "model.onnx", "card.json", "golden.npz"
_TOGETHER = 32  # windows


@dataclass(frozen=True)
class Bundle:
    """A bundle with its model loaded; safe to use from several threads."""

    folder: Path
    card: Card
    session: "onnxruntime.InferenceSession"

    @classmethod
    def load(cls, name_or_path: str | Path) -> "Bundle":
        """Load a shipped bundle by its name, or one in a folder.

        Raises EinthovenError where there is none, or a file is missing or not the one that the card names.
        """
        folder = find(name_or_path)
        card = Card.read(folder / CARD)
        for name, expected in card.files.items():
            if sha256(folder / name) != expected:
                raise EinthovenError(f"{folder / name}: is not the file that the card names; get the bundle again.")
        return cls(folder, card, session(folder / MODEL))

    def logits(self, signal: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits (windows, labels) of one tracing (leads, samples) in mV, at the card's rate and in its lead order."""
        return self.of_windows(self.windows(signal))

    def windows(self, signal: NDArray[np.float32]) -> NDArray[np.float32]:
        """The windows (windows, leads, the card's window) of one tracing as `logits` takes it."""
        card = self.card
        if signal.ndim != 2 or len(signal) != len(card.leads) or signal.shape[1] < card.window:
            raise ValueError(f"signal is {signal.shape}, not ({len(card.leads)}, at least {card.window} samples)")
        starts = card.starts(signal.shape[1])
        return np.stack([signal[:, start : start + card.window] for start in starts])

    def of_windows(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits (windows, labels) of `windows` (windows, leads, the card's window) in mV."""
        (logits,) = self.session.run(None, {"signal": windows.astype(np.float32, copy=False)})
        return np.asarray(logits)

    def scores(self, signal: NDArray[np.float32]) -> Floats:
        """Scores (labels,) of one tracing as `logits` takes it: the mean over windows of the sigmoid of the logits."""
        mean: Floats = sigmoid(self.logits(signal)).mean(0)
        return mean

    def scores_of(self, signals: Iterable[NDArray[np.float32]]) -> Iterator[Floats]:
        """The scores of each of `signals`, the same to the last bit as `scores` gives, but in less time.

        Some go through the model together, so that its weights come from memory once for all of them; not those of one
        or two windows, which ONNX Runtime multiplies in another order.
        """
        for shape, same in groupby(signals, key=np.shape):
            count = len(self.card.starts(shape[1]))
            while some := list(islice(same, max(1, _TOGETHER // count) if count > 2 else 1)):
                logits = self.of_windows(np.concatenate([self.windows(signal) for signal in some]))
                yield from sigmoid(logits.reshape(len(some), count, -1)).mean(1)

    def probabilities(self, signal: NDArray[np.float32]) -> Floats:
        """Calibrated probabilities (labels,) of one tracing as `logits` takes it."""
        return self.card.calibrate(self.scores(signal))


def shipped() -> list[str]:
    """The names of the bundles that come with the package."""
    return sorted(folder.name for folder in SHIPPED.iterdir() if (folder / CARD).exists())


def find(name_or_path: str | Path) -> Path:
    """The folder of a bundle; EinthovenError, which lists the shipped ones, where there is none."""
    if str(name_or_path) in shipped():
        return SHIPPED / str(name_or_path)
    if not Path(name_or_path).is_dir():
        names = ", ".join(shipped()) or "none"
        raise EinthovenError(
            f"{name_or_path}: there is no such folder, and no bundle of that name is shipped ({names})."
        )
    return Path(name_or_path)


def session(path: Path) -> "onnxruntime.InferenceSession":
    """An ONNX Runtime session on one CPU thread, so that results do not depend on the machine's load or size."""
    import onnxruntime  # here, because who only looks at cards needs none

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exceptions share no base class
        raise EinthovenError(f"{path}: ONNX Runtime cannot load it ({error}); get the bundle again.") from error


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; EinthovenError where it is missing."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise EinthovenError(f"{path}: not found; get the bundle again.") from None
