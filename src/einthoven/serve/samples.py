"""Simulated recordings to try the service, labelled as simulated."""

from typing import Any

import numpy as np
from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from einthoven.examples import EXAMPLES, path
from einthoven.interpret.json_text import dumps
from einthoven.readers import read
from einthoven.serve import openapi

router = APIRouter(prefix="/v1/samples")


@router.get("", summary="Simulated recordings to try")
def _samples() -> dict[str, list[dict[str, Any]]]:
    """Return name, title and description of each."""
    return {"samples": [{"name": name, **example._asdict(), "simulated": True} for name, example in EXAMPLES.items()]}


@router.get("/{name}", summary="A simulated recording", responses=openapi.NOT_FOUND)
def _sample(name: str) -> Response:
    """Return the signal as JSON for `POST /v1/interpret`."""
    if name not in EXAMPLES:
        raise HTTPException(404, f"There is no sample {name[:50]!r}. Choose one of {', '.join(EXAMPLES)}.")
    example = read(path(name))
    signal = np.rint(1000 * example.signal).astype(int).tolist()
    fields = {"rate_hz": example.rate, "leads": example.leads, "unit": "uV", "signal": signal, "simulated": True}
    return Response(dumps(fields), media_type="application/json")  # FastAPI would write it in the event loop
