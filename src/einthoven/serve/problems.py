"""Error responses as RFC 9457 describes them."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from einthoven.errors import EinthovenError, ShortageError
from einthoven.interpret.json_text import dumps
from einthoven.serve.pool import Busy
from einthoven.workers import WorkerError

MEDIA_TYPE = "application/problem+json"
BUSY_SECONDS = "1"
"""Retry-After if too many jobs wait."""
SHORTAGE_SECONDS = "5"
"""Retry-After if the machine lacks a resource."""
_log = logging.getLogger("einthoven.serve")


class Problem(Exception):  # noqa: N818
    """An error response.

    Parameters
    ----------
    status
        HTTP status.
    name
        Last part of the problem's type; empty for about:blank, which adds nothing to the status.
    title
        Short description, the same for all problems of this type.
    detail
        Description of the problem with this request, and of its solution.
    headers
        Further headers of the response.
    """

    def __init__(
        self, status: int, name: str, title: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.name, self.title, self.detail = status, name, title, detail
        self.headers = dict(headers or {})

    def response(self, request_id: str) -> Response:
        """Return the response.

        Parameters
        ----------
        request_id
            The request's ID in the log.

        Returns
        -------
        Response
            The problem as JSON.
        """
        return Response(dumps(self.to_dict(request_id)), self.status, self.headers, MEDIA_TYPE)

    def to_dict(self, request_id: str) -> dict[str, object]:
        """Return the problem for JSON.

        Parameters
        ----------
        request_id
            The request's ID in the log.

        Returns
        -------
        dict[str, object]
            The members of RFC 9457.
        """
        return {
            "type": f"urn:einthoven:problem:{self.name}" if self.name else "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{request_id}",
        }


def problem_of(error: Exception) -> Problem:
    """Return the problem to send to a client for an error.

    Parameters
    ----------
    error
        Any error; the message of an unexpected one is not sent.

    Returns
    -------
    Problem
        Problem with the status, title and detail of the error.
    """
    match error:
        case Problem():
            return error
        case Busy():
            return Problem(429, "busy", "The service is busy", str(error), {"retry-after": BUSY_SECONDS})
        case ShortageError():
            headers = {"retry-after": SHORTAGE_SECONDS}
            return Problem(503, "shortage", "The service lacks a resource", str(error), headers)
        case WorkerError():
            return Problem(500, "interpretation-failed", "The interpretation failed", f"The recording {error}")
        case EinthovenError():
            return Problem(422, "recording-refused", "The recording cannot be interpreted", str(error))
        case RequestValidationError():
            return Problem(400, "wrong-parameter", "Invalid parameter", _validation_detail(error))
        case HTTPException():
            title = HTTPStatus(error.status_code).phrase
            return Problem(error.status_code, "", title, str(error.detail), error.headers)
        case _:
            return Problem(500, "internal-error", "Internal error", "Internal error. See the log.")


def _validation_detail(error: RequestValidationError) -> str:
    """Return the fault of each parameter, without the values that were sent."""
    return "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors()) + "."


def install(app: FastAPI) -> None:
    """Have an application respond to every error with a problem.

    Parameters
    ----------
    app
        The application.
    """
    for cls in (Problem, EinthovenError, RequestValidationError, HTTPException):
        app.add_exception_handler(cls, _respond)


async def _respond(request: Request, error: Exception) -> Response:
    if isinstance(error, WorkerError | ShortageError):  # their messages are our own, and quote no file
        _log.error("id=%s %s", request.scope["request_id"], error)
    return problem_of(error).response(request.scope["request_id"])
