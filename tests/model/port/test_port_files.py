"""The files of a bundle that a port needs: made anew by one command, and checked as carefully as the model."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from einthoven.errors import EinthovenError
from einthoven.interpret.interpreter import Interpreter
from einthoven.model.bundle import Bundle
from einthoven.model.port.answer import answer
from model.port.port_signals import simulated

OF_PORT = ("gate.json", "placement.onnx", "golden.npz", "golden.json")
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Bundle.load("edge").folder, tmp_path / "copy"))


def forge(folder: Path, name: str, content: bytes | None) -> None:
    """Replace a file, and its SHA-256 in the card; remove it if the content is None."""
    card = json.loads((folder / "card.json").read_text("utf-8"))
    if content is None:
        (folder / name).unlink()
        del card["files"][name]
    else:
        (folder / name).write_bytes(content)
        card["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / "card.json").write_text(json.dumps(card), "utf-8")


def test_a_bundle_of_an_earlier_release_loads_and_says_that_it_has_no_gate(copy: Path, einthoven: Command) -> None:
    model = (copy / "model.onnx").read_bytes()
    for name in OF_PORT:
        forge(copy, name, None)
    bundle, signal = Bundle.load(copy), simulated("NORM", 7, 100)
    assert bundle.port is None
    Interpreter(bundle)
    with pytest.raises(EinthovenError, match="has no gate, so a port must not use it; run `einthoven bundle gate`"):
        answer(bundle, signal, 100)
    code, out, _ = einthoven("bundle", "gate", copy)
    assert (code, out) == (0, f"{copy}: has the gate of this release, and golden values for it.\n")
    assert (copy / "model.onnx").read_bytes() == model
    assert answer(Bundle.load(copy), signal, 100).reasons == ()
    shipped = Bundle.load("edge").folder
    assert {path.name for path in copy.iterdir()} == {path.name for path in shipped.iterdir()}
    for name in OF_PORT[:2]:
        assert (copy / name).read_bytes() == (shipped / name).read_bytes()


def test_a_gate_of_another_release_is_renewed(copy: Path, einthoven: Command) -> None:
    forge(copy, "gate.json", b'{"format": 2}')
    assert einthoven("bundle", "gate", copy)[0] == 0
    assert (copy / "gate.json").read_bytes() == (Bundle.load("edge").folder / "gate.json").read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda gate: gate.update(format=2), "gate.json: has format '2', and this Einthoven reads 1"),
        (lambda gate: gate.pop("limits"), "gate.json: limits or placement is not an object"),
        (lambda gate: gate["limits"].pop("noise_mv"), r"gate.json: limits.noise_mv is not a number"),
        (lambda gate: gate["limits"].update(leads="1"), r"gate.json: limits.leads is not a number"),
        (lambda gate: gate["limits"].update(leads=True), r"gate.json: limits.leads is not a number"),
        (lambda gate: gate["placement"].update(exchanges=[1]), "gate.json: placement.exchanges is not a list of texts"),
    ],
)
def test_a_gate_that_cannot_be_used_is_refused(copy: Path, change: Callable[[Any], object], message: str) -> None:
    gate = json.loads((copy / "gate.json").read_text("utf-8"))
    change(gate)
    forge(copy, "gate.json", json.dumps(gate).encode())
    with pytest.raises(EinthovenError, match=message):
        Bundle.load(copy)


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 10**5, b"[]", b"\xff", b'{"format": NaN}'])
def test_a_damaged_gate_is_refused(copy: Path, content: bytes) -> None:
    forge(copy, "gate.json", content)
    with pytest.raises(EinthovenError, match=r"gate\.json: (is damaged|has format)") as raised:
        Bundle.load(copy)
    assert str(raised.value).isprintable()


def test_a_gate_needs_its_network(copy: Path) -> None:
    forge(copy, "placement.onnx", None)
    with pytest.raises(EinthovenError, match=r"names gate\.json but not placement\.onnx"):
        Bundle.load(copy)


def test_another_network_is_refused(copy: Path) -> None:
    forge(copy, "placement.onnx", (copy / "model.onnx").read_bytes())
    with pytest.raises(EinthovenError, match="does not map median beats to 21 exchanges"):
        answer(Bundle.load(copy), simulated("NORM", 7, 100), 100)


def test_a_changed_file_is_refused(copy: Path) -> None:
    for name in OF_PORT:
        content = (copy / name).read_bytes()
        (copy / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(EinthovenError, match=f"{name}: is not the file that the card names"):
            Bundle.load(copy)
        (copy / name).write_bytes(content)
