"""Content items of a DICOM Structured Report (PS3.3, C.17.3)."""

from collections.abc import Iterable

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from einthoven.report.dicom import SCHEME, code_item
from einthoven.text import printable

_NO_UNIT = Code("1", "UCUM", "no units")


def own_code(value: str, meaning: str) -> Code:
    """Return a code of Einthoven's own scheme.

    Parameters
    ----------
    value
        The code.
    meaning
        Text for readers; cut to the 64 characters of a CodeMeaning.

    Returns
    -------
    Code
        Code for `code_item` and the functions of this module.
    """
    return Code(value, SCHEME, printable(meaning)[:64])


def item(relation: str | None, kind: str, name: Code) -> Dataset:
    """Return a content item without its value.

    Parameters
    ----------
    relation
        Relation to the item that contains this one; None for the root.
    kind
        Value type.
    name
        Concept name.

    Returns
    -------
    Dataset
        The item.
    """
    made = Dataset()
    if relation:
        made.RelationshipType = relation
    made.ValueType = kind
    made.ConceptNameCodeSequence = [code_item(name)]
    return made


def container(relation: str | None, name: Code, content: Iterable[Dataset]) -> Dataset:
    """Return a container.

    Parameters
    ----------
    relation, name
        Relation to the containing item, and name of this item; see `item`.
    content
        The items that it contains.

    Returns
    -------
    Dataset
        The item.
    """
    made = item(relation, "CONTAINER", name)
    made.ContinuityOfContent = "SEPARATE"
    made.ContentSequence = list(content)
    return made


def coded(relation: str, name: Code, value: Code, properties: Iterable[Dataset] = ()) -> Dataset:
    """Return an item whose value is a code.

    Parameters
    ----------
    relation, name
        Relation to the containing item, and name of this item; see `item`.
    value
        The code.
    properties
        The items that it contains.

    Returns
    -------
    Dataset
        The item.
    """
    made = item(relation, "CODE", name)
    made.ConceptCodeSequence = [code_item(value)]
    if properties := list(properties):
        made.ContentSequence = properties
    return made


def text(relation: str, name: Code, words: str) -> Dataset:
    """Return an item whose value is a text.

    Parameters
    ----------
    relation, name
        Relation to the containing item, and name of this item; see `item`.
    words
        The text; control characters are replaced.

    Returns
    -------
    Dataset
        The item.
    """
    made = item(relation, "TEXT", name)
    made.TextValue = printable(words, None)
    return made


def number(relation: str, name: Code, value: float, unit: Code) -> Dataset:
    """Return an item whose value is a number.

    Parameters
    ----------
    relation, name
        Relation to the containing item, and name of this item; see `item`.
    value
        The number.
    unit
        UCUM unit of the value.

    Returns
    -------
    Dataset
        The item.
    """
    made = item(relation, "NUM", name)
    measured = Dataset()
    measured.NumericValue = f"{value:.6g}"
    measured.MeasurementUnitsCodeSequence = [code_item(unit)]
    made.MeasuredValueSequence = [measured]
    return made


def proportion(name: Code, value: float) -> Dataset:
    """Return a share as a property of the item that contains it.

    Parameters
    ----------
    name
        Concept name.
    value
        Share from 0 to 1.

    Returns
    -------
    Dataset
        The item.
    """
    return number("HAS PROPERTIES", name, value, _NO_UNIT)
