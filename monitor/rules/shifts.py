"""Who is on shift at a moment, who is away, and when that changes next. Pure; all moments are aware.

    weekly shifts ─▶ overrides, in the order of their beginning ─▶ less who is away ─▶ on shift

Shifts are hours on a wall clock: an hour that a zone skips or repeats makes a shift shorter or longer, never two of it.
A shift belongs to the local day on which it starts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.config.people import WEEK, Absence, Override, Person, Shift
from monitor.config.schema import Settings

HORIZON = timedelta(days=15)
"""How far `next_change` looks ahead: every weekly shift comes back within it."""


class Kind(StrEnum):
    """What changes the weekly shifts for a while."""

    ABSENT = "absent"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class ShiftChange:
    """An absence or an override in [starts_at, ends_at); `id` is None for one that stands in the config."""

    kind: Kind
    who: str
    starts_at: datetime
    ends_at: datetime
    instead_of: str | None = None
    reason: str = ""
    author: str = ""
    id: int | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether it is in force."""
        return self.starts_at <= moment < self.ends_at


@dataclass(frozen=True, slots=True)
class Roster:
    """People by name with their weekly shifts, absences and overrides."""

    people: dict[str, Person] = field(default_factory=dict)
    shifts: tuple[Shift, ...] = ()
    changes: tuple[ShiftChange, ...] = ()


def roster_of(settings: Settings, changes: Sequence[ShiftChange] = ()) -> Roster:
    """Return the roster of a config, with the absences and overrides that were said since."""
    people = dict(settings.people)
    written = [_written(Kind.ABSENT, absence, people) for absence in settings.absences]
    written += [_written(Kind.OVERRIDE, override, people) for override in settings.overrides]
    known = [change for change in (*written, *changes) if change.who in people]
    return Roster(people, settings.shifts, tuple(sorted(known, key=lambda change: (change.starts_at, change.id or 0))))


def _written(kind: Kind, window: Absence | Override, people: dict[str, Person]) -> ShiftChange:
    person = people.get(window.who)
    zone = ZoneInfo(person.zone if person else "UTC")
    starts_at, ends_at = (_utc(moment, zone) for moment in (window.start, window.end))
    instead_of = window.instead_of if isinstance(window, Override) else None
    return ShiftChange(kind, window.who, starts_at, ends_at, instead_of, window.reason, "config")


def away(roster: Roster, moment: datetime) -> frozenset[str]:
    """Return who is away at a moment."""
    return frozenset(change.who for change in roster.changes if change.kind is Kind.ABSENT and change.holds(moment))


def present(roster: Roster, moment: datetime, brand: str | None = None) -> tuple[str, ...]:
    """Return everybody who is not away and answers for the brand (None: any), in the order of the config."""
    gone = away(roster, moment)
    return tuple(name for name in roster.people if name not in gone and _answers_for(roster, name, brand))


def on_shift(roster: Roster, moment: datetime, brand: str | None = None) -> tuple[str, ...]:
    """Return who is on shift at a moment and answers for the brand (None: any), in the order of their turns."""
    names = list(_by_week(roster, moment))
    for change in roster.changes:
        if change.kind is Kind.OVERRIDE and change.holds(moment):
            names = _overridden(names, change)
    wanted = set(present(roster, moment, brand))
    return tuple(name for name in dict.fromkeys(names) if name in wanted)


def next_change(
    roster: Roster, moment: datetime, brand: str | None = None, horizon: timedelta = HORIZON
) -> datetime | None:
    """Return the next moment (UTC) from which other people are on shift; None where there is none in the horizon."""
    now = on_shift(roster, moment, brand)
    for edge in edges(roster, moment, moment + horizon):
        if set(on_shift(roster, edge, brand)) != set(now):
            return edge
    return None


def shift_end(roster: Roster, name: str, moment: datetime, brand: str | None = None) -> datetime | None:
    """Return until when (UTC) a person who is on shift stays so; None where that is beyond the horizon."""
    later = edges(roster, moment, moment + HORIZON)
    return next((edge for edge in later if name not in on_shift(roster, edge, brand)), None)


def edges(roster: Roster, since: datetime, until: datetime) -> list[datetime]:
    """Return every moment in (since, until] at which a shift, an absence or an override begins or ends, in UTC."""
    found = {edge for shift in roster.shifts for name in shift.who for window in _windows(roster, shift, name, since,
             until) for edge in window}  # fmt: skip
    found |= {edge.astimezone(UTC) for change in roster.changes for edge in (change.starts_at, change.ends_at)}
    return sorted(edge for edge in found if since < edge <= until)


def uncovered(roster: Roster, since: datetime, until: datetime, brand: str | None = None) -> datetime | None:
    """Return the first moment in [since, until) at which nobody is on shift, or None."""
    moments = [since, *edges(roster, since, until)]
    return next((moment for moment in moments if moment < until and not on_shift(roster, moment, brand)), None)


def _by_week(roster: Roster, moment: datetime) -> Iterator[str]:
    for shift in roster.shifts:
        for name in shift.who:
            if any(begins <= moment < ends for begins, ends in _windows(roster, shift, name, moment, moment)):
                yield name


def _overridden(names: Sequence[str], change: ShiftChange) -> list[str]:
    """Put a person on shift: in the place of another while that one is on shift, else besides."""
    if change.instead_of is None:
        return [*names, change.who]
    return [change.who if name == change.instead_of else name for name in names]


def _windows(
    roster: Roster, shift: Shift, name: str, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield (begin, end) in UTC of each occurrence of a person's shift that touches [since, until]."""
    person = roster.people.get(name)
    zone = ZoneInfo(shift.zone or (person.zone if person else "UTC"))
    first = since.astimezone(zone).date() - timedelta(days=2)
    over_night = timedelta(days=1 if shift.end <= shift.start else 0)
    for offset in range((until - since).days + 5):
        day = first + timedelta(days=offset)
        if WEEK[day.weekday()] not in shift.days:
            continue
        begins = _utc(datetime.combine(day, shift.start), zone)
        ends = _utc(datetime.combine(day + over_night, shift.end), zone)
        if begins <= until and ends >= since and begins < ends:
            yield begins, ends


def _answers_for(roster: Roster, name: str, brand: str | None) -> bool:
    brands = roster.people[name].brands
    return brand is None or not brands or brand in brands


def _utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Return what a wall clock means; of an hour that comes twice the first, of one that is skipped the one after."""
    return local.replace(tzinfo=zone).astimezone(UTC)
