"""The lab room: one replay at a time, bounded, and never one that seems to run for ever."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from monitor.config.brand_draft import BrandDraft
from monitor.desk.lab_room import MOST_SECONDS, LabRoom, LabRun
from monitor.errors import MonitorError
from tests.builders import NOW


def run(total: int = 10) -> LabRun:
    return LabRun(BrandDraft("lumo", (), ()), "seen", NOW, total)


def finish(room: LabRoom, started: LabRun, work: Callable[[Callable[[int], None]], Any]) -> None:
    done = Event()

    def watched(advance: Callable[[int], None]) -> Any:
        try:
            return work(advance)
        finally:
            done.set()

    room.start("tim", started, watched)
    assert done.wait(10)
    while started.running:
        pass


def test_a_replay_that_takes_too_long_ends_with_what_to_do_instead() -> None:
    times = iter([0.0, 1.0, MOST_SECONDS + 1.0])
    started = run()

    def work(advance: Callable[[int], None]) -> Any:
        advance(1)
        advance(1)

    finish(LabRoom(lambda: next(times)), started, work)
    assert started.problem.startswith("the lab: has taken over 5 minutes; run `complaint-monitor lab run`")
    assert started.percent == 20


def test_a_second_replay_waits_for_the_first() -> None:
    room, go = LabRoom(), Event()

    def wait(_: Callable[[int], None]) -> Any:
        go.wait(10)

    room.start("tim", run(), wait)
    with pytest.raises(MonitorError, match="is at work for somebody"):
        room.start("tess", run(), wait)
    go.set()
