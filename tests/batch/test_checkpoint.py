import errno
import os
import sys
import time
from pathlib import Path

import pytest

from einthoven.batch.checkpoint import Checkpoint
from einthoven.batch.fingerprint import UNKNOWN, fingerprint, is_unchanged
from einthoven.errors import EinthovenError
from einthoven.interpret.interpretation import Failure
from einthoven.interpret.json_text import dumps
from einthoven.readers.record_files import list_record_files

SOURCES = [f"é{k}.hea" for k in range(5)]
FAILURES = [Failure(source, "ü" * k) for k, source in enumerate(SOURCES)]
RESULTS = [dumps(failure.to_dict()) for failure in FAILURES]


def begun(path: Path, count: int) -> Checkpoint:
    part = Checkpoint(path, {"model": "m"})
    assert list(part.extend(SOURCES[:count], RESULTS[:count])) == RESULTS[:count]
    return part


def test_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    begun(tmp_path / "out.csv", 3)
    part = Checkpoint(tmp_path / "out.csv", {"model": "m"})
    assert part.missing(SOURCES) == SOURCES[3:]
    list(part.extend(SOURCES[3:], RESULTS[3:]))
    assert list(part.outcomes(reversed(SOURCES))) == FAILURES[::-1]
    part.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 20, 35])
def test_a_line_that_was_being_written_is_written_again(tmp_path: Path, cut: int) -> None:
    file = begun(tmp_path / "out.csv", 3).path
    file.write_bytes(file.read_bytes()[:-cut])
    part = Checkpoint(tmp_path / "out.csv", {"model": "m"})
    assert part.missing(SOURCES) == SOURCES[2:]
    list(part.extend(SOURCES[2:], RESULTS[2:]))
    assert list(part.outcomes(SOURCES)) == FAILURES


def test_a_first_line_that_was_being_written(tmp_path: Path) -> None:
    part = begun(tmp_path / "out.csv", 0).path
    part.write_bytes(part.read_bytes()[:20])
    assert Checkpoint(tmp_path / "out.csv", {"model": "m"}).missing(SOURCES) == SOURCES


def test_refuses_the_part_of_another_run(tmp_path: Path) -> None:
    begun(tmp_path / "out.csv", 3)
    with pytest.raises(EinthovenError, match="another model or options"):
        Checkpoint(tmp_path / "out.csv", {"model": "other"})


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks here")
def test_refuses_a_second_run_while_one_writes(tmp_path: Path) -> None:
    first = begun(tmp_path / "out.csv", 3)
    with pytest.raises(EinthovenError, match="another run is writing to it"):
        Checkpoint(tmp_path / "out.csv", {"model": "m"})
    assert list(first.outcomes(SOURCES[:3])) == FAILURES[:3]
    first.remove()


def test_a_damaged_line_costs_no_other(tmp_path: Path, test_data: Path) -> None:
    part = begun(tmp_path / "out.csv", 3)
    garbage = (test_data / "cases" / "reliability" / "answers.jsonl.part-with-garbage-line").read_bytes()
    for junk in (garbage, b"\0" * 5000 + b"\n", bytes(range(256)), b"\n\n", b'00000000 - {"recording": 1}\n'):
        with part.path.open("ab") as file:
            file.write(junk.rstrip(b"\n") + b"\n")
    part.close()
    part = Checkpoint(tmp_path / "out.csv", {"model": "m"})
    assert part.missing(SOURCES) == SOURCES[3:]
    list(part.extend(SOURCES[3:], RESULTS[3:]))
    part.close()
    part = Checkpoint(tmp_path / "out.csv", {"model": "m"})
    assert part.missing(SOURCES) == []
    assert list(part.outcomes(SOURCES)) == FAILURES


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    whole = begun(tmp_path / "out.csv", 3).path.read_bytes()
    start = whole.index(b"\n") + 1
    for place in range(start, len(whole), 13):
        for bit in (0, 6):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << bit
            (tmp_path / "out.csv.part").write_bytes(damaged)
            part = Checkpoint(tmp_path / "out.csv", {"model": "m"})
            missing = part.missing(SOURCES[:3])
            assert missing
            list(part.extend(missing, [RESULTS[SOURCES.index(source)] for source in missing]))
            assert list(part.outcomes(SOURCES[:3])) == FAILURES[:3]
            part.remove()


