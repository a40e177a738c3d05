"""One config as the lab uses it: what matches, what decides, what classifies."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from models.classifier import Classifier
from monitor.config.schema import Settings
from monitor.domain import Decision, DropRule
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

    def likeness(self, other: "Side", brand: str) -> "Likeness | None":
        """Return for which posts of a brand both configs decide alike, given the same history; watches may differ."""
        same = (
            self.classifier.fingerprint == other.classifier.fingerprint
            and _judging(self.settings) == _judging(other.settings)
            and self.rules.of(brand) == other.rules.of(brand)
        )
        if not same:
            return None
        was, now = other.settings.triage, self.settings.triage
        return Likeness(was.complaint, now.complaint, scored=(was.weights, was.levels) == (now.weights, now.levels))


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two configs that decide alike but, perhaps, for `triage.complaint`, which `was` and is `now`, and for scores.

    Rules only ever ask whether a probability reaches the threshold, so a post that reaches both, or neither, is decided
    alike; and drops have no score. `tests/unit/lab/test_likeness.py` compares that with deciding anew.
    """

    was: float
    now: float
    scored: bool = True
    """Whether weights and levels are the same."""

    @property
    def moved(self) -> bool:
        """Whether the threshold is another."""
        return self.was != self.now

    def may_differ(self, decision: Decision) -> bool:
        """Whether a decision of the first config can come out otherwise for its score alone."""
        return decision.is_case and not self.scored

    def reads_apart(self, complaint: float | None) -> bool:
        """Whether a (calibrated) complaint probability lies between the thresholds."""
        return min(self.was, self.now) <= (complaint or 0.0) < max(self.was, self.now)

    def restate(self, decision: Decision) -> Decision:
        """Return a decision with the threshold that it names now."""
        if decision.drop is not DropRule.NOT_A_COMPLAINT or not self.moved:
            return decision
        return replace(decision, evidence=decision.evidence.replace(f" < {self.was:.2f}", f" < {self.now:.2f}", 1))


_APART = {"complaint", "weights", "levels", "threads", "hours", "sla", "model", "models"}
"""Keys of `triage` that a likeness tells apart, and those that decide nothing."""


def _judging(settings: Settings) -> str:
    return settings.triage.model_dump_json(exclude=_APART)
