"""`backup`, `restore`, `forget`, `doctor`, `send-test`: what ops does."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsJson,
    AsName,
    ConfigFile,
    clock,
    order,
    read_settings,
    reading,
)
from monitor.cli.output import Cell, plural, print_json, print_table, progress, say
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.service.doctor import Finding

_SQLITE = b"SQLite format 3\0"
"""How each file of SQLite begins."""


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("forget")(forget)
    app.command("doctor")(doctor)
    app.command("send-test")(send_test)


def backup(
    target: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to; beside the store unless given.")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Write a copy of the store. Consistent also while the daemon works."""
    with reading(config) as (settings, store):
        place = target or settings.store_path.with_name(f"{settings.store_path.name}.backup-{clock():%Y%m%d-%H%M%S}")
        _check_target(place, settings.store_path)
        with progress(f"writing {place.name}", None):
            store.backup(place)
    place.chmod(0o600)
    say(f"{place}: {place.stat().st_size / 2**20:.1f} MiB; `complaint-monitor restore {place}` brings it back")


def _check_target(place: Path, store: Path) -> None:
    """Raise MonitorError where a backup would overwrite what is none, or cannot be written."""
    if place.is_dir():
        raise MonitorError(str(place), "is a folder", f"name a file, such as {place / 'monitor.db.backup'}")
    if not os.access(place.parent, os.W_OK):
        cause = "its folder may not be written" if place.parent.is_dir() else "its folder does not exist"
        raise MonitorError(str(place), cause, "name a file in another folder")
    if not place.exists():
        return
    if place.samefile(store):
        raise MonitorError(str(place), "is the store itself", "name another file")
    with place.open("rb") as stream:
        if stream.read(len(_SQLITE)) not in {b"", _SQLITE}:
            raise MonitorError(str(place), "is there already, and is no backup", "name another file")


def restore(
    backup_file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.")],
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Put a backup in the place of the store. The old store is kept aside; the daemon must be stopped."""
    from monitor.service.restore import restore_store  # noqa: PLC0415

    settings = read_settings(config)
    aside = restore_store(backup_file, settings.store_path, clock())
    say(f"{settings.store_path}: restored" + (f"; the old store is {aside.name}" if aside else ""))


def forget(
    post: Annotated[str, typer.Argument(metavar="[URL-OR-ID]", help="A post's link or id.")] = "",
    author: Annotated[str, typer.Option(metavar="HANDLE", help="All posts of this author.")] = "",
    platform: Annotated[str, typer.Option(metavar="NAME", help="Only on this platform.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    who: AsName = "",
) -> None:
    """Erase an author's words and name, or one post. Times, decisions and the trail stay."""
    if bool(post) == bool(author):
        raise typer.BadParameter("name one post, or --author HANDLE")
    if not yes:
        typer.confirm(f"Erase {f'all posts of {author}' if author else post} for good?", abort=True)
    answer = order(config, "forget", who, author=author, platform=platform, post=post)
    if answer["forgotten"]:
        say(f"{plural(answer['forgotten'], 'post')} erased; older backups still hold what they said")
    else:
        say(f"nothing to erase: no post {f'of {author} ' if author else ''}is stored, or all are erased already")


def doctor(
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask the platforms whose keys answer, and if they may; posts nothing.")
    ] = False,
) -> None:
    """Check that everything stands as it should. Exit 1 on red."""
    from monitor.app import load_model  # noqa: PLC0415
    from monitor.notify.text import inert  # noqa: PLC0415
    from monitor.service.doctor import Health, examine  # noqa: PLC0415
    from monitor.store.opening import open_store  # noqa: PLC0415

    with progress("looking", None):
        findings = list(examine(config, lambda settings: open_store(settings, read_only=True), load_model, clock()))
        if online:
            findings += _voices(config)
    if as_json:
        fields = ("name", "health", "detail", "next_step")
        print_json([{name: getattr(finding, name) for name in fields} for finding in findings])
    else:
        rows = [
            (finding.name, Cell(finding.health, finding.health), inert(finding.detail), finding.next_step)
            for finding in findings
        ]
        print_table(["CHECK", "HEALTH", "SEEN", "NEXT"], rows, wide=["SEEN", "NEXT"])
    if any(finding.health is Health.RED for finding in findings):
        raise typer.Exit(1)


def _voices(config: Path) -> "list[Finding]":
    """Verify the credentials that answer customers; nothing is posted."""
    from monitor.app import open_sources  # noqa: PLC0415
    from monitor.service.voices import examine_voices  # noqa: PLC0415

    opened, _ = open_sources(read_settings(config))
    try:
        return list(examine_voices({name: source.connector for name, source in opened.items()}))
    finally:
        for source in opened.values():
            source.connector.close()


def send_test(
    receiver: Annotated[str, typer.Argument(metavar="RECEIVER", help="A name under `receivers`.")],
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Send a test message to a receiver. Waits until it is taken."""
    from monitor.app import send_test as send  # noqa: PLC0415

    send(read_settings(config), receiver, clock())
    say(f"{receiver}: took the test message")
