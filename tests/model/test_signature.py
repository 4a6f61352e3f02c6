"""A bundle can be signed; whoever asks for a signature gets no other bundle."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from einthoven import cli
from einthoven.errors import EinthovenError
from einthoven.interpret.interpreter import Interpreter
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import SHIPPED

serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")


def keys(folder: Path, name: str) -> tuple[Path, Path]:
    """A new pair: private, public."""
    key = ed25519.Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


@pytest.fixture
def einthoven(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Run the command line in this process: exit code, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["einthoven", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0), *capfd.readouterr()

    return run


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED / "edge", tmp_path / "bundle"))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return keys(tmp_path, "ours")


@pytest.fixture
def signed(bundle: Path, pair: tuple[Path, Path], einthoven) -> Path:
    code, out, err = einthoven("bundle", "sign", bundle, "--key", pair[0])
    assert (code, err) == (0, "")
    assert out == f"{bundle / 'card.json.sig'}: signed.\n"
    return bundle


def refused(bundle: Path, public: Path, einthoven, words: str) -> None:
    """By the library and by every command that takes a key."""
    for load in (Bundle.load, lambda name, public_key: Interpreter.load(name, public_key=public_key)):
        with pytest.raises(EinthovenError, match=words):
            load(bundle, public_key=public)
    ecg = bundle.parent / "ecg.csv"
    ecg.write_text("\n".join([",".join(["0"] * 12)] * 5000))
    interpret = ("interpret", ecg, "--rate", 500, "--unit", "uV", "--model", bundle, "--model-key", public)
    for arguments in (
        ("bundle", "verify", bundle, "--key", public),
        interpret,
        (*interpret, "--workers", 2),
        ("serve", "--port", 0, "--model", bundle, "--model-key", public),
    ):
        code, out, err = einthoven(*arguments)
        assert (code, out) == (2, ""), arguments
        assert words in err, arguments


def test_the_right_key(signed: Path, pair: tuple[Path, Path], einthoven) -> None:
    assert einthoven("bundle", "verify", signed, "--key", pair[1])[0] == 0
    assert Bundle.load(signed, pair[1]).card.name == "edge"
    assert Bundle.load(signed, str(pair[1])).card.name == "edge"


def test_interpreting_with_the_right_key(signed: Path, pair: tuple[Path, Path], einthoven, tmp_path: Path) -> None:
    ecg = tmp_path / "ecg.csv"
    ecg.write_text("\n".join(["I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6", *[",".join(map(str, range(12)))] * 5000]))
    arguments = ("interpret", ecg, "--rate", 500, "--unit", "uV", "--model", signed, "--model-key", pair[1])
    for more in ((), ("--workers", 1), ("--workers", 1, "--out", tmp_path / "out.jsonl")):
        assert einthoven(*arguments, *more)[0] == 0


def test_openssl_agrees(signed: Path, pair: tuple[Path, Path]) -> None:
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    arguments = ["-rawin", "-in", signed / "card.json", "-sigfile", signed / "card.json.sig"]
    subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", pair[1], *arguments], check=True)


def test_another_key(signed: Path, einthoven, tmp_path: Path) -> None:
    refused(signed, keys(tmp_path, "theirs")[1], einthoven, "card.json.sig does not fit card.json and")


def test_no_signature(bundle: Path, pair: tuple[Path, Path], einthoven) -> None:
    refused(bundle, pair[1], einthoven, "is not signed")
    with pytest.raises(EinthovenError, match="is not signed"):
        Bundle.load("default", pair[1])


def test_another_card(signed: Path, pair: tuple[Path, Path], einthoven) -> None:
    card = signed / "card.json"
    card.write_bytes(card.read_bytes().replace(b'"name": "edge"', b'"name": "Edge"'))
    refused(signed, pair[1], einthoven, "card.json.sig does not fit card.json and")


def test_another_model(signed: Path, pair: tuple[Path, Path], einthoven) -> None:
    model = bytearray((signed / "model.onnx").read_bytes())
    model[1000] ^= 1
    (signed / "model.onnx").write_bytes(model)
    refused(signed, pair[1], einthoven, "is not the file that the card names")


@pytest.mark.parametrize("signature", [b"", b"x", bytes(64), bytes(65), bytes(2**20)])
def test_what_is_no_signature(signed: Path, pair: tuple[Path, Path], einthoven, signature: bytes) -> None:
    (signed / "card.json.sig").write_bytes(signature)
    with pytest.raises(EinthovenError, match="does not fit"):
        Bundle.load(signed, pair[1])


def test_what_is_no_key(signed: Path, pair: tuple[Path, Path], einthoven, tmp_path: Path) -> None:
    private, public = pair
    wrong = tmp_path / "wrong"
    for content in (b"", b"\xff\x00", private.read_bytes()):
        wrong.write_bytes(content)
        assert "is not a public Ed25519 key" in einthoven("bundle", "verify", signed, "--key", wrong)[2]
    for content in (b"", public.read_bytes()):
        wrong.write_bytes(content)
        assert "is not a private Ed25519 key" in einthoven("bundle", "sign", signed, "--key", wrong)[2]
    assert "not found" in einthoven("bundle", "verify", signed, "--key", tmp_path / "none")[2]


def test_a_damaged_bundle_is_not_signed(bundle: Path, pair: tuple[Path, Path], einthoven) -> None:
    (bundle / "golden.npz").write_bytes(b"")
    assert einthoven("bundle", "sign", bundle, "--key", pair[0])[0] == 2
    assert not (bundle / "card.json.sig").exists()
