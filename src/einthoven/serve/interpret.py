"""Recordings in, answers out: /v1/interpret."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from einthoven.serve.jobs import Interpret
from einthoven.serve.problems import Problem

router = APIRouter(prefix="/v1")

MEDIA_TYPES = {
    "json": "application/json",
    "fhir": "application/fhir+json",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
}


def prevalences(values: list[str]) -> dict[str, float]:
    """mi=0.05, also several."""
    prevalence = {}
    for value in values:
        label, _, share = value.partition("=")
        try:
            prevalence[label] = float(share)
        except ValueError:
            raise Problem(
                400, "wrong-parameter", "A parameter is wrong", "prevalence is LABEL=SHARE, as mi=0.05 for 5 %."
            ) from None
    return prevalence


@router.post("/interpret", summary="Interpret one recording")
async def interpret(
    request: Request,
    prevalence: Annotated[list[str], Query()] = [],  # noqa: B006
    force: bool = False,
    tracing: bool = False,
) -> Response:
    """The answer for one recording."""
    output = "json"
    async with request.app.state.bodies.of(request) as body:
        job = Interpret(
            body,
            request.headers.get("content-type", ""),
            output=output,
            force=force,
            prevalence=prevalences(prevalence),
            tracing=tracing,
        )
        answer: Any = await request.app.state.pool.ask(job)
    return Response(answer, media_type=MEDIA_TYPES[output])
