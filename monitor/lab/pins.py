"""Runs the pins of a config: each text is matched, read by the configured model and decided, as a post would be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.mention import Author, Mention
from models.classifier import Verdict
from monitor.config.pins import Expect, Pin
from monitor.config.problem import Problem
from monitor.domain import Decision, History, Hit
from monitor.lab.side import Side
from monitor.rules.decide import decide
from monitor.rules.relevance import relevance_of

_UNSEEN = "somewhere"
"""The source of a text where the config has none at all."""


@dataclass(frozen=True, slots=True)
class PinResult:
    """Whether a pin holds, and what the config makes of its text."""

    pin: Pin
    holds: bool
    found: str

    @property
    def problem(self) -> Problem:
        """The pin as a problem of the config; only where it does not hold."""
        return self.pin.broken(self.found)

    def to_json(self) -> dict[str, Any]:
        """Return the result for machines."""
        pin = self.pin
        return {"id": pin.id, "brand": pin.brand, "expect": pin.expect, "holds": self.holds, "found": self.found,
                "text": pin.text, "because": pin.because}  # fmt: skip


def run_pins(pins: Sequence[Pin], side: Side, now: datetime) -> tuple[PinResult, ...]:
    """Run pins through a config, in their order. Raises ModelError where the model breaks down."""
    verdicts = side.classifier.classify([pin.text for pin in pins]) if pins else []
    return tuple(_run(pin, verdict, side, now) for pin, verdict in zip(pins, verdicts, strict=True))


def broken(results: Iterable[PinResult]) -> tuple[PinResult, ...]:
    """Return the pins that do not hold."""
    return tuple(result for result in results if not result.holds)


def _run(pin: Pin, verdict: Verdict, side: Side, now: datetime) -> PinResult:
    platform = pin.platform or "pin"
    mention = Mention(platform, f"pin:{pin.id}", Author("pinned"), pin.text, now)
    if pin.brand not in side.settings.brands:
        return PinResult(pin, pin.expect is Expect.IGNORE, f"the config has no brand {pin.brand!r}")
    watches = _watches(pin, mention, side)
    if not watches:
        return PinResult(pin, pin.expect is Expect.IGNORE, f"no watch of {pin.brand} matches it")
    hit = Hit(0, pin.brand, watches, mention, _UNSEEN, now)
    history = History(relevance=relevance_of(pin.text, pin.brand, side.sentences, side.classifier.embed))
    decision = decide(hit, verdict, history, side.rules, now)
    return PinResult(pin, _holds(pin, decision), _said(decision))


def _watches(pin: Pin, mention: Mention, side: Side) -> tuple[str, ...]:
    """Return the watches that would want the text: heard from the sources of the post's platform, else from any."""
    every = side.settings.sources
    sources = [name for name, source in every.items() if source.kind == pin.platform] or list(every) or [_UNSEEN]
    for source in sources:
        found = dict(side.matcher.match(mention, source)).get(pin.brand)
        if found:
            return found
    return ()


def _holds(pin: Pin, decision: Decision) -> bool:
    if pin.expect is Expect.IGNORE:
        return not decision.is_case
    least = pin.level
    return decision.is_case and (least is None or (decision.level is not None and decision.level.rank <= least.rank))


def _said(decision: Decision) -> str:
    if decision.drop is not None:
        return f"it would be dropped by the rule {decision.drop}: {decision.evidence}"
    return f"it would become a {decision.level} {decision.kind} (score {decision.score:g})"
