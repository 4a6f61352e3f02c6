import json
import sys
from pathlib import Path

import pytest

from einthoven.batch.part import Part
from einthoven.errors import EinthovenError

SOURCES = [f"é{k}.hea" for k in range(5)]
ANSWERS = [json.dumps({"recording": {"source": s}, "n": "ü" * k}, ensure_ascii=False) for k, s in enumerate(SOURCES)]


def begun(path: Path, count: int) -> Part:
    part = Part(path, {"model": "m"})
    assert list(part.extend(SOURCES[:count], ANSWERS[:count])) == ANSWERS[:count]
    return part


def test_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    begun(tmp_path / "out.csv", 3)
    part = Part(tmp_path / "out.csv", {"model": "m"})
    assert part.missing(SOURCES) == SOURCES[3:]
    list(part.extend(SOURCES[3:], ANSWERS[3:]))
    assert list(part.answers(reversed(SOURCES))) == ANSWERS[::-1]
    part.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 20, 35])
def test_a_line_that_was_being_written_is_written_again(tmp_path: Path, cut: int) -> None:
    file = begun(tmp_path / "out.csv", 3).path
    file.write_bytes(file.read_bytes()[:-cut])
    part = Part(tmp_path / "out.csv", {"model": "m"})
    assert part.missing(SOURCES) == SOURCES[2:]
    list(part.extend(SOURCES[2:], ANSWERS[2:]))
    assert list(part.answers(SOURCES)) == ANSWERS


def test_a_first_line_that_was_being_written(tmp_path: Path) -> None:
    part = begun(tmp_path / "out.csv", 0).path
    part.write_bytes(part.read_bytes()[:20])
    assert Part(tmp_path / "out.csv", {"model": "m"}).missing(SOURCES) == SOURCES


def test_refuses_the_part_of_another_run(tmp_path: Path) -> None:
    begun(tmp_path / "out.csv", 3)
    with pytest.raises(EinthovenError, match="another model or options"):
        Part(tmp_path / "out.csv", {"model": "other"})


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks here")
def test_refuses_a_second_run_while_one_writes(tmp_path: Path) -> None:
    first = begun(tmp_path / "out.csv", 3)
    with pytest.raises(EinthovenError, match="another run is writing to it"):
        Part(tmp_path / "out.csv", {"model": "m"})
    assert list(first.answers(SOURCES[:3])) == ANSWERS[:3]
    first.remove()
