"""Convert a torch model to ONNX."""

from collections.abc import Sequence

import onnxscript.optimizer
import torch
from torch import Tensor, nn

_LARGEST_FOLDED = 4096  # values


def to_onnx(model: nn.Module, example: Tensor, rows: str, input_name: str, output_names: Sequence[str]) -> bytes:
    """Convert a model to ONNX, for any number of rows of its input.

    Parameters
    ----------
    model
        Model in evaluation mode, of one input.
    example
        Input with two rows.
    rows
        What a row is, such as "windows".
    input_name, output_names
        Names in the ONNX graph.

    Returns
    -------
    bytes
        Content of the ONNX file, with its weights, and without paths of this machine.
    """
    program = torch.onnx.export(
        model,
        (example,),
        input_names=[input_name],
        output_names=list(output_names),
        dynamic_shapes=({0: torch.export.Dim(rows, min=1)},),
        dynamo=True,
        verbose=False,
        optimize=False,
    )
    assert program is not None
    # Constants computed from weights, such as Toeplitz matrices, are larger than these; the session computes them.
    onnxscript.optimizer.optimize(program.model, output_size_limit=_LARGEST_FOLDED)
    proto = program.model_proto
    for part in (*proto.graph.node, *proto.graph.value_info, *proto.graph.initializer):
        del part.metadata_props[:]  # where in the Python code it came from: a fifth of a small model
        part.doc_string = ""
    return bytes(proto.SerializeToString())
