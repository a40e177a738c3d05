"""The report as one HTML page: nothing is loaded from anywhere, everything foreign is escaped."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.lab.compare import CaseLine
from monitor.lab.report import LISTED, Report
from monitor.lab.words import (
    figure_rows,
    has_prices,
    live_problems,
    live_rows,
    note_lines,
    source_lines,
    unknown_lines,
    watch_rows,
)
from monitor.notify.text import excerpt, safe_link, visible

_TEXT = 280


def render_page(report: Report) -> str:
    """Return the page; it is complete in itself and follows the reader's light or dark theme."""
    comparison = report.comparison
    lists = [
        ("Gained", "become cases with the new config", comparison.gained, "the present config"),
        ("Lost", "are no cases any more", comparison.lost, "the new config"),
        ("Become urgent", "alert with the new config", comparison.raised, "the present config"),
        ("No longer urgent", "stop alerting", comparison.lowered, "the new config"),
    ]
    return _environment().get_template("lab.html").render(
        report=report,
        pins=[(result, visible(result.found)) for result in report.pins],
        figures=figure_rows(report),
        watches=watch_rows(report),
        priced=has_prices(report),
        lists=[(title, what, len(lines), [_card(line) for line in lines[:LISTED]]) for title, what, lines, _ in lists],
        unknown=[visible(line) for line in unknown_lines(report)],
        sources=[visible(line) for line in source_lines(report)],
        notes=note_lines(report),
        bars=_bars(report),
        sampled=report.live is not None,
        live=[[visible(cell) for cell in row] for row in live_rows(report.live or ())],
        live_problems=[visible(line) for line in live_problems(report.live or ())],
        live_worst=[(entry.source, list(map(_card, entry.worst))) for entry in report.live or () if entry.worst],
    )  # fmt: skip


def _card(line: CaseLine) -> dict[str, str | None]:
    number = f"case {line.stored}, {line.status}" if line.stored else "no stored case"
    return {
        "level": line.level.value,
        "score": f"{line.score:g}",
        "place": visible(f"{line.brand} · {line.platform}:{line.native_id}"),
        "link": safe_link(line.permalink),
        "author": visible(line.author),
        "text": visible(excerpt(line.text, _TEXT)),
        "other": visible(excerpt(line.other, 160)),
        "stored": number,
        "posts": f"{line.posts:,} posts" if line.posts > 1 else "",
        "reasons": ", ".join(f"{reason.name} {reason.points:+g}" for reason in line.reasons),
    }


def _bars(report: Report) -> list[tuple[str, int, int, float, float]]:
    """Return (day, alerts before, alerts after, heights of both in percent of the highest)."""
    before, after = report.base.figures.by_day, report.new.figures.by_day
    most = max([*before.values(), *after.values(), 1])
    return [
        (day, before.get(day, 0), count, 100 * before.get(day, 0) / most, 100 * count / most)
        for day, count in after.items()
    ]


@cache
def _environment() -> Environment:
    loader = PackageLoader("monitor.lab", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
