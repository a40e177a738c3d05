"""`spikes`: what rose lately and why, and the last day of each brand beside what is usual."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import DEFAULT_CONFIG, AsJson, ConfigFile, clock, known_brands, local_zone, reading, span_of
from monitor.cli.output import Cell, plural, print_json, print_table, say

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from monitor.desk.spikes import BrandDay, SpikeFile

BLOCKS = "▁▂▃▄▅▆▇█"
_TEXT = 100


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("spikes")(spikes)


def spikes(
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
    since: Annotated[str, typer.Option(metavar="SPAN", help="How far back, such as 24h or 7d.")] = "7d",
    brand: Annotated[str | None, typer.Option(metavar="BRAND", help="Only this brand.")] = None,
) -> None:
    """Show rises of complaints with what explains them, and the last 24 hours of each brand beside what is usual."""
    from monitor.desk.spikes import brand_day, recent_spikes  # noqa: PLC0415

    start, now = span_of(since), clock()
    with reading(config) as (settings, store):
        known_brands(settings, [brand] if brand else [])
        names = [brand] if brand else list(settings.brands)
        found = recent_spikes(store, start, names)
        days = [brand_day(store, settings, name, now) for name in names]
    if as_json:
        print_json({"spikes": [file.to_json() for file in found], "brands": [day.to_json() for day in days]})
        return
    _print_spikes(found, since, now)
    for day in days:
        say("")
        for line in day_lines(day, now, local_zone()):
            say(line)


def _print_spikes(found: Sequence["SpikeFile"], since: str, now: "datetime") -> None:
    from monitor.notify.text import excerpt, inert, moment, span  # noqa: PLC0415

    if not found:
        say(f"no spike in the last {since}")
        return
    rows = []
    for file in found:
        spike = file.spike
        words = ", ".join(f"{word.word} ×{word.count}" for word in spike.words)
        example = inert(excerpt(file.posts[0].text, _TEXT)) if file.posts else ""
        lasted = span((spike.ended_at or now) - spike.since)
        rows.append((
            str(spike.id), Cell(spike.level, spike.level), spike.brand, moment(spike.since, now, local_zone()),
            lasted if spike.ended_at else f"{lasted}, goes on", f"×{spike.factor:.1f}",
            f"{spike.seen:,} ({spike.expected:,.0f})", words or "-", example,
        ))  # fmt: skip
    columns = ["ID", "LEVEL", "BRAND", "SINCE", "FOR", "FACTOR", "SEEN (USUAL)", "WORDS", "EXAMPLE"]
    print_table(columns, rows, wide=["WORDS", "EXAMPLE"])


def day_lines(day: "BrandDay", now: "datetime", zone: "tzinfo") -> list[str]:
    """Return a day as a chart of plain blocks: complaints by half hours, and below them what is usual."""
    from monitor.notify.text import moment  # noqa: PLC0415

    most = max([*day.seen, *(day.usual or ()), 1.0])
    since = moment(day.since, now, zone)
    head = f"{day.brand}: {plural(sum(day.seen), 'complaint')} since {since}, at most {max(day.seen)} in half an hour"
    lines = [head, f"  seen   {_blocks(day.seen, most)}"]
    if day.usual is not None:
        return [*lines, f"  usual  {_blocks(day.usual, most)}  ({sum(day.usual):,.0f} in all)"]
    from_when = f"rises are looked for from {moment(day.judged_from, now, zone)}" if day.judged_from else \
        "no source was read yet"  # fmt: skip
    return [*lines, f"  what is usual is not known yet; {from_when}"]


def _blocks(values: Sequence[float], most: float) -> str:
    """Return one block a value, higher for more; a space for none."""
    return "".join(" " if value <= 0 else BLOCKS[min(int(value / most * 8), 7)] for value in values)
