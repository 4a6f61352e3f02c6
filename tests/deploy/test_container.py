"""The Containerfile and what is run with it. The install step itself is run by test_wheel.py."""

import json
import re
from pathlib import Path

from einthoven.cli.serve import serve

ROOT = Path(__file__).parents[2]
INSTRUCTIONS = re.sub(r"\\\n\s*", "", (ROOT / "Containerfile").read_text(encoding="utf-8")).splitlines()
HEALTH = "/opt/einthoven/bin/python /opt/einthoven/ready.py"


def final(instruction: str) -> list[str]:
    """What follows an instruction's name in the stage that becomes the image."""
    start = max(k for k, line in enumerate(INSTRUCTIONS) if line.startswith("FROM "))
    return [line.split(" ", 1)[1] for line in INSTRUCTIONS[start:] if line.startswith(f"{instruction} ")]


def test_the_base_image_can_be_pinned_in_one_place() -> None:
    assert [line for line in INSTRUCTIONS if line.startswith("FROM ")] == ["FROM ${BASE} AS build", "FROM ${BASE}"]


def test_the_image_runs_as_a_user_that_owns_nothing() -> None:
    assert final("USER") == ["10001:10001"]
    assert final("RUN") == []
    assert not any("--chown" in line for line in INSTRUCTIONS)


def test_its_options_are_those_of_the_service() -> None:
    (entry,) = map(json.loads, final("ENTRYPOINT"))
    assert entry[:2] == ["/opt/einthoven/bin/einthoven", "serve"]
    assert {option for option in entry if option.startswith("--")} <= {option.opts[0] for option in serve.params}


def test_the_health_check_is_the_same_wherever_it_is_written() -> None:
    (check,) = final("HEALTHCHECK")
    assert " ".join(json.loads(check.partition("CMD ")[2])) == HEALTH
    assert f"HealthCmd={HEALTH}\n" in (ROOT / "deploy/einthoven.container").read_text(encoding="utf-8")
    assert f"--health-cmd '{HEALTH}'" in (ROOT / "docs/how-to/hospital.md").read_text(encoding="utf-8")


def test_both_engines_leave_out_the_same() -> None:
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8")
    assert ignored == (ROOT / ".dockerignore").read_text(encoding="utf-8")
    patterns = [line for line in ignored.splitlines() if not line.startswith("#")]
    assert patterns[0] == "*"  # the rest lists what is let in
