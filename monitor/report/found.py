"""What is measured in one span, before it is set beside the span before. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Part = tuple[str, str]
"""A dimension and its value, such as ("platform", "x")."""

Key = tuple[str, tuple[Part, ...]]
"""The key of a figure, and the part of the whole that it is about; () is the whole."""

WHOLE: tuple[Part, ...] = ()
_QUARTER = 900_000


@dataclass(frozen=True, slots=True)
class Value:
    """A figure of one span."""

    value: float | None
    n: int
    unknown: int = 0
    low: float | None = None
    high: float | None = None


Found = dict[Key, Value]


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the value below which a share (0 to 1) of ascending values lies, by linear interpolation; None of none.

    Method 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (The American Statistician 50, 1996).
    """
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def share_of(part: float, whole: float) -> float | None:
    """Return part / whole, None where there is nothing to share."""
    return part / whole if whole else None


class Spans:
    """Spans of time in milliseconds by part of the whole, with how many of each are unknown."""

    def __init__(self, *groups: tuple[Part, ...]) -> None:
        """`groups` are there even where nothing is counted in them."""
        self._known: dict[tuple[Part, ...], list[int]] = {group: [] for group in groups}
        self._unknown: dict[tuple[Part, ...], int] = {}

    def add(self, groups: Iterable[tuple[Part, ...]], span: int | None) -> None:
        """Count a span in each of these parts; None is unknown."""
        for group in groups:
            if span is None:
                self._unknown[group] = self._unknown.get(group, 0) + 1
                self._known.setdefault(group, [])
            else:
                self._known.setdefault(group, []).append(span)

    def found(self, name: str) -> Found:
        """Return `NAME_p50` and `NAME_p90` in seconds."""
        made: Found = {}
        for group, spans in self._known.items():
            spans.sort()
            for suffix, share in (("p50", 0.5), ("p90", 0.9)):
                seconds = percentile(spans, share)
                value = None if seconds is None else seconds / 1000
                made[f"{name}_{suffix}", group] = Value(value, len(spans), self._unknown.get(group, 0))
        return made


class Shares:
    """How many of how many, by part of the whole, with how many of each are unknown."""

    def __init__(self, *groups: tuple[Part, ...]) -> None:
        """`groups` are there even where nothing is counted in them."""
        self._counts: dict[tuple[Part, ...], list[int]] = {group: [0, 0, 0] for group in groups}

    def add(self, groups: Iterable[tuple[Part, ...]], holds: bool | None) -> None:
        """Count one in each of these parts; None is unknown."""
        for group in groups:
            counts = self._counts.setdefault(group, [0, 0, 0])
            counts[2 if holds is None else 1] += 1
            counts[0] += holds is True

    def shares(self, name: str) -> Found:
        """Return the shares."""
        return {
            (name, group): Value(share_of(held, known), known, unknown)
            for group, (held, known, unknown) in self._counts.items()
        }

    def counts(self, name: str) -> Found:
        """Return how many hold, out of how many."""
        return {(name, group): Value(held, known, unknown) for group, (held, known, unknown) in self._counts.items()}


class Wall:
    """The wall clock of a zone for many moments in milliseconds: all zones of today are whole quarters from UTC."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._hours: dict[int, str] = {}
        self._mondays: dict[int, date] = {}

    def hour(self, moment: int) -> str:
        """Return the hour of the day, 0 to 23."""
        quarter = moment // _QUARTER
        if quarter not in self._hours:
            self._hours[quarter] = str(self._local(quarter).hour)
        return self._hours[quarter]

    def monday(self, moment: int) -> date:
        """Return the Monday of the week."""
        quarter = moment // _QUARTER
        if quarter not in self._mondays:
            day = self._local(quarter).date()
            self._mondays[quarter] = day - timedelta(days=day.weekday())
        return self._mondays[quarter]

    def _local(self, quarter: int) -> datetime:
        return datetime.fromtimestamp(quarter * 900, UTC).astimezone(self._zone)
