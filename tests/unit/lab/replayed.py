"""A store that the real steps filled, and replays of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.mention import Mention
from monitor.config.schema import Brand, Triage, Watch
from monitor.lab.replay import Replayed, Run, replay
from monitor.lab.side import Side
from monitor.steps.poll import poll
from monitor.steps.services import Services
from monitor.steps.triage import triage
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW
from tests.services import FakeClassifier, make_services, page_of

SINCE = NOW - timedelta(days=1)
UNTIL = NOW + timedelta(days=10)


def side(classifier: FakeClassifier | None = None, name: str = "new", **settings: Any) -> Side:
    """Return a config as the lab uses it."""
    services = make_services(classifier=classifier, **settings)
    return Side(name, services.settings, services.rules, services.matcher, services.classifier)


def watching(query: str, **brand: Any) -> dict[str, Brand]:
    """Return brands with one watch."""
    handles = {"x": ("lumo",)}
    return {"lumo": Brand(**{"handles": handles, "watches": (Watch(name="name", query=query),), **brand})}


def live(store: SqliteStore, mentions: Sequence[Mention], now: datetime = NOW, **settings: Any) -> Services:
    """Poll and decide mentions as a daemon does at a moment."""
    services = make_services(page_of(*mentions), **settings)
    store.register_sources({"x": "replay"})
    poll(store, services, now, 1)
    while triage(store, services, now).count:
        pass
    return services


def run_lab(store: SqliteStore, *sides: Side, since: datetime = SINCE) -> Replayed:
    """Replay everything stored."""
    return replay(store, sides or (side(),), since, UNTIL, lambda _: None)


def cases_of(run: Run) -> int:
    """Return how many cases were opened inside the span."""
    return sum(not case.seeded for case in run.book.cases)


def stricter(**triage: Any) -> dict[str, Any]:
    """Return a `triage` section."""
    return {"triage": Triage(**triage)}
