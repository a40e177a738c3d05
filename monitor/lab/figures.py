"""What one config would have meant for the people: cases, alerts by day and by night, replies due, and money."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.domain import Level
from monitor.lab.casebook import LabCase
from monitor.lab.replay import Replayed, Run

NIGHT_FROM, NIGHT_TO = 22, 7
"""Local hours between which an alert wakes somebody."""

_MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class WatchFigures:
    """What one watch brought; `usd_month` is what its posts cost to read, None where nothing in it is priced."""

    brand: str
    watch: str
    posts: int
    cases: int
    urgent: int
    usd_month: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """One config over the span. `days` are those of which posts are stored; `by_day` counts alerts by UTC date."""

    days: float
    cases: int
    by_level: Mapping[Level, int]
    alerts: int
    night_alerts: int
    busiest_hour: int
    by_day: Mapping[str, int]
    watches: tuple[WatchFigures, ...]

    def a_day(self, count: int) -> float:
        """Return a count for each day of the span."""
        return count / self.days

    def to_json(self) -> dict[str, Any]:
        """Return the figures for machines."""
        return {
            "cases": self.cases,
            "by_level": {level.value: count for level, count in self.by_level.items()},
            "cases_a_day": round(self.a_day(self.cases), 2),
            "alerts": self.alerts,
            "alerts_a_day": round(self.a_day(self.alerts), 2),
            "night_alerts": self.night_alerts,
            "replies_due_in_busiest_hour": self.busiest_hour,
            "alerts_by_day": dict(self.by_day),
        }


def new_cases(run: Run) -> list[LabCase]:
    """Return the cases that were opened inside the span."""
    return [case for case in run.book.cases if not case.seeded]


def figures_of(replayed: Replayed, run: Run, prices: Mapping[str, float]) -> Figures:
    """Return the figures of one run; `prices` are dollars a post of the sources that have a price."""
    cases = new_cases(run)
    days = days_of(replayed)
    return Figures(
        days=days,
        cases=len(cases),
        by_level={level: sum(case.level is level for case in cases) for level in Level},
        alerts=len(run.book.alerts),
        night_alerts=sum(_at_night(alert.at, run, alert.brand) for alert in run.book.alerts),
        busiest_hour=max(_due_by_hour(cases).values(), default=0),
        by_day=_by_day(replayed, run),
        watches=_watches(run, cases, prices, days),
    )


def days_of(replayed: Replayed) -> float:
    """Return how many days the posts cover, at least one: a rate of a few hours says nothing about a day."""
    start = max(replayed.since, replayed.first_at or replayed.since)
    return max((replayed.until - start) / timedelta(days=1), 1.0)


def _at_night(moment: datetime, run: Run, brand: str) -> bool:
    options = run.side.settings.brands.get(brand)
    hour = moment.astimezone(ZoneInfo(options.zone if options and options.zone else "UTC")).hour
    return hour >= NIGHT_FROM or hour < NIGHT_TO


def _due_by_hour(cases: list[LabCase]) -> Counter[datetime]:
    return Counter(case.due_at.replace(minute=0, second=0, microsecond=0) for case in cases if case.due_at)


def _by_day(replayed: Replayed, run: Run) -> dict[str, int]:
    counted = Counter(f"{alert.at:%Y-%m-%d}" for alert in run.book.alerts)
    start = max(replayed.since, replayed.first_at or replayed.since)
    days = [start + timedelta(days=number) for number in range((replayed.until.date() - start.date()).days + 1)]
    return {f"{day:%Y-%m-%d}": counted[f"{day:%Y-%m-%d}"] for day in days}


def _watches(run: Run, cases: list[LabCase], prices: Mapping[str, float], days: float) -> tuple[WatchFigures, ...]:
    posts: Counter[tuple[str, str]] = Counter()
    cost: dict[tuple[str, str], float] = {}
    for (brand, watch, source), count in run.found.items():
        posts[brand, watch] += count
        if source in prices:
            cost[brand, watch] = cost.get((brand, watch), 0.0) + count * prices[source]
    opened = Counter((case.brand, watch) for case in cases for watch in case.watches)
    urgent = Counter((case.brand, watch) for case in cases if case.level.urgent for watch in case.watches)
    named = [(name, watch.name) for name, brand in run.side.settings.brands.items() for watch in brand.watches]
    return tuple(
        WatchFigures(*key, posts[key], opened[key], urgent[key], _a_month(cost.get(key), days)) for key in named
    )


def _a_month(usd: float | None, days: float) -> float | None:
    return None if usd is None else usd / days * _MONTH_DAYS
