"""`einthoven bundle`: sign a bundle, and verify who signed it."""

from pathlib import Path

import click

from einthoven.cli.common import FILE, FOLDER


@click.group()
def bundle() -> None:
    """Sign a bundle, or verify its signature.

    \b
      openssl genpkey -algorithm ed25519 -out bundle.key
      openssl pkey -in bundle.key -pubout -out bundle.pub
      einthoven bundle sign bundles/mine --key bundle.key
      einthoven bundle verify bundles/mine --key bundle.pub

    `interpret` and `serve` verify with --model-key. See docs/reference/bundles.md.
    """


@bundle.command()
@click.argument("folder", type=FOLDER)
@click.option("--key", type=FILE, required=True, help="Private Ed25519 key (PEM) without password.")
def sign(folder: Path, key: Path) -> None:
    """Sign the bundle in FOLDER, after checking that it is complete."""
    from einthoven.model.bundle import Bundle
    from einthoven.model.signature import sign

    Bundle.load(folder)
    click.echo(f"{sign(folder, key)}: signed.")


@bundle.command()
@click.argument("folder", type=FOLDER)
@click.option("--key", type=FILE, required=True, help="Public Ed25519 key (PEM).")
def verify(folder: Path, key: Path) -> None:
    """Verify who signed the bundle in FOLDER, and that nothing in it changed since."""
    from einthoven.model.bundle import Bundle

    Bundle.load(folder, key)
    click.echo(f"{folder}: the signature and all files are right.")
