"""State of the service: /health, /ready, /metrics, /v1/models."""

from typing import cast

from fastapi import APIRouter, Request
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import JSONResponse, Response

from einthoven.serve.jobs import DescribeModel
from einthoven.serve.pool import Pool
from einthoven.serve.problems import SHORTAGE_SECONDS, Problem

router = APIRouter()
DOWN_SECONDS = 60.0
"""Time without a running worker after which the service counts as broken, so that its manager restarts it."""


@router.get("/health", summary="Whether the service works or can recover by itself")
async def _health(request: Request) -> Response:
    """Return 200 while a worker is up or was up in the last minute, 503 otherwise."""
    down = _pool(request).down_seconds
    if down > DOWN_SECONDS:
        detail = f"No worker has been up for {down:.0f} s. Restart the service, or give it more memory or processes."
        raise Problem(503, "workers-down", "No worker is up", detail, {"retry-after": SHORTAGE_SECONDS})
    return JSONResponse({"status": "alive"})


@router.get("/ready", summary="Whether the service accepts recordings")
async def _ready(request: Request) -> Response:
    """Return 200 if a worker is up, 503 otherwise."""
    if not _pool(request).ready:
        raise Problem(503, "not-ready", "Not ready", "No worker is up. Try again in a second.", {"retry-after": "1"})
    return JSONResponse({"status": "ready"})


@router.get("/metrics", summary="Metrics for Prometheus")
async def _metrics(request: Request) -> Response:
    """Return counts of requests by route and status, their times, workers, jobs that wait, and memory."""
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@router.get("/v1/models", summary="The model in use")
async def _models(request: Request) -> Response:
    """Return name, version, SHA-256, input and labels."""
    return Response(await _pool(request).ask(DescribeModel()), media_type="application/json")


def _pool(request: Request) -> Pool:
    return cast(Pool, request.app.state.pool)
