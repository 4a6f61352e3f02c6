"""Forms, and the parts that make up a recording."""

import time
import tracemalloc

import pytest

from einthoven.errors import EinthovenError
from einthoven.serve.form_recordings import group_parts, single_recording
from einthoven.serve.multipart import PartRanges, part_contents, printable_name, split_form

SEGMENTS = {
    "whole.hea": b"whole/2 1 500 2000\na 1000\nb 1000\n",
    "a.hea": b"a 1 500 1000\na.dat 16 1000/mV 16 0 0 0 0 I\n",
    "b.hea": b"b 1 500 1000\nb.dat 16 1000/mV 16 0 0 0 0 I\n",
    "a.dat": b"a",
    "b.dat": b"b",
    "other.dcm": b"other",
}


def form(boundary: str, *parts: tuple[str, bytes]) -> bytes:
    lines = b"".join(f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts)
    return lines + f"--{boundary}--\r\n".encode()


def grouped(files: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Group files as parts of one body."""
    ranges, body = PartRanges(), b""
    for name, content in files.items():
        ranges[name] = len(body), len(body) + len(content)
        body += content
    return {name: part_contents(body, parts) for name, parts in group_parts(body, ranges).items()}


@pytest.mark.parametrize("backwards", [False, True])
def test_a_record_of_several_segments_is_one_recording(backwards: bool) -> None:
    recordings = grouped({name: SEGMENTS[name] for name in sorted(SEGMENTS, reverse=backwards)})
    assert list(recordings) == (["whole.hea", "other.dcm"] if backwards else ["other.dcm", "whole.hea"])
    assert recordings["whole.hea"] == {name: content for name, content in SEGMENTS.items() if name != "other.dcm"}
    assert recordings["other.dcm"] == {"other.dcm": b"other"}


def test_headers_that_name_each_other_end() -> None:
    circle = {"a.hea": b"a/1 1 500 1000\nb 1000\n", "b.hea": b"b/1 1 500 1000\na 1000\n"}
    assert grouped(circle) == {name: {name: content} for name, content in circle.items()}


def test_a_file_that_two_headers_need_is_refused() -> None:
    header = b"x 1 500 1000\nr.dat 16 1000/mV 16 0 0 0 0 I\n"
    with pytest.raises(EinthovenError, match=r"b\.hea and a\.hea both need r\.dat"):
        grouped({"a.hea": header, "b.hea": header, "r.dat": b"r"})


def test_headers_that_all_name_all_cost_no_more_than_their_bytes() -> None:
    names = [f"h{k}" for k in range(500)]
    lines = b"".join(f"{name} 1000\n".encode() for name in names)
    start = time.thread_time()
    recordings = grouped({"top.hea": lines, **{f"{name}.hea": lines for name in names[:-1]}})
    assert time.thread_time() - start < 2  # 6 s if every file was visited for every header
    assert list(recordings) == ["top.hea"]


def test_blank_lines_take_no_memory() -> None:
    body = b"\n" * 2**24
    tracemalloc.start()
    group_parts(body, {"a.hea": (0, len(body))})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20 + len(body)  # a copy of the header, and no list of its lines


def test_two_of_one_name_are_refused() -> None:
    body = form("b", *[('Content-Disposition: form-data; name="f"; filename="a.dcm"', b"x")] * 2)
    with pytest.raises(EinthovenError, match=r"Two parts are called a\.dcm"):
        split_form(body, "multipart/form-data; boundary=b")


def test_the_previous_ecg_may_have_the_name_of_the_new_one() -> None:
    head = 'Content-Disposition: form-data; name="{}"; filename="a.dcm"'
    body = form("b", (head.format("file"), b"new"), (head.format("previous"), b"old"))
    parts = split_form(body, "multipart/form-data; boundary=b")
    assert part_contents(body, parts.files) == {"a.dcm": b"new"}
    assert part_contents(body, parts.previous) == {"a.dcm": b"old"}
    recording, previous = single_recording(body, "multipart/form-data; boundary=b")
    assert recording == ("a.dcm", {"a.dcm": b"new"})
    assert previous == ("a.dcm", {"a.dcm": b"old"})
    assert single_recording(form("b", (head.format("x"), b"new")), "multipart/form-data; boundary=b")[1] is None


def test_names_and_contents_come_whole() -> None:
    content = b"\r\n--not-the-boundary\r\n\0\xff\r\n--bnot\r\n--b-\r" * 1000
    body = form(
        "b",
        ('Content-Disposition: form-data; name="f"; filename="Müller \\"x\\".dcm"', content),
        ('content-disposition: FORM-DATA; name="field"\r\nContent-Type: text/plain', b"without a file name"),
        ("X: no disposition at all", b""),
    )
    contents = part_contents(body, split_form(body, "multipart/form-data; boundary=b").files)
    assert contents == {'Müller "x".dcm': content, "field": b"without a file name", "part 3": b""}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.dcm", "y.dcm"),
        ("a\nb\x1b[1m.dcm", "ab[1m.dcm"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_are_printable(name: str, expected: str) -> None:
    assert printable_name(name) == expected
