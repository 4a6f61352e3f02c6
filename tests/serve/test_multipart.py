"""Which parts of a form belong together."""

import pytest

from einthoven.errors import EinthovenError
from einthoven.serve.parts import Part, group, plain, split

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


@pytest.mark.parametrize("backwards", [False, True])
def test_a_record_of_several_segments_is_one_recording(backwards: bool) -> None:
    names = sorted(SEGMENTS, reverse=backwards)
    found = group([Part(name, bytearray(SEGMENTS[name])) for name in names])
    assert list(found) == (["whole.hea", "other.dcm"] if backwards else ["other.dcm", "whole.hea"])
    assert found["whole.hea"] == {name: content for name, content in SEGMENTS.items() if name != "other.dcm"}
    assert found["other.dcm"] == b"other"


def test_headers_that_name_each_other_end() -> None:
    circle = {"a.hea": b"a/1 1 500 1000\nb 1000\n", "b.hea": b"b/1 1 500 1000\na 1000\n"}
    assert group([Part(name, bytearray(content)) for name, content in circle.items()]) == circle


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(EinthovenError, match=r"Two parts are called a\.dcm"):
        group([Part("a.dcm"), Part("a.dcm")])


def test_names_and_contents_come_whole() -> None:
    content = b"\r\n--not-the-boundary\r\n\0\xff" * 1000
    body = form(
        "b",
        ('Content-Disposition: form-data; name="f"; filename="Müller \\"x\\".dcm"', content),
        ('content-disposition: FORM-DATA; name="field"\r\nContent-Type: text/plain', b"without a file name"),
        ("X: no disposition at all", b""),
    )
    parts = split(body, "multipart/form-data; boundary=b")
    assert [part.name for part in parts] == ['Müller "x".dcm', "field", "part 3"]
    assert [bytes(part.content) for part in parts] == [content, b"without a file name", b""]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.dcm", "y.dcm"),
        ("a\nb\x1b[1m.dcm", "ab[1m.dcm"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_are_plain(name: str, expected: str) -> None:
    assert plain(name) == expected
