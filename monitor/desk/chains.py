"""What the desk shows of a chain: which steps were taken, what comes next, when, and whom it tells."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.config.schema import Settings
from monitor.domain import Case, Level
from monitor.rules.chain import ChainState, Progress, steps_of
from monitor.steps.chain import next_words, summon_to
from monitor.store.chains import ChainStepRow, StepKind, StepState
from monitor.store.records import stamp
from monitor.store.store import Store


@dataclass(frozen=True, slots=True)
class ChainView:
    """The chain of a case at a moment.

    `taken` of `steps` were taken. `next_at` is when the next one comes (None while it is paused or over), `next_told`
    whom it would tell as things stand, `left` what is left of its wait while a claim pauses it.
    """

    level: Level
    state: ChainState
    taken: int
    steps: int
    next_at: datetime | None
    next_told: tuple[str, ...]
    left: timedelta
    warn_at: datetime | None
    done: tuple[ChainStepRow, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the chain as `queue show --json` prints it; times are ISO 8601 in UTC."""
        return {
            "level": self.level,
            "state": self.state,
            "taken": self.taken,
            "steps": self.steps,
            "next_at": stamp(self.next_at),
            "next_told": list(self.next_told),
            "left_s": self.left.total_seconds() if self.state is ChainState.PAUSED else None,
            "warn_at": stamp(self.warn_at),
            "done": [
                {"kind": row.kind, "step": row.step + 1 if row.kind is StepKind.STEP else None,
                 "due_at": stamp(row.due_at), "done_at": stamp(row.done_at), "told": list(row.told)}
                for row in self.done
            ],
        }  # fmt: skip


def chain_view(store: Store, settings: Settings, case: Case, now: datetime) -> ChainView | None:
    """Return the chain of a case; None where it never had one."""
    progress = store.chain(case.id)
    if progress is None:
        return None
    chain = settings.escalation.chain(progress.level)
    rows = [row for row in store.chain_steps(case.id) if row.run == progress.run and row.state is StepState.DONE]
    return ChainView(
        level=progress.level,
        state=progress.state,
        taken=sum(row.kind is StepKind.STEP for row in rows),
        steps=len(steps_of(chain)) if chain else 0,
        next_at=progress.due_at,
        next_told=_next_told(store, settings, case, progress, now),
        left=progress.left,
        warn_at=progress.warn_at,
        done=tuple(rows),
    )


def _next_told(store: Store, settings: Settings, case: Case, progress: Progress, now: datetime) -> tuple[str, ...]:
    words = next_words(settings, progress) if progress.state.alive else ()
    if not words:
        return ()
    return summon_to(store, settings, case, words, max(progress.due_at or now + progress.left, now)).told
