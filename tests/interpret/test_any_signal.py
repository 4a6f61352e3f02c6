"""Any signal that a reader may hand over has an answer in shape, the same each time."""

import json
from importlib import resources

import jsonschema
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from einthoven import Interpretation, Interpreter, Recording
from einthoven.recording import LEADS

SCHEMA = json.loads((resources.files("einthoven.interpret") / "interpretation.schema.json").read_text())
INTERPRETER = Interpreter.load("edge")
SHAPES = ("noise", "beats", "ramp", "step", "constant", "zero")


def one_lead(shape: str, samples: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(samples) / rate
    return {
        "noise": rng.normal(size=samples),
        "beats": np.exp(-(((time % rng.uniform(0.3, 2)) - 0.15) ** 2) / 2e-4),
        "ramp": time,
        "step": np.where(time > time[-1] * rng.random(), 1.0, -1.0),
        "constant": np.ones(samples),
        "zero": np.zeros(samples),
    }[shape]


@settings(max_examples=60, deadline=None)
@given(
    shapes=st.lists(st.sampled_from(SHAPES), min_size=12, max_size=12),
    size=st.sampled_from([1e-30, 1e-3, 0.1, 1.0, 40.0, 1e6, 1e30]),
    seconds=st.floats(2.5, 31),
    rate=st.sampled_from([100, 128, 249.7, 257, 360, 500, 1000, 2000]),
    seed=st.integers(0, 2**32 - 1),
    force=st.booleans(),
)
@example(  # beats in one lead that is not used for boundaries
    shapes=[*["zero"] * 3, "constant", "step", "beats", "constant", "step", "zero", "constant", *["zero"] * 2],
    size=1e-3,
    seconds=25.927433019191035,
    rate=100,
    seed=3730998769,
    force=True,
)
def test_any_signal(shapes: list[str], size: float, seconds: float, rate: float, seed: int, force: bool) -> None:
    rng = np.random.default_rng(seed)
    samples = int(np.ceil(seconds * rate))
    signal = np.stack([one_lead(shape, samples, rate, rng) for shape in shapes]) * size
    recording = Recording(signal.astype(np.float32), rate, LEADS)
    answer = INTERPRETER(recording, force=force)
    text = answer.to_json()
    assert text == INTERPRETER(recording, force=force).to_json()
    jsonschema.validate(json.loads(text), SCHEMA)
    assert answer.abstained == bool(answer.abstained_because)
    assert not (force and answer.abstained)
    assert Interpretation.from_dict(json.loads(text)) == answer
    if not answer.abstained:
        mi, found = answer.mi, answer.findings + answer.statements
        assert all(0 <= finding.probability <= 1 for finding in found if finding.probability is not None)
        assert mi is not None
        if mi.decision == "undecided":
            between = mi.rule_out_below <= mi.probability <= mi.rule_in_from
            assert between or mi.withheld_because
        assert mi.decision != "rule-in" or mi.probability >= mi.rule_in_from
        assert mi.decision != "rule-out" or mi.probability <= mi.rule_out_below
