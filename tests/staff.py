"""People, shifts and chains for tests: ana and ben by day, cleo by night, each with a receiver of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from functools import cache
from typing import Any

from monitor.config.escalation import Chain, ChainStep, Escalation
from monitor.config.people import Person, Shift
from monitor.config.receivers import StdoutReceiver
from monitor.config.schema import Settings
from monitor.notify.receiver import Receiver
from monitor.steps.services import Services
from tests.services import make_services, make_settings

PEOPLE: Mapping[str, Person] = {
    name: Person(receivers=(f"{name}-phone",), zone="Europe/Berlin") for name in ("ana", "ben", "cleo")
}
DAY = Shift(who=("ana", "ben"), start=time(8), end=time(20))
NIGHT = Shift(who=("cleo",), start=time(20), end=time(8))
RECEIVERS = {"desk": StdoutReceiver(kind="stdout")} | {
    f"{name}-phone": StdoutReceiver(kind="stdout") for name in PEOPLE
}


def step(*notify: str, wait: float = 0, repeat: int = 1) -> ChainStep:
    """Return a step that waits so many minutes after it has told."""
    return ChainStep(notify=notify, wait=timedelta(minutes=wait), repeat=repeat)


def make_chain(*steps: ChainStep, repeat: int = 1) -> Chain:
    """Return a chain."""
    return Chain(steps=steps, repeat=repeat)


HALF_HOUR = make_chain(
    step("ana", wait=4),
    step("next-on-shift", wait=6, repeat=3),
    step(wait=3),
    step("on-shift", wait=5),
    step("everyone"),
)
"""Six steps in 30 minutes: at 0, 4, 10, 16, 25 and 30."""


def make_staffed(
    critical: Chain | None = HALF_HOUR,
    high: Chain | None = None,
    *,
    shifts: Sequence[Shift] = (DAY, NIGHT),
    **more: Any,
) -> Settings:
    """Return a config with people on shift around the clock, and chains."""
    escalation = Escalation(critical=critical, high=high, **more.pop("escalation", {}))
    return make_settings(
        **{"people": PEOPLE, "shifts": tuple(shifts), "receivers": RECEIVERS, "escalation": escalation, **more}
    )


def staffed_services(settings: Settings, phones: Mapping[str, Receiver]) -> Services:
    """Return services of a config whose receivers are these; the rules are compiled once for all tests."""
    return replace(_rules(), settings=settings, receivers=phones)


@cache
def _rules() -> Services:
    return make_services()
