"""The options of a request: the query, the Accept header and the Einthoven-Subject header."""

from typing import Any, Literal, Self

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from einthoven.model.prevalence import parse_prevalence
from einthoven.serve.problems import Problem

MEDIA_TYPES = {
    "json": "application/json",
    "fhir": "application/fhir+json",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
}
"""Media type of each output, in the order of preference if an Accept header leaves a choice."""
PAGES = ("pdf", "png", "svg")
SUBJECT = "einthoven-subject"
"""Header with Patient/ID. It is not in the query, because proxies log addresses."""
MAX_EXPLAIN = 5
"""Labels to explain in one request: each takes half a second of a worker."""
_LISTS = ("prevalence", "explain")
_MAX_PARAMETERS = 64  # of a query, and media types of an Accept header


class BatchQuery(BaseModel):
    """Options for reading and interpreting recordings."""

    model_config = ConfigDict(extra="forbid")

    force: bool = Field(False, description="Interpret an unfit recording too; the result has a warning.")
    prevalence: list[str] = Field(
        [],
        description="LABEL=SHARE: prevalence of a label where the recordings come from.",
        examples=[["mi=0.05"]],
    )
    explain: list[str] = Field(
        [],
        description=f"Label to explain by leads and seconds; half a second each, at most {MAX_EXPLAIN}.",
        examples=[["MI"]],
    )
    rate: float | None = Field(None, description="Sampling rate in Hz of a table that does not state it.")
    unit: str | None = Field(None, description="Unit of a table: nV, uV, mV or V.")
    leads: str | None = Field(None, description="Names of a table's columns.", examples=["I,II,V1"])
    scale: str | None = Field(
        None,
        description="WFDB: take each stored unit as 1 uV (uv-per-unit), or as this number of uV, instead of the gains "
        "in the header.",
        examples=["uv-per-unit"],
    )

    @classmethod
    def from_request(cls, request: Request) -> Self:
        """Read the query of a request.

        FastAPI could do this, but would take half a millisecond, which the workers need.

        Parameters
        ----------
        request
            The request.

        Returns
        -------
        Self
            The checked query.

        Raises
        ------
        Problem
            If a parameter is unknown, repeated or invalid.
        """
        values: dict[str, Any] = {}
        if request.scope["query_string"].count(b"&") >= _MAX_PARAMETERS:
            raise parameter_problem(f"The query has more than {_MAX_PARAMETERS} parameters.")
        for name, value in request.query_params.multi_items():
            if name in _LISTS:
                values.setdefault(name, []).append(value)
            elif name in values:
                raise parameter_problem(f"{name}: appears twice. Send it once.")
            else:
                values[name] = value
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
            raise parameter_problem(f"{faults}.") from None

    def recording_options(self) -> dict[str, Any]:
        """Return the fields of `einthoven.serve.jobs.Interpret` that the query sets.

        Returns
        -------
        dict[str, Any]
            Values by field.

        Raises
        ------
        Problem
            If a prevalence is not a share, or there are too many labels to explain.
        """
        explain = tuple({label.casefold(): label for label in self.explain}.values())
        if len(explain) > MAX_EXPLAIN:
            raise parameter_problem(f"explain: {len(explain)} labels were sent; at most {MAX_EXPLAIN} are allowed.")
        leads = self.leads.split(",") if self.leads else None
        table = {"rate": self.rate, "unit": self.unit, "leads": leads, "scale": self.scale}
        return {
            "force": self.force,
            "prevalence": dict(map(_prevalence, self.prevalence)),
            "explain": explain,
            "table": {name: value for name, value in table.items() if value is not None},
        }


class InterpretQuery(BatchQuery):
    """Options for reading and interpreting one recording, and for the format of the response."""

    as_: Literal["json", "fhir", "pdf", "png", "svg"] | None = Field(
        None, alias="as", description="Format of the response. Default: by the Accept header."
    )
    tracing: bool = Field(False, description="Add the signal in mV to the JSON, as `tracing`.")
    speed: Literal["25", "50"] | None = Field(None, description="Paper speed of a page in mm/s.")
    gain: Literal["5", "10", "20"] | None = Field(None, description="Gain of a page in mm/mV.")
    layout: Literal["3x4", "6x2", "12x1"] | None = Field(None, description="Rows and columns of leads on a page.")
    paper: Literal["A4", "letter"] | None = Field(None, description="Paper size of a page.")
    identify: bool = Field(
        False, description="Print the patient's name, ID and birth date on a page, if the file has them."
    )

    def answer_options(self, request: Request) -> dict[str, Any]:
        """Return the fields of `einthoven.serve.jobs.Interpret` that the query and the headers set.

        Parameters
        ----------
        request
            The request, for its headers.

        Returns
        -------
        dict[str, Any]
            Values by field, those of `recording_options` included.

        Raises
        ------
        Problem
            If an option does not fit the format of the response.
        """
        output = self.as_ or _accepted_output(request.headers.get("accept", "*/*"))
        page: dict[str, Any] = {
            "speed": self.speed and float(self.speed),
            "gain": self.gain and float(self.gain),
            "layout": self.layout,
            "size": self.paper,
            "identify": self.identify,
        }
        page_options = {name: value for name, value in page.items() if value}
        subject = request.headers.get(SUBJECT)
        for name, value, outputs in (
            ("tracing", self.tracing, ("json",)),
            ("explain", self.explain, ("json", *PAGES)),
            (SUBJECT, subject, ("fhir",)),
            ("/".join(page_options), page_options, PAGES),
        ):
            if value and output not in outputs:
                raise parameter_problem(f"{name}: is for {', '.join(outputs)} only, and the response is {output}.")
        return self.recording_options() | {
            "output": output,
            "tracing": self.tracing,
            "subject": subject,
            "page_options": page_options,
        }


def parameter_problem(detail: str) -> Problem:
    """Return the problem of an invalid parameter.

    Parameters
    ----------
    detail
        Name of the parameter, and the problem with it.

    Returns
    -------
    Problem
        Problem with status 400.
    """
    return Problem(400, "wrong-parameter", "Invalid parameter", detail)


def _accepted_output(accept: str) -> str:
    """Return the key of MEDIA_TYPES that an Accept header prefers; raise a Problem if it accepts none of them."""
    preferences = []
    for media_range in accept.split(",", _MAX_PARAMETERS)[:_MAX_PARAMETERS]:
        media_type, *options = media_range.replace(" ", "").lower().split(";")
        weight = next((option[2:] for option in options if option.startswith("q=")), "1")
        preferences.append((float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0, media_type))
    for preference, media_type in sorted(preferences, key=lambda pair: -pair[0]):
        for output, candidate in MEDIA_TYPES.items():
            if preference and media_type in (candidate, f"{candidate.partition('/')[0]}/*", "*/*"):
                return output
    raise Problem(406, "", "Not Acceptable", f"The response can be {', '.join(MEDIA_TYPES.values())}.")


def _prevalence(text: str) -> tuple[str, float]:
    try:
        return parse_prevalence(text)
    except ValueError as error:
        raise parameter_problem(str(error)) from None
