"""One config as the lab uses it: what matches, what decides, what classifies."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.classifier import Classifier
from monitor.config.schema import Settings
from monitor.rules.match import Matcher
from monitor.rules.relevance import Sentences
from monitor.rules.rules import Rules


@dataclass(frozen=True, slots=True)
class Side:
    """A config that stored posts are replayed through; `name` is what the report calls it."""

    name: str
    settings: Settings
    rules: Rules
    matcher: Matcher
    classifier: Classifier
    sentences: Mapping[str, Sentences] = field(default_factory=dict)
    """What brands say they are about, by brand, as the model reads it."""

    def judges_like(self, other: "Side", brand: str) -> bool:
        """Whether both configs decide every post of a brand alike, given the same history; watches may differ."""
        return (
            self.classifier.fingerprint == other.classifier.fingerprint
            and _judging(self.settings) == _judging(other.settings)
            and self.rules.of(brand) == other.rules.of(brand)
        )


def _judging(settings: Settings) -> str:
    return settings.triage.model_dump_json(exclude={"threads", "hours", "sla", "model", "models"})
