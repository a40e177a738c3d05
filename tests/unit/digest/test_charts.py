import struct
from itertools import product
from xml.etree import ElementTree as ET

import pytest

from monitor.digest.charts import Chart, charts_of
from monitor.digest.draw import HEIGHT, PALETTES, WIDTH, Scheme, draw_png, draw_svg
from monitor.digest.figures import DigestFigures
from tests.unit.digest.examples import figures, make_curve, stuffed
from tests.unit.notify.views import NOW

CHARTS = {chart.name: chart for chart in charts_of(figures())}


def test_each_chart_tells_in_words_what_it_shows() -> None:
    assert {name: chart.alt for name, chart in CHARTS.items()} == {
        "complaints": "Complaints an hour: 70 complaints in all against 48 usual; most at Tue 12:00: 12 (3 usual).",
        "open": "Open cases by level: critical 2 (1 late), high 5 (0 late), low 30 (0 late).",
        "replies": "First replies against what is promised: critical 2 of 2 in time, high 0 of 1 in time.",
    }


def test_an_unknown_usual_is_no_line() -> None:
    chart, *_ = charts_of(figures(curve=make_curve(known=False)))
    assert chart.title == "Complaints an hour (usual not known yet)"
    assert [series.name for series in chart.series] == ["complaints"]


def test_what_is_empty_is_not_drawn() -> None:
    assert charts_of(DigestFigures(NOW, NOW)) == ()


@pytest.mark.parametrize(("name", "scheme"), [*product(CHARTS, Scheme)])
def test_an_svg_is_named_and_holds_no_script(name: str, scheme: Scheme) -> None:
    drawn = ET.fromstring(draw_svg(CHARTS[name], scheme))
    assert (drawn.get("role"), drawn.get("aria-label")) == ("img", CHARTS[name].alt)
    assert not [part for part in drawn.iter() if part.tag.endswith(("script", "foreignObject"))]
    assert "http" not in draw_svg(CHARTS[name], scheme).replace("http://www.w3.org/", "")


@pytest.mark.parametrize(("name", "scheme"), [*product(CHARTS, Scheme)])
def test_a_png_has_twice_the_dots_of_its_place_and_shows_something(name: str, scheme: Scheme) -> None:
    png = draw_png(CHARTS[name], scheme)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (2 * WIDTH, 2 * HEIGHT)
    assert 5_000 < len(png) < 60_000
    assert png != draw_png(Chart("", "line", "", (), (), ""), scheme)


def test_a_month_is_drawn_as_well() -> None:
    for chart in charts_of(stuffed()):
        assert draw_png(chart, Scheme.DARK)


@pytest.mark.parametrize("scheme", Scheme)
def test_colours_stand_out_from_the_card(scheme: Scheme) -> None:
    """WCAG 2.2: 4.5 for text (1.4.3), 3 for lines and bars (1.4.11)."""
    palette = PALETTES[scheme]
    assert min(contrast(colour, palette.card) for colour in (palette.text, palette.soft)) >= 4.5
    assert min(contrast(colour, palette.card) for colour in (palette.first, palette.second)) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as WCAG 2.2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
