"""The lock files cover what pyproject.toml asks for. Those of the service name nothing but versions and hashes."""

import re
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SYSTEMS = [("linux", "Linux"), ("darwin", "Darwin"), ("win32", "Windows")]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
EXTRAS = PROJECT["project"]["optional-dependencies"]


def asked_for(extra: str) -> Iterator[str]:
    """The requirements of an extra, and of the extras that it names."""
    for line in EXTRAS[extra]:
        requirement = Requirement(line)
        if requirement.name == PROJECT["project"]["name"]:
            for other in requirement.extras:
                yield from asked_for(other)
        else:
            yield line


WANTED = {
    "serve": [*PROJECT["project"]["dependencies"], *EXTRAS["serve"], *EXTRAS["report"]],
    "build": [*PROJECT["dependency-groups"]["build"], *PROJECT["build-system"]["requires"]],
    "dev": [*PROJECT["project"]["dependencies"], *asked_for("dev")],
}
HASHED = ["serve", "build"]


def locked(name: str) -> list[str]:
    """The requirements of a lock file, one a line, without comments."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    return [line for line in lines if not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", HASHED)
def test_each_line_is_one_version_with_its_hashes(name: str) -> None:
    line = re.compile(r"[a-z0-9-]+==[0-9a-z.]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+ *")
    assert locked(name)
    assert "://" not in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    for requirement in locked(name):
        assert line.fullmatch(requirement), requirement


@pytest.mark.parametrize(("name", "system", "python"), [*product(WANTED, SYSTEMS, PYTHONS)])
def test_every_dependency_is_locked_at_a_version_that_is_allowed(
    name: str, system: tuple[str, str], python: str
) -> None:
    sys_platform, platform_system = system
    environment = {
        "sys_platform": sys_platform,
        "platform_system": platform_system,
        "python_version": python,
        "python_full_version": f"{python}.0",
    }

    def applies(requirement: Requirement) -> bool:
        return not requirement.marker or requirement.marker.evaluate(environment)

    versions: dict[str, list[Version]] = {}
    for pin in filter(applies, (Requirement(line.partition(" --hash")[0]) for line in locked(name))):
        (specifier,) = pin.specifier
        versions.setdefault(canonicalize_name(pin.name), []).append(Version(specifier.version))
    assert all(len(of_one) == 1 for of_one in versions.values())
    for wanted in filter(applies, map(Requirement, WANTED[name])):
        (version,) = versions[canonicalize_name(wanted.name)]
        assert version in wanted.specifier, wanted


def test_development_has_the_torch_that_the_constraints_name() -> None:
    (torch,) = [line for line in locked("dev") if line.startswith("torch==")]
    assert torch in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
