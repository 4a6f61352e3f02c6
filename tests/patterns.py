"""Every regular expression of the package, found in its source, and texts made to cost each of them the most."""

import ast
import importlib
import itertools
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import einthoven

METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
PANDAS = ("contains", "match", "fullmatch", "extract", "extractall", "findall", "count", "replace")
"""Methods of `.str` that take patterns; they search."""
LOOPS = {("einthoven.ptbxl.auxiliary_targets", "pattern"): "REPORT_TERMS"}
"""Variables that run over the patterns of a table of the module."""
LENGTHS = (8, 12, 16, 20, 24, 28, 40, 80, 200, 500, 1000, 2000, 4000, 8000, 16000)
PUMPS = (" ", "\t", "\n", "0", "1", ".", ",", "_", "-", ":", "/", "'", '"', "a", "A", "(", "[", "#", "&", "\\", "\0")
PUMPS += ("é", "١", "1 ", "a ", "1.", "1,", "_ ", "a_", "1:", "e1", "\r\n")


class Use(NamedTuple):
    """A pattern and how the package applies it."""

    where: str
    pattern: re.Pattern[Any]
    method: str


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Name and syntax tree of each module of the package."""
    root = Path(einthoven.__file__).parent
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8"))


_Key = tuple[Any, int]


def uses() -> list[Use]:
    """Every pattern of the package with each method that it is used with; with all of them where none is seen."""
    trees = dict(modules())
    with_re = {name for name, tree in trees.items() if any(map(_is_needed, ast.walk(tree)))}
    loaded = {name: vars(importlib.import_module(name)) for name in sorted(with_re)}
    compiled: dict[_Key, tuple[str, re.Pattern[Any]]] = {}
    methods: dict[_Key, set[str]] = {}
    found = []
    for name, scope in loaded.items():
        for variable, value in scope.items():
            if isinstance(value, re.Pattern):
                compiled[_key(value)] = f"{value.pattern!r:.60} ({name}.{variable})", value
    for name, tree in trees.items():
        scope = loaded.get(name, {})
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if not isinstance(call.func, ast.Attribute):
                continue
            method, of = call.func.attr, call.func.value
            if isinstance(of, ast.Name) and of.id == "re" and method in (*METHODS, "compile"):
                pattern = _compiled(name, call, scope)
                if method == "compile":
                    compiled.setdefault(_key(pattern), (f"{pattern.pattern!r:.60} ({name})", pattern))
                elif _key(pattern) in compiled:
                    methods.setdefault(_key(pattern), set()).add(method)
                else:
                    found.append(Use(f"{pattern.pattern!r:.60} ({name})", pattern, method))
            elif isinstance(of, ast.Attribute) and of.attr == "str" and method in PANDAS:
                found += [
                    Use(f"{text!r:.60} ({name})", re.compile(text), "search") for text in _pandas(name, call, scope)
                ]
            elif isinstance(of, ast.Name) and method in METHODS and isinstance(scope.get(of.id), re.Pattern):
                methods.setdefault(_key(scope[of.id]), set()).add(method)
    for key, (where, pattern) in compiled.items():
        found += [Use(where, pattern, method) for method in sorted(methods.get(key, METHODS))]
    return found


def _key(pattern: re.Pattern[Any]) -> _Key:
    """What makes two patterns one; not their identity, since `re` forgets those that it has compiled long ago."""
    return pattern.pattern, pattern.flags


def _is_needed(node: ast.AST) -> bool:
    imported = isinstance(node, ast.Import) and any(alias.name == "re" for alias in node.names)
    return imported or (
        isinstance(node, ast.Attribute) and node.attr in PANDAS and ast.unparse(node.value).endswith("str")
    )


def _pandas(name: str, call: ast.Call, scope: dict[str, Any]) -> list[str]:
    """The patterns of a call such as `column.str.contains(pattern)`."""
    plain = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if plain.get("regex", "False" if call.func.attr == "replace" else "True") == "False":  # type: ignore[attr-defined]
        return []
    source = ast.unparse(call.args[0])
    if table := LOOPS.get((name, source)):
        return list(scope[table].values())
    return [eval(source, dict(scope))]


def _compiled(name: str, call: ast.Call, scope: dict[str, Any]) -> re.Pattern[Any]:
    """The pattern of a call of `re`, by its arguments as the module's own names give them."""
    flags = next((keyword.value for keyword in call.keywords if keyword.arg == "flags"), None)
    place = {"compile": 1, "match": 2, "fullmatch": 2, "search": 2, "findall": 2, "finditer": 2, "split": 3}
    method = call.func.attr  # type: ignore[attr-defined]
    if flags is None and len(call.args) > place.get(method, 4):
        flags = call.args[place.get(method, 4)]
    try:
        pattern = eval(ast.unparse(call.args[0]), dict(scope))
        return re.compile(pattern, eval(ast.unparse(flags), dict(scope)) if flags else 0)
    except NameError:
        raise AssertionError(f"{name}:{call.lineno}: write the pattern as a literal or a name of the module") from None


