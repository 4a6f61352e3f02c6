"""The application and its routes."""

from fastapi import FastAPI

from einthoven import __version__
from einthoven.serve import interpret, openapi, problems, samples, status, viewer
from einthoven.serve.body_limits import BodyLimits
from einthoven.serve.metrics import Metrics
from einthoven.serve.middleware import AccessMiddleware
from einthoven.serve.pool import Pool
from einthoven.serve.settings import Settings
from einthoven.serve.stream import endpoint
from einthoven.serve.stream.registry import SessionRegistry


def create_app(settings: Settings, pool: Pool | None = None) -> FastAPI:
    """Create the service as an ASGI application.

    Parameters
    ----------
    settings
        The service's settings.
    pool
        Worker pool; a new one if None. The caller starts and stops `app.state.pool`.

    Returns
    -------
    FastAPI
        The application.
    """
    app = FastAPI(
        title="Einthoven",
        version=__version__,
        summary="12-lead ECG interpretation. Research software, not a medical device.",
        openapi_url=None,  # `openapi.install` adds its own
        docs_url=None,  # Swagger's page loads scripts from other sites
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=openapi.operation_id,
    )
    app.state.settings = settings
    app.state.pool = pool = pool or Pool(settings)
    app.state.body_limits = BodyLimits(settings)
    app.state.sessions = SessionRegistry(pool.ask, settings.max_streams, settings.stream_keep_seconds)
    app.state.metrics = metrics = Metrics(pool)
    app.include_router(status.router)
    app.include_router(interpret.router)
    app.include_router(endpoint.router)
    app.include_router(samples.router)
    app.include_router(viewer.router)
    app.mount("/viewer", viewer.ViewerFiles())
    problems.install(app)
    openapi.install(app)
    app.add_middleware(AccessMiddleware, settings=settings, metrics=metrics)
    return app
