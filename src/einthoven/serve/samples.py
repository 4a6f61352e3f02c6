"""Simulated recordings to try the service with, labelled as simulated."""

from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from einthoven.interpret.json_text import dumps
from einthoven.recording import LEADS
from einthoven.serve import openapi

router = APIRouter(prefix="/v1/samples")

# The simulation is imported only when needed: it would make every start half a second slower.


@router.get("", summary="Simulated recordings to try")
def _samples() -> dict[str, list[dict[str, Any]]]:
    """Return name, title and description of each."""
    from einthoven.simulate.samples import SAMPLES

    return {
        "samples": [
            {"name": name, "title": sample.title, "description": sample.description, "simulated": True}
            for name, sample in SAMPLES.items()
        ]
    }


@router.get("/{name}", summary="A simulated recording", responses=openapi.NOT_FOUND)
def _sample(name: str) -> Response:
    """Return the signal as JSON for `POST /v1/interpret`."""
    from einthoven.simulate.samples import RATE, SAMPLES, sample_signal

    if name not in SAMPLES:
        raise HTTPException(404, f"There is no sample {name[:50]!r}. Choose one of {', '.join(SAMPLES)}.")
    recording = {"rate_hz": RATE, "leads": list(LEADS), "unit": "uV", "signal": sample_signal(name).tolist()}
    return Response(dumps(recording), media_type="application/json")  # FastAPI would write it in the event loop