def texts(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Beginnings, repeated parts and ends that may cost `pattern` the most, made from its own structure."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    prefixes, pumps = {""}, set(PUMPS)
    _collect(tree, "", prefixes, pumps)
    ends = ("", "\0!", "\n", " x", "é")
    yield from itertools.product(sorted(prefixes)[:12], sorted(pumps), ends)


def _collect(tree: Any, before: str, prefixes: set[str], pumps: set[str]) -> str:
    """One text that `tree` matches; on the way what stands before each repeat, and what is repeated."""
    text = ""
    for operator, value in tree:
        if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, body = value
            if most > 8:
                prefixes |= {before + text, text}
            part = _collect(body, before + text, prefixes, pumps)
            if most > 1:
                pumps |= {part, *_signs(body)} - {""}
            text += part * max(least, 1)
        elif operator is sre.SUBPATTERN:
            text += _collect(value[-1], before + text, prefixes, pumps)
        elif operator is sre.ATOMIC_GROUP:
            text += _collect(value, before + text, prefixes, pumps)
        elif operator is sre.BRANCH:
            branches = [_collect(branch, before + text, prefixes, pumps) for branch in value[1]]
            pumps |= {*branches[:6]} - {""}
            text += branches[0]
        elif operator in (sre.ASSERT, sre.ASSERT_NOT):
            _collect(value[1], before + text, prefixes, pumps)
        else:
            text += next(iter(_signs([(operator, value)])), "")
    return text


def _signs(tree: Any) -> list[str]:
    """Characters that the single items of `tree` stand for, a few of each set."""
    categories = {
        sre.CATEGORY_DIGIT: "1",
        sre.CATEGORY_SPACE: " ",
        sre.CATEGORY_WORD: "a_",
        sre.CATEGORY_NOT_SPACE: "a.1",
    }
    signs: list[str] = []
    for operator, value in tree:
        if operator in (sre.LITERAL, sre.NOT_LITERAL):
            signs.append(chr(value) if operator is sre.LITERAL else "a" if value != ord("a") else "b")
        elif operator is sre.ANY:
            signs.append("a")
        elif operator is sre.RANGE:
            signs.append(chr(value[0]))
        elif operator is sre.CATEGORY:
            signs += categories.get(value, "a")
        elif operator is sre.IN:
            negated = value[0][0] is sre.NEGATE
            own = _signs(value[negated:])
            signs += [sign for sign in "a1 ._" if sign not in own][:3] if negated else own[:6]
    return signs


def slowest(pattern: re.Pattern[Any], method: str) -> str:
    """The text that costs `pattern` more than in proportion to its length; "" where none was found."""
    apply: Callable[[Any], Any] = getattr(pattern, method)
    if method in ("sub", "subn"):
        apply = lambda text: getattr(pattern, method)("", text)  # noqa: E731
    elif method == "finditer":
        apply = lambda text: list(pattern.finditer(text))  # noqa: E731
    for prefix, pump, end in texts(pattern):
        for length in LENGTHS:
            text: Any = prefix + pump * (length // len(pump)) + end
            if isinstance(pattern.pattern, bytes):
                text = text.encode()
            if _cost(apply, text) > _allowed(length):
                return f"{prefix!r} + {pump!r} * {length // len(pump)} + {end!r}"
    return ""


def _allowed(length: int) -> float:
    """Seconds: 2 us a character, 30 times what linear patterns take, and room for what else the CPU does."""
    return 0.01 + 2e-6 * length


def _cost(apply: Callable[[Any], Any], text: Any) -> float:
    """CPU seconds of this thread, the least of three tries if the first is above what is allowed."""
    least = float("inf")
    for _ in range(3):
        began = time.thread_time()
        apply(text)
        least = min(least, time.thread_time() - began)
        if least <= _allowed(len(text)) or least > 1:
            break
    return least
