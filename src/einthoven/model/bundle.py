"""A bundle: a trained model ready for use, complete in one folder.

model.onnx   maps windows in mV to one logit per label
card.json    describes input, labels, thresholds and figures
rhythm.json  corrects the scores of rhythm labels by the RR intervals
measurements.json, measurements.onnx    correct the scores of other labels by measurements
gate.json, placement.onnx   define when a port to another language may answer; the Interpreter has its own rules
golden.npz, golden.json     hold a few recordings at each stage, to check a port
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby, islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.errors import EinthovenError
from einthoven.model.bundle_files import CARD, GATE, MODEL, PLACEMENT, bundle_folder, read_card, read_file, sha256
from einthoven.model.calibration import sigmoid
from einthoven.model.card import Card
from einthoven.model.layers import FILES as LAYERS
from einthoven.model.layers import NO_LAYERS, Layers
from einthoven.model.port.port import Port
from einthoven.model.signature import verify
from einthoven.onnx_session import OUT_OF_MEMORY, load_session, reason

if TYPE_CHECKING:
    import onnxruntime

    from einthoven.signal.recording_features import RecordingFeatures

INPUT, OUTPUT, EMBEDDING = "signal", "logits", "embedding"
"""Names of the model's only input, of its output, and of a second output that it may have."""
_BATCH_WINDOWS = 32  # windows


