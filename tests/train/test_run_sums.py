"""A run notices when one of its files is no longer what it wrote."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.errors import EinthovenError
from einthoven.train.run import Run

NAMES = ("config.json", "model.pt", "checkpoint.pt")


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "run"))


def read(folder: Path, name: str) -> None:
    run = Run.open(folder)
    if name != "config.json":
        run.load(name)


def test_sums_are_those_of_coreutils(trained: Path) -> None:
    sums = (trained / "SHA256SUMS").read_text().splitlines()
    assert sorted(line.split()[1] for line in sums) == sorted(NAMES)
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=trained, check=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_flipped_bit_anywhere(copy: Path, name: str) -> None:
    content, rng = (copy / name).read_bytes(), np.random.default_rng(0)
    for place in [0, len(content) - 1, *rng.integers(len(content), size=20)]:
        flipped = bytearray(content)
        flipped[place] ^= 1 << rng.integers(8)
        (copy / name).write_bytes(flipped)
        with pytest.raises(EinthovenError, match=f"{name}: changed since the run wrote it"):
            read(copy, name)
    (copy / name).write_bytes(content)
    read(copy, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_an_earlier_release_has_no_sums(copy: Path, name: str) -> None:
    (copy / "SHA256SUMS").unlink()
    read(copy, name)
    Run.open(copy).save("model.pt", {"a": torch.zeros(1)})  # from here on it has one
    (copy / "model.pt").write_bytes(b"x")
    with pytest.raises(EinthovenError, match="changed since"):
        read(copy, "model.pt")


@pytest.mark.parametrize("writes", range(4))
def test_killed_between_file_and_sum_it_can_be_resumed(
    copy: Path, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the three writes of a save, `writes` are done."""
    run, replace, done = Run.open(copy), Path.replace, 0
    before = run.load("model.pt")
    after = {name: tensor + 1 for name, tensor in before.items()}

    def until(self: Path, target: Path) -> Path:
        nonlocal done
        if done == writes:
            raise KeyboardInterrupt
        done += 1
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", until)
        if writes == 3:
            run.save("model.pt", after)
        else:
            with pytest.raises(KeyboardInterrupt):
                run.save("model.pt", after)
    found, expected = Run.open(copy).load("model.pt"), before if writes < 2 else after
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    run.save("model.pt", after)
    assert sum(line.endswith("model.pt") for line in (copy / "SHA256SUMS").read_text().splitlines()) == 1


@pytest.mark.parametrize("content", [b"x", b"\xff\xfe", b"0" * 64 + b"  ../model.pt\n", b"\n"])
def test_damaged_sums(copy: Path, content: bytes) -> None:
    (copy / "SHA256SUMS").write_bytes(content)
    with pytest.raises(EinthovenError, match="SHA256SUMS: is damaged"):
        Run.open(copy)


def test_a_checkpoint_cannot_run_code(copy: Path) -> None:
    class Evil:
        def __reduce__(self) -> object:
            return Path.touch, (copy / "ran",)

    torch.save({"a": Evil()}, copy / "model.pt")
    (copy / "SHA256SUMS").unlink()
    with pytest.raises(EinthovenError, match=r"model.pt: cannot be loaded"):
        Run.open(copy).load("model.pt")
    assert not (copy / "ran").exists()


def test_the_weights_of_the_repository_have_sums() -> None:
    folders = [path.parent for path in (Path(__file__).parents[2] / "weights").glob("*/model.pt")]
    assert len(folders) == 5
    for folder in folders:
        assert len((folder / "SHA256SUMS").read_text().splitlines()) == 2
        Run.open(folder).load("model.pt")
        json.loads((folder / "config.json").read_text())
