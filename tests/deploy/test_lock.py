"""The lock files cover what pyproject.toml asks for, and name nothing but versions and hashes."""

import re
import tomllib
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
WANTED = {
    "serve": [*PROJECT["project"]["dependencies"], *EXTRAS["serve"], *EXTRAS["report"]],
    "build": [*PROJECT["dependency-groups"]["build"], *PROJECT["build-system"]["requires"]],
}


def locked(name: str) -> list[str]:
    """The requirements of a lock file, one a line, without comments."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    return [line for line in lines if not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", WANTED)
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
