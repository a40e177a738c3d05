"""Escalation of the config: by level, who is told one after the other until somebody takes a case."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from connectors.options import Duration
from monitor.config.section import Section
from monitor.config.values import Names
from monitor.domain import Level

ON_SHIFT, NEXT_ON_SHIFT, EVERYONE = "on-shift", "next-on-shift", "everyone"
KEYWORDS = (ON_SHIFT, NEXT_ON_SHIFT, EVERYONE)
"""Words of `notify` that stand for whoever it is at that moment; no person and no receiver may be named so."""

Pause = Annotated[Duration, Field(ge=timedelta(0), le=timedelta(days=7))]
STEPS_LIMIT = 50
REPEATS_LIMIT = 100


class ChainStep(Section):
    """One step: who is told, then how long it waits for somebody to take the case."""

    notify: Names = Field(
        (), description="people, receivers, `on-shift`, `next-on-shift` (in turn), `everyone`; empty: only waits"
    )
    wait: Pause = Field(timedelta(0), description="how long it waits before what follows")
    repeat: int = Field(1, ge=1, le=REPEATS_LIMIT, description="how often the step is taken")


class Chain(Section):
    """The steps of a level, begun when a case is told at it; a claim pauses them, a reply ends them."""

    steps: tuple[ChainStep, ...] = Field(min_length=1, max_length=STEPS_LIMIT, description="one after the other")
    repeat: int = Field(1, ge=1, le=REPEATS_LIMIT, description="how often all of them are taken")


class BeforeBreach(Section):
    """How long before the first reply is due the owner, else whoever is on shift, is warned; 0: never."""

    critical: Pause = Field(timedelta(minutes=2), description="before a critical case is late")
    high: Pause = Field(timedelta(minutes=10), description="before a high case is late")
    normal: Pause = Field(timedelta(minutes=10), description="before a normal case is late")
    low: Pause = Field(timedelta(minutes=10), description="before a low case is late")


def _for_all(value: Any) -> Any:
    """Read one duration as that of every level."""
    return value if isinstance(value, dict | BeforeBreach) else {level.value: value for level in Level}


class Escalation(Section):
    """The chain of each level; a level without one is told once when it is late."""

    critical: Chain | None = Field(None, description="the chain of critical cases")
    high: Chain | None = Field(None, description="the chain of high cases")
    normal: Chain | None = Field(None, description="the chain of normal cases")
    low: Chain | None = Field(None, description="the chain of low cases")
    before_breach: Annotated[BeforeBreach, BeforeValidator(_for_all)] = Field(
        BeforeBreach(), description="how long before a case with a chain is late a warning goes out; 0: none"
    )

    def chain(self, level: Level) -> Chain | None:
        """Return the chain of a level, or None."""
        found: Chain | None = getattr(self, level.value)
        return found

    def warning(self, level: Level) -> timedelta:
        """Return how long before the first reply is due a case of this level is warned of."""
        span: timedelta = getattr(self.before_breach, level.value)
        return span

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that have a chain."""
        return tuple(level for level in Level if self.chain(level) is not None)
