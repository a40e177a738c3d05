"""What the commands share: common options, the config, the store, who asks, and the time and zone at the edge."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.output import plural, warn
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.config.load import LoadedConfig
    from monitor.config.schema import Settings
    from monitor.store.store import Store

_STORE = re.compile(r"""^store:\s*['"]?sqlite:///([^\s'"#]+)""", re.MULTILINE)

DEFAULT_CONFIG = Path("config.yaml")

ConfigFile = Annotated[Path, typer.Option("--config", metavar="FILE", help="The config file.")]
AsName = Annotated[str, typer.Option("--as", metavar="NAME", help="Who does it; your login name unless given.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
CaseNumber = Annotated[int, typer.Argument(metavar="CASE", min=1, help="The number of the case.")]


def read_config(path: Path, *, thorough: bool = False, secrets: bool = True) -> "LoadedConfig":
    """Read the config. Raises ConfigError, with every problem, where nothing can run on it."""
    from monitor.config.load import load_config  # noqa: PLC0415 - `--help` needs no config

    loaded = load_config(path, environ=os.environ, secrets=secrets, thorough=thorough)
    loaded.usable()
    return loaded


def read_settings(path: Path) -> "Settings":
    """Return the settings of a config file, the queries of its watches unread.

    A file that is broken while somebody edits it locks nobody out of the queue: the version in force, which the store
    keeps, is used in its place, and a line on stderr says so.
    """
    from monitor.config.load import load_config  # noqa: PLC0415 - `--help` needs no config

    loaded = load_config(path, environ=os.environ, thorough=False)
    settings = loaded.settings or _settings_in_force(path, loaded.text)
    if settings is None:
        return loaded.usable()
    if loaded.settings is None:
        problems = plural(len(loaded.errors), "problem")
        warn(f"{path}: {problems}, the version in force is used; see `complaint-monitor check --config {path}`")
    return settings


def _settings_in_force(path: Path, text: str) -> "Settings | None":
    """Return the settings that were accepted last, from the store that a broken config names."""
    from monitor.config.load import settings_of_version  # noqa: PLC0415
    from monitor.errors import StoreError  # noqa: PLC0415
    from monitor.store.sqlite import SqliteStore  # noqa: PLC0415

    named = _STORE.search(text)
    place = path.absolute().parent / (named[1] if named else "monitor.db")
    if not text or not place.is_file():
        return None
    try:
        store = SqliteStore(place, read_only=True)
    except StoreError:
        return None
    try:
        history = store.config_history()
    finally:
        store.close()
    return settings_of_version(history[0]["text"], path, os.environ) if history else None


def store_file(settings: "Settings") -> Path:
    """Return the file of the store. Raises MonitorError where there is none yet."""
    if not settings.store.startswith("sqlite:///"):
        raise MonitorError("store", "is no SQLite file", "this version keeps its store in SQLite alone")
    if not settings.store_path.is_file():
        raise MonitorError(str(settings.store_path), "no store yet", "run `complaint-monitor run` first")
    return settings.store_path


@contextmanager
def reading(config: Path) -> "Iterator[tuple[Settings, Store]]":
    """Give settings and store, the store only to be read; a running daemon goes on undisturbed."""
    settings = read_settings(config)
    store_file(settings)
    from monitor.store.opening import open_store  # noqa: PLC0415 - what answers without a store loads none

    store = open_store(settings, read_only=True)
    try:
        yield settings, store
    finally:
        store.close()


def clock() -> datetime:
    """Return the present moment, aware UTC: the only place of the command line that looks at a clock."""
    return datetime.now(UTC)


def local_zone() -> tzinfo:
    """Return the zone of the terminal's user."""
    return datetime.now(UTC).astimezone().tzinfo or UTC


def login_name() -> str:
    """Return the login name, as the audit trail shows it."""
    import pwd  # noqa: PLC0415 - one command in ten asks

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def order(config: Path, name: str, who: str, /, **arguments: Any) -> dict[str, Any]:
    """Have a command executed for somebody, for the login name unless `who` is given; returns its answer.

    Raises MonitorError for what was refused or went wrong.
    """
    from monitor.cli.gateway import execute  # noqa: PLC0415 - what only reads loads no desk
    from monitor.desk import Command  # noqa: PLC0415

    return execute(config, Command(name, who or login_name(), arguments))


def known_brands(settings: "Settings", names: Sequence[str]) -> None:
    """Raise typer.BadParameter where the config has no brand of a name."""
    for name in names:
        if name not in settings.brands:
            known = ", ".join(settings.brands) or "none"
            raise typer.BadParameter(f"no brand is named {name!r}; known: {known}")


def moment_after(text: str, now: datetime) -> datetime:
    """Return the time that a person means: a span from now (`2h`), or ISO 8601 in the terminal's zone.

    Raises typer.BadParameter for anything else, and for what lies in the past.
    """
    from connectors.options import parse_duration  # noqa: PLC0415 - see above

    try:
        moment = now + parse_duration(text)  # type: ignore[operator]
    except (ValueError, OverflowError):
        moment = _absolute(text)
    if moment <= now:
        raise typer.BadParameter(f"{text!r} lies in the past")
    return moment


def moment_of(text: str, now: datetime) -> datetime:
    """Return any time that a person means, past or to come: a span from now (`2h`), or ISO 8601 in their zone."""
    from connectors.options import parse_duration  # noqa: PLC0415 - see above

    try:
        moment: datetime = now + parse_duration(text)  # type: ignore[operator]
    except (ValueError, OverflowError):
        return _absolute(text)
    return moment


def span_of(text: str) -> datetime:
    """Return the moment a span ago (`24h`, `7d`); raises typer.BadParameter."""
    from connectors.options import parse_duration  # noqa: PLC0415 - see above

    try:
        return clock() - parse_duration(text)  # type: ignore[operator,no-any-return]
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no span; write 90m, 24h or 7d") from None


def _absolute(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time; write 2h, 1d or 2026-11-18T09:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=local_zone())).astimezone(UTC)
