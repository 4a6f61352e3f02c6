"""Evidence for rhythm rules: a sinus rhythm of 70 bpm, except for what a test changes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from einthoven.interpret.answer import Answer, Finding, Score
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.thresholds import thresholds
from einthoven.recording import Patient
from einthoven.signal.beat_values import Beats
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.measurements.values import Measurements
from einthoven.signal.pacing import Pacing
from einthoven.signal.quality import Quality


def evidence(
    probabilities: Mapping[str, float] | None = None,
    *,
    bpm: float = 70,
    qrs_ms: float | None = 90,
    pacing: Pacing | None = None,
    **beats: Any,
) -> Evidence:
    """Regular beats at `bpm` led by P waves."""
    times = np.arange(0.3, 9.9, 60 / bpm)
    known = {
        "times_s": times,
        "kinds": ("dominant",) * len(times),
        "rate_bpm": bpm,
        "regular": True,
        "p_waves": "leading",
        "atrial_rate_bpm": bpm,
        "pr_s": (0.16,) * len(times),
        "steep_s": 0.06 if qrs_ms is None or qrs_ms < 120 else 0.15,
        "organized": True,
    }
    given = probabilities or {}
    scores = tuple(Score(label, label, value) for label, value in given.items() if label in thresholds())
    statements = tuple(
        Finding(label, label, value, value >= 0.5, 0.5) for label, value in given.items() if label not in thresholds()
    )
    return Evidence(
        patient=Patient(),
        answer=Answer(statements=statements, scores_only=scores),
        beats=Beats(**known | beats),
        pacing=pacing or Pacing(),
        electrodes=Electrodes(),
        quality=Quality(acceptable=True, leads=(), has_beats=True),
        measurements=Measurements(heart_rate_bpm=bpm, qrs_ms=qrs_ms),
    )
