"""A store, a config and receivers that keep what they are sent, for tests about who is told of what, and when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from monitor.config.schema import Settings
from monitor.domain import History, Level, Severity
from monitor.notify.receiver import Message
from monitor.steps.deliver import deliver
from monitor.steps.services import Done, Services
from monitor.steps.telling import Event, tell
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_decision, make_mention, make_verdict, minutes, store_mentions
from tests.services import FakeReceiver, make_services, make_settings


@cache
def _services() -> Services:
    return make_services()


class AlertDesk:
    """Opens cases, tells of them and delivers, at the times that a test gives."""

    def __init__(self, *names: str, store: SqliteStore | None = None, **changes: Any) -> None:
        self.store = store or SqliteStore(None)
        self.receivers = {name: FakeReceiver() for name in names or ("desk",)}
        self.settings: Settings = make_settings(**changes)

    def case(
        self, level: Level = Level.HIGH, *severity: Severity, now: datetime = NOW, told: bool = True, **mention: Any
    ) -> int:
        """Open a case, and tell of it unless `told` is False; returns its id."""
        return self.cases(1, level, severity, now=now, told=told, **mention)[0]

    def cases(
        self,
        number: int,
        level: Level = Level.HIGH,
        severity: Sequence[Severity] = (),
        *,
        now: datetime = NOW,
        told: bool = True,
        **mention: Any,
    ) -> list[int]:
        """Open so many cases in one transaction; returns their ids."""
        decision = make_decision(level, 70, severity=tuple(severity) or (Severity.MONEY,))
        with self.store.write():
            store_mentions(self.store, [make_mention(**mention) for _ in range(number)], now=now)
            opened = []
            for hit, _ in self.store.claim_hits(now, 60, number):
                self.store.save_decision(hit, decision, make_verdict(), History(), "r1", now)
                opened.append(self.store.open_case(hit, decision, now + minutes(60 * 24), now))
            for case_id in opened if told else ():
                self.tell(case_id, now=now)
        return opened

    def tell(self, case_id: int, event: Event = Event.OPENED, now: datetime = NOW, *, again: bool = False) -> None:
        """Tell of a case."""
        tell(self.store, self.settings, case_id, event, now, again=again)

    def deliver(self, now: datetime, limit: int = 100) -> Done:
        """Seal and send what is due."""
        services = replace(_services(), settings=self.settings, receivers=self.receivers)
        return deliver(self.store, services, now, limit)

    def heard(self, name: str = "desk") -> list[Message]:
        """Return what a receiver was sent."""
        return self.receivers[name].sent

    def silence(self, until: datetime, **matchers: list[str]) -> int:
        """Add a silence from now on."""
        return self.store.add_silence(matchers, "kim", "drill", NOW, until)
