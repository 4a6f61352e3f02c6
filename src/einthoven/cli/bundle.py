"""`einthoven bundle`: sign a bundle, verify who signed it, and add the gate for ports to other languages."""

from pathlib import Path

import click

from einthoven.cli.common import FILE, FOLDER


@click.group()
def bundle() -> None:
    """Sign a bundle, verify it, or add the gate that ports need.

    The keys are Ed25519 keys in PEM files, which OpenSSL makes. `interpret` and `serve` verify the signature with
    --model-key.

    \b
    Examples:
      openssl genpkey -algorithm ed25519 -out bundle.key
      openssl pkey -in bundle.key -pubout -out bundle.pub
      einthoven bundle sign bundles/mine --key bundle.key
      einthoven bundle verify bundles/mine --key bundle.pub

    See docs/reference/bundles.md.
    """


@bundle.command()
@click.argument("folder", type=FOLDER)
@click.option("--key", type=FILE, required=True, help="Private Ed25519 key (PEM), without a password.")
def sign(folder: Path, key: Path) -> None:
    """Sign the bundle in FOLDER.

    Checks first that the bundle is complete.

    \b
    Example:
      einthoven bundle sign bundles/mine --key bundle.key
    """
    from einthoven.model.bundle import Bundle
    from einthoven.model.signature import sign

    Bundle.load(folder)
    click.echo(f"{sign(folder, key)}: signed.")


@bundle.command()
@click.argument("folder", type=FOLDER)
@click.option("--key", type=FILE, required=True, help="Public Ed25519 key (PEM) of the signer.")
def verify(folder: Path, key: Path) -> None:
    """Verify the signature of the bundle in FOLDER.

    Exit code 0 if the owner of the key signed the bundle and no file has changed since, 2 otherwise.

    \b
    Example:
      einthoven bundle verify bundles/mine --key bundle.pub
    """
    from einthoven.model.bundle import Bundle

    Bundle.load(folder, key)
    click.echo(f"{folder}: the signature is valid and all files are unchanged.")


@bundle.command()
@click.argument("folder", type=FOLDER)
def gate(folder: Path) -> None:
    """Add or renew the gate of the bundle in FOLDER.

    Writes gate.json, placement.onnx, golden.npz and golden.json, and their SHA-256 into card.json. A port to another
    language needs them; `einthoven export` writes them too. The model stays as it is. A signature must be made again.

    \b
    Example:
      einthoven bundle gate bundles/mine
    """
    from einthoven.evaluate.port_files import add_port_files
    from einthoven.model.bundle import Bundle

    add_port_files(Bundle.load(folder, with_port=False))
    click.echo(f"{folder}: has the gate of this release, and golden values for it.")
