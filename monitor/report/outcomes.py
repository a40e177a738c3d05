"""Figures of what came of cases: settled by one reply, reopened, authors won back, churn, causes. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from monitor.report.found import WHOLE, Found, Value, Wall, count_figures, share_figures, share_of
from monitor.report.rules import QUIET, Standing, asks, settled_at, standing
from monitor.store.report import CaseTimes, Complained

Author = tuple[str, str, str]
"""An account on a platform, as one brand sees it."""

_CALMER = "calmer"
_LAST = 1 << 62
"""Sorts behind every case of one moment."""


Later = Mapping[Author, Sequence[tuple[int, int]]]
"""When each author complained, in order, and in which case."""


def measure_outcomes(cases: Sequence[CaseTimes], later: Later, now: int, wall: Wall) -> Found:
    """Return what came of the cases; `later` holds every complaint from the first reply to one of them on."""
    return {
        **_first_contact(cases, later, now),
        **_reopened(cases),
        **_repeats(cases),
        **_won_back(cases),
        **_churn(cases),
        **_causes(cases, wall),
    }


def quiet_until(cases: Iterable[CaseTimes]) -> int | None:
    """Return until when a further complaint can spoil a first reply; None where nothing was answered."""
    last = max((case.replied_at for case in cases if case.replied_at is not None), default=None)
    return None if last is None else last + QUIET + 1


def by_author(cases: Iterable[CaseTimes], further: Iterable[Complained]) -> Later:
    """Return the complaints among cases, and further ones, by author and in the order of their writing."""
    found: dict[Author, list[tuple[int, int]]] = {}
    for case in cases:
        if case.author and case.kind == "complaint" and case.status != "dismissed":
            found.setdefault((case.brand, case.platform, case.author), []).append((case.posted_at, case.case_id))
    for one in further:
        found.setdefault((one.brand, one.platform, one.author), []).append((one.posted_at, one.case_id))
    for times in found.values():
        times.sort()
    return found


def _first_contact(cases: Sequence[CaseTimes], later: Later, now: int) -> Found:
    done = [case for case in cases if asks(case) and standing(case) is not Standing.WAITING]
    settled = [_is_settled(case, later) if _is_ripe(case, now) else None for case in done]
    return share_figures("first_contact_resolution", settled, {"platform": [case.platform for case in done]})


def _is_ripe(case: CaseTimes, now: int) -> bool:
    return not case.backfilled and case.replied_at is not None and case.replied_at <= now - QUIET


def _is_settled(case: CaseTimes, later: Later) -> bool:
    replied = case.replied_at or 0
    end = replied + QUIET
    if (case.again_at is not None and case.again_at <= end) or (
        case.negative_at is not None and case.negative_at <= end
    ):
        return False
    times = later.get((case.brand, case.platform, case.author)) if case.author else None
    if times is None:
        return True
    first, last = bisect_right(times, (replied, _LAST)), bisect_right(times, (end, _LAST))
    return all(case_id == case.case_id for _, case_id in times[first:last])


def _reopened(cases: Sequence[CaseTimes]) -> Found:
    settled = [case for case in cases if case.status != "dismissed" and settled_at(case) is not None]
    came_back = sum(case.reopened > 0 for case in settled)
    return {("reopen_rate", WHOLE): Value(share_of(came_back, len(settled)), len(settled))}


def _complaints(cases: Sequence[CaseTimes]) -> list[CaseTimes]:
    return [case for case in cases if case.kind == "complaint" and case.status != "dismissed"]


def _author(case: CaseTimes) -> Author:
    return case.brand, case.platform, case.author


def _repeats(cases: Sequence[CaseTimes]) -> Found:
    complaints = _complaints(cases)
    often = Counter(_author(case) for case in complaints if case.author)
    erased = sum(not case.author for case in complaints)
    again = sum(number > 1 for number in often.values())
    return {("repeat_complainers", WHOLE): Value(share_of(again, len(often)), len(often), erased)}


def _won_back(cases: Sequence[CaseTimes]) -> Found:
    answered = [case for case in _complaints(cases) if case.replied_at is not None]
    erased = sum(not case.author for case in answered)
    latest: dict[Author, CaseTimes | None] = {}
    for case in sorted((case for case in answered if case.author), key=lambda case: case.replied_at or 0):
        latest[_author(case)] = case if case.words else latest.get(_author(case))
    silent = sum(case is None for case in latest.values())
    spoke = [case for case in latest.values() if case is not None]
    unclear = sum(case.mood is None for case in spoke)
    known = len(latest) - unclear
    calmer = sum(case.mood == _CALMER for case in spoke)
    return {
        ("recovered_authors", WHOLE): Value(share_of(calmer, known), known, unclear + erased),
        ("silent_authors", WHOLE): Value(share_of(silent, len(latest)), len(latest), erased),
    }


def _churn(cases: Sequence[CaseTimes]) -> Found:
    kept = [case for case in cases if case.status != "dismissed"]
    labels = {"brand": [case.brand for case in kept], "platform": [case.platform for case in kept]}
    return count_figures("churn_threats", [bool(case.churn) for case in kept], labels)


def _causes(cases: Sequence[CaseTimes], wall: Wall) -> Found:
    weeks = weeks_of_cause(cases, wall)
    total, in_week, of_cause = sum(weeks.values()), Counter[date](), Counter[str]()
    found: Found = {}
    for (cause, monday), number in weeks.items():
        in_week[monday] += number
        if cause is not None:
            of_cause[cause] += number
    for cause, number in of_cause.items():
        found["causes", (("cause", cause),)] = Value(number, total)
    for (name, monday), number in weeks.items():
        if name is not None:
            found["causes", (("cause", name), ("week", monday.isoformat()))] = Value(number, in_week[monday])
    return {("causes", WHOLE): Value(total, total, total - of_cause.total()), **found}


def weeks_of_cause(cases: Sequence[CaseTimes], wall: Wall) -> Mapping[tuple[str | None, date], int]:
    """Return complaints by cause (None: without) and the Monday of their week."""
    return Counter((case.cause, wall.monday(case.posted_at)) for case in _complaints(cases))
