"""Figures for tests of digests: a usual morning, and a month that fills every section."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.digest.figures import BlindWindow, CauseCount, DigestFigures, Spend, ToldEvent
from monitor.digest.usual import Curve, Day, Point
from monitor.digest.words import WordCount
from monitor.domain import DropRule, Kind, Level
from monitor.notify.render import Setting
from monitor.rules.recall_estimate import Estimate, RecallFigures
from monitor.rules.spikes import Series
from monitor.store.digests import Praise, ToldIncident
from monitor.store.records import CaseView
from monitor.store.spikes import Spike, SpikeState, SpikeWord
from tests.unit.notify.views import NOW, make_view

BERLIN = ZoneInfo("Europe/Berlin")
TERMINAL = Setting("desk", "stdout", NOW, BERLIN)
MAIL = Setting("desk", "mail", NOW, BERLIN, public_url="https://monitor.example")


def figures(act_now: Sequence[CaseView] = (), **changes: Any) -> DigestFigures:
    """Return the figures of a usual day."""
    act_now = act_now or [
        make_view(1),
        make_view(2, Level.HIGH, followers=None, permalink=None, due_at=NOW - timedelta(minutes=12), claimed_by="ana"),
    ]
    values: dict[str, Any] = {
        "since": NOW - timedelta(days=1),
        "until": NOW,
        "open_by_level": {Level.CRITICAL: 2, Level.HIGH: 5, Level.LOW: 30},
        "late_by_level": {Level.CRITICAL: 1},
        "at_risk": 4,
        "to_act_on": len(act_now),
        "act_now": act_now,
        "top": act_now,
        "next_at_risk": [make_view(7, Level.NORMAL, text="No answer about my refund since Monday.")],
        "opened": {Kind.COMPLAINT: 34, Kind.PRAISE: 5},
        "opened_before": {Kind.COMPLAINT: 26, Kind.QUESTION: 3},
        "mentions": 1502,
        "mentions_before": 300,
        "replies": {Level.CRITICAL: [(200.0, True), (100.0, True)], Level.HIGH: [(5000.0, False)]},
        "replies_before": {Level.CRITICAL: [(280.0, True)]},
        "promises": {Level.CRITICAL: timedelta(minutes=5), Level.HIGH: timedelta(minutes=30)},
        "incidents": [make_incident()],
        "spikes": [make_spike()],
        "events": [ToldEvent("launch", ("lumo",), NOW - timedelta(hours=1), NOW + timedelta(hours=8), 2.0)],
        "yesterday": Day(date(2026, 11, 17), 42, (18, 21, 25, None)),
        "causes": [CauseCount("outage", 20, 1.0), CauseCount("delivery", 9, 8.5), CauseCount(None, 3, None)],
        "curve": make_curve(),
        "praise": [make_praise()],
        "drops": {DropRule.NOT_A_COMPLAINT: 99, DropRule.OWN_HANDLE: 27},
        "blind": [BlindWindow("x", "gap", NOW - timedelta(hours=5), NOW - timedelta(hours=4), "rate limited")],
        "spend": [Spend("x", 420, 2.1)],
        "words": [WordCount("login", 8, 1)],
        "missed": RecallFigures(4_100, 520, 9, Estimate(12.2, 5.4, 23.6)),
    }
    return DigestFigures(**{**values, **changes})


def make_incident(number: int = 3, **changes: Any) -> ToldIncident:
    """Return an open incident of twelve cases."""
    example = make_view(9, Level.HIGH, text="Nothing switches on since the update, E-417 everywhere.")
    values = {"id": number, "brand": "lumo", "state": "open", "size": 12, "waiting": 5, "cause": "outage",
              "words": ("e-417", "login"), "since": NOW - timedelta(hours=3), "owner": "ana",
              "example": example}  # fmt: skip
    return ToldIncident(**{**values, **changes})


def make_spike(**changes: Any) -> Spike:
    """Return an open spike of 64 complaints where 20 are usual."""
    start = NOW - timedelta(hours=2)
    values = {"id": 4, "brand": "lumo", "state": SpikeState.OPEN, "level": Level.HIGH, "series": Series.COUNT,
              "minutes": 20, "since": start, "opened_at": start, "updated_at": NOW, "ended_at": None, "seen": 64,
              "expected": 20.0, "per_hour": 30.0, "peak": 40.0, "event": None, "told_per_hour": 30.0,
              "told_at": start, "words": (SpikeWord("login", 30, 1),)}  # fmt: skip
    return Spike(**{**values, **changes})


def make_praise(**changes: Any) -> Praise:
    """Return praise by somebody with reach."""
    values = {"case_id": None, "brand": "lumo", "platform": "x", "author": "glow", "followers": 88_000,
              "text": "The new lumo lamp is the best thing in my flat.",
              "permalink": "https://x.example/glow/status/5", "posted_at": NOW - timedelta(hours=9)}  # fmt: skip
    return Praise(**{**values, **changes})


def make_curve(hours: int = 24, *, known: bool = True) -> Curve:
    """Return a day by the hour with a rise at 10, beside what is usual."""
    start = datetime(2026, 11, 17, 9, tzinfo=UTC)
    counts = (1, 3, 12, 9, 4, 2, 1, 1, 0, 0, 1, 1)
    points = [
        Point(
            (start + timedelta(hours=hour)).astimezone(BERLIN),
            counts[hour % 12],
            float(1 + hour % 3) if known else None,
        )
        for hour in range(hours)
    ]
    return Curve(True, tuple(points))


def stuffed(**changes: Any) -> DigestFigures:
    """Return a month in which every section holds more than it can show, in long and hostile words."""
    long = "line\n" * 400
    causes = [CauseCount(f"cause-{number}", 900, 12.5) for number in range(9)]
    values: dict[str, Any] = {
        "since": NOW - timedelta(days=31),
        "open_by_level": dict.fromkeys(Level, 12_000),
        "late_by_level": dict.fromkeys(Level, 3_000),
        "at_risk": 900,
        "to_act_on": 12_000,
        "act_now": [make_view(number, text=long, author="a\nb" * 90) for number in range(1, 21)],
        "next_at_risk": [make_view(number, Level.NORMAL, text=long) for number in range(30, 50)],
        "opened": dict.fromkeys(Kind, 9_000),
        "replies": {level: [(500.0, True), (90_000.0, False)] * 700 for level in Level},
        "replies_before": {level: [(800.0, True)] for level in Level},
        "promises": dict.fromkeys(Level, timedelta(minutes=30)),
        "incidents": [make_incident(number, words=(long,) * 3, owner=long) for number in range(1, 21)],
        "spikes": [make_spike(words=(SpikeWord(long, 9, 1),) * 9)] * 12,
        "events": [ToldEvent(f"event-{number}", ("lumo",) * 9, NOW, NOW + timedelta(days=2), 3.0) for number in (1, 2)],
        "causes": causes,
        "words": [WordCount("w" * 30, 500, 3)] * 9,
        "praise": [make_praise(text=long, author=long)] * 20,
        "blind": [BlindWindow("x", "gap", NOW - timedelta(hours=5), NOW, "late\n" * 50)] * 30,
        "spend": [Spend(f"source{number}", 10_000, 50.0) for number in range(30)],
    }
    return figures(**{**values, **changes})
