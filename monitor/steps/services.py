"""What the steps work with beside the store: built from a config by `monitor/app.py`, replaced whole by a reload."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.connector import Connector
from connectors.options import SourceOptions
from models.classifier import Classifier
from monitor.config.schema import Settings
from monitor.notify.receiver import Receiver
from monitor.rules.match import Matcher
from monitor.rules.relevance import Sentences
from monitor.rules.rules import Rules

if TYPE_CHECKING:
    from monitor.rules.causes import CauseBook
    from monitor.rules.incidents import Lens


@dataclass(frozen=True, slots=True)
class Source:
    """One enabled source: its options, its connector and what one poll of it asks."""

    name: str
    options: SourceOptions
    connector: Connector
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a step may use. A source or receiver that could not be opened is in `broken` with its reason."""

    settings: Settings
    rules: Rules
    matcher: Matcher
    classifier: Classifier
    sources: Mapping[str, Source]
    receivers: Mapping[str, Receiver]
    sentences: Mapping[str, Sentences] = field(default_factory=dict)
    """What brands say they are about, by brand, as the model reads it."""
    causes: "Mapping[str, CauseBook]" = field(default_factory=dict)
    """What complaints can be about, by brand."""
    lenses: Mapping[str, "Lens"] = field(default_factory=dict)
    """How each brand's complaints are compared with each other."""
    broken_sources: Mapping[str, str] = field(default_factory=dict)
    broken_receivers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did: how much, how much of it failed, and when it is due again (None: when something wakes it)."""

    count: int
    next_due_at: datetime | None = None
    failed: int = 0
