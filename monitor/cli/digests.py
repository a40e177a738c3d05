"""`digest`: the summary of a span, printed."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import DEFAULT_CONFIG, ConfigFile, clock, known_brands, local_zone, reading, span_of
from monitor.cli.output import print_json, say

if TYPE_CHECKING:
    from monitor.config.digests import Digest
    from monitor.config.schema import Settings


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
    name: Annotated[str | None, typer.Option(metavar="DIGEST", help="The digest of the config of that name.")] = None,
    brand: Annotated[list[str] | None, typer.Option(metavar="BRAND", help="Only this brand; may be repeated.")] = None,
) -> None:
    """Print a digest of what happened since then: the one that receivers get, made now."""
    from monitor.app import open_sources  # noqa: PLC0415
    from monitor.digest.record import to_json  # noqa: PLC0415
    from monitor.digest.render import render_html, render_text  # noqa: PLC0415
    from monitor.notify.render import Setting  # noqa: PLC0415
    from monitor.steps.digest import make_body, prices_of  # noqa: PLC0415

    now, start = clock(), span_of(since)
    with reading(config) as (settings, store):
        known_brands(settings, brand or [])
        wanted = _wanted(settings, name, brand or ())
        sources, _ = open_sources(settings)
        zone = wanted.timezone if name else local_zone()
        body = make_body(store, settings, wanted, prices_of(sources), start, now, zone)
    setting = Setting("terminal", "stdout", now, zone, settings.web.public_url, settings.demo)
    match form:
        case Format.JSON:
            print_json(to_json(body))
        case Format.HTML:
            say(render_html(body, setting))
        case Format.TEXT:
            say(render_text(body, setting))


def _wanted(settings: "Settings", name: str | None, brands: Sequence[str]) -> "Digest":
    """Return the digest of the config of that name, or one with everything for the zone of the terminal."""
    from monitor.config.digests import Digest  # noqa: PLC0415 - `--help` needs no config

    if name is None:
        plain = {"name": "complaints", "to": "terminal", "every": "24h", "brands": list(brands)}
        return Digest.model_validate(plain)
    found = {wanted.name: wanted for wanted in settings.digests}
    if name not in found:
        hint = f"the config has: {', '.join(found)}" if found else "the config has none"
        raise typer.BadParameter(f"no digest is named {name[:60]!r}; {hint}", param_hint="--name")
    return found[name].model_copy(update={"brands": tuple(brands)} if brands else {})
