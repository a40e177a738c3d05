"""Charts as SVG markup for pages: no style, no script, colours by class, so that light and dark need no second drawing.

A chart is the value that digests draw as well (`monitor/digest/charts.py`); here are two kinds more: `columns`, which
are stacked on each other along the time, and `pairs`, bars beside each other. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup, escape

from monitor.digest.charts import Chart, Series
from monitor.report.figure import Unit

WIDTH = 520
_LEFT, _RIGHT, _BOTTOM = 70, 10, 26
_TOP, _LEGEND = 12, 20
"""Above the drawing; the names of several series need more."""

_HEIGHT = 200
"""Of lines and columns; bars are as high as they are many."""

_ROW, _PAIR_ROW, _BARS_LEFT = 30, 40, 144
_LETTER = 8.2
"""Width of a letter at most, in most fonts at the 15 px of a telephone."""

_LABEL, _NAME = 16, 30
"""Letters of a label, and of a name in the legend."""

_COLOURS = 6
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
_LINES = 4


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart, and what its numbers count; `currency` is that of money."""

    chart: Chart
    unit: Unit = Unit.COUNT
    currency: str = ""

    @property
    def svg(self) -> Markup:
        """Return the drawing; it is named and described for those who do not see it."""
        return _DRAWN[self.chart.kind](self)

    @property
    def rows(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the same as rows of a table: a label, and a value in words for each series."""
        values = zip(*(series.values for series in self.chart.series), strict=True)
        return tuple(
            (label, tuple(self.say(value) for value in row))
            for label, row in zip(self.chart.labels, values, strict=True)
        )

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for series in self.chart.series for value in series.values)

    def say(self, value: float | None) -> str:
        """Return a value in words; unknown is said so."""
        return in_words(self.unit, value, self.currency)


def in_words(unit: Unit, value: float | None, currency: str = "") -> str:
    """Return a value as people read it: `4 min`, `42 %`, `1,204`, `12.40 EUR`; None is unknown."""
    if value is None:
        return "unknown"
    if unit is Unit.SECONDS:
        return duration(value)
    if unit is Unit.SHARE:
        percent = value * 100
        return f"{percent:.1f}".removesuffix(".0") + " %" if abs(percent) < 9.95 else f"{percent:.0f} %"
    if unit is Unit.MONEY:
        return f"{value:,.2f} {currency}".strip()
    if unit is Unit.COUNT or float(value).is_integer():
        return f"{value:,.1f}".removesuffix(".0") if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:.2f}"


def duration(seconds: float) -> str:
    """Return a span in at most two units: `48 s`, `12 min`, `3 h 20 min`, `2 d 4 h`."""
    sign, left = ("\N{MINUS SIGN}" if seconds < 0 else ""), round(abs(seconds))
    if left < 60:
        return f"{sign}{left} s"
    if left < 600 and left % 60:
        return f"{sign}{left // 60} min {left % 60} s"
    minutes = round(left / 60)
    if minutes < 60:
        return f"{sign}{minutes} min"
    if minutes < 1440:
        return f"{sign}{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    hours = round(minutes / 60)
    return f"{sign}{hours // 24} d" + (f" {hours % 24} h" if hours % 24 else "")


class _Scale(NamedTuple):
    """From nothing to `most`, drawn below `above`."""

    most: float
    ticks: tuple[float, ...]
    above: float = _TOP

    def part(self, value: float) -> float:
        return max(value, 0) / self.most

    def y(self, value: float) -> float:
        return self.above + (1 - self.part(value)) * (_HEIGHT - self.above - _BOTTOM)


def _scale(most: float, unit: Unit, above: float = _TOP) -> _Scale:
    """Return a scale from nothing to at least `most`, with a few round lines."""
    if most <= 0:
        most = 1.0
    step = _step(most / _LINES, unit)
    lines = max(1, -(-most // step))
    return _Scale(step * lines, tuple(step * number for number in range(int(lines) + 1)), above)


def _step(rough: float, unit: Unit) -> float:
    if unit is Unit.SECONDS and rough <= _SECONDS[-1]:
        return float(next(step for step in _SECONDS if step >= rough))
    if unit is Unit.SECONDS:
        return float(-(-rough // 86_400) * 86_400)
    power = 1.0
    while power > rough:
        power /= 10
    while power * 10 <= rough:
        power *= 10
    step = next(power * nice for nice in _NICE if power * nice >= rough)
    return max(step, 1.0) if unit is Unit.COUNT else step


def _columns(plot: Plot) -> Markup:
    chart = plot.chart
    sums = [sum(value or 0 for value in row) for row in zip(*(one.values for one in chart.series), strict=True)]
    scale = _scale(max(sums, default=0), plot.unit, _above(chart))
    room = (WIDTH - _LEFT - _RIGHT) / max(len(chart.labels), 1)
    wide = max(room * 0.78, 1.0)
    parts = [_grid(plot, scale), _below(chart, room)]
    for place, (label, _) in enumerate(plot.rows):
        level, x = 0.0, _LEFT + place * room + (room - wide) / 2
        parts.append(Markup("<g>{}").format(_tip(label, chart.series, plot, place)))
        for number, series in enumerate(chart.series):
            value = series.values[place] or 0
            if value > 0:
                y, high = scale.y(level + value), scale.y(level) - scale.y(level + value)
                parts.append(_rect(x, y, wide, high, number))
            level += value
        parts.append(Markup("</g>"))
    return _svg(plot, _HEIGHT, parts)


def _line(plot: Plot) -> Markup:
    chart = plot.chart
    most = max((value for one in chart.series for value in one.values if value is not None), default=0)
    scale = _scale(most, plot.unit, _above(chart))
    room = (WIDTH - _LEFT - _RIGHT) / max(len(chart.labels), 1)
    parts = [_grid(plot, scale), _below(chart, room)]
    for number, series in reversed(list(enumerate(chart.series))):
        points = [
            None if value is None else (_LEFT + (place + 0.5) * room, scale.y(value))
            for place, value in enumerate(series.values)
        ]
        kind = "usual" if series.dashed else f"s{number % _COLOURS}"
        parts.append(Markup('<path class="curve {}" d="{}"/>').format(kind, _path(points)))
        parts += [_dot(plot, series, place, point, kind) for place, point in enumerate(points) if point is not None]
    return _svg(plot, _HEIGHT, parts)


def _dot(plot: Plot, series: Series, place: int, point: tuple[float, float], kind: str) -> Markup:
    """Return a point that names itself to a mouse; alone between gaps it is all that is seen of its line."""
    values = series.values
    alone = all(values[near] is None for near in (place - 1, place + 1) if 0 <= near < len(values))
    told = f"{plot.chart.labels[place]}: {series.name} {plot.say(values[place])}"
    shape = Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="{}">').format(kind, *point, 3 if alone else 2)
    return shape + Markup("<title>{}</title></circle>").format(told)


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Return the line through points; it is broken where one is missing."""
    told, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        told.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "L"
    return "".join(told)


def _bars(plot: Plot) -> Markup:
    """Return bars that are stacked from the left, a row for each label."""
    chart = plot.chart
    sums = [sum(value or 0 for value in row) for row in zip(*(one.values for one in chart.series), strict=True)]
    scale, wide = _scale(max(sums, default=0), plot.unit), WIDTH - _BARS_LEFT - _RIGHT
    parts = []
    for place, (label, words) in enumerate(plot.rows):
        y, x = _above(chart) + place * _ROW + 4, float(_BARS_LEFT)
        parts.append(_row_label(label, y + 15))
        for number, series in enumerate(chart.series):
            value = series.values[place] or 0
            long = scale.part(value) * wide
            if value <= 0:
                continue
            told = f"{label}: {series.name} {words[number]}"
            parts.append(Markup("<g><title>{}</title>{}").format(told, _rect(x, y, max(long, 1), _ROW - 8, number)))
            if long > len(words[number]) * _LETTER + 6:
                parts.append(_text(x + long / 2, y + 15, words[number], "inside", "middle"))
            parts.append(Markup("</g>"))
            x += long
    return _svg(plot, _above(chart) + len(chart.labels) * _ROW + 6, parts)


def _pairs(plot: Plot) -> Markup:
    """Return bars beside each other, a group for each label, each with its value behind it."""
    chart = plot.chart
    most = max((value for one in chart.series for value in one.values if value is not None), default=0)
    longest = max((len(word) for _, words in plot.rows for word in words), default=0)
    scale, wide = _scale(most, plot.unit), WIDTH - _BARS_LEFT - _RIGHT - longest * _LETTER
    thick = (_PAIR_ROW - 8) / max(len(chart.series), 2)
    parts = []
    for place, (label, words) in enumerate(plot.rows):
        top = _above(chart) + place * _PAIR_ROW + 4
        parts.append(_row_label(label, top + 19))
        for number, series in enumerate(chart.series):
            value, y = series.values[place], top + number * thick
            long = scale.part(value or 0) * wide
            told = f"{label}: {series.name} {words[number]}"
            shape = _rect(_BARS_LEFT, y, max(long, 1), thick - 1, number) if value is not None else Markup()
            parts.append(Markup("<g><title>{}</title>{}").format(told, shape))
            parts.append(
                _text(_BARS_LEFT + long + 5, y + thick / 2 + 4, words[number], "tick", "start") + Markup("</g>")
            )
    return _svg(plot, _above(chart) + len(chart.labels) * _PAIR_ROW + 6, parts)


_DRAWN = {"line": _line, "columns": _columns, "bars": _bars, "pairs": _pairs}


def _svg(plot: Plot, height: float, parts: Sequence[Markup]) -> Markup:
    chart = plot.chart
    opened = Markup(
        '<svg class="chart" viewBox="0 0 {} {:.0f}" role="img" aria-labelledby="chart-{}-t chart-{}-d">'
        '<title id="chart-{}-t">{}</title><desc id="chart-{}-d">{}</desc>'
    ).format(WIDTH, height, *(chart.name,) * 3, chart.title, chart.name, chart.alt)
    return opened + _legend(chart) + Markup().join(parts) + Markup("</svg>")


def _legend(chart: Chart) -> Markup:
    """Return the names of the series; a single one needs none beside the title."""
    made = []
    for number, (series, (x, y)) in enumerate(zip(chart.series, _places(chart), strict=False)):
        kind = "usual" if series.dashed else f"s{number % _COLOURS}"
        sign = (
            Markup('<path class="curve {}" d="M{:.1f} {:.1f}h16"/>').format(kind, x, y + 6)
            if chart.kind == "line"
            else Markup('<rect class="fill {}" x="{:.1f}" y="{:.1f}" width="12" height="12"/>').format(kind, x, y)
        )
        made += [sign, _text(x + 20, y + 10, _short(series.name, _NAME), "key", "start")]
    return Markup().join(made)


def _places(chart: Chart) -> list[tuple[float, float]]:
    """Return where each name of the legend stands; what has no more room in a line begins the next one."""
    if len(chart.series) < 2:
        return []
    found, x, y = [], 4.0, 6.0
    for series in chart.series:
        wide = 32 + min(len(series.name), _NAME) * _LETTER
        if x + wide > WIDTH and x > 4:
            x, y = 4.0, y + _LEGEND
        found.append((x, y))
        x += wide
    return found


def _grid(plot: Plot, scale: _Scale) -> Markup:
    made = []
    for tick in scale.ticks:
        y = scale.y(tick)
        made.append(Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(_LEFT, y, WIDTH - _RIGHT))
        made.append(_text(_LEFT - 6, y + 4, plot.say(tick), "tick", "end"))
    return Markup().join(made)


def _below(chart: Chart, room: float) -> Markup:
    """Return labels along the time, as many as have room."""
    longest = max((len(label) for label in chart.labels), default=1)
    each = max(1, -(-int((longest + 1) * _LETTER) // max(int(room), 1)), -(-len(chart.labels) // 10))
    y = _HEIGHT - 8
    return Markup().join(
        _text(_LEFT + (place + 0.5) * room, y, _short(label), "tick", "middle")
        for place, label in enumerate(chart.labels)
        if place % each == 0
    )


def _tip(label: str, series: Sequence[Series], plot: Plot, place: int) -> Markup:
    told = ", ".join(f"{one.name} {plot.say(one.values[place])}" for one in series)
    return Markup("<title>{}: {}</title>").format(label, told)


def _row_label(label: str, y: float) -> Markup:
    return _text(_BARS_LEFT - 8, y, _short(label), "tick", "end")


def _text(x: float, y: float, words: str, kind: str, anchor: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, escape(words)
    )


def _rect(x: float, y: float, wide: float, high: float, number: int) -> Markup:
    return Markup('<rect class="fill s{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        number % _COLOURS, x, y, wide, high
    )


def _above(chart: Chart) -> float:
    places = _places(chart)
    return _TOP + (places[-1][1] + _LEGEND - 6 if places else 0)


def _short(label: str, most: int = _LABEL) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"
