"""Shifts at the desk: who is on shift now and next, and absences and overrides that a person says at run time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.config.problem import suggestion
from monitor.config.schema import Settings
from monitor.desk.turn import Turn
from monitor.errors import MonitorError
from monitor.rules.shifts import (
    Kind,
    Roster,
    ShiftChange,
    away,
    next_change,
    on_shift,
    roster_of,
    shift_end,
    uncovered,
)
from monitor.store.records import stamp
from monitor.store.store import Store

LONGEST = timedelta(days=366)
"""How long an absence or an override may be."""

_LOOK_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on shift at a moment, each until when (None: beyond two weeks), who comes next and when, who is away."""

    at: datetime
    on_shift: tuple[tuple[str, datetime | None], ...]
    next_at: datetime | None
    next_on_shift: tuple[str, ...]
    away: tuple[str, ...]
    zones: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return it as `shift now --json` prints it; times are ISO 8601 in UTC."""
        people = [{"name": name, "until": stamp(end), "zone": self.zones[name]} for name, end in self.on_shift]
        after = {"at": stamp(self.next_at), "on_shift": list(self.next_on_shift)} if self.next_at else None
        return {"at": stamp(self.at), "on_shift": people, "next": after, "away": list(self.away)}


def roster_now(store: Store, settings: Settings, now: datetime) -> Roster:
    """Return people and shifts of the config with what was said at run time and has not ended."""
    return roster_of(settings, store.shift_changes(now))


def duty(store: Store, settings: Settings, now: datetime, brand: str | None = None) -> Duty:
    """Return who is on shift now for a brand (None: any) and who comes next."""
    roster = roster_now(store, settings, now)
    change = next_change(roster, now, brand)
    return Duty(
        at=now,
        on_shift=tuple((name, shift_end(roster, name, now, brand)) for name in on_shift(roster, now, brand)),
        next_at=change,
        next_on_shift=on_shift(roster, change, brand) if change else (),
        away=tuple(sorted(away(roster, now))),
        zones={name: person.zone for name, person in roster.people.items()},
    )


def override_shift(turn: Turn, change: ShiftChange) -> dict[str, Any]:
    """Put a person on shift for a while, besides or in the place of another. Raises MonitorError for what cannot be."""
    if change.instead_of is not None:
        _known(turn, change.instead_of)
        if change.instead_of == change.who:
            raise MonitorError("override", "puts a person in their own place", "leave out --instead-of")
    return _keep(turn, replace(change, kind=Kind.OVERRIDE))


def be_absent(turn: Turn, change: ShiftChange) -> dict[str, Any]:
    """Tell a person nothing for a while. Raises MonitorError for what cannot be."""
    return _keep(turn, replace(change, kind=Kind.ABSENT, instead_of=None))


def end_shift_change(turn: Turn, change_id: int) -> None:
    """End an absence or an override now; one to come does not begin."""
    if not turn.store.end_shift_change(change_id, turn.now):
        raise MonitorError(f"shift change {change_id}", "is not in force", "see `complaint-monitor shift list`")


def change_json(change: ShiftChange) -> dict[str, Any]:
    """Return an absence or override as `shift list --json` prints it; `id` is null for one of the config."""
    plain = {name: getattr(change, name) for name in ("id", "kind", "who", "instead_of", "reason", "author")}
    return {**plain, "starts_at": stamp(change.starts_at), "ends_at": stamp(change.ends_at)}


def weekly_json(settings: Settings) -> Sequence[dict[str, Any]]:
    """Return the weekly shifts as `shift list --json` prints them; `zone` null is that of each person."""
    return [
        {"who": list(shift.who), "days": list(shift.days), "start": f"{shift.start:%H:%M}", "end": f"{shift.end:%H:%M}",
         "zone": shift.zone}
        for shift in settings.shifts
    ]  # fmt: skip


def _keep(turn: Turn, change: ShiftChange) -> dict[str, Any]:
    """Keep a change; the answer says from when on nobody is on shift while it lasts, which is null for never."""
    _known(turn, change.who)
    if change.ends_at <= max(turn.now, change.starts_at):
        raise MonitorError(change.kind.value, "would end before it begins", "give a later end, such as --for 8h")
    if change.ends_at - change.starts_at > LONGEST:
        raise MonitorError(change.kind.value, "is longer than a year", "write it into the config")
    with turn.store.write():
        kept = replace(change, author=turn.who)
        kept = replace(kept, id=turn.store.add_shift_change(kept))
        roster = roster_now(turn.store, turn.settings, turn.now)
    first = max(turn.now, kept.starts_at)
    gap = uncovered(roster, first, min(kept.ends_at, first + _LOOK_AHEAD)) if roster.shifts else None
    return {"change": change_json(kept), "nobody_from": stamp(gap)}


def _known(turn: Turn, name: str) -> None:
    if name not in turn.settings.people:
        known = suggestion(name, list(turn.settings.people)) or "add people to the config"
        raise MonitorError(f"person {name!r}", "is not in the config", known)
