"""`sources` and `coverage`: what we hear, and when we were deaf."""

import typer

from monitor.cli.context import DEFAULT_CONFIG, AsJson, ConfigFile, clock, local_zone, reading, span_of
from monitor.cli.output import Cell, plural, print_json, print_table, say


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("sources")(sources)
    app.command("coverage")(coverage)


def sources(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show how each source is doing."""
    from dataclasses import asdict  # noqa: PLC0415

    from monitor.notify.text import ago, count, excerpt, inert, until  # noqa: PLC0415

    now, zone = clock(), local_zone()
    with reading(config) as (_, store):
        states = store.sources(now)
    if as_json:
        print_json([asdict(state) for state in states])
        return
    if not states:
        say("no source was polled yet: run `complaint-monitor run` first")
        return
    rows = [
        (
            state.name,
            state.kind,
            Cell(state.state, state.state),
            ago(state.ok_at, now, zone) if state.ok_at else "never",
            "-" if state.state == "stopped" else "now" if state.due_at <= now else until(state.due_at, now, zone),
            count(state.returned_today),
            count(state.returned),
            "; ".join(part for part in (inert(excerpt(state.reason or "", 160)), _skipped(state.skipped)) if part),
        )
        for state in states
    ]
    print_table(["SOURCE", "KIND", "STATE", "LAST OK", "NEXT", "TODAY", "TOTAL", "REASON"], rows, wide=["REASON"])


def _skipped(posts: int) -> str:
    return f"{plural(posts, 'post')} could not be read, see the log" if posts else ""


def coverage(
    config: ConfigFile = DEFAULT_CONFIG,
    since: str = typer.Option("7d", "--since", metavar="SPAN", help="How far back to look: 90m, 24h, 7d."),
    as_json: AsJson = False,
) -> None:
    """Show when sources were not heard. Gaps, and windows in which we were blind."""
    from dataclasses import asdict  # noqa: PLC0415

    from monitor.digest.figures import blind_windows, heard_since  # noqa: PLC0415
    from monitor.digest.hearing import heard_sentence  # noqa: PLC0415
    from monitor.notify.text import excerpt, inert, moment, span  # noqa: PLC0415

    now, zone, start = clock(), local_zone(), span_of(since)
    with reading(config) as (settings, store):
        names = [name for name, options in settings.sources.items() if options.enabled]
        windows, first = blind_windows(store, start, now, names), heard_since(store, now, names)
    if as_json:
        print_json([asdict(window) for window in windows])
        return
    if not windows:
        say(f"heard in the last {since}: {heard_sentence(first, start, now, zone)}")
        return
    rows = [
        (
            window.source,
            Cell(window.state, "yellow"),
            moment(window.since, now, zone),
            moment(window.until, now, zone) if window.until else "now",
            span((window.until or now) - window.since),
            inert(excerpt(window.reason or "", 160)),
        )
        for window in windows
    ]
    print_table(["SOURCE", "STATE", "FROM", "UNTIL", "LENGTH", "REASON"], rows, wide=["REASON"])
