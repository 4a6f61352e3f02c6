"""No pattern of the package costs more than in proportion to the text, whatever a file or a client writes."""

import re

import pytest

from patterns import Use, modules, slowest, uses

USES = uses()


def test_the_patterns_are_found() -> None:
    found = " ".join(use.where for use in USES)
    assert len(USES) > 50
    for name in ("names._SUFFIX", "csv_text._CLOCK", "wfdb_header._GAIN", ".STATEMENT", "hypertro", "subgroups"):
        assert name in found


def test_re_is_imported_whole() -> None:
    """Otherwise a pattern could escape the search for them."""
    import ast

    for name, tree in modules():
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.ImportFrom) and node.module == "re"), name
            renamed = isinstance(node, ast.Import) and any(
                one.name in ("re", "regex") and one.asname for one in node.names
            )
            assert not renamed, name


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.method} {use.where}")
def test_the_cost_is_linear(use: Use) -> None:
    assert not slowest(use.pattern, use.method)


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"^(.*?)\s*(?:\[\s*(\w+)\s*\]|\(\s*(\w+)\s*\)|[/_, ]\s*([nuµm]?v|\w*volts?))$", "match"),
        (r"(?<=\w)[-_: ]+(ecg|ekg|lead|ref)$", "search"),
        (r"[-−–](.+)|(.+?)[ _]*(?:neg|\(?inverted\)?)", "fullmatch"),
        (r"[-+]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?|nan|", "fullmatch"),
        (r"(?:\S*\.\S*\s+\d+|\S+\s+(?:0|8|16))(?:[x:+]\d+)*(?:\s|$)", "match"),
        (r"(?:2:|5\.6\.3-9-|MDC:|SCPECG:)0*(\d+)", "fullmatch"),
        (r"[;,]?\s*\(?(?:see )?raw_metadata\[[^\]]*\]\)?", "sub"),
        (r"(\w+\s?)*:", "match"),
        (r"(a|ab|b)*c", "fullmatch"),
    ],
)
def test_a_costly_pattern_is_noticed(pattern: str, method: str) -> None:
    """The package's own of before, and two textbook ones."""
    assert slowest(re.compile(pattern), method)
