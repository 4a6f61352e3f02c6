"""Bundles that are not what they seem: one sentence at once, nothing read from elsewhere, no memory lost."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from einthoven import cli
from einthoven.errors import EinthovenError, RecordingError
from einthoven.interpret.interpreter import Interpreter
from einthoven.model.bundle import Bundle
from einthoven.recording import LEADS as LEAD_NAMES
from einthoven.recording import Recording
from model.hostile import LEADS, WINDOW, facts, model, write

Refused = Callable[..., str]
WINDOWS = np.zeros((2, LEADS, WINDOW), np.float32)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write(tmp_path / "bundle", model())


def refusal(bundle: Path) -> str:
    """The sentence with which a bundle is refused."""
    with pytest.raises(EinthovenError) as raised:
        Bundle.load(bundle)
    sentence = str(raised.value)
    assert sentence.isprintable(), repr(sentence)
    assert len(sentence) < 700
    return sentence


def test_one_of_another_hand_is_accepted(bundle: Path) -> None:
    assert Bundle.load(bundle).window_logits(WINDOWS).shape == (2, 3)


# What is loaded is what was hashed


def external(location: str, *, in_node: bool = False) -> Callable[[ModelProto], None]:
    """Move the model's weights into another file, as ONNX allows."""

    def change(model: ModelProto) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", "0"), ("length", str(LEADS * WINDOW * 3 * 4))):
            tensor.external_data.add(key=key, value=value)
        if in_node:
            model.graph.node.insert(0, helper.make_node("Constant", [], ["w"], value=tensor))
            del model.graph.initializer[0]

    return change


@pytest.mark.parametrize("in_node", [False, True])
@pytest.mark.parametrize("location", ["weights.bin", "../weights.bin", "{}/weights.bin", "*/_ORT_MEM_ADDR_/*"])
def test_weights_in_other_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, in_node: bool
) -> None:
    for place in (tmp_path, tmp_path / "bundle"):
        place.mkdir(exist_ok=True)
        (place / "weights.bin").write_bytes(bytes(LEADS * WINDOW * 3 * 4))
    monkeypatch.chdir(tmp_path / "bundle")
    content = model(change=external(location.format(tmp_path), in_node=in_node))
    assert "weights in another file" in refusal(write(tmp_path / "bundle", content))


@pytest.mark.parametrize("length", [b"\x08", b"\x88\x00", b"\x88\x80\x00"])
@pytest.mark.parametrize("tag", [b"\x0a", b"\x8a\x00", b"\x8a\x80\x00"])
def test_however_the_reference_is_encoded(tmp_path: Path, tag: bytes, length: bytes) -> None:
    content = model(change=external("weights.bin"))
    usual = b"\x0a\x08location"
    assert usual in content
    assert "weights in another file" in refusal(
        write(tmp_path / "bundle", content.replace(usual, tag + length + b"location"))
    )


def test_a_name_that_contains_the_word_is_no_reference(tmp_path: Path) -> None:
    def change(model: ModelProto) -> None:
        model.graph.node[0].name = "/relocation/location"

    Bundle.load(write(tmp_path / "bundle", model(change=change)))


def test_a_model_cannot_choose_the_session_s_settings(tmp_path: Path) -> None:
    def change(model: ModelProto) -> None:
        model.metadata_props.add(key="ort_config", value='{"session_options": {"enable_profiling": 1}}')

    write(tmp_path / "bundle", model(change=change))
    script = (
        "import numpy, einthoven.model.bundle as b\n"
        "b.Bundle.load('bundle').window_logits(numpy.zeros((1, 12, 250), numpy.float32))"
    )
    environment = {**os.environ, "ORT_LOAD_CONFIG_FROM_MODEL": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]  # no profile


# Files


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
@pytest.mark.parametrize("name", ["card.json", "model.onnx"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "link out", "loop", "dangling"])
def test_only_regular_files_inside_the_folder_are_read(bundle: Path, name: str, kind: str) -> None:
    path = bundle / name
    content = path.read_bytes()
    path.unlink()
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")
        case "link out":
            (bundle.parent / "elsewhere").write_bytes(content)
            path.symlink_to("../elsewhere")
        case "loop":
            path.symlink_to(name)
        case "dangling":
            path.symlink_to("nowhere")
    refusal(bundle)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_inside_the_folder_is_fine(bundle: Path) -> None:
    (bundle / "model.onnx").rename(bundle / "v1.onnx")
    (bundle / "model.onnx").symlink_to("v1.onnx")
    Bundle.load(bundle)