@dataclass(frozen=True)
class Bundle:
    """A bundle with its model loaded; safe to use from several threads."""

    folder: Path
    card: Card
    session: "onnxruntime.InferenceSession"
    port: Port | None = None
    """Gate and placement network for ports; None for bundles of earlier releases."""
    layers: Layers = NO_LAYERS
    """Correct the scores."""

    @classmethod
    def load(
        cls,
        name_or_path: str | Path,
        public_key: str | Path | None = None,
        provider: str = "cpu",
        *,
        with_port: bool = True,
    ) -> "Bundle":
        """Load a shipped bundle by its name, or one in a folder.

        Parameters
        ----------
        name_or_path
            Name of a shipped bundle, or a folder.
        public_key
            PEM file with the Ed25519 key that must have signed the bundle; None accepts any bundle.
        provider
            ONNX Runtime execution provider: cpu, cuda, openvino or coreml.
        with_port
            Whether to parse the gate; False to replace one of another release.

        Returns
        -------
        Bundle
            Bundle with its model in memory.

        Raises
        ------
        EinthovenError
            If there is no such bundle, a file is missing, damaged or not the file that the card names, or the signature
            is missing or wrong.
        """
        folder = bundle_folder(name_or_path)
        content = read_card(folder)
        if public_key:
            verify(folder, content, Path(public_key))
        card = Card.parse(content, folder / CARD)
        content_of = dict[str, bytes]()
        for name, expected in card.files.items():
            content = read_file(folder, name)
            if sha256(content) != expected:
                raise EinthovenError("is not the file that the card names; get the bundle again.", folder / name)
            if name in (MODEL, GATE, PLACEMENT, *LAYERS):
                content_of[name] = content
        session = load_session(content_of[MODEL], folder / MODEL, provider)
        _check_inputs_and_outputs(session, card, folder / MODEL)
        layers = Layers.parse(content_of, card.labels, folder)
        port = Port.of_files(content_of, folder) if with_port else None
        return cls(folder, card, session, port, layers)

    @property
    def required_port(self) -> Port:
        """Gate and placement network for ports; raises EinthovenError for bundles of earlier releases."""
        if self.port is None:
            raise EinthovenError("has no gate, so a port must not use it; run `einthoven bundle gate`.", self.folder)
        return self.port

    def logits(self, signal: Float32Array) -> Float32Array:
        """Compute the logits of one recording.

        Parameters
        ----------
        signal
            Signal of shape (leads, samples) in mV, at the card's rate and in its lead order; at least one window long.

        Returns
        -------
        Float32Array
            Logits of shape (windows, labels).

        Raises
        ------
        EinthovenError
            For the same reasons as `window_logits`.
        """
        return self.window_logits(self.windows(signal))

    def windows(self, signal: Float32Array) -> Float32Array:
        """Cut a recording into the windows that the model takes.

        Parameters
        ----------
        signal
            Signal as for `logits`.

        Returns
        -------
        Float32Array
            Windows of shape (windows, leads, samples of a window).

        Raises
        ------
        ValueError
            If the signal has another number of leads, or is shorter than a window.
        """
        card = self.card
        if signal.ndim != 2 or len(signal) != len(card.leads) or signal.shape[1] < card.window:
            raise ValueError(f"signal is {signal.shape}, not ({len(card.leads)}, at least {card.window} samples)")
        starts = card.starts(signal.shape[1])
        return np.stack([signal[:, start : start + card.window] for start in starts])

    def window_logits(self, windows: Float32Array) -> Float32Array:
        """Compute the logits of windows.

        Parameters
        ----------
        windows
            Windows of shape (windows, leads, samples of a window) in mV.

        Returns
        -------
        Float32Array
            Logits of shape (windows, labels).

        Raises
        ------
        EinthovenError
            If the model fails, or its logits are not finite or of another shape.
        MemoryError
            If memory does not suffice.
        """
        return self._run(OUTPUT, windows, len(self.card.labels))

    def embedding(self, signal: Float32Array) -> Float32Array:
        """Compute the embedding of one recording: the mean over windows of the features before the last layer.

        Parameters
        ----------
        signal
            Signal as for `logits`.

        Returns
        -------
        Float32Array
            Embedding of shape (embedding_dimension,).

        Raises
        ------
        EinthovenError
            If the model has no embedding, or for the same reasons as `window_logits`.
        """
        features = self._run(EMBEDDING, self.windows(signal), self.embedding_dimension)
        return np.asarray(features.mean(0))

    @property
    def embedding_dimension(self) -> int:
        """Number of features of an embedding; raises EinthovenError if the model has none."""
        if self.card.embedding is None:
            raise EinthovenError("has no embedding; export the bundle again from its runs.", self.folder)
        return self.card.embedding.dimension

    def _run(self, output: str, windows: Float32Array, width: int) -> Float32Array:
        """Compute an output of the model (windows, width)."""
        try:
            (values,) = self.session.run([output], {INPUT: windows.astype(np.float32, copy=False)})
        except MemoryError:
            raise
        except Exception as error:  # ONNX Runtime's own exceptions share no base class
            if OUT_OF_MEMORY in str(error):
                raise MemoryError from error
            raise EinthovenError(f"fails ({reason(error)}); get the bundle again.", self.folder / MODEL) from error
        if np.shape(values) != (len(windows), width) or not np.isfinite(values).all():
            raise EinthovenError(
                f"does not return {width} finite numbers as {output}; get the bundle again.", self.folder / MODEL
            )
        return np.asarray(values)

    def scores(self, signal: Float32Array, features: "RecordingFeatures | None" = None) -> Float64Array:
        """Compute the scores of one recording: the mean over windows of the sigmoid of the logits, then corrected.

        Parameters
        ----------
        signal
            Signal as for `logits`.
        features
            RR intervals and measurements of the recording, for both layers; measured in the signal if None.

        Returns
        -------
        Float64Array
            Scores from 0 to 1, shape (labels,).
        """
        return self._corrected(sigmoid(self.logits(signal)).mean(0), signal, features)

    def batch_scores(
        self, signals: Iterable[Float32Array], features: "Iterable[RecordingFeatures] | None" = None
    ) -> Iterator[Float64Array]:
        """Compute the scores of several recordings, the same to the last bit as `scores`, but faster.

        Several recordings go through the model in one batch, so that its weights are read from memory once. Recordings
        of one or two windows do not, because ONNX Runtime multiplies these in another order.

        Parameters
        ----------
        signals
            Signals, each as for `logits`.
        features
            Features of each recording, as for `scores`.

        Yields
        ------
        Float64Array
            Scores of shape (labels,) for each recording, in order.
        """
        known = repeat(None) if features is None else iter(features)
        for shape, same in groupby(signals, key=np.shape):
            count = len(self.card.starts(shape[1]))
            while some := list(islice(same, max(1, _BATCH_WINDOWS // count) if count > 2 else 1)):
                logits = self.window_logits(np.concatenate([self.windows(signal) for signal in some]))
                means = sigmoid(logits.reshape(len(some), count, -1)).mean(1)
                for mean, signal in zip(means, some, strict=True):
                    yield self._corrected(mean, signal, next(known))

    def _corrected(
        self, scores: Float64Array, signal: Float32Array, features: "RecordingFeatures | None"
    ) -> Float64Array:
        """The scores of a recording after the layers that the bundle has."""
        if self.layers == NO_LAYERS:
            return scores
        if features is None:
            from einthoven.signal.recording_features import RecordingFeatures  # needs SciPy, unlike results and cards

            features = RecordingFeatures.measure(signal, self.card.rate, self.card.leads)
        return self.layers.correct(scores, self.card.labels, features)

    def probabilities(self, signal: Float32Array) -> Float64Array:
        """Compute the calibrated probabilities of one recording.

        Parameters
        ----------
        signal
            Signal as for `logits`.

        Returns
        -------
        Float64Array
            Probabilities of shape (labels,); a label of low support has its score instead.
        """
        return self.card.calibrate(self.scores(signal))


def _check_inputs_and_outputs(session: "onnxruntime.InferenceSession", card: Card, path: Path) -> None:
    """Raise EinthovenError if the model's inputs and outputs are not those of the card."""
    nodes: list[tuple[object, ...]] = []
    with suppress(UnicodeDecodeError):  # names that are not text
        for node in (*session.get_inputs(), *session.get_outputs()):
            nodes.append((node.name, node.type, *(size if isinstance(size, int) else None for size in node.shape)))
    kind, leads, labels = "tensor(float)", len(card.leads), len(card.labels)
    second = [(EMBEDDING, kind, None, card.embedding.dimension)] if card.embedding else []
    if nodes != [(INPUT, kind, None, leads, card.window), (OUTPUT, kind, None, labels), *second]:
        raise EinthovenError(
            f"does not map windows of {leads} leads and {card.window} samples to {labels} logits, as its card states; "
            "export the bundle again.",
            path,
        )
