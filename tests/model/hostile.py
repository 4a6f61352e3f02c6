"""Bundles as somebody else might make them: a model of one's choice, with a card that fits it."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from einthoven.model.bundle_files import SHIPPED

LABELS, LEADS, WINDOW = 3, 12, 250


def facts() -> dict[str, Any]:
    """The card of `edge` with its first three labels, and without an embedding."""
    facts: dict[str, Any] = orjson.loads((SHIPPED / "edge" / "card.json").read_bytes())
    facts["labels"] = facts["labels"][:LABELS]
    del facts["embedding"]
    return facts


def model(
    nodes: Sequence[NodeProto] = (),
    weights: Sequence[TensorProto] = (),
    *,
    labels: int = LABELS,
    leads: int = LEADS,
    window: int = WINDOW,
    output: str = "logits",
    change: Callable[[ModelProto], None] = lambda model: None,
) -> bytes:
    """A linear model whose logits `m` go through `nodes`, which end in `logits`; `change` has the last word."""
    random = np.random.default_rng(0)
    matrix = random.normal(0, 0.01, (leads * window, labels)).astype(np.float32)
    ends = [
        helper.make_tensor_value_info("signal", TensorProto.FLOAT, ["windows", leads, window]),
        helper.make_tensor_value_info(output, TensorProto.FLOAT, ["windows", labels]),
    ]
    first = [helper.make_node("Flatten", ["signal"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["m"])]
    last = nodes or [helper.make_node("Identity", ["m"], [output])]
    matrices = [numpy_helper.from_array(matrix, "w"), *weights]
    graph = helper.make_graph([*first, *last], "g", ends[:1], ends[1:], matrices)
    result = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    change(result)
    return bytes(result.SerializeToString())


def write(folder: Path, content: bytes, card: dict[str, Any] | None = None) -> Path:
    """A bundle in `folder` with this model, whose SHA-256 the card has."""
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(content)
    (folder / "card.json").write_bytes(
        orjson.dumps({**(card or facts()), "files": {"model.onnx": hashlib.sha256(content).hexdigest()}})
    )
    return folder
