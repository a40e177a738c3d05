"""When a digest is due: one a local date at its time, or one every so often. Pure; the caller keeps what was sent."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from monitor.config.digests import Digest

LONGEST_WINDOW = timedelta(days=7)
"""A digest after a long silence looks back at most so far."""

_DAY = timedelta(days=1)


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
    slot = _latest_slot(digest, first_run_at, now)
    if slot is None or slot <= first_run_at or not _is_later(digest, slot, last):
        return None
    since = last.at if last else slot - (digest.every or _DAY)
    return DigestDue(digest.name, _key(digest, slot), max(since, now - LONGEST_WINDOW), now)


def next_digest_at(digest: Digest, last: Sent | None, first_run_at: datetime, now: datetime) -> datetime:
    """Return when `digest_due` should be asked again: `now` where one is due already."""
    if digest_due(digest, last, first_run_at, now):
        return now
    if digest.every is None:
        today = _local(digest, now)
        slots = (_slot(digest, today + timedelta(days=ahead)) for ahead in range(3))
        return next(slot for slot in slots if slot > now)
    slot = _latest_slot(digest, first_run_at, now)
    return _first_slot(digest, first_run_at) if slot is None else slot + digest.every


def _latest_slot(digest: Digest, first_run_at: datetime, now: datetime) -> datetime | None:
    if digest.every is None:
        today = _local(digest, now)
        slot = _slot(digest, today)
        return slot if slot <= now else _slot(digest, today - _DAY)
    first = _first_slot(digest, first_run_at)
    return None if now < first else first + (now - first) // digest.every * digest.every


def _first_slot(digest: Digest, first_run_at: datetime) -> datetime:
    return first_run_at + (digest.first_after or digest.every or _DAY)


def _slot(digest: Digest, day: date) -> datetime:
    """Return the time of day on a local date as UTC; fold 0 moves a skipped time past the gap and picks the first."""
    assert digest.at is not None  # noqa: S101 - the schema gives a digest either `at` or `every`
    return datetime.combine(day, digest.at, digest.timezone).astimezone(UTC)


def _local(digest: Digest, now: datetime) -> date:
    return now.astimezone(digest.timezone).date()


def _key(digest: Digest, slot: datetime) -> str:
    return slot.isoformat() if digest.every else _local(digest, slot).isoformat()


def _is_later(digest: Digest, slot: datetime, last: Sent | None) -> bool:
    if last is None:
        return True
    if digest.every is not None:
        return slot > last.at
    # the key may be a slot's, where the digest had `every` before
    return _key(digest, slot) > last.key[:10]
