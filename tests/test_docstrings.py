"""Everything public has a docstring in numpydoc form."""

import ast
from pathlib import Path

import pytest
from numpydoc.hooks.validate_docstrings import process_file

SRC = Path(__file__).parents[1] / "src"
CHECKS = {
    "checks": {"GL08", "PR01", "PR02", "PR03", "PR07", "RT01", "RT03", "YD01"},  # sections are there and complete
    "exclude": r"\._|\.__\w+__$",  # what is private
    "overrides": {},
    "exclude_files": set(),
}


@pytest.mark.parametrize("path", sorted(SRC.rglob("*.py")), ids=lambda path: path.relative_to(SRC).as_posix())
def test_public_functions_are_documented(path: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    commands, properties = _decorated(functions, "command"), _decorated(functions, "property")
    local = {
        node.lineno
        for function in functions
        for node in ast.walk(function)
        if node is not function and node in functions
    }
    for place, name, check, description in process_file(path, CHECKS):
        line = int(place.rpartition(":")[2])
        is_help = line in commands  # the docstring is the command's --help
        is_attribute = check == "RT01" and line in properties  # read like a field
        assert is_help or is_attribute or line in local, f"{place}: {name}: {description}"


def _decorated(functions: list[ast.FunctionDef], decorator: str) -> set[int]:
    """Lines of the functions with such a decorator."""
    return {
        function.lineno
        for function in functions
        if any(decorator in ast.unparse(expression) for expression in function.decorator_list)
    }
