"""A scene for what happens next: fake platforms, the real client libraries, a store, and a clock that tests move."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.options import RedditOptions, SourceOptions, XOptions
from connectors.reddit import RedditConnector
from connectors.x import XConnector
from models.classifier import Verdict
from monitor.config.schema import Brand, Watch
from monitor.domain import Case
from monitor.rules.match import Matcher, parse_watches
from monitor.rules.rules import compile_rules
from monitor.steps.escalate import escalate
from monitor.steps.follow import follow
from monitor.steps.poll import poll
from monitor.steps.services import Services, Source
from monitor.steps.triage import triage
from monitor.store.sqlite import SqliteStore
from tests.fakes import reddit, x
from tests.fakes.reddit import FakeReddit
from tests.fakes.server import Clock
from tests.fakes.x import Account, FakeX
from tests.services import FakeClassifier, make_services, make_settings

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
BRAND = Brand(
    handles={"x": ("lumo", "lumohelp"), "reddit": ("lumo_official",)},
    watches=(Watch(name="name", query="lumo"),),
    lists={"products": ("desk lamp", "bulb")},
)


class Mood(FakeClassifier):
    """Hears anger in capital letters, thanks in thanks, and complaints in what is broken."""

    @staticmethod
    def _verdict(complaint: float) -> Verdict:
        anger = 0.95 if complaint > 0.8 else 0.3 if complaint > 0.3 else 0.02
        sentiment = {"negative": complaint, "neutral": 1 - complaint, "positive": 0.0}
        emotion = {"anger": anger, "joy": 1 - anger, "optimism": 0.0, "sadness": 0.0}
        return Verdict(sentiment, complaint, emotion=emotion, model="test")


def judge(text: str) -> float:
    """Return how much of a complaint a text is."""
    if "thanks" in text.casefold():
        return 0.02
    return 0.95 if any(word.isupper() and len(word) > 3 for word in text.split()) else 0.7 if "broken" in text else 0.1


class Scene:
    """A daemon's steps on a store, turned by hand."""

    def __init__(self, fakes: dict[str, Any], clock: Clock, **options: Any) -> None:
        self.fakes, self.clock, self.store = fakes, clock, SqliteStore(None)
        made: dict[str, tuple[SourceOptions, Any]] = {}
        if "x" in fakes:
            given = {"kind": "x", "token": x.TOKEN, "base_url": fakes["x"].url, "allow_private": True, **options}
            x_options = XOptions.model_validate(given)
            made["x"] = (x_options, XConnector("x", x_options, clock=clock))
        if "reddit" in fakes:
            given = {"kind": "reddit", "client_id": reddit.CLIENT_ID, "client_secret": reddit.CLIENT_SECRET,
                     "user_agent": reddit.USER_AGENT, "subreddits": ["lumo"], "search": False,
                     "base_url": fakes["reddit"].url, "allow_private": True, **options}  # fmt: skip
            reddit_options = RedditOptions.model_validate(given)
            made["reddit"] = (reddit_options, RedditConnector("reddit", reddit_options, clock=clock))
        config = make_settings(brands={"lumo": BRAND}, sources={name: one for name, (one, _) in made.items()})
        self.services: Services = replace(
            make_services(classifier=Mood(judge)),
            settings=config,
            rules=compile_rules(config),
            matcher=Matcher(parse_watches(config.brands)),
            sources={
                name: Source(name, one, connector, tuple(connector.queries(["lumo"])))
                for name, (one, connector) in made.items()
            },
        )
        self.store.register_sources({name: name for name in made})

    def poll(self) -> None:
        """Poll every source and decide what it brought."""
        poll(self.store, self.services, self.clock(), 10)
        self.decide()

    def decide(self) -> None:
        while triage(self.store, self.services, self.clock()).count:
            pass

    def follow(self, **later: float) -> None:
        """Let time pass, follow until nothing is due, and decide what that brought."""
        self.clock.advance(**later)
        while follow(self.store, self.services, self.clock()).count:
            self.decide()
        escalate(self.store, self.services, self.clock())

    def case(self) -> Case:
        (view,) = self.store.case_views([ids for part in self.store.export_case_ids() for ids in part])
        case = self.store.case(view.id)
        assert case is not None
        return case

    def case_of(self, native_id: str) -> int:
        """Return the case that a post belongs to."""
        (found,) = self.store.explain(native_id)
        assert found.case_id is not None
        return found.case_id

    def actions(self) -> list[str]:
        return [entry.action for entry in self.store.audit_trail(self.case().id)]

    def begin(self, platform: str, text: str, author: str = "ann_b", **before: float) -> str:
        """Have somebody complain on a platform, some minutes ago."""
        at = self.clock() - timedelta(**(before or {"minutes": 3}))
        if platform == "x":
            return str(self.fakes["x"].publish(text, at, author=_account(author)))
        return str(self.fakes["reddit"].submit(text, at, author=author))

    def answer(self, platform: str, parent: str, text: str, author: str, **before: float) -> str:
        """Have somebody answer there, just now or some time ago."""
        at = self.clock() - timedelta(**(before or {"minutes": 1}))
        if platform == "x":
            return str(self.fakes["x"].publish(text, at, author=_account(author), reply_to=parent))
        return str(self.fakes["reddit"].comment(parent, text, at, author=author))


def _account(handle: str) -> Account:
    return Account(str(sum(handle.encode()) + 1000), handle, handle)


@contextmanager
def watching(*platforms: str, **options: Any) -> Iterator[Scene]:
    """Open a scene on these platforms."""
    clock = Clock(NOW)
    wanted: dict[str, Any] = {name: {"x": FakeX, "reddit": FakeReddit}[name](clock) for name in platforms}
    for fake in wanted.values():
        fake.start()
    scene = Scene(wanted, clock, **options)
    try:
        yield scene
    finally:
        for source in scene.services.sources.values():
            source.connector.close()
        for fake in wanted.values():
            fake.stop()
        scene.store.close()
