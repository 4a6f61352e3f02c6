"""What is published, installed as users install it: into clean environments, away from the source tree.

The installs need a package index and about a minute.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from serve.service import Service, parts

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src"
SERVE_LOCK = ROOT / "requirements/serve.txt"
HEAVY = ("torch", "pandas", "sklearn", "matplotlib", "fastapi", "uvicorn", "PIL", "reportlab")
PLATFORMS = ["x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "x86_64-pc-windows-msvc", "aarch64-apple-darwin"]
SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command away from the source tree and from this environment's settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["MACOSX_DEPLOYMENT_TARGET"] = "14.0"  # uv's default is older than ONNX Runtime's wheels
    environment["PIP_COMPILE"] = "0"  # half of the time
    return subprocess.run([*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True)


def done(*command: object, cwd: Path) -> str:
    """What a command that must succeed prints."""
    ended = run(*command, cwd=cwd)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the source distribution, as `make wheel` builds them."""
    folder = tmp_path_factory.mktemp("dist")
    done(sys.executable, "-m", "hatchling", "build", "--directory", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (file,) = dist.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where no package index can be reached."""
    folder = tmp_path_factory.mktemp("index")
    probe = [sys.executable, "-m", "pip", "download", "--no-cache-dir", "--no-deps", "--retries=1", "mdurl"]
    if run(*probe, cwd=folder).returncode:
        pytest.skip("no package index can be reached")


@pytest.fixture(scope="module")
def light(index: None, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, no extra, and the locked versions of what it needs."""
    folder = tmp_path_factory.mktemp("light")
    constraints = re.sub(r" \\\n +--hash=\S+", "", SERVE_LOCK.read_text(encoding="utf-8"))
    (folder / "constraints.txt").write_text(constraints, encoding="utf-8")
    done(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    install = [sys.executable, "-m", "uv", "pip", "install", "--no-config", "--python", folder / "venv"]
    done(*install, "--constraint", "constraints.txt", wheel, cwd=folder)
    return folder / "venv" / SCRIPTS


@pytest.fixture(scope="module")
def installed(index: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What deploy/install.sh makes of the files that the container's build sees."""
    folder = tmp_path_factory.mktemp("container")
    context = folder / "src"
    context.mkdir()
    for name in re.findall(r"^!(.+)$", (ROOT / ".containerignore").read_text(encoding="utf-8"), re.MULTILINE):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, context / name)
    done("sh", context / "deploy/install.sh", folder / "einthoven", cwd=folder)
    return folder / "einthoven"


def packaged() -> set[str]:
    """The files of the package in the source tree."""
    return {
        path.relative_to(SOURCES).as_posix()
        for path in (SOURCES / "einthoven").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if ".dist-info/" not in name} == packaged()
    for needed in (
        "py.typed",
        "bundles/default/model.onnx",
        "bundles/edge/card.json",
        "interpret/interpretation.schema.json",
        "signal/outlier.npz",
        "report/page/fonts/LICENSE",
        "serve/viewer/index.html",
    ):
        assert f"einthoven/{needed}" in names


def test_the_source_distribution_holds_what_builds_the_wheel(dist: Path) -> None:
    (file,) = dist.glob("*.tar.gz")
    with tarfile.open(file) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    others = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "PKG-INFO", ".gitignore"}
    assert names == {f"src/{name}" for name in packaged()} | others


def test_the_same_sources_give_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    done(sys.executable, "-m", "hatchling", "build", "--directory", tmp_path, cwd=ROOT)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        file.name: file.read_bytes() for file in dist.iterdir()
    }


def test_the_light_install_interprets(light: Path, dicom: bytes, tmp_path: Path) -> None:
    (tmp_path / "ecg.dcm").write_bytes(dicom)
    assert done(light / "einthoven", "--version", cwd=tmp_path).startswith("einthoven, version ")
    assert "edge" in done(light / "einthoven", "models", cwd=tmp_path)
    assert "infarct" in done(light / "einthoven", "interpret", "ecg.dcm", cwd=tmp_path)
    code = """if True:
        import importlib.util, sys
        import einthoven
        print(einthoven.__file__, *filter(importlib.util.find_spec, sys.argv[1:]))
    """
    file, *heavy = done(light / "python", "-I", "-c", code, *HEAVY, cwd=tmp_path).split()
    assert Path(file).is_relative_to(light.parent)
    assert heavy == []


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["serve"], "serve"),
        (["interpret", "ecg.dcm", "--report", "page.pdf"], "report"),
        (["train", "--data", ".", "--out", "run"], "train"),
        (["evaluate", "."], "evaluate"),
    ],
)
def test_the_light_install_says_which_extra_is_missing(
    command: list[str], extra: str, light: Path, dicom: bytes, tmp_path: Path
) -> None:
    (tmp_path / "ecg.dcm").write_bytes(dicom)
    ended = run(light / "einthoven", *command, cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.endswith(f" which is not installed. In a clone of Einthoven, run: pip install '.[{extra}]'\n")


@pytest.mark.skipif(sys.platform == "win32", reason="deploy/install.sh is for POSIX shells")
class TestTheServiceAsTheContainerInstallsIt:
    """One install for all of them."""

    def test_it_answers(self, installed: Path, dicom: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PYTHONPATH", raising=False)
        command = [str(installed / "bin/einthoven"), "serve", "--port", "0"]
        with Service(workers=1, command=command) as running:
            answer = running.client.post("/v1/interpret?as=pdf", files=parts({"ecg.dcm": dicom}))
            assert answer.status_code == 200, answer.text
            assert answer.content.startswith(b"%PDF")
            loaded = Path(f"/proc/{running.process.pid}/maps").read_text()
        assert str(installed) in loaded
        assert str(Path(sys.prefix)) not in loaded

    def test_nothing_is_missing_from_the_lock_file(self, installed: Path, tmp_path: Path) -> None:
        done(sys.executable, "-m", "uv", "pip", "check", "--python", installed, cwd=tmp_path)

    def test_its_sbom_lists_what_is_there(self, installed: Path, tmp_path: Path) -> None:
        sbom = json.loads((installed / "sbom.cdx.json").read_text(encoding="utf-8"))
        listing = done(sys.executable, "-m", "uv", "pip", "list", "--format=json", "--python", installed, cwd=tmp_path)
        there = {(canonicalize_name(package["name"]), package["version"]) for package in json.loads(listing)}
        assert sbom["bomFormat"] == "CycloneDX"
        main = sbom["metadata"]["component"]
        assert main["name"] == "einthoven"
        listed = {(canonicalize_name(part["name"]), part["version"]) for part in [main, *sbom["components"]]}
        assert listed == there
        assert not {"pip", "cyclonedx-bom"} & {name for name, _ in listed}


@pytest.mark.parametrize("python", ["3.11", "3.14"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_there_are_wheels_for(platform: str, python: str, index: None, tmp_path: Path) -> None:
    uv = [sys.executable, "-m", "uv", "pip", "install", "--no-config", "--dry-run", "--target", "there"]
    target = ["--python-platform", platform, "--python-version", python]
    done(*uv, *target, "--only-binary=:all:", "--require-hashes", "--requirement", SERVE_LOCK, cwd=tmp_path)
