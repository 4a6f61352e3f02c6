"""Draw docs/images/gallery-*.png. Run from the repository: python docs/images/gallery.py ptb-xl

The tracings are records of PTB-XL (Wagner et al., Sci Data 2020, 7:154; CC BY 4.0), and a simulated one of 47 s.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import einthoven
from einthoven.datasets.dataset import Dataset
from einthoven.recording import Recording
from einthoven.report.page.compose import compose_page
from einthoven.report.page.render import save
from einthoven.simulate.dataset import simulate

here, data = Path(__file__).parent, Path(sys.argv[1])
interpreter = einthoven.Interpreter.load("default")


def ptbxl(number: int) -> Recording:
    """A record of PTB-XL."""
    recording = einthoven.read(data / f"records100/{number // 1000 * 1000:05d}/{number:05d}_lr.hea")
    return replace(recording, source=f"PTB-XL {number}")


def without(recording: Recording, *leads: str) -> Recording:
    """The recording with `leads` off."""
    on = np.array([[lead not in leads] for lead in recording.leads], np.float32)
    return replace(recording, signal=recording.signal * on, source=f"{recording.source} without {', '.join(leads)}")


def simulated() -> Recording:
    """47 s of a simulated left bundle branch block, in which three chest leads come off for a while."""
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder) / "simulated", records=200, seed=3, rates=(100, 500))
        statements = Dataset.open(Path(folder) / "simulated").annotations.statements
        number = statements.index[[set(statements.columns[has]) == {"CLBBB", "SR"} for has in statements.to_numpy()]][0]
        (header,) = Path(folder).rglob(f"{number:05d}_hr.hea")
        block = einthoven.read(header)
    signal = np.tile(block.signal, 5)[:, : round(47 * block.rate)]
    seconds = np.arange(signal.shape[1]) / block.rate
    signal[6:9, (seconds > 31) & (seconds < 44)] = 0
    return replace(block, signal=signal, source="SIMULATED")


def draw(name: str, recording: Recording, *explain: str, **look: Any) -> None:
    """Its page, shaded by the first of the labels to `explain`."""
    interpretation = interpreter(recording, explain=explain)
    page = compose_page(recording, interpretation, model_rate=interpreter.bundle.card.rate, **look)
    save(page, here / f"gallery-{name}.png")


draw("normal", ptbxl(232))
draw("anterior", ptbxl(184), "MI")
draw("inferior", ptbxl(383), "MI", "IMI", layout="6x2", gain=5)
draw("block", ptbxl(798), "CLBBB")
draw("noisy", ptbxl(2401))
draw("lead-off", without(ptbxl(232), "V2"))
draw("refused", without(ptbxl(232), "V1", "V2", "V3", "V4"))
short = ptbxl(627)
draw("short", replace(short, signal=short.signal[:, 300:550]))
draw("long", simulated(), layout="6x2")
