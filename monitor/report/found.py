"""What is measured in one span, before it is set beside the span before. Pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
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


Labels = Mapping[str, Sequence[str]]
"""By dimension what part each of a list belongs to, in the order of the list."""


def span_figures(name: str, spans: Sequence[int | None], labels: Labels) -> Found:
    """Return `NAME_p50` and `NAME_p90` in seconds of spans in milliseconds (None: unknown), whole and by part.

    Lists beside lists, sorted once, and no call for each: a report goes through hundred thousands of cases.
    """
    lengths = [span or 0 for span in spans]
    order = sorted((at for at, span in enumerate(spans) if span is not None), key=lengths.__getitem__)
    found = _spread(name, WHOLE, [lengths[at] for at in order], len(spans) - len(order))
    for dimension, values in labels.items():
        known: dict[str, list[int]] = {value: [] for value in dict.fromkeys(values)}
        for at in order:
            known[values[at]].append(lengths[at])
        numbers = Counter(values)
        for value, some in known.items():
            found |= _spread(name, ((dimension, value),), some, numbers[value] - len(some))
    return found


def _spread(name: str, group: tuple[Part, ...], ordered: Sequence[int], unknown: int) -> Found:
    made: Found = {}
    for suffix, share in (("p50", 0.5), ("p90", 0.9)):
        found = percentile(ordered, share)
        made[f"{name}_{suffix}", group] = Value(None if found is None else found / 1000, len(ordered), unknown)
    return made


def share_figures(name: str, holds: Sequence[bool | None], labels: Labels) -> Found:
    """Return which share of these holds (None: unknown), whole and by part."""
    return {
        key: Value(share_of(held.value or 0, held.n), held.n, held.unknown)
        for key, held in count_figures(name, holds, labels).items()
    }


def count_figures(name: str, holds: Sequence[bool | None], labels: Labels) -> Found:
    """Return how many of these hold (None: unknown), whole and by part."""
    found: Found = {(name, WHOLE): _counted(Counter(holds))}
    for dimension, values in labels.items():
        counts: dict[str, Counter[bool | None]] = {value: Counter() for value in dict.fromkeys(values)}
        for (value, held), number in Counter(zip(values, holds, strict=True)).items():
            counts[value][held] += number
        for value, counted in counts.items():
            found[name, ((dimension, value),)] = _counted(counted)
    return found


def _counted(counts: Counter[bool | None]) -> Value:
    return Value(counts[True], counts[True] + counts[False], counts[None])


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
