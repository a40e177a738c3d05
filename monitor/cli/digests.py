"""`digest`: the summary of a span, printed."""

from enum import StrEnum
from typing import Annotated

import typer

from monitor.cli.context import DEFAULT_CONFIG, ConfigFile, clock, known_brands, local_zone, reading, span_of
from monitor.cli.output import print_json, say


class Format(StrEnum):
    """How a digest is written."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("digest")(digest)


def digest(
    config: ConfigFile = DEFAULT_CONFIG,
    since: Annotated[str, typer.Option(metavar="SPAN", help="How far back it reaches: 90m, 24h, 7d.")] = "24h",
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TEXT,
    brand: Annotated[list[str] | None, typer.Option(metavar="BRAND", help="Only this brand; may be repeated.")] = None,
) -> None:
    """Print a digest of what happened since then."""
    from monitor.app import open_sources  # noqa: PLC0415
    from monitor.digest.build import build_digest, to_json  # noqa: PLC0415
    from monitor.digest.figures import gather_figures  # noqa: PLC0415
    from monitor.digest.render import render_html, render_text  # noqa: PLC0415
    from monitor.notify.render import Setting  # noqa: PLC0415

    now, zone, start = clock(), local_zone(), span_of(since)
    with reading(config) as (settings, store):
        known_brands(settings, brand or [])
        sources, _ = open_sources(settings)
        prices = {name: source.connector.traits.price_per_post for name, source in sources.items()}
        names = list(settings.brands)
        figures = gather_figures(store, start, now, prices=prices, skip_words=names, brands=brand or ())
    body = build_digest(figures, now, zone, demo=settings.demo)
    setting = Setting("terminal", "stdout", now, zone, settings.web.public_url, settings.demo)
    match form:
        case Format.JSON:
            print_json(to_json(body))
        case Format.HTML:
            say(render_html(body, setting))
        case Format.TEXT:
            say(render_text(body, setting))
