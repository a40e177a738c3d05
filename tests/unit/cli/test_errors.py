import pytest

from connectors.errors import Unreachable
from models.errors import ModelMissing
from monitor.cli import commands
from monitor.config.problem import Problem
from monitor.errors import ConfigError, Locked, MonitorError, MoveRefused, StoreTooNew


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (MonitorError("a", "b", "c"), 1, "complaint-monitor: a: b; c"),
        (MoveRefused("case 1", "is claimed by ana", "x"), 1, "complaint-monitor: case 1: is claimed by ana; x"),
        (StoreTooNew("s", "too new", "update"), 78, "complaint-monitor: s: too new; update"),
        (Locked("m.db", 7, "/s"), 1, "complaint-monitor: m.db: in use by process 7 (socket /s); "),
        (Unreachable("x", "no route"), 1, "complaint-monitor: x: no route; "),
        (ModelMissing("m", "no file"), 1, "complaint-monitor: m: no file; "),
        (ConfigError("c", [Problem("c", 1, 2, "store", "bad", "mend it")]), 78, "c:1:2: store: bad; mend it"),
        (OSError(28, "No space"), 1, "complaint-monitor: the output: no space left on device; free some space"),
        (PermissionError(13, "no", "/x/m.lock"), 1, "complaint-monitor: /x/m.lock: permission denied; check its owner"),
        (ZeroDivisionError("oh"), 1, "complaint-monitor: unexpected ZeroDivisionError: oh; run it again as"),
        (MonitorError("\x1b[2J", "\u202e"), 1, "complaint-monitor: \\x1b[2J: \\u202e"),
    ],
)
def test_every_error_is_one_line_with_its_exit_code(
    error: Exception, code: int, line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(commands, "app", fail)
    assert commands.run(["queue", "list"]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(line)
    assert len(shown.err.splitlines()) == 1


def test_debug_shows_where_an_error_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MonitorError("a", "b")

    monkeypatch.setattr(commands, "app", fail)
    with pytest.raises(MonitorError):
        commands.run(["--debug", "queue", "list"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"], ["queue", "claim"], ["queue", "claim", "many"], ["queue", "claim", "0"], ["queue", "list", "--fast"],
        ["export", "dreams"], ["match"], ["match", "(lumo"], ["queue", "snooze", "1", "yesterday"],
        ["queue", "snooze", "1", "2001-01-01"], ["silence", "add", "level", "--for", "1h", "--reason", "x"],
        ["forget"], ["outbox", "replay"],
        ["init", "--brand", "x", "--zone", "Mars/Base", "--config", "/nowhere/c.yaml"],
    ],
)  # fmt: skip
def test_a_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.run(arguments) == 2
    shown = capsys.readouterr()
    assert "Error: " in shown.err
    assert "Traceback" not in shown.err


def test_an_interrupt_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "app", interrupt)
    assert commands.run(["queue", "list"]) == 130
