"""Sign and verify bundles: Ed25519 over card.json, which has the SHA-256 of all other files.

The signature is the 64 bytes themselves, so that OpenSSL can make and check it too
(docs/reference/bundles.md, "Signatures").
"""

from pathlib import Path
from typing import TYPE_CHECKING

from einthoven.errors import EinthovenError
from einthoven.files import atomic_write, explain
from einthoven.model.bundle_files import SIGNATURE, read_card, read_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def sign(folder: Path, private_key: Path) -> Path:
    """Sign the bundle in `folder`.

    Parameters
    ----------
    folder
        Folder of the bundle, which `Bundle.load` accepts.
    private_key
        PEM file with an Ed25519 key that has no password.

    Returns
    -------
    Path
        File of the signature.

    Raises
    ------
    EinthovenError
        If there is no such key or card, or the folder cannot be written.
    """
    signature = _private(private_key).sign(read_card(folder))
    with atomic_write(folder / SIGNATURE) as part:
        part.write_bytes(signature)
    return folder / SIGNATURE


def verify(folder: Path, card: bytes, public_key: Path) -> None:
    """Check who signed a bundle.

    Parameters
    ----------
    folder
        Folder of the bundle.
    card
        Content of card.json, as it will be used.
    public_key
        PEM file with an Ed25519 key.

    Raises
    ------
    EinthovenError
        If the signature is missing or was not made of `card` with the private key that belongs to `public_key`.
    """
    from cryptography.exceptions import InvalidSignature

    key = _public(public_key)
    if not (folder / SIGNATURE).exists():
        raise EinthovenError(f"is not signed (no {SIGNATURE}); get a signed bundle, or leave out the key.", folder)
    try:
        key.verify(read_file(folder, SIGNATURE), card)
    except InvalidSignature:
        raise EinthovenError(
            f"{SIGNATURE} does not fit card.json and {public_key}; get the bundle, or the key, again.", folder
        ) from None


def _private(path: Path) -> "Ed25519PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_read(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # not a key; with a password
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise EinthovenError(
            "is not a private Ed25519 key without password (PEM); see docs/reference/bundles.md.", path
        )
    return key


def _public(path: Path) -> "Ed25519PublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise EinthovenError("is not a public Ed25519 key (PEM); see docs/reference/bundles.md.", path)
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise explain(error, path) from error
