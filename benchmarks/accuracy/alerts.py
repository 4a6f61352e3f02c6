"""Count the patients for whom the infarct-pattern alert is raised when their 10 s are played for two minutes.

    python benchmarks/accuracy/alerts.py edge --data ptb-xl [--fold 9]

Each patient's first record is looped (spliced between beats, `einthoven.serve.stream.playback`) with fresh baseline
wander and muscle noise, and goes through the code of the live stream: its windows, an alert of its own. On fold 9 the
other thresholds are shown as well, from which the alert's were chosen. Prints Markdown.
"""

import argparse
from pathlib import Path

import numpy as np
from common import millivolts, percent

from einthoven.datasets.dataset import Dataset
from einthoven.interpret.interpreter import Interpreter
from einthoven.recording import LEADS, Recording
from einthoven.serve.stream.alert import SPECIFICITY, WINDOWS, Alert, AlertThresholds
from einthoven.serve.stream.handshake import parse_handshake
from einthoven.serve.stream.playback import Playback
from einthoven.serve.stream.window import Window

SECONDS = 120
SPAN = 10
CHOICES = [("0.95", 3), ("0.98", 3), ("0.99", 1), ("0.99", 3), ("0.99", 6)]


def window_probabilities(interpreter: Interpreter, recording: Recording, seed: int) -> list[float | None]:
    """Return the probability of an infarct pattern in each window of 10 s."""
    handshake = {"leads": list(LEADS), "rate_hz": recording.rate, "dtype": "float32", "uv_per_unit": 1000}
    config = parse_handshake(handshake, interpreter.bundle.card.leads)
    playback = Playback(recording, loop=True, noise=np.random.default_rng(seed))
    windows = [Window("", config, playback.take(config.samples)) for _ in range(SECONDS // SPAN)]
    return [window(interpreter).mi for window in windows]


def alerted(probabilities: list[float | None], thresholds: AlertThresholds, needed: int) -> tuple[bool, bool]:
    """Return whether an alert was raised in the two minutes, and whether there is one at their end."""
    alert, ever = Alert(thresholds, needed), False
    for k, probability in enumerate(probabilities):
        alert.update(SPAN * (k + 1), probability)
        ever |= alert.active
    return ever, alert.active


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=9)
    options = parser.parse_args()
    interpreter = Interpreter.load(options.bundle)
    dataset = Dataset.open(options.data, interpreter.bundle.card.rate)
    rows = dataset.rows((options.fold,))
    rows = np.sort(rows[np.unique(dataset.annotations.patients[rows], return_index=True)[1]])
    mi = dataset.annotations.labels(("MI",))[rows, 0]
    probabilities = []
    for row in rows:
        recording = Recording(millivolts(dataset, row), dataset.rate, LEADS)
        probabilities.append(window_probabilities(interpreter, recording, seed=int(row)))
    readable = np.array([[p is not None for p in windows] for windows in probabilities])
    print(f"`{options.bundle}`, fold {options.fold}: {mi.sum()} patients with MI, {(~mi).sum()} without; ", end="")
    print(f"{100 * readable.mean():.1f} % of their windows were interpreted.\n")
    print("| specificity of a window | windows | MI alerted | others alerted | MI at the end | others at the end |")
    print("|---|---|---|---|---|---|")
    rule_in = interpreter.bundle.card.output("MI").thresholds.rule_in
    for specificity, needed in CHOICES if options.fold == 9 else [(SPECIFICITY, WINDOWS)]:
        thresholds = AlertThresholds(rule_in[specificity], rule_in["0.95"])
        ever, end = np.array([alerted(windows, thresholds, needed) for windows in probabilities]).T
        print(
            f"| {specificity} | {needed} | {' | '.join(percent(hit[of]) for hit in (ever, end) for of in (mi, ~mi))} |"
        )


if __name__ == "__main__":
    main()
