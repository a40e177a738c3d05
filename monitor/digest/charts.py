"""The charts of a digest: what each shows, and the sentence that tells the same to who does not see it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.digest.figures import DigestFigures
from monitor.digest.usual import Curve, Point
from monitor.digest.wording import counted, number
from monitor.domain import Level

_TICKS = 8


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of bars; None leaves a gap."""

    name: str
    values: tuple[float | None, ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: `kind` is line, or bars that are stacked from the left. `alt` says in words what it shows."""

    name: str
    kind: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    alt: str

    @property
    def ticks(self) -> tuple[str, ...]:
        """The labels that are written: all of few, some of many."""
        step = max(1, -(-len(self.labels) // _TICKS))
        return self.labels[::step]


def charts_of(figures: DigestFigures) -> tuple[Chart, ...]:
    """Return two or three charts: complaints against the usual, open cases, first replies; empty ones are left out."""
    made = (_complaints(figures.curve), _open(figures), _replies(figures))
    return tuple(chart for chart in made if chart is not None)


def _complaints(curve: Curve | None) -> Chart | None:
    if curve is None or len(curve.points) < 2 or not any(point.count or point.usual for point in curve.points):
        return None
    usual = Series("usual", tuple(point.usual for point in curve.points), dashed=True)
    seen = Series("complaints", tuple(float(point.count) for point in curve.points))
    known = any(value is not None for value in usual.values)
    title = f"Complaints {'an hour' if curve.hourly else 'a day'}" + ("" if known else " (usual not known yet)")
    labels = tuple(_label(point, hourly=curve.hourly) for point in curve.points)
    return Chart("complaints", "line", title, labels, (seen, usual) if known else (seen,), _told(curve, title))


def _label(point: Point, *, hourly: bool) -> str:
    return f"{point.start:%H}" if hourly else f"{point.start.day} {point.start:%b}"


def _told(curve: Curve, title: str) -> str:
    total = sum(point.count for point in curve.points)
    peak = max(curve.points, key=lambda point: point.count)
    when = f"{peak.start:%a %H:%M}" if curve.hourly else f"{peak.start:%a} {_label(peak, hourly=False)}"
    usual = [point.usual for point in curve.points if point.usual is not None]
    against = f" against {number(sum(usual))} usual" if len(usual) == len(curve.points) else ""
    of_peak = f" ({number(peak.usual)} usual)" if peak.usual is not None else ""
    return f"{title}: {counted(total, 'complaint')} in all{against}; most at {when}: {peak.count}{of_peak}."


def _open(figures: DigestFigures) -> Chart | None:
    levels = [level for level in Level if figures.open_by_level.get(level)]
    if not levels:
        return None
    late = [figures.late_by_level.get(level, 0) for level in levels]
    rest = [figures.open_by_level[level] - number_late for level, number_late in zip(levels, late, strict=True)]
    told = [f"{level} {a + b} ({b} late)" for level, a, b in zip(levels, rest, late, strict=True)]
    alt = f"Open cases by level: {', '.join(told)}."
    return Chart("open", "bars", "Open cases by level", tuple(levels), _pair("in time", rest, "late", late), alt)


def _replies(figures: DigestFigures) -> Chart | None:
    levels = [level for level in Level if figures.replies.get(level)]
    if not levels:
        return None
    kept = [sum(in_time for _, in_time in figures.replies[level]) for level in levels]
    late = [len(figures.replies[level]) - in_time for level, in_time in zip(levels, kept, strict=True)]
    told = [f"{level} {a} of {a + b} in time" for level, a, b in zip(levels, kept, late, strict=True)]
    alt = f"First replies against what is promised: {', '.join(told)}."
    return Chart("replies", "bars", "First replies by level", tuple(levels), _pair("in time", kept, "late", late), alt)


def _pair(first: str, firsts: Sequence[int], second: str, seconds: Sequence[int]) -> tuple[Series, Series]:
    return _bars(first, firsts), _bars(second, seconds)


def _bars(name: str, lengths: Sequence[int]) -> Series:
    """Return one colour of bars; one of no length is left out."""
    return Series(name, tuple(float(length) if length else None for length in lengths))
