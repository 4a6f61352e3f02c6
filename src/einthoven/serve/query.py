"""What a client wants of an answer: the query, and the headers beside it."""

from typing import Any, Literal, Self

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from einthoven.serve.problems import Problem

MEDIA_TYPES = {
    "json": "application/json",
    "fhir": "application/fhir+json",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
}
"""Of each output, in the order in which an Accept header that leaves a choice gets them."""
PAGES = ("pdf", "png", "svg")
SUBJECT = "einthoven-subject"
"""Header with Patient/ID. Not in the query, since proxies log addresses."""
MAX_EXPLAIN = 5
"""Labels that one request may have explained: each takes half a second of a worker."""
_LISTS = ("prevalence", "explain")
_MOST = 64  # parameters of a query, and wishes of an Accept header


class BatchQuery(BaseModel):
    """How a recording is to be read and interpreted."""

    model_config = ConfigDict(extra="forbid")

    force: bool = Field(False, description="Interpret also what is unfit; the answer says so.")
    prevalence: list[str] = Field(
        [], description="LABEL=SHARE: how common it is where the recording comes from.", examples=[["mi=0.05"]]
    )
    explain: list[str] = Field(
        [],
        description=f"Label of which the answer is to say what it rests on: half a second each, at most {MAX_EXPLAIN}.",
        examples=[["MI"]],
    )
    intervals: bool | None = Field(
        None, description="PR, QRS, QT, QTc and axis; else of FHIR and pages only, since they take milliseconds."
    )
    rate: float | None = Field(None, description="Of a table that does not say it: sampling rate in Hz.")
    unit: str | None = Field(None, description="Of a table: nV, uV, mV or V.")
    leads: str | None = Field(None, description="Of a table: names of its columns.", examples=["I,II,V1"])

    @classmethod
    def from_request(cls, request: Request) -> Self:
        """What the query of `request` says. Raises Problem where it says it wrongly.

        FastAPI could do this, in half a millisecond that workers had better use.
        """
        given: dict[str, Any] = {}
        if request.scope["query_string"].count(b"&") >= _MOST:
            raise parameter_problem(f"The query has more than {_MOST} parameters.")
        for name, value in request.query_params.multi_items():
            if name in _LISTS:
                given.setdefault(name, []).append(value)
            elif name in given:
                raise parameter_problem(f"{name}: stands there twice.")
            else:
                given[name] = value
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise parameter_problem(
                "; ".join(f"{first['loc'][0]}: {first['msg']}" for first in error.errors()) + "."
            ) from None

    def recording_options(self) -> dict[str, Any]:
        """As `einthoven.serve.jobs.Interpret` takes it.

        Raises Problem where a prevalence is none, or more labels are to be explained than one request may ask for.
        """
        explain = tuple({label.casefold(): label for label in self.explain}.values())
        if len(explain) > MAX_EXPLAIN:
            raise parameter_problem(f"explain: {len(explain)} labels came; a request may have {MAX_EXPLAIN}.")
        table = {"rate": self.rate, "unit": self.unit, "leads": self.leads.split(",") if self.leads else None}
        return {
            "force": self.force,
            "prevalence": dict(map(_prevalence, self.prevalence)),
            "explain": explain,
            "intervals": bool(self.intervals),
            "table": {name: value for name, value in table.items() if value is not None},
        }


class InterpretQuery(BatchQuery):
    """What is wanted of one recording."""

    as_: Literal["json", "fhir", "pdf", "png", "svg"] | None = Field(
        None, alias="as", description="What the answer is to be; else the Accept header tells."
    )
    tracing: bool = Field(False, description="Of JSON: the signal too, in mV, as `tracing`.")
    speed: Literal["25", "50"] | None = Field(None, description="Of a page: mm/s.")
    gain: Literal["5", "10", "20"] | None = Field(None, description="Of a page: mm/mV.")
    layout: Literal["3x4", "6x2", "12x1"] | None = Field(None, description="Of a page: rows and columns of leads.")
    paper: Literal["A4", "letter"] | None = Field(None, description="Of a page.")
    identify: bool = Field(False, description="Of a page: the patient's name, id and birth date, if the file has them.")

    def answer_options(self, request: Request) -> dict[str, Any]:
        """As `job`, with the output. Raises Problem where what is wanted does not go together."""
        output = self.as_ or accepted_output(request.headers.get("accept", "*/*"))
        asked: dict[str, Any] = {
            "speed": self.speed and float(self.speed),
            "gain": self.gain and float(self.gain),
            "layout": self.layout,
            "size": self.paper,
            "identify": self.identify,
        }
        look = {name: value for name, value in asked.items() if value}
        subject = request.headers.get(SUBJECT)
        for name, given, fitting in (
            ("tracing", self.tracing, ("json",)),
            ("explain", self.explain, ("json", *PAGES)),
            (SUBJECT, subject, ("fhir",)),
            ("/".join(look), look, PAGES),
        ):
            if given and output not in fitting:
                raise parameter_problem(f"{name} belongs to {', '.join(fitting)}; the answer is to be {output}.")
        intervals = output != "json" if self.intervals is None else self.intervals
        whole = {"output": output, "intervals": intervals, "tracing": self.tracing, "subject": subject, "look": look}
        return self.recording_options() | whole


def parameter_problem(detail: str) -> Problem:
    """A parameter that is wrong."""
    return Problem(400, "wrong-parameter", "A parameter is wrong", detail)


def accepted_output(accept: str) -> str:
    """The output that an Accept header prefers. Raises Problem where there is none that it takes."""
    wishes = []
    for wish in accept.split(",", _MOST)[:_MOST]:
        kind, *options = wish.replace(" ", "").lower().split(";")
        weight = next((option[2:] for option in options if option.startswith("q=")), "1")
        wishes.append((float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0, kind))
    for preference, kind in sorted(wishes, key=lambda wish: -wish[0]):
        for output, media_type in MEDIA_TYPES.items():
            if preference and kind in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
                return output
    raise Problem(406, "", "Not Acceptable", f"An answer can be {', '.join(MEDIA_TYPES.values())}.")


def _prevalence(given: str) -> tuple[str, float]:
    label, _, share = given.partition("=")
    try:
        return label, float(share)
    except ValueError:
        raise parameter_problem("prevalence is LABEL=SHARE, as mi=0.05 for 5 %.") from None