@pytest.mark.parametrize(("name", "most"), [("card.json", 8 * 2**20), ("model.onnx", 2**30)])
def test_sizes_are_bounded_before_anything_is_read(bundle: Path, name: str, most: int) -> None:
    with (bundle / name).open("r+b") as file:
        file.truncate(most + 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "is larger than" in refusal(bundle)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # KiB


# Models


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a model",
        b"\x00" * 1000,
        b"\xff" * 1000,
        b"\x08\x08:" + b"\xff\xff\xff\xff\x07",  # a graph of 2 GiB, of which nothing is there
        b"\x3a\x80\x80\x04" * 20_000,  # graphs in graphs
        model()[:100],
        model()[:-1],
        b"\x00\x00\x00\x00ORTM" + bytes(100),  # ONNX Runtime's own format
    ],
)
def test_what_is_no_model(tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "ONNX Runtime refuses it" in refusal(write(tmp_path / "bundle", content))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # KiB
    assert capfd.readouterr() == ("", "")


def rename(model: ModelProto) -> None:
    model.graph.input[0].name = model.graph.node[0].input[0] = "ecg"


def add_input(model: ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("age", TensorProto.FLOAT, [1]))


def fix_windows(model: ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1


@pytest.mark.parametrize(
    "content",
    [
        model(labels=4),
        model(labels=2),
        model(leads=8),
        model(window=1000),
        model(output="probabilities"),
        *(model(change=change) for change in (rename, add_input, fix_windows)),
    ],
)
def test_a_model_that_does_not_fit_its_card(tmp_path: Path, content: bytes) -> None:
    assert "does not map windows of 12 leads and 250 samples to 3 logits" in refusal(
        write(tmp_path / "bundle", content)
    )


@pytest.mark.parametrize(
    ("node", "value", "words"),
    [
        (
            helper.make_node("Add", ["m", "c"], ["logits"]),
            np.float32("nan"),
            "does not return 3 finite numbers",
        ),
        (helper.make_node("Div", ["m", "c"], ["logits"]), np.float32(0), "does not return 3 finite numbers"),
        (helper.make_node("Gather", ["m", "c"], ["logits"], axis=1), np.array([0, 1, 9]), "fails"),
    ],
)
def test_a_model_that_fails_when_it_is_asked(tmp_path: Path, node: NodeProto, value: Any, words: str) -> None:
    content = model([node], [numpy_helper.from_array(np.array(value), "c")])
    bundle = Bundle.load(write(tmp_path / "bundle", content))
    with pytest.raises(EinthovenError, match=words) as raised:
        bundle.window_logits(WINDOWS)
    assert str(raised.value).isprintable()


def test_damaged_models_never_raise_anything_else(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content, rng, loaded, sentences = model(), np.random.default_rng(1), 0, list[str]()
    head = len(content) - LEADS * WINDOW * 3 * 4  # everything but the weights, which lie between its two parts
    for _ in range(300):
        damaged = bytearray(content)
        for place in rng.integers(-head // 2, head // 2, size=rng.integers(1, 4)):
            damaged[place] = rng.integers(256)
        try:
            bundle = Bundle.load(write(tmp_path / "bundle", bytes(damaged)))
            loaded += 1
            bundle.window_logits(WINDOWS)
        except EinthovenError as error:
            sentences.append(str(error))
    assert 0 < loaded < 300
    assert all(sentence.isprintable() for sentence in sentences)
    assert capfd.readouterr() == ("", "")


# The command line


def verbs(bundle: Path, tmp_path: Path) -> list[list[str]]:
    ecg = tmp_path / "ecg.csv"
    rows = ["I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6", *[",".join(map(str, range(12)))] * 5000]
    ecg.write_text("\n".join(rows))
    interpret = ["interpret", str(ecg), "--rate", "500", "--unit", "uV", "--model", str(bundle)]
    return [
        ["models", str(bundle)],
        interpret,
        [*interpret, "--workers", "1", "--format", "jsonl"],
        ["evaluate", str(bundle), "--data", str(tmp_path), "--out", str(tmp_path / "out")],
    ]


def damage(card: dict[str, Any], name: str) -> bytes:
    match name:
        case "text":
            return b"\x00\xff"
        case "deep":
            return b"[" * 100_000
        case "labels":
            card["labels"] = 7
        case "thresholds":
            del card["labels"][1]["thresholds"]
        case "results":
            card["results"] = {"tasks": {"mi": {"per_label": []}}}
        case "name":
            card["name"] = "\x1b]0;evil\x07"
        case "window":
            card["input"]["window_samples"] = 0
    return orjson.dumps(card)


@pytest.mark.parametrize("name", ["text", "deep", "labels", "thresholds", "results", "name", "window"])
def test_every_command_says_it_in_one_sentence(
    bundle: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (bundle / "card.json").write_bytes(damage(facts(), name))
    for arguments in verbs(bundle, tmp_path):
        monkeypatch.setattr(sys, "argv", ["einthoven", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capfd.readouterr()
        assert end.value.code == 2, arguments
        assert out == ""
        assert err.startswith(f"Error: {bundle / 'card.json'}: ")
        assert err.endswith("; export the bundle again.\n")
        assert err[:-1].isprintable()


def test_a_bundle_of_another_hand_in_every_command(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    markup = {"name": "[/name]", "version": "[/version]"}  # of rich, which draws the table
    write(bundle, model(), {**facts(), **markup})
    for arguments in verbs(bundle, tmp_path)[:3]:
        monkeypatch.setattr(sys, "argv", ["einthoven", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code == 0, capfd.readouterr()


def test_a_recording_shorter_than_the_window_is_refused(tmp_path: Path) -> None:
    card = facts()
    card["input"]["window_samples"] = card["input"]["stride_samples"] = 1000
    interpreter = Interpreter.load(write(tmp_path / "bundle", model(window=1000), card))
    with pytest.raises(RecordingError, match="lasts 3 s, and the model edge needs 10 s"):
        interpreter(Recording(np.zeros((12, 750), np.float32), 250, LEAD_NAMES), force=True)
