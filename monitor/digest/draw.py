"""Charts as pictures: SVG for pages, PNG for mail, each for light and dark.

pygal lays them out, resvg turns them into pixels: 5 MB on disk, 8 MB of memory, nothing compiled while it runs.
The letters come from a font beside this file, so that a machine without fonts draws the same. Both libraries are
imported when the first chart is drawn.
"""

import sys
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Any
from xml.etree import ElementTree as ET

from monitor.digest.charts import Chart

WIDTH, HEIGHT = 600, 220
_ZOOM = 2
"""Pixels of a PNG for each of a page, for screens with fine dots."""

_FONT = "DejaVu Sans"


class Scheme(StrEnum):
    """What a picture is drawn for."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one scheme; the ratio of each against `card` is at least 4.5 (text) or 3 (lines and bars)."""

    card: str
    text: str
    soft: str
    grid: str
    first: str
    second: str


PALETTES = {
    Scheme.LIGHT: Palette("#ffffff", "#1b1f24", "#57606a", "#d0d5dc", "#1d5fc4", "#c2410c"),
    Scheme.DARK: Palette("#1e2329", "#e6e8eb", "#a8b0ba", "#3a424c", "#8ab8ff", "#ffab70"),
}


def draw_svg(chart: Chart, scheme: Scheme) -> str:
    """Return a chart as SVG without scripts or comments, named for those who do not see it."""
    drawn = _drawing(chart, PALETTES[scheme]).render_tree()
    for parent in list(drawn.iter()):
        for child in list(parent):
            if child.tag is ET.Comment or str(child.tag).endswith("script"):
                parent.remove(child)
    drawn.set("role", "img")
    drawn.set("aria-label", chart.alt)
    return ET.tostring(drawn, "unicode")


@lru_cache(maxsize=6)
def draw_png(chart: Chart, scheme: Scheme) -> bytes:
    """Return a chart as PNG of twice its size on a page, on the colour of a card; drawn once for all receivers."""
    import resvg_py  # noqa: PLC0415

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=draw_svg(chart, scheme),
            background=PALETTES[scheme].card,
            zoom=_ZOOM,
            skip_system_fonts=True,
            font_files=[_font()],
        )
    )


def _drawing(chart: Chart, palette: Palette) -> Any:
    pygal = _pygal()
    look: dict[str, Any] = {
        "style": _style(chart, palette),
        "width": WIDTH,
        "height": HEIGHT,
        "js": (),
        "no_prefix": True,
        "legend_at_bottom": True,
        "legend_box_size": 10,
        "truncate_legend": -1,
        "margin": 6,
        "title": chart.title,
        "formatter": lambda value: f"{value:,.0f}",
        "min_scale": 2,
        "max_scale": 4,
    }
    if chart.kind == "bars":
        drawing = pygal.HorizontalStackedBar(**look, x_labels=chart.labels[::-1], print_values=True, print_zeroes=False)
        for series in chart.series:
            drawing.add(series.name, list(series.values[::-1]))
        return drawing
    shown = {"x_labels_major": chart.ticks, "show_minor_x_labels": False, "show_dots": False, "include_x_axis": True}
    drawing = pygal.Line(**look, **shown, x_labels=chart.labels)
    for series in chart.series:
        drawing.add(series.name, list(series.values), stroke_style={"dasharray": "6, 4"} if series.dashed else {})
    return drawing


def _style(chart: Chart, palette: Palette) -> Any:
    dashed = any(series.dashed for series in chart.series)
    return _pygal().style.Style(
        background="transparent",
        plot_background="transparent",
        foreground=palette.soft,
        foreground_strong=palette.text,
        foreground_subtle=palette.grid,
        guide_stroke_color=palette.grid,
        major_guide_stroke_color=palette.grid,
        opacity="1",
        opacity_hover="1",
        stroke_width="2",
        stroke_opacity="1",
        stroke_opacity_hover="1",
        colors=(palette.first, palette.soft if dashed else palette.second),
        value_colors=(palette.card, palette.card),
        font_family=_FONT,
        title_font_size=13,
        label_font_size=11,
        major_label_font_size=11,
        legend_font_size=11,
        value_font_size=11,
    )


@cache
def _pygal() -> Any:
    """Import pygal, less its way of finding plugins: Python warns of that way at each import that follows."""
    import pygal  # noqa: PLC0415

    sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
    return pygal


@cache
def _font() -> str:
    return str(resources.files("monitor.digest") / "fonts" / "DejaVuSans-latin.ttf")
