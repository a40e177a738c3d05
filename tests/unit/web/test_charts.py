"""Charts for pages: well-formed, without style, told in words as well, and deaf to hostile names."""

from xml.etree import ElementTree as ET

import pytest

from monitor.digest.charts import Chart, Series
from monitor.report.figure import Unit
from monitor.web.charts import Plot, duration, in_words

KINDS = ("line", "columns", "bars", "pairs")
HOSTILE = "</title><script>window.pwned=1</script>\u202e\" onload='x'"


def plot(kind: str, *series: Series, unit: Unit = Unit.COUNT, labels: tuple[str, ...] = ("a", "b", "c")) -> Plot:
    return Plot(Chart("name", kind, "Title", labels, series, "Told in words."), unit)


def parsed(one: Plot) -> ET.Element:
    return ET.fromstring(str(one.svg))


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_is_named_described_and_free_of_style(kind: str) -> None:
    drawn = parsed(plot(kind, Series("one", (1, None, 3)), Series("two", (0, 2, 5))))
    assert drawn.get("role") == "img"
    named = {drawn.find("title").get("id"): "Title", drawn.find("desc").get("id"): "Told in words."}  # type: ignore[union-attr]
    assert list(named) == drawn.get("aria-labelledby", "").split()
    assert [drawn.findtext("title"), drawn.findtext("desc")] == list(named.values())
    attributes = {name for node in drawn.iter() for name in node.attrib}
    assert not {name for name in attributes if name == "style" or name.startswith("on")}
    assert {node.tag for node in drawn.iter()} <= {"svg", "title", "desc", "g", "path", "circle", "rect", "text"}


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_are_only_ever_text(kind: str) -> None:
    drawn = parsed(plot(kind, Series(HOSTILE, (1, 2, 3)), Series("b", (1, 2, 3)), labels=(HOSTILE, "b", "c")))
    assert "script" not in {node.tag for node in drawn.iter()}
    assert any("<script>" in (node.text or "") for node in drawn.iter("title"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [(), (None, None, None), (0, 0, 0), (1e-9, 0, 1e12), (-5, 1, 2)])
def test_any_numbers_can_be_drawn_and_stay_inside(kind: str, values: tuple[float | None, ...]) -> None:
    drawn = parsed(plot(kind, Series("one", values), labels=("a", "b", "c")[: len(values)]))
    _, _, wide, high = (float(part) for part in drawn.get("viewBox", "").split())
    for node in drawn.iter("rect"):
        x, y, w, h = (float(node.get(name, "0")) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + w <= wide + 1
        assert -1 <= y <= y + h <= high + 1
    for node in drawn.iter("circle"):
        assert 0 <= float(node.get("cy", "0")) <= high


def test_a_line_is_broken_where_nothing_is_known() -> None:
    drawn = parsed(plot("line", Series("one", (1, None, 3))))
    (curve,) = [node for node in drawn.iter("path") if node.get("class") == "curve s0"]
    assert curve.get("d", "").count("M") == 2
    assert len(list(drawn.iter("circle"))) == 2


def test_stacked_columns_are_as_high_as_their_sum() -> None:
    drawn = parsed(plot("columns", Series("one", (1, 0, 2)), Series("two", (3, 0, 2))))
    heights = [sum(float(rect.get("height", 0)) for rect in group.iter("rect")) for group in drawn.iter("g")]
    assert heights[0] == pytest.approx(heights[2], abs=0.2)
    assert heights[1] == 0


def test_the_table_beside_says_the_same_in_words() -> None:
    one = plot("line", Series("one", (60, None, 5400)), unit=Unit.SECONDS)
    assert one.rows == (("a", ("1 min",)), ("b", ("unknown",)), ("c", ("1 h 30 min",)))
    assert not one.empty
    assert plot("line", Series("one", (0, None, 0))).empty


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (90, "1 min 30 s"), (605, "10 min"), (3599, "1 h"), (3600, "1 h"),
     (12_000, "3 h 20 min"), (86_399, "1 d"), (187_200, "2 d 4 h"), (-30, "\N{MINUS SIGN}30 s")],
)  # fmt: skip
def test_spans_have_two_units_at_most(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [(Unit.SHARE, 0.424, "42 %"), (Unit.SHARE, 0.016, "1.6 %"), (Unit.SHARE, 0.0, "0 %"), (Unit.SHARE, 1, "100 %"),
     (Unit.COUNT, 1204, "1,204"), (Unit.COUNT, 2.5, "2.5"), (Unit.MONEY, 12.4, "12.40 EUR"),
     (Unit.SCORE, 0.4567, "0.46"), (Unit.SECONDS, None, "unknown"), (Unit.COUNT, None, "unknown")],
)  # fmt: skip
def test_values_are_said_by_their_unit(unit: Unit, value: float | None, words: str) -> None:
    assert in_words(unit, value, "EUR") == words
