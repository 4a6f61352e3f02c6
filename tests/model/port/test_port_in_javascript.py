"""A port in JavaScript, which shares no code with the package, agrees with it and never answers more."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from einthoven.arrays import Float32Array
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.as_answered.port import excess
from einthoven.interpret.interpreter import Interpreter
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import bundle_names
from einthoven.model.port.answer import PortAnswer, answer
from einthoven.ptbxl.records import read_record
from einthoven.recording import LEADS, Recording
from model.port.port_signals import CHANGES, no_ecgs, simulated

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[2]

pytestmark = pytest.mark.skipif(
    not shutil.which("node") or not (ROOT / "node_modules/onnxruntime-web").is_dir(),
    reason="the port needs Node and its packages: make node_modules/.installed",
)


def node(script: str, *arguments: Path) -> str:
    result = subprocess.run(
        ["node", FOLDER / script, *arguments], capture_output=True, text=True, check=False, timeout=1800
    )
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


@pytest.mark.parametrize("name", bundle_names())
def test_it_agrees_with_the_golden_values_at_each_stage(name: str) -> None:
    assert node("check_golden.mjs", Bundle.load(name).folder).endswith("recordings, 0 differences\n")


def test_golden_values_can_differ(tmp_path: Path) -> None:
    """The comparison finds another value, another reason and another limit."""
    shutil.copytree(Bundle.load("edge").folder, tmp_path / "b")
    for file in ("golden.json", "gate.json"):
        path = tmp_path / "b" / file
        text = path.read_text("utf-8")
        facts = json.loads(text)
        if file == "golden.json":
            facts["recordings"] = facts["recordings"][:2]
            facts["recordings"][0]["stages"]["resting_slope"] += 0.01
            facts["recordings"][1]["reasons"] = ["noise"]
        else:
            facts["limits"]["noise_mv"] = 0.0
        path.write_text(json.dumps(facts), "utf-8")
        result = subprocess.run(["node", FOLDER / "check_golden.mjs", tmp_path / "b"], capture_output=True, check=False)
        assert result.returncode == 1
        expected = ("resting_slope differs", "not noise") if file == "golden.json" else ("reasons is noise",)
        assert all(words in result.stdout.decode() for words in expected), result


def signals(test_data: Path | None) -> list[tuple[Float32Array, int]]:
    """ECGs, as they are and changed; then signals that are no ECGs."""
    ecgs = [(simulated(kind, seed, 100), 100) for seed in range(5) for kind in ("NORM", "MI", "CD")]
    if test_data:
        dataset = Dataset.open(test_data / "ptbxl")
        rows = np.random.default_rng(2).permutation(dataset.rows(range(1, 10)))[:190]
        units = [dataset.signals[row][:, : 500 if k % 2 else 1000] for k, row in enumerate(rows)]  # 5 s are faster
        ecgs = [(signal.astype(np.float32) / np.float32(1000), 100) for signal in units]
        stems = sorted((test_data / "ptbxl" / "records500").rglob("*_hr.hea"))[::10]
        ecgs += [
            (read_record(stem.with_suffix(""), 500).T.astype(np.float32) / np.float32(1000), 500) for stem in stems
        ]
    changes = list(CHANGES.values())
    for k in range(0, len(ecgs), 3):  # every third one is changed
        signal, rate = ecgs[k]
        ecgs[k] = changes[(k // 3) % len(changes)](signal, rate, np.random.default_rng(k)), rate
    return ecgs + [(signal, 100) for signal in no_ecgs().values()]


def check(given: list[tuple[Float32Array, int]], tmp_path: Path) -> list[PortAnswer]:
    """Answer in JavaScript and with the reference implementation, which agree, and return the answers."""
    interpreter = Interpreter.load("edge")
    facts = [{"rate": rate, "samples": signal.shape[1]} for signal, rate in given]
    (tmp_path / "signals.json").write_text(json.dumps(facts))
    (tmp_path / "signals.bin").write_bytes(b"".join(signal.astype("<f4").tobytes() for signal, _ in given))
    lines = node("answer_signals.mjs", interpreter.bundle.folder, tmp_path / "signals.json").splitlines()
    answers = []
    for line, (signal, rate) in zip(lines, given, strict=True):
        facts_of_port = json.loads(line)
        reference = answer(interpreter.bundle, signal, rate)
        assert tuple(facts_of_port["reasons"]) == reference.reasons
        assert tuple(facts_of_port["infarct_reasons"]) == reference.infarct_reasons
        assert facts_of_port["infarct"] == reference.infarct
        if reference.probabilities is not None:
            assert reference.present is not None
            probabilities = np.array(facts_of_port["probabilities"], float)
            np.testing.assert_allclose(probabilities, reference.probabilities, atol=1e-3)
            assert facts_of_port["present"] == reference.present.tolist()
        if "input" not in reference.reasons:
            assert not excess(reference, interpreter(Recording(np.ascontiguousarray(signal), rate, LEADS)))
        answers.append(reference)
    return answers


def test_many_ecgs_and_fifty_signals_that_are_none(tmp_path: Path) -> None:
    """200 real ECGs where they are at hand, else simulated ones."""
    real = os.environ.get("EINTHOVEN_TEST_DATA")
    answers = check(signals(Path(real) if real else None), tmp_path)
    ecgs, others = answers[:-50], answers[-50:]
    assert len(ecgs) == (200 if real else 15)
    assert np.mean([not port.reasons for port in ecgs]) >= (0.55 if real else 0.3)
    assert all(port.reasons for port in others)
