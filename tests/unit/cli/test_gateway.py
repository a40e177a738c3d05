from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import gateway
from monitor.desk import Command
from monitor.errors import Locked, MonitorError
from monitor.service.socket import DaemonGone

COMMAND = Command("claim", "ana", {"case": 1})


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[float]]:
    """Have the command meet these errors, then succeed; gives the moments of the attempts, in seconds."""
    clock = [0.0]
    moments: list[float] = []

    def script(*errors: MonitorError) -> list[float]:
        left = list(errors)

        def attempt(*_: object) -> dict[str, Any]:
            moments.append(clock[0])
            if left:
                raise left.pop(0)
            return {"done": True}

        monkeypatch.setattr(gateway, "_here_or_there", attempt)
        return moments

    def wait(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(gateway, "sleep", wait)
    monkeypatch.setattr(gateway, "monotonic", lambda: clock[0])
    monkeypatch.setattr(gateway, "read_settings", lambda _: None)
    monkeypatch.setattr(gateway, "store_file", lambda _: None)
    return script


def gone(*, sent: bool) -> DaemonGone:
    return DaemonGone("s", "hung up", sent=sent)


def test_a_moment_of_patience_bridges_a_daemon_that_starts(attempts: Callable[..., list[float]]) -> None:
    moments = attempts(Locked("m.db", 7), gone(sent=False), gone(sent=False))
    assert gateway.execute(Path("c"), COMMAND) == {"done": True}
    assert len(moments) == 4


def test_a_command_that_may_have_been_executed_is_not_sent_twice(attempts: Callable[..., list[float]]) -> None:
    moments = attempts(gone(sent=True))
    with pytest.raises(DaemonGone):
        gateway.execute(Path("c"), COMMAND)
    assert len(moments) == 1


def test_patience_ends(attempts: Callable[..., list[float]]) -> None:
    moments = attempts(*(Locked("m.db", 7) for _ in range(10_000)))
    with pytest.raises(Locked, match="process 7"):
        gateway.execute(Path("c"), COMMAND)
    assert gateway.PATIENCE_S <= moments[-1] <= gateway.PATIENCE_S + 0.2


def test_a_refusal_is_told_at_once(attempts: Callable[..., list[float]]) -> None:
    moments = attempts(MonitorError("case 1", "is claimed"))
    with pytest.raises(MonitorError, match="is claimed"):
        gateway.execute(Path("c"), COMMAND)
    assert len(moments) == 1
