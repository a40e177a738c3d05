"""Figures of what came of cases: settled by one reply, reopened, authors won back, churn, causes. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from monitor.report.found import WHOLE, Found, Key, Shares, Value, Wall, share_of
from monitor.report.rules import QUIET, Standing, asks, settled_at, standing
from monitor.store.report import CaseTimes, Complained

Author = tuple[str, str, str]
"""An account on a platform, as one brand sees it."""

_CALMER = "calmer"


def measure_outcomes(cases: Sequence[CaseTimes], complaints: Iterable[Complained], now: int, wall: Wall) -> Found:
    """Return what came of the cases; `complaints` are all that were written while their answers could fail."""
    return {
        **_first_contact(cases, _by_author(complaints), now),
        **_reopened(cases),
        **_repeats(cases),
        **_won_back(cases),
        **_churn(cases),
        **_causes(cases, wall),
    }


def answers_end(cases: Sequence[CaseTimes]) -> tuple[int, int] | None:
    """Return between which moments a further complaint would spoil a first reply; None where nothing was answered."""
    answered = [case.replied_at for case in cases if case.replied_at is not None]
    return (min(answered), max(answered) + QUIET + 1) if answered else None


def _by_author(complaints: Iterable[Complained]) -> Mapping[Author, list[tuple[int, int]]]:
    found: dict[Author, list[tuple[int, int]]] = {}
    for one in complaints:
        found.setdefault((one.brand, one.platform, one.author), []).append((one.posted_at, one.case_id))
    for times in found.values():
        times.sort()
    return found


def _first_contact(cases: Sequence[CaseTimes], later: Mapping[Author, list[tuple[int, int]]], now: int) -> Found:
    shares = Shares(WHOLE)
    for case in filter(asks, cases):
        state = standing(case)
        if state is Standing.WAITING:
            continue
        replied = case.replied_at
        old = state is Standing.ANSWERED and replied is not None and replied <= now - QUIET
        shares.add((WHOLE, (("platform", case.platform),)), _is_settled(case, later) if old else None)
    return shares.shares("first_contact_resolution")


def _is_settled(case: CaseTimes, later: Mapping[Author, list[tuple[int, int]]]) -> bool:
    replied = case.replied_at or 0
    end = replied + QUIET
    if any(moment is not None and moment <= end for moment in (case.again_at, case.negative_at)):
        return False
    times = later.get((case.brand, case.platform, case.author), []) if case.author else []
    return all(case_id == case.case_id for _, case_id in _within(times, replied, end))


def _within(times: Sequence[tuple[int, int]], after: int, until: int) -> Sequence[tuple[int, int]]:
    """Return the (moment, case) of (after, until]."""
    return times[bisect_right(times, (after, 1 << 62)) : bisect_right(times, (until, 1 << 62))]


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
    found: dict[Key, list[int]] = {("churn_threats", WHOLE): [0, 0]}
    for case in cases:
        if case.status == "dismissed":
            continue
        for group in (WHOLE, (("brand", case.brand),), (("platform", case.platform),)):
            counts = found.setdefault(("churn_threats", group), [0, 0])
            counts[0] += case.churn
            counts[1] += 1
    return {key: Value(threats, number) for key, (threats, number) in found.items()}


def _causes(cases: Sequence[CaseTimes], wall: Wall) -> Found:
    complaints = _complaints(cases)
    without = sum(case.cause is None for case in complaints)
    found: Found = {("causes", WHOLE): Value(len(complaints), len(complaints), without)}
    totals = Counter(case.cause for case in complaints if case.cause is not None)
    weeks = Counter((case.cause, wall.monday(case.posted_at)) for case in complaints if case.cause is not None)
    for cause, number in totals.items():
        found["causes", (("cause", cause),)] = Value(number, len(complaints))
    in_week = Counter(wall.monday(case.posted_at) for case in complaints)
    for (cause, monday), number in weeks.items():
        found["causes", (("cause", cause), ("week", monday.isoformat()))] = Value(number, in_week[monday])
    return found


def weeks_of_cause(cases: Sequence[CaseTimes], wall: Wall) -> Mapping[tuple[str | None, date], int]:
    """Return complaints by cause (None: without) and the Monday of their week."""
    return Counter((case.cause, wall.monday(case.posted_at)) for case in _complaints(cases))
