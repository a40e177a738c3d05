"""Small parts for tests of the service: services without sources, steps that do what a test says."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from time import monotonic

from models.classifier import Embedding, Reading, Verdict
from models.hashed import hashed_embedding
from monitor.config.schema import Settings
from monitor.rules.match import Matcher
from monitor.rules.rules import compile_rules
from monitor.service.jobs import Steps
from monitor.steps.services import Done, Services
from monitor.store.store import Store

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Silent:
    """A classifier that says nothing."""

    fingerprint = "silent"

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return [Reading(*both) for both in zip(self.classify(texts), self.embed(texts), strict=True)]

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        return [Verdict(model=self.fingerprint) for _ in texts]

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        return [hashed_embedding(text) for text in texts]


def make_services(settings: Settings | None = None, **parts: object) -> Services:
    settings = settings or Settings()
    base: dict[str, object] = {"sources": {}, "receivers": {}}
    return Services(settings, compile_rules(settings), Matcher(()), Silent(), **{**base, **parts})  # type: ignore[arg-type]


def idle(store: Store, services: Services, now: datetime, limit: int, receivers: Sequence[str] = ()) -> Done:
    return Done(0)


def make_steps(**steps: Callable[..., Done]) -> Steps:
    return Steps(**{field.name: steps.get(field.name, idle) for field in fields(Steps)})


class Recorded:
    """A step that notes its calls, and lets a test wait for the n-th."""

    def __init__(self, *answers: Done | Exception, then: Done | None = None) -> None:
        self.calls: list[tuple[object, ...]] = []
        self._answers = list(answers)
        self._then = then or Done(0)
        self._changed = threading.Condition()

    def __call__(self, store: Store, services: Services, now: datetime, *rest: object, **more: object) -> Done:
        with self._changed:
            self.calls.append((services, now, *rest, *more.values()))
            answer = self._answers.pop(0) if self._answers else self._then
            self._changed.notify_all()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def wait_for(self, calls: int, within_s: float = 10) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.calls) >= calls, within_s), f"{len(self.calls)} calls"


def until(holds: Callable[[], bool], within_s: float = 10) -> None:
    """Wait, with a deadline, until something holds that nobody announces."""
    pause = threading.Event()
    end = monotonic() + within_s
    while not holds():
        assert monotonic() < end, "did not come about in time"
        pause.wait(0.005)
