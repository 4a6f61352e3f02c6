"""Tracings to try the service with: simulated, no patient's, and labelled so."""

from typing import Any

from fastapi import APIRouter, HTTPException

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
def sample(name: str) -> dict[str, Any]:
    """In the JSON shape that `POST /v1/interpret` takes."""
    from einthoven.simulate.samples import RATE, SAMPLES, simulated

    if name not in SAMPLES:
        raise HTTPException(404, f"There is no sample {name!r}; there are {', '.join(SAMPLES)}.")
    return {"rate_hz": RATE, "leads": list(LEADS), "unit": "uV", "signal": simulated(name).tolist()}
