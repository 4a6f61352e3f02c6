"""The result of a criterion, and the facts that criteria need in addition to the measurements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

Family = Literal[
    "ST elevation",
    "ST depression",
    "Q waves",
    "LBBB and pacing",
    "hypertrophy",
    "conduction",
    "possible",
]
"""Module of a criterion. A criterion of "possible" is never enough for a rule-in."""


class LeadValue(NamedTuple):
    """The amplitude of a lead that reaches the limit of a criterion."""

    value_mv: float
    limit_mv: float
    """A negative limit is reached by values at or below it."""


class LeadTime(NamedTuple):
    """The duration of a wave of a lead that reaches the limit of a criterion."""

    value_ms: float
    limit_ms: float


class Quantity(NamedTuple):
    """The number that a criterion compares, if it is not that of a single lead: a sum, an interval or a score."""

    value: float
    limit: float
    unit: Literal["mV", "mV ms", "ms", "degrees", "points", "leads"]


class Criterion(NamedTuple):  # quicker to make than a dataclass, and an interpretation has about fifty
    """The result of a published criterion for an ECG, with the reason in words."""

    code: str
    """Stable code, for programs."""
    name: str
    met: bool | None
    """Whether the criterion is met; None if a measurement is missing, or if it does not apply; `reason` says why."""
    leads: Mapping[str, LeadValue | LeadTime]
    """The leads that reach the limit, by standard name; the criterion may need several, or others."""
    reason: str
    source: str
    """The paper or guideline."""
    family: Family
    quantity: Quantity | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object.

        Returns
        -------
        dict
            An item of `criteria` in interpretation.schema.json.
        """
        return {
            "code": self.code,
            "name": self.name,
            "family": self.family,
            "met": self.met,
            "leads": {lead: value._asdict() for lead, value in self.leads.items()},
            "quantity": self.quantity and self.quantity._asdict(),
            "reason": self.reason,
            "source": self.source,
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Return the criterion of a JSON object.

        Parameters
        ----------
        fields
            The fields that `to_dict` returns.

        Returns
        -------
        Criterion
            The value from which `to_dict` made the fields.
        """
        return cls(
            code=fields["code"],
            name=fields["name"],
            met=fields["met"],
            leads={lead: _lead_value(value) for lead, value in fields["leads"].items()},
            reason=fields["reason"],
            source=fields["source"],
            family=fields["family"],
            quantity=fields["quantity"] and Quantity(**fields["quantity"]),
        )


def _lead_value(fields: Mapping[str, float]) -> LeadValue | LeadTime:
    return LeadTime(**fields) if "value_ms" in fields else LeadValue(**fields)


@dataclass(frozen=True)
class Context:
    """Facts that the criteria need in addition to the measurements; None if unknown.

    `evaluate_criteria` completes `lbbb`, `rbbb`, `paced`, `preexcitation` and `lvh` from the measurements if these
    decide them.
    """

    lbbb: bool | None = None
    """Complete left bundle branch block."""
    rbbb: bool | None = None
    """Complete right bundle branch block."""
    paced: bool | None = None
    """Ventricular pacing."""
    preexcitation: bool | None = None
    lvh: bool | None = None
    """Left ventricular hypertrophy."""
    early_repolarization: bool | None = None
    digitalis: bool | None = None
    artifact: bool | None = None
    """Whether noise or artefacts disturb the ECG."""
