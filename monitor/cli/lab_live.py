"""The part of `lab run` that asks the platforms: it tells the price, asks for leave, fetches a sample, prints it."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from monitor.cli.output import Cell, print_table, say, warn

if TYPE_CHECKING:
    from monitor.lab.live import Asked, Sampled
    from monitor.lab.side import Side
    from monitor.lab.unheard import Unheard


def refuse_unasked(live: int | None, *, yes: bool) -> None:
    """Raise typer.BadParameter where a sample may cost money and nobody is there to agree."""
    if live and not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise typer.BadParameter("--live may cost money: without a terminal to ask on, add --yes")


class LiveSample:
    """A sample that was agreed to; the platforms are asked once, by `take`."""

    def __init__(self, config: Path, unheard: "Sequence[Unheard]", posts: int) -> None:
        from monitor.app import open_sources  # noqa: PLC0415 - loads the platforms' libraries
        from monitor.config.load import load_config  # noqa: PLC0415
        from monitor.lab.live import plan_sample  # noqa: PLC0415

        loaded = load_config(config, environ=os.environ, thorough=False)
        wanted = {entry.source for entry in unheard if entry.since is None}
        settings = loaded.usable()
        chosen = {name: options for name, options in settings.sources.items() if name in wanted}
        self._sources, broken = open_sources(settings.model_copy(update={"sources": chosen}))
        self.plan: tuple[Asked, ...] = plan_sample(
            unheard, settings, self._sources, {**loaded.broken_sources, **broken}, posts
        )

    def agree(self, *, yes: bool) -> None:
        """Say on stderr what it costs at most, and ask; raises typer.Abort where the answer is no."""
        from monitor.notify.text import visible  # noqa: PLC0415

        if not self.plan:
            warn("live sample: every term of the config was fetched before, nothing is asked")
            return
        warn("live sample of the terms that were never fetched; nothing of it is stored:")
        for asked in self.plan:
            warn(f"  {visible(asked.words())}")
        open_to_ask = [asked for asked in self.plan if not asked.problem]
        if not open_to_ask:
            return
        total = sum(asked.most_usd for asked in open_to_ask)
        warn(f"  in all at most ${total:,.2f}" if total else "  in all: free")
        if not yes:
            typer.confirm("Ask the platforms?", abort=True, err=True)

    def take(self, side: "Side") -> "tuple[Sampled, ...]":
        """Ask the platforms. Raises ModelError where the model breaks down."""
        from monitor.lab.live import take_sample  # noqa: PLC0415

        return take_sample(self.plan, self._sources, side)

    def close(self) -> None:
        """Close the connections."""
        for source in self._sources.values():
            source.connector.close()


@contextmanager
def agreed_sample(config: Path, unheard: "Sequence[Unheard]", posts: int, *, yes: bool) -> Iterator[LiveSample]:
    """Give a sample that was agreed to; raises typer.Abort where it was not."""
    sample = LiveSample(config, unheard, posts)
    try:
        sample.agree(yes=yes)
        yield sample
    finally:
        sample.close()


def print_live(live: "tuple[Sampled, ...] | None") -> None:
    """Print what a sample brought, by source."""
    if live is None:
        return
    from monitor.lab.words import live_problems, live_rows  # noqa: PLC0415
    from monitor.notify.text import visible  # noqa: PLC0415

    say("\nlive sample of terms that were never fetched" + ("" if live else ": there is none"))
    if live:
        columns = ["SOURCE", "FETCHED", "KEPT", "CASES", "POSTS A DAY", "SPENT"]
        print_table(columns, [[visible(cell) for cell in row] for row in live_rows(live)])
    for line in live_problems(live):
        say(f"  {visible(line)}")
    for entry in live:
        _print_worst(entry)


def _print_worst(entry: "Sampled") -> None:
    from monitor.notify.text import excerpt, inert  # noqa: PLC0415

    if not entry.worst:
        return
    say(f"\nthe worst of {entry.source}")
    rows = [
        (
            Cell(line.level, line.level),
            f"{line.score:g}",
            inert(f"{line.platform}:{line.native_id}"),
            inert(excerpt(line.text, 90)),
        )
        for line in entry.worst
    ]
    print_table(["LEVEL", "SCORE", "POST", "TEXT"], rows, wide=["TEXT"])
