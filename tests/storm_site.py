"""A whole installation under a storm: posts, triage, incidents, spikes, chains and delivery, on a clock of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from monitor.config.causes import shipped_causes
from monitor.config.escalation import Escalation
from monitor.config.receivers import StdoutReceiver
from monitor.config.routes import Route
from monitor.config.schema import Settings
from monitor.notify.receiver import Message
from monitor.rules.causes import make_book
from monitor.rules.incidents import make_lens
from monitor.rules.rules import compile_rules
from monitor.steps.deliver import deliver
from monitor.steps.escalate import escalate
from monitor.steps.incidents import incidents
from monitor.steps.services import Services
from monitor.steps.spikes import spikes
from monitor.steps.triage import triage
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, store_mentions
from tests.services import FakeClassifier, FakeReceiver, make_services, make_settings
from tests.spiking import heard_store

SECOND = timedelta(seconds=1)
INJURY = "@lumo broken, my lumo lamp caught fire and burned my hand"
OUTAGE = (
    "lumo app is down again, {}",
    "@lumo the app is down and my lights do not work, {}",
    "the lumo app is down since this morning, lights dead: {}",
    "is the lumo app down for everybody? nothing works, {}",
    "lumo app down, all lights dead, {}",
)
"""Ways to complain of one fault; each post ends with words of its own."""

_OWN = ("great", "unbelievable", "third time", "sitting in the dark", "kids are crying", "pathetic", "fix it", "thanks")
CHAINS: dict[str, Any] = {
    "critical": {"steps": [{"notify": ["desk"], "wait": "2m"}, {"notify": ["boss"], "wait": "5m"}]},
    "high": {"steps": [{"notify": ["desk"], "wait": "10m"}, {"notify": ["boss"], "wait": "10m"}]},
}


def outage_text(number: int) -> str:
    """Return one of many complaints about the same fault, no two alike."""
    own = f"{_OWN[number % len(_OWN)]} {number}"
    return OUTAGE[number % len(OUTAGE)].format(own)


@dataclass
class StormSite:
    """One installation with two receivers; `warm` has heard the brand for weeks, `chains` has a chain a level."""

    warm: bool = False
    chains: bool = False
    path: Path | None = None
    receivers: dict[str, FakeReceiver] = field(default_factory=lambda: {"desk": FakeReceiver(), "boss": FakeReceiver()})
    settings_changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = heard_store(path=self.path) if self.warm else SqliteStore(self.path)
        self.services = _services(self._settings(), self.receivers)

    def _settings(self) -> Settings:
        names = tuple(self.receivers)
        values: dict[str, Any] = {
            "receivers": {name: StdoutReceiver(kind="stdout") for name in names},
            "routes": (Route(to=names),),
            "fallback": ("boss",),
            **self.settings_changes,
        }
        if self.chains:
            values["escalation"] = Escalation.model_validate(CHAINS)
        return make_settings(**values)

    def post(self, texts: Sequence[str], now: datetime) -> None:
        """Have people of their own post these texts, and triage decide."""
        store_mentions(self.store, [make_mention(text, posted_at=now - 20 * SECOND) for text in texts], now=now)
        while triage(self.store, self.services, now).count:
            pass

    def turn(self, now: datetime) -> None:
        """Run every step that tells until it has nothing to do, as the loops of the daemon do when they are woken."""
        for step, limit in ((incidents, 64), (escalate, 100)):
            while step(self.store, self.services, now, limit).count:
                pass
        spikes(self.store, self.services, now, 1)
        deliver(self.store, self.services, now, 20)

    def heard(self, name: str) -> list[Message]:
        """Return what a receiver was sent."""
        return self.receivers[name].sent

    def counted(self, name: str) -> Counter[str]:
        """Return how many messages of each event a receiver was sent."""
        return Counter(message.event for message in self.heard(name))


def run_storm(site: StormSite, posts: int) -> None:
    """Have so many rants come in 60 s, five threats among them, then let the hour pass."""
    done = 0
    for second in range(60):
        now = NOW + second * SECOND
        upto = (posts - 5) * (second + 1) // 60
        threat = [f"{INJURY} {second}"] if second % 12 == 3 else []
        site.post([*map(outage_text, range(done, upto)), *threat], now)
        site.turn(now)
        done = upto
    for second in range(60, 3_600, 10):
        site.turn(NOW + second * SECOND)


def run_outage(site: StormSite, posts: int) -> None:
    """Have so many complaints come in three hours, then let eight quiet ones pass, in which it ends."""
    done, turn = 0, timedelta(seconds=30)
    for number in range(360):
        now = NOW + number * turn
        upto = posts * (number + 1) // 360
        site.post([outage_text(post) for post in range(done, upto)], now)
        site.turn(now)
        done = upto
    for minute in range(180, 660):
        site.turn(NOW + timedelta(minutes=minute))


def is_grave(message: Message) -> bool:
    """Whether a message is about cases of safety: by themselves, or as an incident of their own."""
    case = message.payload.get("case") or {}
    return not message.event.startswith("spike.") and "safety" in case.get("severity", ())


def _services(settings: Settings, receivers: dict[str, FakeReceiver]) -> Services:
    classifier = FakeClassifier(lambda text: 0.97)
    book = make_book(settings.causes_of("lumo"), classifier.embed, classifier.fingerprint)
    examples = [sentence for cause in shipped_causes().values() for sentence in cause.examples]
    directions = np.array(classifier.embed(examples))
    no_tongues = directions[:0]  # a model that hashes words tells no language from another
    lens = make_lens(("lumo",), directions, no_tongues, classifier.embed, classifier.fingerprint)
    made = make_services(classifier=classifier)
    return replace(made, settings=settings, rules=compile_rules(settings), receivers=receivers,
                   lenses={"lumo": lens}, causes={"lumo": book})  # fmt: skip


__all__ = ["INJURY", "NOW", "SECOND", "StormSite", "is_grave", "outage_text", "run_outage", "run_storm"]
