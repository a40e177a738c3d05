"""How alerts are doing: what each receiver took and did not, and why; what waits; the canary, the dead man's switch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from monitor.config.receivers import ReceiverOptions
from monitor.config.schema import Settings
from monitor.rules.hours import is_active, next_active
from monitor.store.receivers import PING_META, CanaryRun, ReceiverState
from monitor.store.records import stamp
from monitor.store.store import Store


class Standing(StrEnum):
    """How a receiver stands. `gone` is one that messages wait for and that the config cannot use."""

    OK = "ok"
    FAILING = "failing"
    REFUSING = "refusing"
    UNUSED = "unused"
    OFF = "off"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """One receiver. `quiet_until` is when its quiet hours end, None while it may be told; `canary` its last test."""

    name: str
    kind: str | None
    standing: Standing
    state: ReceiverState
    quiet_until: datetime | None
    canary: CanaryRun | None

    def to_json(self, now: datetime) -> dict[str, Any]:
        """Return it as `alerts status --json` prints it; unknown is null, times are ISO 8601 in UTC."""
        state = self.state
        return {
            "receiver": self.name,
            "kind": self.kind,
            "standing": self.standing,
            "last_success_at": stamp(state.ok_at),
            "last_failure_at": stamp(state.failed_at),
            "last_failure": state.error,
            "reason": state.reason,
            "failures": state.failures,
            "waiting": state.waiting,
            "oldest_waiting_at": stamp(state.oldest_at),
            "dead": state.dead,
            "quiet_until": stamp(self.quiet_until),
            "canary": None if self.canary is None else _canary_json(self.canary, now),
        }


@dataclass(frozen=True, slots=True)
class Alerts:
    """All receivers, and the signs of life. `dead_man` is how the last ping went, None where none was sent yet."""

    receivers: tuple[AlertStatus, ...]
    fallback: tuple[str, ...]
    pings: bool
    dead_man: Mapping[str, Any] | None

    def to_json(self, now: datetime) -> dict[str, Any]:
        """Return it as `alerts status --json` prints it."""
        return {
            "receivers": [receiver.to_json(now) for receiver in self.receivers],
            "fallback": list(self.fallback),
            "dead_man": {"configured": self.pings, "last": self.dead_man},
        }


def alerts(store: Store, settings: Settings, now: datetime) -> Alerts:
    """Return how alerts are doing."""
    states = store.receiver_states()
    listed = [*settings.receivers, *sorted(set(states) - set(settings.receivers))]
    found = [_status(store, settings, name, states.get(name, ReceiverState(name)), now) for name in listed]
    shown = tuple(status for status in found if status.standing is not Standing.GONE or _matters(status.state))
    noted = store.meta(PING_META)
    return Alerts(shown, settings.fallback, settings.dead_man is not None, json.loads(noted) if noted else None)


def _status(store: Store, settings: Settings, name: str, state: ReceiverState, now: datetime) -> AlertStatus:
    options = settings.receivers.get(name)
    canary = settings.canary
    return AlertStatus(
        name=name,
        kind=options.kind if options else None,
        standing=_standing(options, state),
        state=state,
        quiet_until=None if options is None or is_active(options, now) else next_active(options, now),
        canary=store.last_canary(name) if canary is not None and canary.receiver == name else None,
    )


def _standing(options: ReceiverOptions | None, state: ReceiverState) -> Standing:
    if options is None:
        return Standing.GONE
    if not options.enabled:
        return Standing.OFF
    if state.dead:
        return Standing.REFUSING
    if state.failures:
        return Standing.FAILING
    return Standing.UNUSED if state.ok_at is None else Standing.OK


def _matters(state: ReceiverState) -> bool:
    """Whether a receiver that left the config still has something that somebody should look at."""
    return state.waiting > 0 or state.dead > 0


def _canary_json(canary: CanaryRun, now: datetime) -> dict[str, Any]:
    return {
        "id": canary.id,
        "made_at": stamp(canary.made_at),
        "due_at": stamp(canary.due_at),
        "sent_at": stamp(canary.sent_at),
        "acknowledged_at": stamp(canary.acknowledged_at),
        "overdue": canary.overdue(now),
    }
