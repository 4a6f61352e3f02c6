"""What all tests share."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import einthoven  # noqa: F401, first: it switches ONNX Runtime's telemetry off, which tests import too

# The machines are shared: no test fails for being slow.
settings.register_profile("einthoven", deadline=None)
settings.load_profile("einthoven")
# Under nohup, or in the background of a script, these signals are ignored, by all programs that a test starts, too.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder with real data: PTB-XL 1.0.3 unpacked in `ptbxl/`, `benchmark/`, recorders' files in `formats/`, and
    `quality/` (Challenge 2011)."""
    folder = os.environ.get("EINTHOVEN_TEST_DATA")
    if not folder:
        pytest.skip("EINTHOVEN_TEST_DATA is not set: no real data here")
    return Path(folder)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for TMPDIR: of a path short enough for the socket of the process that forks workers."""
    with tempfile.TemporaryDirectory(prefix="e-") as folder:
        yield Path(folder)


@pytest.fixture(name="einthoven")
def command_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: exit code, standard output, standard error."""
    from einthoven import cli

    def run(*arguments: object, cwd: Path | None = None) -> tuple[int, str, str]:
        capfd.readouterr()
        with monkeypatch.context() as context:
            context.setattr(sys, "argv", ["einthoven", *map(str, arguments)])
            if cwd:
                context.chdir(cwd)
            with pytest.raises(SystemExit) as end:
                cli.main()
        out, err = capfd.readouterr()
        return int(end.value.code or 0), out, err

    return run


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated data set of 200 records at 100 Hz."""
    from einthoven.simulate.dataset import simulate

    folder = tmp_path_factory.mktemp("simulated") / "data"
    simulate(folder, records=200, seed=1)
    return folder


@pytest.fixture(scope="session")
def trained(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run for superclasses and statements on the simulated data set, good for nothing but tests."""
    from einthoven.train.config import TrainConfig
    from einthoven.train.start import train

    folder = tmp_path_factory.mktemp("trained") / "run"
    settings = {
        "data": str(simulated),
        "tasks": ("superclass", "statements"),
        "window": 2.5,
        "stride": 2.5,
        "epochs": 2,
    }
    folds = {"train_folds": (1, 2, 3, 4), "validation_folds": (5, 6, 7, 8, 9)}  # else no label has enough support
    train(TrainConfig.make({**settings, **folds}), folder)
    return folder


@pytest.fixture(scope="session")
def exported(trained: Path, simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of `trained`, measured on fold 10 by the command line."""
    from einthoven.datasets.dataset import Dataset
    from einthoven.train.export import export
    from einthoven.train.run import Run

    folder = tmp_path_factory.mktemp("exported") / "bundle"
    export([Run.open(trained)], Dataset.open(simulated), folder, name="small")
    return folder
