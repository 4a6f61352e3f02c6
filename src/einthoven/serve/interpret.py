"""Recordings in, answers out: /v1/interpret and /v1/interpret/batch."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter, Request
from python_multipart.multipart import parse_options_header
from starlette.responses import Response

from einthoven.batch.failures import failed
from einthoven.errors import EinthovenError, ShortageError
from einthoven.serve import openapi
from einthoven.serve.jobs import Interpret
from einthoven.serve.parts import group, is_form, plain, split
from einthoven.serve.pool import Busy, Pool
from einthoven.serve.problems import Problem
from einthoven.serve.wanted import MEDIA_TYPES, Reading, Wanted

router = APIRouter(prefix="/v1")
_PAUSE = 0.1  # s until a batch asks again where others have filled the queue


@router.post("/interpret", summary="Interpret one recording", **openapi.INTERPRET)
async def interpret(request: Request) -> Response:
    """The file as the body, or as one part of a form; a WFDB record as the parts .hea and .dat; or JSON."""
    job = Wanted.of(request).whole_job(request)
    content_type = request.headers.get("content-type", "")
    async with request.app.state.bodies.of(request) as body:
        answer = await request.app.state.pool.ask(Interpret(body, content_type, _source(request), **job))
    return Response(answer, media_type=MEDIA_TYPES[job["output"]])


@router.post("/interpret/batch", summary="Interpret several recordings", **openapi.BATCH)
async def batch(request: Request) -> Response:
    """A form of many parts: each file is a recording, and so is a WFDB header with the files that it names.

    The answers come in the order of the parts; one that failed has its `error` instead.
    """
    content_type, job = request.headers.get("content-type", ""), Reading.of(request).job()
    if not is_form(content_type):
        raise EinthovenError("A batch is a form (multipart/form-data), with a part for each file.")
    pool: Pool = request.app.state.pool
    turns = asyncio.Semaphore(request.app.state.settings.workers)  # so that a batch leaves room for others

    async def one(name: str, files: bytes | Mapping[str, bytes]) -> bytes:
        async with turns:
            while True:
                try:
                    answer: bytes = await pool.ask(Interpret(files, source=name, **job))
                    return answer
                except Busy:
                    await asyncio.sleep(_PAUSE)
                except ShortageError:  # of which no recording is guilty
                    raise
                except EinthovenError as error:
                    return failed(name, str(error)).encode()

    async with request.app.state.bodies.of(request) as body:
        if pool.full:
            raise Busy
        recordings = group(await asyncio.to_thread(split, body, content_type))
        most = request.app.state.settings.max_recordings
        if len(recordings) > most:
            raise Problem(
                413,
                "too-many",
                "Too many recordings",
                f"{len(recordings)} came; a batch may have {most}: send several.",
            )
        answers = await asyncio.gather(*(one(name, files) for name, files in recordings.items()))
    return Response(b'{"results": [' + b", ".join(answers) + b"]}", media_type="application/json")


def _source(request: Request) -> str:
    """What to call a recording that is the body itself: what the client calls it in Content-Disposition."""
    disposition = request.headers.get("content-disposition")
    if not disposition:
        return "recording"
    _, options = parse_options_header(disposition)
    return plain(options.get(b"filename", b"").decode("utf-8", "replace")) or "recording"
