"""A backlog of triage never delays an alert: each loop works for itself."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from models.classifier import Verdict
from monitor.app import STEPS, adopt, build_services
from monitor.config.load import load_config
from monitor.notify.receiver import Message
from monitor.service.daemon import Daemon, Outfit
from monitor.service.notify import Notifier
from monitor.store.sqlite import SqliteStore
from tests.acceptance.running import post, write_config
from tests.services import FakeClassifier, FakeReceiver

BACKLOG = 10_000
GRAVE_AT = (200, 900, 1_600)
MOST_S = 5.0
SECONDS_A_BATCH = 0.05


class SlowClassifier(FakeClassifier):
    """Takes its time for every batch, and finds every post a complaint."""

    def __init__(self) -> None:
        super().__init__(judge=lambda _: 0.9)

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        threading.Event().wait(SECONDS_A_BATCH)
        return super().classify(texts)


class Stamped(FakeReceiver):
    """Notes when each message arrived, and how many posts waited for triage then."""

    def __init__(self, store: SqliteStore) -> None:
        super().__init__()
        self.arrived: dict[str, tuple[datetime, int]] = {}
        self.complete = threading.Event()
        self._store = store

    def send(self, message: Message) -> None:
        super().send(message)
        for case in message.payload["cases"]:
            self.arrived[case["native_id"]] = (datetime.now(UTC), self._store.waiting_hits())
        if len(self.arrived) == len(GRAVE_AT):
            self.complete.set()


def test_a_critical_alert_leaves_at_once_while_ten_thousand_posts_wait(tmp_path: Path) -> None:
    lines = [post(n, f"my lumo {n} is broken again", platform="x") for n in range(BACKLOG)]
    for n in GRAVE_AT:
        text = f"the charger of my lumo lamp {n} exploded and burned my daughter, she is in hospital"
        lines[n] = post(n, text)
    (tmp_path / "posts.jsonl").write_text("".join(lines))
    # a receiver is told of grave posts at most once a minute, so each of them has one of its own
    desks = [f"desk-{n}" for n in GRAVE_AT]
    routes = [{"level": "critical", "platform": f"place{n}", "to": [f"desk-{n}"]} for n in GRAVE_AT]
    config = write_config(tmp_path, receivers={desk: {"kind": "stdout"} for desk in desks}, routes=routes)
    loaded = load_config(config, environ={})
    store, reader = SqliteStore(tmp_path / "monitor.db"), SqliteStore(tmp_path / "monitor.db", read_only=True)
    receiver = Stamped(reader)
    services = replace(build_services(loaded), classifier=SlowClassifier(), receivers=dict.fromkeys(desks, receiver))
    adopt(store, services, loaded, "test", datetime.now(UTC))
    daemon = Daemon(store, services, lambda: services, STEPS, Outfit(reader=reader, notifier=Notifier()))
    thread = threading.Thread(target=daemon.run)
    thread.start()
    try:
        assert receiver.complete.wait(90), receiver.arrived
    finally:
        daemon.stop()
        thread.join(20)
    for n in GRAVE_AT:
        arrived_at, waiting = receiver.arrived[f"n{n}"]
        (decided,) = reader.explain(f"place{n}:n{n}")
        assert decided.decided_at is not None
        assert (arrived_at - decided.decided_at).total_seconds() <= MOST_S
        assert waiting >= BACKLOG / 2, "the backlog was still there"
    reader.close()
    store.close()
