"""Write the files of a bundle that ports to other languages need: gate, placement network, golden values."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from einthoven.evaluate.golden import write_golden
from einthoven.files import write_text
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import CARD, GATE, GOLDEN, GOLDEN_JSON, PLACEMENT, sha256
from einthoven.model.card import Card
from einthoven.model.port.facts import current_port


def write_port_files(bundle: Bundle, folder: Path) -> dict[str, str]:
    """Write gate.json, placement.onnx, golden.npz and golden.json.

    Parameters
    ----------
    bundle
        The model and its card, calibrated.
    folder
        Folder to write the files to.

    Returns
    -------
    dict
        SHA-256 by name, for the card.
    """
    port = current_port(folder)
    write_text(folder / GATE, port.gate.to_json())
    (folder / PLACEMENT).write_bytes(port.content)
    write_golden(replace(bundle, port=port), folder)
    return {name: sha256((folder / name).read_bytes()) for name in (GATE, PLACEMENT, GOLDEN, GOLDEN_JSON)}


def add_port_files(bundle: Bundle) -> Bundle:
    """Add or renew the files for ports in the folder of a bundle; its model and everything else stay as they are.

    Parameters
    ----------
    bundle
        Bundle in a writable folder.

    Returns
    -------
    Bundle
        The bundle with its gate.
    """
    facts = bundle.card.to_dict()
    with TemporaryDirectory(dir=bundle.folder) as folder:
        written = write_port_files(bundle, Path(folder))
        facts["files"] |= written
        for name in written:
            (Path(folder) / name).replace(bundle.folder / name)
    write_text(bundle.folder / CARD, Card.from_dict(facts).to_json())
    return Bundle.load(bundle.folder)
