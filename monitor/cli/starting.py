"""`init`, `check`, `run`: from nothing to a daemon that listens."""

import os
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import DEFAULT_CONFIG, ConfigFile, clock, local_zone, read_config
from monitor.cli.output import plural, progress, say, warn
from monitor.cli.searches import print_searches

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.config.load import LoadedConfig
    from monitor.first_look import Look

_INIT_SPAN = timedelta(days=7)
_ONLINE_SPAN = timedelta(hours=1)
_CREDENTIAL_FREE = {"hackernews", "rss", "replay", "csv"}


class LogForm(StrEnum):
    """How log lines are written."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("init")(init)
    app.command("check")(check)
    app.command("run")(run)


def init(
    brand: Annotated[str, typer.Option(metavar="NAME", help="The brand, as people write it; asked unless given.")] = "",
    handle: Annotated[str, typer.Option(metavar="HANDLE", help="Its own account, such as @lumo.")] = "",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Where its people work, such as Europe/Berlin.")] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Write the config and ask no source.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Write a commented config for a brand. Ends with what its sources found in the last 7 days."""
    from monitor.config.init import Brand, config_text, write_config  # noqa: PLC0415
    from monitor.errors import MonitorError  # noqa: PLC0415

    if config.exists():
        raise MonitorError(str(config), "is there already", "give another name with --config")
    if not brand:
        try:
            brand = typer.prompt("Which brand, as people write it")
            handle = handle or typer.prompt("Its handle, if it has one", default="", show_default=False)
        except typer.Abort:
            say("")
            raise MonitorError("init", "nobody answered which brand it is for", "name it with --brand") from None
    if not brand.strip():
        raise typer.BadParameter("the brand needs a name")
    if zone and not _is_zone(zone):
        raise typer.BadParameter(f"{zone!r} is no time zone; write one such as Europe/Berlin")
    write_config(config, config_text(Brand(brand, handle, zone or _own_zone())))
    say(f"{config}: written")
    if not offline:
        _show_first_look(config, brand)
    suffix = "" if config == DEFAULT_CONFIG else f" --config {config}"
    say(f"next: `complaint-monitor check{suffix}`, then `complaint-monitor run{suffix}`")


def _own_zone() -> str:
    """Return the zone of this machine by its name, or UTC."""
    parts = Path("/etc/localtime").resolve().parts
    name = os.environ.get("TZ") or "/".join(parts[parts.index("zoneinfo") + 1 :] if "zoneinfo" in parts else ("UTC",))
    return name if _is_zone(name) else "UTC"


def _is_zone(name: str) -> bool:
    from zoneinfo import available_timezones  # noqa: PLC0415

    return name in available_timezones()


def _show_first_look(config: Path, brand: str) -> None:
    from monitor.app import open_sources  # noqa: PLC0415
    from monitor.first_look import look_around  # noqa: PLC0415
    from monitor.rules.match import Matcher, parse_watches  # noqa: PLC0415

    settings = read_config(config).usable()
    sources, _ = open_sources(settings)
    free = {name: source for name, source in sources.items() if source.options.kind in _CREDENTIAL_FREE}
    say(f"asking {', '.join(free)} for {brand}: the last 7 days")
    with progress("asking", len(free)) as advance:
        looks = []
        for look in look_around(free, Matcher(parse_watches(settings.brands)), clock() - _INIT_SPAN):
            looks.append(look)
            advance(1)
    for look in looks:
        _print_look(look)
    if looks and all(look.problem for look in looks):
        say("no source answered: is there a network? The config is written all the same")


def _print_look(look: "Look") -> None:
    from monitor.notify.text import ago, excerpt, inert, visible  # noqa: PLC0415

    if look.problem:
        say(f"  {look.source}: {visible(look.problem)}")
        return
    least = "at least " if look.more else ""
    say(f"  {look.source}: {least}{plural(len(look.matched), 'post')} matched, of {look.returned} read")
    for mention in look.matched[:2]:
        when = ago(mention.posted_at, clock(), local_zone())
        say(f"    {when}, {inert(excerpt(mention.author.handle, 30))}: {inert(excerpt(mention.text, 100))}")


