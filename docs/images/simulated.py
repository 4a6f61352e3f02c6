"""Draw docs/images/simulated.png: three simulated tracings. Run from the repository: python docs/images/simulated.py"""

import tempfile
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from einthoven.datasets.dataset import Dataset
from einthoven.recording import LEADS
from einthoven.simulate.dataset import simulate

CASES = {"normal": {"NORM", "SR"}, "inferior infarct": {"IMI"}, "left bundle branch block": {"CLBBB"}}
RATE, SHOWN = 100, 250

with tempfile.TemporaryDirectory() as folder:
    simulate(Path(folder) / "simulated", records=200, seed=3)
    dataset = Dataset.open(Path(folder) / "simulated")
    statements = dataset.annotations.statements
    figure = Figure(figsize=(15, 2.6), layout="constrained")
    for panel, (title, codes) in zip(figure.subplots(1, 3), CASES.items(), strict=True):
        row = int(np.flatnonzero([set(statements.columns[has]) == codes | {"SR"} for has in statements.to_numpy()])[0])
        for k, lead in enumerate(LEADS):
            left, top = k // 3 * SHOWN / RATE, -3.0 * (k % 3)
            seconds = left + np.arange(SHOWN) / RATE
            start = k // 3 * SHOWN
            panel.plot(seconds, top + dataset.signals[row, k, start : start + SHOWN] / 1000, color="black", lw=0.7)
            panel.text(left + 0.05, top + 0.9, lead, fontsize=8)
        panel.set(title=f"SIMULATED: {title}", aspect=0.4, xlim=(0, 10), ylim=(-8, 2.2), xticks=[], yticks=[])
        panel.set_xticks(np.arange(0, 10, 0.2), minor=True)
        panel.set_yticks(np.arange(-8, 2.2, 0.5), minor=True)
        panel.grid(which="minor", color="#f4b6b6", lw=0.4)
        panel.tick_params(which="minor", length=0)
    figure.savefig(Path(__file__).with_name("simulated.png"), dpi=90)
