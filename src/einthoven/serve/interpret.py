"""Recordings in, answers out: /v1/interpret and /v1/interpret/batch."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from einthoven.errors import EinthovenError, ShortageError
from einthoven.interpret.interpretation import Failure
from einthoven.interpret.json_text import Fragment, dumps
from einthoven.serve import openapi
from einthoven.serve.jobs import Interpret
from einthoven.serve.multipart import GroupParts, PartRanges, PartView, header_option, is_form, printable_name
from einthoven.serve.pool import Busy, Pool
from einthoven.serve.problems import Problem
from einthoven.serve.query import MEDIA_TYPES, BatchQuery, InterpretQuery, parameter_problem
from einthoven.serve.settings import Settings

router = APIRouter(prefix="/v1")
MAX_EXPLANATIONS = 64
"""Of one batch: recordings times labels, each half a second of a worker."""
_PAUSE = 0.1  # s until a batch asks again where others have filled the queue


@router.post("/interpret", summary="Interpret one recording", **openapi.INTERPRET)
async def interpret(request: Request) -> Response:
    """The file as the body, or as one part of a form; a WFDB record as the parts .hea and .dat; or JSON."""
    job = InterpretQuery.from_request(request).answer_options(request)
    content_type = request.headers.get("content-type", "")
    async with request.app.state.body_limits.read(request) as body:
        answer = await request.app.state.pool.ask(Interpret(body, content_type, _source(request), **job))
    return Response(answer, media_type=MEDIA_TYPES[job["output"]])


@router.post("/interpret/batch", summary="Interpret several recordings", **openapi.BATCH)
async def batch(request: Request) -> Response:
    """A form of many parts: each file is a recording, and so is a WFDB header with the files that it names.

    The answers come in the order of the parts; one that failed has its `error` instead.
    """
    content_type, job = request.headers.get("content-type", ""), BatchQuery.from_request(request).recording_options()
    if not is_form(content_type):
        raise EinthovenError("A batch is a form (multipart/form-data), with a part for each file.")
    pool: Pool = request.app.state.pool
    turns = asyncio.Semaphore(request.app.state.settings.workers)  # so that a batch leaves room for others

    async def one(name: str, files: PartRanges) -> bytes:
        async with turns:
            pieces = {file: PartView(body, *span) for file, span in files.items()}
            interpret = Interpret(pieces, source=name, **job)
            while True:
                try:
                    answer: bytes = await pool.ask(interpret)
                    return answer
                except Busy:
                    await asyncio.sleep(_PAUSE)
                except ShortageError:  # of which no recording is guilty
                    raise
                except EinthovenError as error:
                    return dumps(Failure.of(name, error).to_dict())

    async with request.app.state.body_limits.read(request) as body:
        recordings: dict[str, PartRanges] = await pool.ask(GroupParts(body, content_type))
        _check(len(recordings), len(job["explain"]), request.app.state.settings)
        answers = await asyncio.gather(*(one(name, files) for name, files in recordings.items()))
    return Response(dumps({"results": list(map(Fragment, answers))}), media_type="application/json")


def _check(recordings: int, labels: int, settings: Settings) -> None:
    """Raise the Problem of a batch that is too large."""
    if recordings > settings.max_recordings:
        detail = f"{recordings} came; a batch may have {settings.max_recordings}: send several."
        raise Problem(413, "too-many", "Too many recordings", detail)
    if recordings * labels > MAX_EXPLANATIONS:
        raise parameter_problem(
            f"explain: {recordings} recordings with {labels} labels each need {recordings * labels} explanations; "
            f"a batch may have {MAX_EXPLANATIONS}."
        )


def _source(request: Request) -> str:
    """What to call a recording that is the body itself: what the client calls it in Content-Disposition."""
    name = header_option(request.headers.get("content-disposition", ""), b"filename")
    return printable_name(name.decode("utf-8", "replace")) or "recording"