def check(
    online: Annotated[bool, typer.Option("--online", help="Also ask each source whether it answers.")] = False,
    without_secrets: Annotated[
        bool, typer.Option("--without-secrets", help="Leave references to secrets alone, as in CI.")
    ] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Print every problem of the config. One a line, with its place; exit 78 if there is one."""
    from monitor.config.load import load_config  # noqa: PLC0415
    from monitor.notify.text import visible  # noqa: PLC0415

    loaded = load_config(config, environ=os.environ, secrets=not without_secrets)
    for problem in loaded.problems:
        say(visible(str(problem)))
    if loaded.errors or not _pins_hold(loaded):
        raise typer.Exit(78)
    say(_summary(loaded))
    print_searches(loaded.usable())
    if online and not _all_answer(loaded):
        raise typer.Exit(1)


def _pins_hold(loaded: "LoadedConfig") -> bool:
    """Run the pins, and print those that do not hold."""
    if not loaded.pins:
        return True
    from monitor.app import build_side, refuse_broken_pins  # noqa: PLC0415 - only pins need a model here
    from monitor.errors import ConfigError  # noqa: PLC0415
    from monitor.notify.text import visible  # noqa: PLC0415

    try:
        with progress("running the pins", None):
            refuse_broken_pins(loaded, build_side("config", loaded.usable()), clock())
    except ConfigError as error:
        for problem in error.problems:
            say(visible(str(problem)))
        return False
    return True


def _summary(loaded: "LoadedConfig") -> str:
    settings = loaded.usable()
    on = sum(source.enabled for source in settings.sources.values())
    warned = f", {len(loaded.warnings)} to look at" if loaded.warnings else ""
    parts = ((len(settings.brands), "brand"), (on, "source"), (len(settings.receivers), "receiver"))
    pins = f", {plural(len(loaded.pins), 'pin')}" if loaded.pins else ""
    counts = ", ".join(plural(number, word) for number, word in parts) + pins
    return f"{loaded.file}: good ({counts}{warned})"


def _all_answer(loaded: "LoadedConfig") -> bool:
    """Ask every enabled source for its last hour; returns whether all answered."""
    from monitor.app import open_sources  # noqa: PLC0415
    from monitor.first_look import look_around  # noqa: PLC0415
    from monitor.rules.match import Matcher, parse_watches  # noqa: PLC0415

    settings = loaded.usable()
    sources, broken = open_sources(settings)
    for name, reason in broken.items():
        say(f"  {name}: {reason}")
    well = not broken
    for look in look_around(sources, Matcher(parse_watches(settings.brands)), clock() - _ONLINE_SPAN):
        _print_look(look)
        well = well and look.problem is None
    return well


def run(
    once: Annotated[bool, typer.Option("--once", help="Poll every source once, decide, send, and end.")] = False,
    log: Annotated[
        LogForm, typer.Option(help="How log lines are written; auto is JSON under journald.")
    ] = LogForm.AUTO,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Run the daemon: listen, decide, queue, alert. With --once, until everything is done."""
    from monitor import app as assembly  # noqa: PLC0415 - everything that a daemon needs
    from monitor.service.log import set_up  # noqa: PLC0415

    os.umask(0o077)  # the store holds what people wrote, and who they are
    set_up(as_json=None if log is LogForm.AUTO else log is LogForm.JSON)
    for problem in read_config(config, thorough=True).warnings:
        warn(str(problem))
    if not once:
        raise typer.Exit(assembly.run_daemon(config, os.environ))
    with progress("deciding", None) as advance:
        outcome = assembly.run_batch(config, os.environ, _advancing(advance))
    say(
        f"polled {plural(outcome.polled, 'source')}, decided {plural(outcome.decided, 'post')}, "
        f"sent {plural(outcome.sent, 'message')}, failed {outcome.failed}"
    )
    say("see `complaint-monitor queue list`")
    if outcome.failed:
        raise typer.Exit(1)


def _advancing(advance: "Callable[[int], None]") -> "Callable[[str, int, int], None]":
    """Return what is told how much is done in all, from what takes how much was done since."""
    last = 0

    def told(_: str, done: int, __: int) -> None:
        nonlocal last
        advance(done - last)
        last = done

    return told
