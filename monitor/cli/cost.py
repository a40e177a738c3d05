"""`cost`: what listening costs this month."""

import typer

from monitor.cli.context import DEFAULT_CONFIG, AsJson, ConfigFile, clock, reading
from monitor.cli.output import print_json, print_table, say


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("cost")(cost)


def cost(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show what platforms billed for posts this month, and what the month will come to."""
    from monitor.app import source_prices  # noqa: PLC0415 - loads the platforms' libraries
    from monitor.desk.spend import month_spend  # noqa: PLC0415

    now = clock()
    with reading(config) as (settings, store):
        found = month_spend(store, settings, source_prices(settings), now)
    if as_json:
        print_json([spend.to_json() for spend in found])
        return
    if not found:
        say("no source is configured: nothing is read, and nothing is billed")
        return
    rows = [
        (
            spend.source,
            f"{spend.posts:,}",
            "free" if spend.price is None else f"${spend.price:g}",
            "-" if spend.price is None else f"${spend.usd:,.2f}",
            "-" if spend.price is None else f"${spend.projected_usd:,.2f}",
            "-" if spend.most_usd is None else f"${spend.most_usd:,.2f}",
        )
        for spend in found
    ]
    print_table(["SOURCE", "POSTS", "A POST", "SO FAR", "BY THE END", "AT MOST"], rows)
    total = sum(spend.usd for spend in found)
    say(f"{now:%B %Y}: ${total:,.2f} so far, about ${sum(spend.projected_usd for spend in found):,.2f} by its end")
