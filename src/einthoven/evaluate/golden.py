"""Golden values: the output of each stage for a few recordings, to check ports to other languages."""

from pathlib import Path

import numpy as np

from einthoven.model.bundle import Bundle
from einthoven.recording import LEADS
from einthoven.signal.resampling import resample
from einthoven.simulate.cases import draw_case
from einthoven.simulate.tracing import ELECTRODES, Noise, tracing

KINDS = ("NORM", "MI", "STTC", "CD", "HYP")
RATE = 250


def write_golden(bundle: Bundle, path: Path) -> None:
    """Write golden.npz: five recordings of 10 s, as read, resampled and predicted.

    The recordings are simulated, because a package must not contain patients' data.
    docs/reference/bundles.md lists the fields.

    Parameters
    ----------
    bundle
        Predicts the recordings.
    path
        The file to write.
    """
    read, noise = [], Noise(wander=np.full(len(ELECTRODES), 0.03), muscle=np.full(len(ELECTRODES), 0.005))
    for k, kind in enumerate(KINDS):
        rng = np.random.default_rng([2026, k])
        case = draw_case(kind, rng, rng)
        (signal,) = tracing(case.heart, case.rhythm, noise, (RATE,), rng)
        read.append(signal.T)
    uv = np.stack(read)  # int16 (recordings, leads, samples)
    resampled = resample(uv.astype(np.float32) / np.float32(1000), RATE, bundle.card.rate)
    logits = np.stack([bundle.logits(signal) for signal in resampled])
    embedding = np.stack([bundle.embedding(signal) for signal in resampled])
    scores = np.stack([bundle.scores(signal) for signal in resampled])
    probabilities = bundle.card.calibrate(scores)
    np.savez_compressed(
        path,
        kinds=np.array(KINDS),
        leads=np.array(LEADS),
        rate_as_read=RATE,
        uv_as_read=uv,
        mv_resampled=resampled,
        logits=logits,
        embedding=embedding,
        scores=scores,
        probabilities=probabilities,
        present=bundle.card.decide(probabilities),
        tolerance_mv=1e-3,
        tolerance_logits=1e-2,
        tolerance_embedding=1e-2,
        tolerance_probabilities=1e-3,
    )
