"""What runs here, and how it is: /health, /ready, /metrics, /v1/models."""

from typing import cast

from fastapi import APIRouter, Request
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import JSONResponse, Response

from einthoven.serve.jobs import DescribeModel
from einthoven.serve.pool import Pool
from einthoven.serve.problems import SHORTAGE_SECONDS, Problem

router = APIRouter()


DOWN_SECONDS = 60.0
"""For which no worker may be up before the service counts as broken, so that who manages it starts it again."""


@router.get("/health", summary="Whether the service does its job, or will soon")
async def health(request: Request) -> Response:
    """200 while a worker is up or has been a minute ago, else 503."""
    down = _pool(request).down_seconds
    if down > DOWN_SECONDS:
        detail = (
            f"No worker has been up for {down:.0f} s: start the service again, or give it more memory or processes."
        )
        raise Problem(503, "workers-down", "No worker is up", detail, {"retry-after": SHORTAGE_SECONDS})
    return JSONResponse({"status": "alive"})


@router.get("/ready", summary="Whether recordings are taken")
async def ready(request: Request) -> Response:
    """200 where a worker is up, else 503."""
    if not _pool(request).ready:
        raise Problem(503, "not-ready", "Not ready", "No worker is up; try again in a second.", {"retry-after": "1"})
    return JSONResponse({"status": "ready"})


@router.get("/metrics", summary="Counts for Prometheus")
async def metrics(request: Request) -> Response:
    """Requests by route and status, their times, workers, jobs that wait, memory."""
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@router.get("/v1/models", summary="The model in use")
async def models(request: Request) -> Response:
    """Name, version, SHA-256, what it takes, and its labels."""
    return Response(await _pool(request).ask(DescribeModel()), media_type="application/json")


def _pool(request: Request) -> Pool:
    return cast(Pool, request.app.state.pool)