def test_a_bit_that_flips_during_the_run(tmp_path: Path) -> None:
    part = begun(tmp_path / "out.csv", 3)
    damaged = bytearray(part.path.read_bytes())
    damaged[-20] ^= 4
    part.path.write_bytes(damaged)
    with pytest.raises(EinthovenError, match="was damaged during the run"):
        list(part.outcomes(SOURCES[:3]))


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 300,
        bytes(range(256)) * 4,
        b"\n",
        b"a patient's notes, without an end of line",
        b"einthoven-part 3 00000000 {}\n",
        b"einthoven-part 3 ",
        b"einthoven-part 2 00000000 {}\n",
        b"einthoven-part\n",
        b'{"einthoven": "0.1", "model": "m"}\n{"recording": {"source": "a"}}\n',
    ],
)
def test_what_is_no_part_of_this_run_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "out.csv.part"
    path.write_bytes(content)
    if content == b"einthoven-part 3 ":  # the beginning of every part, so that nothing is lost
        assert Checkpoint(tmp_path / "out.csv", {"model": "m"}).missing(SOURCES) == SOURCES
        return
    with pytest.raises(EinthovenError, match=r"out\.csv\.part: .*; delete it, or choose another --out\.$"):
        Checkpoint(tmp_path / "out.csv", {"model": "m"})
    assert path.read_bytes() == content


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "out.csv.part").mkdir()
    with pytest.raises(EinthovenError, match="is not a file"):
        Checkpoint(tmp_path / "out.csv", {"model": "m"})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_its_place(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out.csv.part")
    with pytest.raises(EinthovenError, match="is not a file"):
        Checkpoint(tmp_path / "out.csv", {"model": "m"})


def test_one_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "no", str(tmp_path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(EinthovenError, match="no permission"):
        Checkpoint(tmp_path / "out.csv", {"model": "m"})


def test_one_without_answers_is_not_kept(tmp_path: Path) -> None:
    begun(tmp_path / "out.csv", 0).close()
    assert not list(tmp_path.iterdir())
    begun(tmp_path / "out.csv", 1).close()
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv.part"]


class TestChangedFiles:
    """A file that changed between stop and rerun is interpreted again; one that was only touched is not."""

    @pytest.fixture
    def record(self, tmp_path: Path) -> Path:
        """A header of two segments with their signals."""
        for name, text in (
            ("m.hea", "m/2 1 100 20\ns 10\nS2 10\n"),
            ("s.hea", "s 1 100 10\ns.dat 16\n"),
            ("s.dat", "0" * 20),
            ("s2.hea", "s2 1 100 10\n./s2.dat 16\n"),
            ("s2.dat", "1" * 20),
            ("odd", "odd 1 100 10\nS.DAT 16\n"),
            ("t.csv", "I\n1\n"),
        ):
            (tmp_path / name).write_text(text)
        return tmp_path

    def test_which_files_count(self, record: Path) -> None:
        def found(name: str) -> list[str]:
            return sorted(file.name for file in list_record_files(record / name))

        assert found("m") == found("m.hea") == ["m.hea", "s.dat", "s.hea", "s2.dat", "s2.hea"]
        assert found("s.dat") == ["s.dat", "s.hea"]
        assert found("odd") == ["odd", "s.dat"]
        assert found("t.csv") == ["t.csv"]
        assert found("none.xml") == ["none.xml"]

    @pytest.mark.parametrize("name", ["m.hea", "s.hea", "s.dat", "s2.hea", "s2.dat"])
    def test_each_of_them(self, record: Path, name: str) -> None:
        source, since = str(record / "m.hea"), time.time_ns() + 10**12
        before = fingerprint(source, since)
        assert is_unchanged(source, before)
        path = record / name
        content, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
        path.write_bytes(content)  # touched
        assert is_unchanged(source, before)
        path.write_bytes(content[:-1] + b"#")  # of the same length and, to all appearance, of the same time
        os.utime(path, ns=times)
        assert not is_unchanged(source, before)
        path.unlink()
        assert not is_unchanged(source, before)
        path.write_bytes(content)
        assert is_unchanged(source, before)

    def test_what_was_missing_is_there(self, record: Path) -> None:
        since = time.time_ns() + 10**12
        before = fingerprint(str(record / "none.xml"), since)
        assert is_unchanged(str(record / "none.xml"), before)
        (record / "none.xml").write_text("<x/>")
        assert not is_unchanged(str(record / "none.xml"), before)

    def test_a_change_during_the_run(self, record: Path) -> None:
        """Nobody can tell which content the answer belongs to."""
        assert fingerprint(str(record / "t.csv"), since_ns=0) == UNKNOWN
        assert not is_unchanged(str(record / "t.csv"), UNKNOWN)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_is_not_waited_for(self, record: Path) -> None:
        os.mkfifo(record / "pipe.xml")
        assert is_unchanged(str(record / "pipe.xml"), fingerprint(str(record / "pipe.xml"), time.time_ns() + 10**12))

    def test_in_the_part(self, record: Path, tmp_path: Path) -> None:
        os.utime(record / "t.csv", ns=(0, 0))
        sources = [str(record / name) for name in ("m", "t.csv")]
        failures = [Failure(source, "is no ECG.") for source in sources]
        part = Checkpoint(tmp_path / "out.csv", 1)
        part._since_ns = time.time_ns() + 10**12  # the files are older
        list(part.extend(sources, [dumps(failure.to_dict()) for failure in failures]))
        part.close()
        assert Checkpoint(tmp_path / "out.csv", 1).missing(sources) == []
        (record / "s.dat").write_text("2" * 20)
        part = Checkpoint(tmp_path / "out.csv", 1)
        assert part.missing(sources) == sources[:1]
        changed = Failure(sources[0], "again")
        list(part.extend(sources[:1], [dumps(changed.to_dict())]))
        assert list(part.outcomes(sources)) == [changed, failures[1]]
