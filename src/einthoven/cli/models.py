"""`einthoven models`: the bundles that are there."""

import click

from einthoven.cli.common import print_table


@click.command()
@click.argument("bundles", nargs=-1, metavar="[BUNDLE]...")
@click.option("--json", "as_json", is_flag=True, help="Print the cards as JSON instead of a table.")
def models(bundles: tuple[str, ...], as_json: bool) -> None:
    """List the shipped bundles, or those given, with their figures."""
    import json

    from einthoven.interpret.bundle import find, shipped
    from einthoven.interpret.card import Card
    from einthoven.interpret.listing import models_table

    folders = [find(bundle) for bundle in bundles or shipped()]
    cards = [Card.read(folder) for folder in folders]
    if as_json:
        click.echo(json.dumps([card.facts for card in cards], indent=1))
    else:
        print_table(models_table(folders, cards))
