"""`lab run`, `lab diff`: what a changed config would have made of the posts that are stored."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import clock, read_config, span_of, store_file
from monitor.cli.lab_live import LiveSample, agreed_sample, print_live, refuse_unasked
from monitor.cli.output import Cell, print_json, print_table, progress, say, warn
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from monitor.config.load import LoadedConfig
    from monitor.config.schema import Settings
    from monitor.lab.compare import CaseLine
    from monitor.lab.report import Report, Span
    from monitor.lab.unheard import Version
    from monitor.store.store import Store

app = typer.Typer(
    help="What a changed config would have made of the stored posts.", no_args_is_help=True, rich_markup_mode=None
)

_SHOWN = 10


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


Since = Annotated[str, typer.Option(metavar="SPAN", help="How far back it reaches: 24h, 30d.")]
Form = Annotated[Format, typer.Option("--format", help="How the report is written.")]
Output = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report there.")]
Live = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        max=100,
        help="Fetch up to N posts a source for terms that were never fetched; tells the price and asks first.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Fetch without asking.")]


@dataclass(frozen=True, slots=True)
class _Wish:
    """Whether a live sample is wanted, of how many posts a source, and whether it was agreed to before."""

    live: int | None = None
    yes: bool = False


@app.command("run")
def run(
    config: Annotated[Path, typer.Option("--config", metavar="NEW", help="The changed config.")],
    since: Since = "30d",
    against: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The config to compare with; the version in force unless given."),
    ] = None,
    form: Form = Format.TEXT,
    output: Output = None,
    live: Live = None,
    yes: Yes = False,
) -> None:
    """Replay stored posts through a changed config. Changes nothing; exit 1 if a pin breaks."""
    refuse_unasked(live, yes=yes)
    new = _accepted(config)
    present = _accepted(against) if against else None
    with _store_of((present or new).usable()) as store:
        _report(store, new, present or _in_force(store, config), since, form, output, _Wish(live, yes))


@app.command("diff")
def diff(
    first: Annotated[Path, typer.Argument(metavar="A", help="A config; its store is read.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another config.")],
    since: Since = "30d",
    form: Form = Format.TEXT,
    output: Output = None,
) -> None:
    """Replay stored posts through two configs. Changes nothing; exit 1 if a pin of the second breaks."""
    old, new = _accepted(first), _accepted(second)
    with _store_of(old.usable()) as store:
        _report(store, new, old, since, form, output)


def _accepted(path: Path) -> "LoadedConfig":
    """Return a config without any problem, secrets as references. Raises ConfigError."""
    from monitor.errors import ConfigError  # noqa: PLC0415

    loaded = read_config(path, thorough=True, secrets=False)
    if loaded.errors:
        raise ConfigError(loaded.file, loaded.errors)
    return loaded


@contextmanager
def _store_of(settings: "Settings") -> "Iterator[Store]":
    from monitor.store.opening import open_store  # noqa: PLC0415

    store_file(settings)
    store = open_store(settings, read_only=True)
    try:
        yield store
    finally:
        store.close()


def _in_force(store: "Store", beside: Path) -> "LoadedConfig":
    """Return the version of the config that the store keeps as the present one. Raises MonitorError for none."""
    from monitor.config.load import LoadedConfig, settings_of_version  # noqa: PLC0415

    history = store.config_history()
    settings = settings_of_version(history[0]["text"], beside, os.environ, secrets=False) if history else None
    if settings is None:
        cause = "cannot be read any more" if history else "is not known: no version was accepted yet"
        raise MonitorError("the config in force", cause, "name the one to compare with: --against FILE")
    name = f"the config in force ({history[0]['hash'][:12]})"
    return replace(LoadedConfig(name, settings, (), "", "", ()), hash=history[0]["hash"])


def _report(
    store: "Store",
    new: "LoadedConfig",
    present: "LoadedConfig",
    since: str,
    form: Format,
    output: Path | None,
    wish: _Wish = _Wish(),
) -> None:
    """Replay and print; raises typer.Exit(1) where a pin breaks."""
    from monitor.app import ask_lab  # noqa: PLC0415 - the model, only here
    from monitor.lab.report import Span, make_report  # noqa: PLC0415
    from monitor.lab.versions import versions_in_force  # noqa: PLC0415
    from monitor.notify.text import visible  # noqa: PLC0415

    _check_output(output)
    span = Span(span_of(since), clock())
    versions = versions_in_force(store, Path(new.file), os.environ, span.since)
    with ExitStack() as stack:
        sample = stack.enter_context(_sample(store, new, versions, span, wish)) if wish.live else None
        with progress("loading the model", None):
            question = ask_lab(new, present, versions, span)
        with progress("replaying", store.lab_count(span.since, span.until)) as advance:
            report = make_report(store, question, advance)
        if sample is not None:
            with progress("asking the platforms", None):
                report = replace(report, live=sample.take(question.new))
    if output is None:
        _print(report, form)
    else:
        with output.open("w", encoding="utf-8") as file, redirect_stdout(file):
            _print(report, form)
        say(f"{output}: written")
    for result in report.broken_pins:
        warn(visible(str(result.problem)))
    if report.broken_pins:
        raise typer.Exit(1)


def _sample(
    store: "Store", new: "LoadedConfig", versions: "Sequence[Version]", span: "Span", wish: _Wish
) -> "AbstractContextManager[LiveSample]":
    """Give the live sample of the terms that were never fetched, once it is agreed to."""
    from monitor.lab.unheard import find_unheard  # noqa: PLC0415

    readable = store.lab_readable(span.since, span.until)
    unheard = find_unheard(new.usable(), versions, readable, span.since)
    return agreed_sample(Path(new.file), unheard, wish.live or 0, yes=wish.yes)


def _check_output(output: Path | None) -> None:
    """Raise MonitorError for a place that cannot be written, before the work rather than after it."""
    if output is not None and (output.is_dir() or not output.parent.is_dir()):
        cause = "is a folder" if output.is_dir() else "its folder does not exist"
        raise MonitorError(str(output), cause, "name a file in a folder that is there")


def _print(report: "Report", form: Format) -> None:
    match form:
        case Format.JSON:
            print_json(report.to_json())
        case Format.HTML:
            from monitor.lab.page import render_page  # noqa: PLC0415

            say(render_page(report))
        case Format.TEXT:
            _print_text(report)


def _print_text(report: "Report") -> None:
    from monitor.lab.words import figure_rows, note_lines, source_lines, unknown_lines  # noqa: PLC0415

    days = report.new.figures.days
    demo = " (demo)" if report.demo else ""
    say(f"{report.posts:,} stored posts of {days:,.1f} days through {report.new.name}, beside {report.base.name}{demo}")
    say("")
    print_table(["", "PRESENT", "NEW"], figure_rows(report))
    for line in note_lines(report):
        say(line)
    _print_watches(report)
    comparison = report.comparison
    for title, lines in (
        ("cases gained", comparison.gained),
        ("cases lost", comparison.lost),
        ("cases that become urgent", comparison.raised),
        ("cases that are no longer urgent", comparison.lowered),
    ):
        _print_cases(title, lines)
    _print_lines("what this cannot know", unknown_lines(report))
    print_live(report.live)
    _print_lines("how far back text can be read", source_lines(report))
    _print_pins(report)


def _print_watches(report: "Report") -> None:
    from monitor.lab.words import has_prices, watch_rows  # noqa: PLC0415

    priced = has_prices(report)
    rows = [
        [row.name, row.posts, row.cases, row.urgent, *([row.usd_month] if priced else [])] for row in watch_rows(report)
    ]
    say("")
    print_table(["WATCH", "POSTS", "CASES", "URGENT", *(["USD A MONTH"] if priced else [])], rows)


def _print_cases(title: str, lines: "Sequence[CaseLine]") -> None:
    from monitor.notify.text import excerpt  # noqa: PLC0415

    say(f"\n{title}: {len(lines):,}" + (f", the {_SHOWN} worst" if len(lines) > _SHOWN else ""))
    if not lines:
        return
    rows = [
        (
            Cell(line.level, line.level),
            f"{line.score:g}",
            _inert(f"{line.platform}:{line.native_id}"),
            f"{line.stored}, {line.status}" if line.stored else "",
            _inert(excerpt(line.text, 90)),
            _inert(excerpt(line.other, 70)),
        )
        for line in lines[:_SHOWN]
    ]
    print_table(["LEVEL", "SCORE", "POST", "CASE", "TEXT", "OTHERWISE"], rows, wide=["TEXT", "OTHERWISE"])


def _print_lines(title: str, lines: Sequence[str]) -> None:
    if lines:
        say(f"\n{title}")
    for line in lines:
        say(f"  {_inert(line)}")


def _print_pins(report: "Report") -> None:
    if not report.pins:
        return
    say(f"\npins: {len(report.pins) - len(report.broken_pins):,} of {len(report.pins):,} hold")
    for result in report.broken_pins:
        say(f"  broken: {_inert(result.pin.id)}, must {_wish(result.pin.expect)}: {_inert(result.found)}")


def _wish(expect: str) -> str:
    return "alert" if expect == "alert" else "not alert"


def _inert(text: str) -> str:
    from monitor.notify.text import inert  # noqa: PLC0415

    return inert(text)
