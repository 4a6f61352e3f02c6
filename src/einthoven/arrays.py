"""NumPy arrays by the type of their elements, for annotations; docstrings give shapes and units."""

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.floating]
"""Single or double precision."""
Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
IndexArray = NDArray[np.intp]
Int16Array = NDArray[np.int16]
Int64Array = NDArray[np.int64]
