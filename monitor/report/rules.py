"""The rules of a report: which cases ask for an answer, what became of that, whose a breach is. Pure; milliseconds."""

from enum import StrEnum

from monitor.report.figure import Whose
from monitor.store.report import CaseTimes

DAY = 86_400_000
QUIET = 7 * DAY
"""Time after the first reply in which no further word of the customer may be negative."""


class Standing(StrEnum):
    """What became of the answer that a case asks for."""

    ANSWERED = "answered"
    WAITING = "waiting"
    UNSEEN = "unseen"
    """Resolved, and no answer was recorded or seen: it was given outside our sight, or none was needed."""
    HISTORY = "history"
    """Found by looking back: it was history when we first read it, so that no promise was ever made."""


def asks(case: CaseTimes) -> bool:
    """Whether a case asks for an answer: praise and what a person dismissed do not."""
    return case.kind != "praise" and case.status != "dismissed"


def standing(case: CaseTimes) -> Standing:
    """Return what became of a case that asks for an answer."""
    if case.backfilled:
        return Standing.HISTORY
    if case.replied_at is not None:
        return Standing.ANSWERED
    return Standing.UNSEEN if case.status == "resolved" else Standing.WAITING


def in_time(case: CaseTimes, now: int) -> bool | None:
    """Whether the first reply kept the promise; None where that is unknown, or not decided yet."""
    state = standing(case)
    if state is Standing.ANSWERED and case.replied_at is not None:
        return case.replied_at <= case.due_at
    return False if state is Standing.WAITING and now > case.due_at else None


def whose(case: CaseTimes, now: int) -> Whose:
    """Return who had a late case for the longest, until its first reply or now; of equal parts the earlier one."""
    end = now if case.replied_at is None else case.replied_at
    fetched = min(max(case.fetched_at, case.posted_at), max(end, case.posted_at))
    ready = case.decided_at if case.notified_at is None else case.notified_at
    told = min(max(ready, fetched), max(end, fetched))
    parts = (
        (fetched - case.posted_at, Whose.PLATFORM),
        (told - fetched, Whose.OURS),
        (end - told, Whose.TEAM),
    )
    return max(parts, key=lambda part: part[0])[1]


LINKS: tuple[tuple[str, str, Whose], ...] = (
    ("posted-fetched", "posted to fetched", Whose.PLATFORM),
    ("fetched-decided", "fetched to decided", Whose.OURS),
    ("decided-notified", "decided to notified", Whose.OURS),
    ("notified-claimed", "notified to claimed", Whose.TEAM),
    ("claimed-replied", "claimed to replied", Whose.TEAM),
)
"""The chain from the post to the reply: the name of each link, its title, and whose time it is."""


def links(case: CaseTimes) -> tuple[int | None, ...]:
    """Return how long each of `LINKS` took; None where one of its ends is unknown, has not come, or came before."""
    told = case.decided_at if case.notified_at is None else case.notified_at
    return (
        _between(case.posted_at, case.fetched_at),
        _between(case.fetched_at, case.decided_at),
        _between(case.decided_at, case.notified_at),
        _between(told, case.claimed_at),
        _between(case.claimed_at, case.replied_at),
    )


def settled_at(case: CaseTimes) -> int | None:
    """Return when a case was first answered, or resolved where it was not answered."""
    return case.resolved_at if case.replied_at is None else case.replied_at


def handled(case: CaseTimes) -> int | None:
    """Return how long somebody had a settled case until it was settled; None where nobody had claimed it by then."""
    end = settled_at(case)
    if end is None or case.claimed_at is None or case.claimed_at > end:
        return None
    return case.handled_ms


def is_confirmed(case: CaseTimes) -> bool:
    """Whether a person has taken a case for a complaint: claimed, answered or resolved it, and not dismissed it."""
    touched = case.claimed_at is not None or settled_at(case) is not None
    return case.kind == "complaint" and case.status != "dismissed" and touched


def _between(start: int | None, end: int | None) -> int | None:
    return None if start is None or end is None or end < start else end - start
