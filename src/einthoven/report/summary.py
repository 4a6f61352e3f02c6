"""What of an answer belongs into a record: the findings, and the sentences that a person reads."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

from einthoven.report.words import measured

_NAMESPACE = UUID("5957b100-fa08-4aee-a94f-2e4ca69695bd")


def identifier(*content: str) -> UUID:
    """The identifier of something that `content` describes; the same for the same."""
    return uuid5(_NAMESPACE, "\n".join(content))


def findings(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The superclasses without MI, found or not, and the statements that were found, the most probable first."""
    named = {finding["label"] for finding in answer["findings"]}
    found = [
        statement for statement in answer["statements"] if statement["present"] and statement["label"] not in named
    ]
    return beside_mi(answer) + sorted(found, key=lambda statement: -statement["probability"])


def beside_mi(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The superclasses without MI, which the answer to the infarct pattern settles: its own threshold may differ."""
    return [finding for finding in answer["findings"] if not (answer["mi"] and finding["label"] == "MI")]


def sentences(answer: Mapping[str, Any]) -> list[str]:
    """The answer in sentences, the infarct pattern first; without the name of the file, which may name a person."""
    return [printable(sentence) for sentence in _sentences(answer)]


def printable(text: str) -> str:
    """`text` on one line, without control characters that a file may have brought; FHIR and DICOM take none."""
    return "".join(character if character.isprintable() else " " for character in text)


def _sentences(answer: Mapping[str, Any]) -> Iterator[str]:
    if answer["abstained"]:
        yield f"Not interpreted: {'; '.join(answer['abstained_because'])}."
    if answer["mi"]:
        yield f"Infarct pattern? {_sentence(answer['mi']['in_words'])}"
    if found := [finding["name"] for finding in findings(answer) if finding["present"]]:
        yield f"Found: {', '.join(found)}."
    if answer["heart_rate_bpm"] is not None:
        yield f"Heart rate {answer['heart_rate_bpm']:.0f} a minute."
    if answer["intervals"]:
        yield f"{', '.join(map(' '.join, measured(answer['intervals'])))}."
    if stretch := answer["most_abnormal"]:
        said = [f"infarct pattern? {stretch['mi']['in_words']}"] if stretch["mi"] else []
        others = [finding["name"] for finding in findings(stretch) if finding["present"]]
        said.append(", ".join(others) or "nothing else found")
        yield f"Most abnormal from {stretch['start_s']:g} to {stretch['end_s']:g} s: {'; '.join(said)}."
    yield from answer["recording"]["warnings"]
    yield from answer["warnings"]
    yield answer["notice"]


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
