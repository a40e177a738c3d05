"""Services made of fakes that count: no network, no model, no file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.connector import Page, Request, Reread, Traits
from connectors.errors import ConnectorError
from connectors.mention import Mention
from connectors.options import ReplayOptions
from models.classifier import Embedding, Reading, Verdict
from models.hashed import hashed_embedding
from monitor.config.receivers import StdoutReceiver
from monitor.config.routes import Route
from monitor.config.schema import Brand, Settings, Watch
from monitor.errors import SendError
from monitor.notify.receiver import Message
from monitor.rules.match import Matcher, parse_watches
from monitor.rules.rules import compile_rules
from monitor.steps.services import Services, Source


class FakeConnector:
    """Gives the pages it was given, one a poll; a page that is an error is raised."""

    platform = "x"
    traits = Traits(ordered_by_time=False, first_window=None, can_reread=True)

    def __init__(self, *pages: Page | ConnectorError) -> None:
        self.pages = list(pages)
        self.rereads: list[Reread | ConnectorError] = []

    def queries(self, compiled: Sequence[str]) -> Sequence[str]:
        return ("",)

    def fetch(self, request: Request) -> Page:
        page = self.pages.pop(0) if self.pages else Page()
        if isinstance(page, ConnectorError):
            raise page
        return page

    def reread(self, native_ids: Sequence[str]) -> Reread:
        reread = self.rereads.pop(0) if self.rereads else Reread()
        if isinstance(reread, ConnectorError):
            raise reread
        return reread

    def close(self) -> None:
        pass


class FakeReceiver:
    """Keeps what it was sent; raises the errors it was given first. `remote` is what it calls every thread."""

    name = "desk"
    remote: str | None = None

    def __init__(self, *errors: SendError) -> None:
        self.errors = list(errors)
        self.sent: list[Message] = []

    def send(self, message: Message) -> str | None:
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(message)
        return self.remote

    def close(self) -> None:
        pass


class FakeClassifier:
    """Gives each text the complaint probability that `judge` says."""

    fingerprint = "test"

    def __init__(self, judge: Callable[[str], float] = lambda text: 0.9 if "broken" in text.lower() else 0.05) -> None:
        self.judge = judge
        self.read_texts: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        self.read_texts += texts
        return [self._verdict(self.judge(text)) for text in texts]

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return [Reading(*both) for both in zip(self.classify(texts), self.embed(texts), strict=True)]

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        return [hashed_embedding(text) for text in texts]

    @staticmethod
    def _verdict(complaint: float) -> Verdict:
        return Verdict({"negative": complaint, "neutral": 1 - complaint, "positive": 0.0}, complaint, model="test")


def make_settings(**changes: Any) -> Settings:
    """Return a config of one brand, one source and one receiver."""
    brand = Brand(handles={"x": ("lumo",)}, watches=(Watch(name="name", query="lumo"),))
    values: Mapping[str, Any] = {
        "brands": {"lumo": brand},
        "sources": {"x": ReplayOptions(kind="replay", path="posts.jsonl")},
        "receivers": {"desk": StdoutReceiver(kind="stdout")},
        "routes": (Route(to=("desk",)),),
    }
    return Settings(**{**values, **changes})


def make_services(
    *pages: Page | ConnectorError,
    classifier: FakeClassifier | None = None,
    receiver: FakeReceiver | None = None,
    **settings: Any,
) -> Services:
    """Return services over fakes."""
    config = make_settings(**settings)
    connector = FakeConnector(*pages)
    return Services(
        settings=config,
        rules=compile_rules(config),
        matcher=Matcher(parse_watches(config.brands)),
        classifier=classifier or FakeClassifier(),
        sources={"x": Source("x", config.sources["x"], connector, ("",))},
        receivers={"desk": receiver or FakeReceiver()},
    )


def page_of(*mentions: Mention, **changes: Any) -> Page:
    """Return a page of mentions."""
    return Page(mentions=mentions, returned=len(mentions), **changes)
