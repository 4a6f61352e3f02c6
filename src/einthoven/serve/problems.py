"""What went wrong, as RFC 9457 wants it told."""

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
SHORTAGE_SECONDS = "5"
_log = logging.getLogger("einthoven.serve")


class Problem(Exception):  # noqa: N818
    """An answer that says what went wrong; raised by whoever finds it."""

    def __init__(self, status: int, name: str, title: str, detail: str, headers: Mapping[str, str] | None = None):
        super().__init__(detail)
        self.status, self.name, self.title, self.detail = status, name, title, detail
        self.headers = dict(headers or {})

    def response(self, request_id: str) -> Response:
        """The answer; `request_id` is what the log knows the request by."""
        facts = self.facts(request_id)
        return Response(dumps(facts), self.status, self.headers, MEDIA_TYPE)

    def facts(self, request_id: str) -> dict[str, object]:
        """The problem as an object."""
        return {
            "type": f"urn:einthoven:problem:{self.name}" if self.name else "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{request_id}",
        }


def problem_of(error: Exception) -> Problem:
    """What a client is told of an error."""
    match error:
        case Problem():
            return error
        case Busy():
            return Problem(429, "busy", "Too much work at once", str(error), {"retry-after": BUSY_SECONDS})
        case ShortageError():
            headers = {"retry-after": SHORTAGE_SECONDS}
            return Problem(503, "shortage", "The service lacks something it needs", str(error), headers)
        case WorkerError():
            return Problem(500, "interpretation-failed", "The interpretation failed", f"The recording {error}")
        case EinthovenError():
            return Problem(422, "recording-refused", "The recording cannot be interpreted", str(error))
        case RequestValidationError():
            return Problem(400, "wrong-parameter", "A parameter is wrong", _sentence(error))
        case HTTPException():
            title = HTTPStatus(error.status_code).phrase
            return Problem(error.status_code, "", title, str(error.detail), error.headers)
        case _:
            return Problem(500, "mistake", "A mistake in the service", "The log tells more of it.")


def _sentence(error: RequestValidationError) -> str:
    """What is wrong with each parameter; what was given is left out."""
    return "; ".join(f"{first['loc'][-1]}: {first['msg']}" for first in error.errors()) + "."


def install(app: FastAPI) -> None:
    """Answer every error of a request with a problem."""

    async def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, WorkerError | ShortageError):  # whose words are our own
            _log.error("id=%s %s", request.scope["request_id"], error)
        return problem_of(error).response(request.scope["request_id"])

    for kind in (Problem, EinthovenError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)
