"""When a digest is due: one a local date at its time, or one every so often. Pure; the caller keeps what was sent."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from monitor.config.digests import Digest

LONGEST_WINDOW = timedelta(days=31)
"""A digest after a long silence looks back at most so far."""

_DAY = timedelta(days=1)
_MADE_UP = timedelta(days=62)
"""Dates that passed longer ago are not made up for."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The last digest of a name: its key (a local date, or the start of its slot) and when it was made."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DigestDue:
    """A digest that has to be made now. `key` is unique for its name: to be recorded with the outbox row."""

    name: str
    key: str
    since: datetime
    until: datetime


def digest_due(digest: Digest, last: Sent | None, first_run_at: datetime, now: datetime) -> DigestDue | None:
    """Return the digest that is due, or None. Times that passed while nothing ran are made up for once, not one by one.

    A time before the store's first run is never due. Where a clock change skips or repeats the time of day, the digest
    leaves once: after the gap, or at the first of the two.
    """
    slot = _latest_slot(digest, last, first_run_at, now)
    if slot is None or slot <= first_run_at or not _is_later(digest, slot, last):
        return None
    since = last.at if last else slot - (digest.every or _DAY)
    return DigestDue(digest.name, _key(digest, slot), max(since, now - LONGEST_WINDOW), now)


def next_digest_at(digest: Digest, last: Sent | None, first_run_at: datetime, now: datetime) -> datetime:
    """Return when `digest_due` should be asked again: `now` where one is due already."""
    if digest_due(digest, last, first_run_at, now):
        return now
    if digest.every is None:
        day = digest.next_date(_open_date(digest, last, _local(digest, now)))
        while (slot := _slot(digest, day)) <= now:
            day = digest.next_date(day + _DAY)
        return slot
    first = _first_slot(digest, first_run_at)
    return _on_a_day(digest, first if now < first else _floor(digest, first, now) + digest.every, first)


def _latest_slot(digest: Digest, last: Sent | None, first_run_at: datetime, now: datetime) -> datetime | None:
    if digest.every is None:
        return _latest_date(digest, last, first_run_at, now)
    first = _first_slot(digest, first_run_at)
    if now < first:
        return None
    slot = _floor(digest, first, now)
    return slot if _on_a_day(digest, slot, first) == slot else None


def _latest_date(digest: Digest, last: Sent | None, first_run_at: datetime, now: datetime) -> datetime | None:
    """Return the latest slot that has come since the last one was sent."""
    today = _local(digest, now)
    day = digest.next_date(_open_date(digest, last, max(_local(digest, first_run_at), today - _MADE_UP)))
    found = None
    while day <= today and (slot := _slot(digest, day)) <= now:
        found, day = slot, digest.next_date(day + _DAY)
    return found


def _open_date(digest: Digest, last: Sent | None, day: date) -> date:
    """Return `day`, or the day after the last digest where that is later."""
    # the key may be a slot's, where the digest had `every` before
    return max(day, date.fromisoformat(last.key[:10]) + _DAY) if last else day


def _floor(digest: Digest, first: datetime, now: datetime) -> datetime:
    assert digest.every is not None  # noqa: S101 - asked for `every` alone
    return first + (now - first) // digest.every * digest.every


def _on_a_day(digest: Digest, slot: datetime, first: datetime) -> datetime:
    """Return the first slot of `every` from this one on that falls on one of the days."""
    assert digest.every is not None  # noqa: S101 - asked for `every` alone
    while (day := digest.next_date(_local(digest, slot))) != _local(digest, slot):
        begins = datetime.combine(day, time(), digest.timezone).astimezone(UTC)
        slot = first - (first - begins) // digest.every * digest.every
    return slot


def _first_slot(digest: Digest, first_run_at: datetime) -> datetime:
    return first_run_at + (digest.first_after or digest.every or _DAY)


def _slot(digest: Digest, day: date) -> datetime:
    """Return the time of day on a local date as UTC; fold 0 moves a skipped time past the gap and picks the first."""
    assert digest.clock is not None  # noqa: S101 - the schema gives a digest a time of day or `every`
    return datetime.combine(day, digest.clock, digest.timezone).astimezone(UTC)


def _local(digest: Digest, now: datetime) -> date:
    return now.astimezone(digest.timezone).date()


def _key(digest: Digest, slot: datetime) -> str:
    return slot.isoformat() if digest.every else _local(digest, slot).isoformat()


def _is_later(digest: Digest, slot: datetime, last: Sent | None) -> bool:
    if last is None:
        return True
    if digest.every is not None:
        return slot > last.at
    return _key(digest, slot) > last.key[:10]
