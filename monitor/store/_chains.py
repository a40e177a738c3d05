"""Escalation on SQLite: chains and their steps, taken exactly once; absences and overrides."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from monitor.domain import Level
from monitor.rules.chain import ChainState, Progress
from monitor.rules.shifts import Kind, ShiftChange
from monitor.store._base import Tables
from monitor.store.chains import ChainStepRow, LostChain, StepKind, StepState
from monitor.store.connection import Row, at, dump, maybe_at, ms

_WARNING_NUMBER = -1
_MILLISECOND = timedelta(milliseconds=1)


class ChainTables(Tables):
    """Chains, their steps, and who is on shift out of turn."""

    def chain(self, case_id: int) -> Progress | None:
        """Return where the chain of a case stands; None where it never had one."""
        row = self.connection.row("chain", case_id=case_id)
        if row is None:
            return None
        return Progress(
            run=row["run"],
            level=Level(row["level"]),
            state=ChainState(row["state"]),
            step=row["step"],
            due_at=maybe_at(row["due_at"]),
            left=timedelta(milliseconds=row["left_ms"]),
            warn_at=maybe_at(row["warn_at"]),
            raised_at=maybe_at(row["raised_at"]),
        )

    def put_chain(self, case_id: int, progress: Progress) -> None:
        """Keep where a chain stands, with the rows of its next step and its warning."""
        key = {"case_id": case_id, "run": progress.run, "level": progress.level}
        left_ms = round(progress.left.total_seconds() * 1000)
        raised_at, warn_at = _maybe_ms(progress.raised_at), _maybe_ms(progress.warn_at)
        with self.write():
            stands = {"state": progress.state, "step": progress.step}
            self.connection.run("put_chain", **key, **stands, left_ms=left_ms, raised_at=raised_at)
            self.connection.run("end_chain_steps", case_id=case_id, run=progress.run, **stands, warn_at=warn_at)
            if progress.state is ChainState.PAUSED or progress.due_at is not None:
                self._plan(key, StepKind.STEP, progress.step, _maybe_ms(progress.due_at))
            if warn_at is not None:
                self._plan(key, StepKind.WARNING, _WARNING_NUMBER, warn_at)

    def _plan(self, key: dict[str, object], kind: StepKind, step: int, due_at: int | None) -> None:
        """Keep when a step comes; without a time it is paused. One that was taken stays as it is."""
        state = StepState.PAUSED if due_at is None else StepState.WAITING
        self.connection.run("plan_chain_step", **key, kind=kind, step=step, state=state, due_at=due_at)

    def chain_steps(self, case_id: int) -> list[ChainStepRow]:
        """Return the rows of a case's chains in the order in which they were planned."""
        return [_step(row) for row in self.connection.rows("chain_steps_of_case", case_id=case_id)]

    def due_chain_steps(self, now: datetime, limit: int) -> list[ChainStepRow]:
        """Return the steps whose time has come, the oldest first."""
        return [_step(row) for row in self.connection.rows("due_chain_steps", now=ms(now), limit=limit)]

    def finish_chain_step(self, row_id: int, now: datetime, told: Sequence[str], turn: str | None = None) -> bool:
        """Mark a waiting step as taken; False, and nothing written, where it waits no longer."""
        with self.write():
            return bool(
                self.connection.run("finish_chain_step", id=row_id, now=ms(now), told=dump(list(told)), turn=turn)
            )

    def next_chain_due(self) -> datetime | None:
        """Return when the next step of any chain comes."""
        return maybe_at(self.connection.value("next_chain_due"))

    def hasten_message_with(
        self, receiver: str, case_id: int, due_at: datetime, apart: timedelta = timedelta()
    ) -> bool:
        """Have the open messages to a receiver that tell of a case leave by a time; False where there is none.

        None of them leaves sooner than `apart` after the last message of its group.
        """
        values = {"receiver": receiver, "case_id": case_id, "due_at": ms(due_at), "apart": apart // _MILLISECOND}
        with self.write():
            return bool(self.connection.run("hasten_message_with", **values))

    def last_turns(self) -> dict[str, datetime]:
        """Return by person when it last was their turn."""
        return {row["turn"]: at(row["done_at"]) for row in self.connection.rows("last_turns")}

    def cases_without_chain(self, levels: Sequence[Level], limit: int) -> list[int]:
        """Return cases of these levels that wait for somebody, were told of, and have no chain."""
        rows = self.connection.rows("cases_without_chain", levels=dump(list(levels)), limit=limit)
        return [row["id"] for row in rows]

    def lost_chains(self, levels: Sequence[Level], late: datetime) -> list[LostChain]:
        """Return urgent cases of these levels, told of and taken by nobody, whose chain does not go on."""
        rows = self.connection.rows("lost_chains", levels=dump(list(levels)), late=ms(late))
        return [
            LostChain(row["case_id"], Level(row["level"]), maybe_at(row["due_at"]), maybe_at(row["raised_at"]))
            for row in rows
        ]

    def add_shift_change(self, change: ShiftChange) -> int:
        """Keep an absence or an override; returns its id."""
        plain = {name: value for name, value in asdict(change).items() if name != "id"}
        times = {"starts_at": ms(change.starts_at), "ends_at": ms(change.ends_at)}
        with self.write():
            return self.connection.insert("add_shift_change", **{**plain, **times})

    def end_shift_change(self, change_id: int, now: datetime) -> bool:
        """End an absence or override now; False where none of that id is in force or to come."""
        with self.write():
            return bool(self.connection.run("end_shift_change", id=change_id, now=ms(now)))

    def shift_changes(self, since: datetime) -> list[ShiftChange]:
        """Return absences and overrides that end after a time, in the order of their beginning."""
        rows = self.connection.rows("shift_changes", since=ms(since))
        times = [{"starts_at": at(row["starts_at"]), "ends_at": at(row["ends_at"])} for row in rows]
        kinds = [Kind(row["kind"]) for row in rows]
        return [
            ShiftChange(**{**row, **time, "kind": kind}) for row, time, kind in zip(rows, times, kinds, strict=True)
        ]


def _step(row: Row) -> ChainStepRow:
    kinds = {"level": Level(row["level"]), "kind": StepKind(row["kind"]), "state": StepState(row["state"])}
    times = {"due_at": maybe_at(row["due_at"]), "done_at": maybe_at(row["done_at"])}
    return ChainStepRow(**{**row, **kinds, **times, "told": tuple(json.loads(row["told"]))})


def _maybe_ms(moment: datetime | None) -> int | None:
    return None if moment is None else ms(moment)
