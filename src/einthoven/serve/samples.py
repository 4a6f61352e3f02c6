"""Tracings to try the service with: simulated, no patient's, and labelled so."""

from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from einthoven.interpret.json_text import dumps
from einthoven.recording import LEADS
from einthoven.serve import openapi

router = APIRouter(prefix="/v1/samples")

# The simulation is imported when it is asked for: it would make every start slower by half a second.


@router.get("", summary="Simulated tracings to try")
def samples() -> dict[str, list[dict[str, Any]]]:
    """Name, title and description of each."""
    from einthoven.simulate.samples import SAMPLES

    return {
        "samples": [
            {"name": name, "title": sample.title, "description": sample.description, "simulated": True}
            for name, sample in SAMPLES.items()
        ]
    }


@router.get("/{name}", summary="A simulated tracing", responses=openapi.NOT_FOUND)
def sample(name: str) -> Response:
    """In the JSON shape that `POST /v1/interpret` takes."""
    from einthoven.simulate.samples import RATE, SAMPLES, simulated

    if name not in SAMPLES:
        raise HTTPException(404, f"There is no sample {name[:50]!r}; there are {', '.join(SAMPLES)}.")
    facts = {"rate_hz": RATE, "leads": list(LEADS), "unit": "uV", "signal": simulated(name).tolist()}
    return Response(dumps(facts), media_type="application/json")  # FastAPI would write it in the event loop
