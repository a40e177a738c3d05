"""Where a command is executed: in this process under the store's lock, or by the daemon that holds it.

no lock held  ──▶ take it, open the store, execute, let go
daemon's lock ──▶ send the command through its socket
another command's lock ──▶ a moment's patience, then again
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from monitor.cli.context import clock, read_settings, store_file
from monitor.desk import SENDING_COMMANDS, Command
from monitor.errors import Locked

if TYPE_CHECKING:
    from monitor.config.keeper import ConfigKeeper
    from monitor.config.load import LoadedConfig
    from monitor.config.schema import Settings
    from monitor.desk.voices import Voices

PATIENCE_S = 5.0
"""How long a command waits for another command, or for a daemon that starts or stops."""


def execute(config: Path, command: Command) -> dict[str, Any]:
    """Execute a command wherever it belongs; returns its answer. Raises MonitorError for what went wrong."""
    from monitor.service.socket import DaemonGone  # noqa: PLC0415 - reads come without

    settings = read_settings(config)
    store_file(settings)
    deadline = monotonic() + PATIENCE_S
    while True:
        try:
            return _here_or_there(config, settings, command)
        except (Locked, DaemonGone) as error:
            if monotonic() > deadline or getattr(error, "sent", False):
                raise
        sleep(0.05)


def _here_or_there(config: Path, settings: "Settings", command: Command) -> dict[str, Any]:
    from monitor.desk import execute as execute_here  # noqa: PLC0415
    from monitor.service.lock import StoreLock  # noqa: PLC0415
    from monitor.store.opening import open_store  # noqa: PLC0415 - see above

    try:
        with StoreLock(settings.store_path, wait_s=0):
            store = open_store(settings, read_only=False)
            try:
                with _voices(settings, command) as voices:
                    return execute_here(store, settings, command, clock(), _keeper(config, settings), voices)
            finally:
                store.close()
    except Locked as held:
        if held.socket is None:
            raise
        return _through_socket(held.socket, command)


@contextmanager
def _voices(settings: "Settings", command: Command) -> "Iterator[Voices]":
    """Give who may answer customers, for the commands that ask for it: the sources are opened, and polled by nobody."""
    from monitor.desk.voices import SILENT, Voices  # noqa: PLC0415 - see above

    if command.name not in SENDING_COMMANDS:
        yield SILENT
        return
    from monitor.app import open_sources  # noqa: PLC0415 - see above

    opened = {name: source.connector for name, source in open_sources(settings)[0].items()}
    try:
        yield Voices(lambda: opened, clock)
    finally:
        for connector in opened.values():
            connector.close()


def _keeper(config: Path, settings: "Settings") -> "ConfigKeeper":
    """Return what changes the config files; a new config is judged as a daemon would do it."""
    from monitor.config.keeper import ConfigKeeper  # noqa: PLC0415 - see above

    def judge(loaded: "LoadedConfig") -> None:
        from monitor.service.reload import check_still_hears  # noqa: PLC0415 - only few commands change a config

        check_still_hears(settings, loaded.usable())
        if loaded.pins:
            from monitor.app import build_side, refuse_broken_pins  # noqa: PLC0415 - only pins need a model here

            refuse_broken_pins(loaded, build_side("config", loaded.usable()), clock())

    return ConfigKeeper(config, os.environ, judge)


def _through_socket(socket: str, command: Command) -> dict[str, Any]:
    from monitor.service.socket import raise_error, send_command  # noqa: PLC0415 - see above

    answer = send_command(Path(socket), command)
    raise_error(answer)
    return answer
