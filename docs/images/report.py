"""Draw docs/images/report*.png: reports of simulated tracings. Run from the repository: python docs/images/report.py"""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

import einthoven
from einthoven.datasets.dataset import Dataset
from einthoven.report.page.compose import compose_page, compose_pages
from einthoven.report.page.render import save
from einthoven.simulate.dataset import simulate

INFARCT, BLOCK = "IMI", "CLBBB"
here = Path(__file__).parent
interpreter = einthoven.Interpreter.load("default")
rate = interpreter.bundle.card.rate

with tempfile.TemporaryDirectory() as folder:
    simulate(Path(folder) / "simulated", records=200, seed=3, rates=(100, 500))
    statements = Dataset.open(Path(folder) / "simulated").annotations.statements
    cases = {}
    for code in (INFARCT, BLOCK):
        number = statements.index[[set(statements.columns[has]) == {code, "SR"} for has in statements.to_numpy()]][0]
        (header,) = Path(folder).rglob(f"{number:05d}_hr.hea")
        cases[code] = replace(einthoven.read(header), source=f"SIMULATED-{code}")

infarct = cases[INFARCT]
page, measurements = compose_pages(infarct, interpreter(infarct), model_rate=rate)
save(page, here / "report.png")
save(measurements, here / "report-measurements.png")

# A minute of block, in which three chest leads come off for a while
signal = np.tile(cases[BLOCK].signal, 6)
seconds = np.arange(signal.shape[1]) / cases[BLOCK].rate
signal[6:9, (seconds > 31) & (seconds < 45)] = 0
minute = replace(cases[BLOCK], signal=signal)
save(
    compose_page(minute, interpreter(minute), layout="6x2", model_rate=rate),
    here / "report-minute.png",
)
